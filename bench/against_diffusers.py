"""From command to picture: `unclip generate` beside a Python that does the same with diffusers.

    python against_diffusers.py --unclip build/release/cli/unclip [-m weights/toybox] [--pairs 5]

The same folder, prompt, seed, steps, data type and threads. The runs alternate (A B A B ...), after one
of each that is not counted, so that both find their files in memory; a run is a whole process, from its
start to its PNG. Prints each run's wall time and peak resident memory, and the median over the pairs of
the ratio diffusers / unclip. The interpreter that runs this script must have diffusers
(tests/parity/make_environment.sh).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def measure(command):
    """(seconds, peak resident memory in MB) of a process; its failure is ours."""
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([str(c) for c in command], stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        if status != 0:
            said.seek(0)
            raise SystemExit(f"{command[0]} failed:\n{said.read().decode(errors='replace')[-2000:]}")
    return seconds, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unclip", type=Path, required=True)
    parser.add_argument("-m", "--model", type=Path, default=ROOT / "weights" / "toybox")
    parser.add_argument("--prompt", default="a red ball left of a green cone")
    parser.add_argument("-s", "--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, nargs=3, default=(25, 25, 7), metavar=("PRIOR", "DECODER", "SUPER_RES"))
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--low-memory", action="store_true", help="give unclip that flag")
    a = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        walk = [
            "-m", a.model, "-s", a.seed, "--dtype", a.dtype, "--threads", a.threads,
            "--prior-steps", a.steps[0], "--decoder-steps", a.steps[1], "--super-res-steps", a.steps[2],
            "--prior-guidance", 4, "--decoder-guidance", 8]
        ours = [a.unclip, "generate", a.prompt, *walk, "-o", f"{scratch}/ours.png", "--overwrite", "-q"]
        ours += ["--low-memory"] if a.low_memory else []
        theirs = [
            sys.executable, ROOT / "tests" / "golden" / "reference.py", "--prompt", a.prompt, *walk, "-o", f"{scratch}/theirs"]

        measure(ours), measure(theirs)
        pairs = []
        print(f"{'pair':>4} {'unclip':>9} {'':>9} {'diffusers':>9} {'':>9} {'time':>7} {'memory':>7}")
        for i in range(a.pairs):
            (t, m), (t_ref, m_ref) = measure(ours), measure(theirs)
            pairs.append((t, m, t_ref, m_ref))
            print(f"{i + 1:4} {t:7.2f} s {m:6.0f} MB {t_ref:7.2f} s {m_ref:6.0f} MB {t_ref / t:6.2f}x {m_ref / m:6.2f}x", flush=True)
        t, m, t_ref, m_ref = (statistics.median(p[i] for p in pairs) for i in range(4))
        time_ratio, memory_ratio = (statistics.median(p[i + 2] / p[i] for p in pairs) for i in (0, 1))
        print(f"{'med.':>4} {t:7.2f} s {m:6.0f} MB {t_ref:7.2f} s {m_ref:6.0f} MB {time_ratio:6.2f}x {memory_ratio:6.2f}x")


if __name__ == "__main__":
    main()
