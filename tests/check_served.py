"""Is the app up? Asks the server on this machine for its health and its first page."""

from __future__ import annotations

import sys
import urllib.request


def is_served(port: int) -> bool:
    """Return whether both the health check and the first page answer."""
    for path, expected in (("/_stcore/health", b"ok"), ("/", b"<html")):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            if expected not in answer.read():
                return False
    return True


if __name__ == "__main__":
    sys.exit(0 if is_served(int(sys.argv[1])) else 1)
