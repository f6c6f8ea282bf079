"""unclip beside diffusers, from command to picture or step by step.

    python against_diffusers.py --unclip build/release/unclip [-m weights/toybox] [--pairs 5]
    python against_diffusers.py steps --unclip build/release/unclip [--dtype float32,bfloat16] [--stages prior]
        [--device cuda] [--compile]

`processes`: `unclip generate` beside a Python that does the same with diffusers. The same folder, prompt, seed,
steps, data type and threads. The runs alternate (A B A B ...), after one of each that is not counted, so that both
find their files in memory; a run is a whole process, from its start to its PNG. Prints each run's wall time and peak
resident memory, and the median over the pairs of the ratio diffusers / unclip.
`steps`: `unclip bench` beside reference/stages.py, a process for each stage, alternating in the same way; from a
step's median, what the steps of a picture come to. tests/golden/make_models.py --karlo makes a model of Karlo's
size with random weights, kandinsky22_models.py --full one of Kandinsky 2.2's (--stages prior,decoder).
The interpreter that runs this script must have diffusers (tests/parity/make_environment.sh).
"""

import argparse
import json
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


def processes(a):
    """From command to picture, whole processes."""
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


def stage(command):
    """{stage: (seconds of a step, peak bytes)} of a process that prints them as JSON."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    stages = json.loads(done.stdout)["stages"]
    return {name: (statistics.median(s["steps"]), s["peak_bytes"]) for name, s in stages.items()}


def steps(a):
    """A step of each stage, in a process for each stage and side."""
    dtypes = a.dtype.split(",")
    total = {}
    print(f"{'':9} {'':10} {'unclip':>10} {'diffusers':>10} {'time':>8} {'':12} {'memory':>8}")
    for dtype in dtypes:
        for name in a.stages.split(","):
            common = ["-m", a.model, "--stages", name, "--dtype", dtype, "--threads", a.threads,
                      "--device", a.device]
            ours = [a.unclip, "bench", *common, "--steps", a.timed, "--json", "-q"] + (["--low-memory"] if a.low_memory else [])
            theirs = [sys.executable, ROOT / "bench" / "reference" / "stages.py", *common, "--steps", a.timed_reference] + (["--compile"] if a.compile else [])
            runs = []
            for _ in range(a.pairs):
                runs.append((*stage(ours)[name], *stage(theirs)[name]))
            t, m, t_ref, m_ref = (statistics.median(r[i] for r in runs) for i in range(4))
            ratios = [r[2] / r[0] for r in runs]
            total.setdefault(dtype, {})[name] = (t, t_ref)
            print(f"{dtype:9} {name:10} {t:8.4f} s {t_ref:8.4f} s {statistics.median(ratios):7.2f}x ({min(ratios):.2f}-{max(ratios):.2f}) "
                  f"{m / 1e6:6.0f} MB {m_ref / 1e6:6.0f} MB", flush=True)
    counts = dict(zip(("prior", "decoder", "super-res"), a.steps))
    for dtype, stages in total.items():
        if not counts.keys() <= stages.keys():
            continue
        whole, whole_ref = (sum(n * stages[name][i] for name, n in counts.items()) for i in (0, 1))
        print(f"{dtype:9} {'/'.join(map(str, a.steps)):10} {whole:8.3f} s {whole_ref:8.3f} s {whole_ref / whole:7.2f}x  the steps of a picture")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["processes", "steps"], default="processes")
    parser.add_argument("--unclip", type=Path, required=True)
    parser.add_argument("-m", "--model", type=Path, default=ROOT / "weights" / "toybox")
    parser.add_argument("--prompt", default="a red ball left of a green cone")
    parser.add_argument("-s", "--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, nargs=3, default=(25, 25, 7), metavar=("PRIOR", "DECODER", "SUPER_RES"))
    parser.add_argument("--dtype", default="float32", help="float32 or bfloat16; of steps both, with a comma")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--low-memory", action="store_true", help="give unclip that flag")
    parser.add_argument("--stages", default="prior,decoder,super-res", help="of steps: which")
    parser.add_argument("--timed", type=int, default=5, help="of steps: how many of unclip's are timed in a run")
    parser.add_argument("--timed-reference", type=int, default=5, help="of steps: how many of diffusers'")
    parser.add_argument("--device", default="cpu", help="of steps: cpu, cuda or cuda:K, of both")
    parser.add_argument("--compile", action="store_true", help="of steps: diffusers' networks by torch.compile")
    a = parser.parse_args()
    if a.what == "processes" and (a.device != "cpu" or a.compile):
        parser.error("--device and --compile are for `steps`")
    (processes if a.what == "processes" else steps)(a)


if __name__ == "__main__":
    main()
