"""Compares the cache that `unclip pull` writes with that of huggingface_hub, both from a server in this
process that speaks the hub's API.

    $(tests/parity/make_environment.sh) tests/parity/hub_cache_parity.py --unclip build/dev/unclip

The server has the shipped model, weights/toybox, as me/toybox. Both programs read what the other has
downloaded without asking for it again, and name every blob alike.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "me/toybox"
FILES = {str(file.relative_to(ROOT / "weights/toybox")): file.read_bytes()
         for file in (ROOT / "weights/toybox").rglob("*") if file.is_file()}


def is_large(path):
    return path.endswith(".safetensors")


def etag(path):
    if is_large(path):
        return hashlib.sha256(FILES[path]).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(FILES[path]) + FILES[path]).hexdigest()


def tree():
    for path in FILES:
        entry = {"type": "file", "path": path, "size": len(FILES[path]), "oid": etag(path)}
        if is_large(path):
            entry |= {"oid": "f" * 40, "lfs": {"oid": etag(path), "size": len(FILES[path]), "pointerSize": 134}}
        yield entry


class Hub(BaseHTTPRequestHandler):
    bodies = []  # paths whose bytes were sent

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        headers.setdefault("Content_Length", len(body))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0].lstrip("/")
        if path.startswith(f"api/models/{NAME}/revision/"):
            self.reply(200, json.dumps({"id": NAME, "sha": COMMIT, "siblings": []}).encode())
        elif path.startswith(f"api/models/{NAME}/tree/"):
            self.reply(200, json.dumps(list(tree())).encode())
        elif path.startswith(f"{NAME}/resolve/"):
            self.resolve(path.split("/", 4)[4])
        elif path.startswith("cdn/"):
            self.bodies.append(path[4:])
            self.reply(200, FILES[path[4:]], ETag=f'"{etag(path[4:])}"')
        else:
            self.reply(404)

    do_HEAD = do_GET

    def resolve(self, file):
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag(file)}"'}
        if not is_large(file):
            if self.command == "GET":
                self.bodies.append(file)
            return self.reply(200, FILES[file], **headers)
        host = self.headers["Host"].replace("127.0.0.1", "localhost")  # another host, as the hub's CDN is
        headers |= {"X-Linked-Etag": f'"{etag(file)}"', "X-Linked-Size": len(FILES[file])}
        return self.reply(302, Location=f"http://{host}/cdn/{file}", **headers)


def blobs(cache):
    return {str(link.relative_to(cache)): os.readlink(link)
            for link in cache.glob("models--*/snapshots/**/*") if link.is_symlink()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--unclip", required=True)
    unclip = str(Path(parser.parse_args().unclip).resolve())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours"), Path(folder, "theirs")
        os.environ |= {"HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}", "HF_HOME": folder,
                       "HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "no_proxy": "*"}
        import huggingface_hub as hub  # reads the variables

        def pull(cache):
            return subprocess.run([unclip, "pull", NAME, "-q"], check=True, text=True, stdout=subprocess.PIPE,
                                  env=os.environ | {"HF_HUB_CACHE": str(cache)}).stdout.strip()

        pulled = pull(ours)
        found = hub.snapshot_download(NAME, cache_dir=ours, local_files_only=True)
        assert Path(found).resolve() == Path(pulled).resolve(), (found, pulled)
        for file in blobs(ours):
            path = file.split("/", 3)[3]
            found = hub.hf_hub_download(NAME, path, cache_dir=ours, local_files_only=True)
            assert Path(found).read_bytes() == FILES[path], path
        scan = hub.scan_cache_dir(ours)
        assert not scan.warnings, scan.warnings
        assert [(repo.repo_id, list(repo.refs)) for repo in scan.repos] == [(NAME, ["main"])], scan.repos

        names = [file.split("/", 3)[3] for file in blobs(ours)]
        hub.snapshot_download(NAME, cache_dir=theirs, allow_patterns=names)
        assert blobs(ours) == blobs(theirs), (blobs(ours), blobs(theirs))

        # Neither sends for bytes that the other has downloaded; unclip reads the index to learn the commit.
        Hub.bodies.clear()
        hub.snapshot_download(NAME, cache_dir=ours, allow_patterns=names)
        assert not Hub.bodies, Hub.bodies
        pull(theirs)
        assert Hub.bodies == ["model_index.json"], Hub.bodies
    print(f"{len(names)} files, the same in both caches (huggingface_hub {hub.__version__})")


if __name__ == "__main__":
    sys.exit(main())
