"""Is the app up? Asks the server on this machine for its health and its first page."""

import sys
import urllib.request

port = int(sys.argv[1])
for path, expected in (("/_stcore/health", b"ok"), ("/", b"<html")):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        if expected not in answer.read():
            sys.exit(1)
