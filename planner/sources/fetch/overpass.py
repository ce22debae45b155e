"""How does OSMnx ask Overpass under the rules that all other sources are asked under?

OSMnx writes the questions and sends them itself. Left to its own settings it reads an answer of
any size, follows redirects to anywhere, tries a busy server again for ever, looks host names up
at a third party when the system cannot, and keeps answers in a cache that a stopped run leaves
broken. No setting bounds the size or the tries. So it is told, by its settings, that Overpass
stands on this machine: a small server on 127.0.0.1, there for as long as the questions take, hands
each of them to `planner.sources.http.Fetcher`, and its answer back. What leaves this machine, where
to, how often, how patiently and what is kept is then the fetcher's business alone, as for every
source: the registry's address, user agent, time-outs, size, redirects, private addresses, proxies,
back-off, checks, cache and ``offline``.

OSMnx runs in its own ``cache_only_mode``, in which it asks all that a graph or a table of features
needs and stops before making one: the answers themselves are wanted (`streets` says why). Its
settings, and the look-up of host names that it replaces while it asks, are of the whole process:
both are put back, and one caller at a time has them.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import requests

#: What a question may take on the server of Overpass.
SERVER_SECONDS = 180
#: The fetcher always comes to an end, but its patience with a busy server may take this long.
_WAIT_SECONDS = 24 * 3600
_MOST_BYTES = 1_000_000
_HERE = "127.0.0.1"
_ALONE = threading.Lock()

#: A question is a call to OSMnx, which is given as the argument.
Question = Callable[[Any], object]


@contextmanager
def osmnx_through(ask: Callable[[str], Path]) -> Iterator[Callable[[Question], list[Path]]]:
    """Give a function that returns the answers to all that a call to OSMnx asks Overpass.

    Parameters
    ----------
    ask
        Brings the answer to a query in Overpass's language: a whole, checked JSON file.

    Examples
    --------
    ::

        with osmnx_through(ask) as collect:
            paths = collect(lambda osmnx: osmnx.features.features_from_bbox(box, tags))
    """
    import osmnx  # it takes seconds, and most runs of the planner do not need it

    relay = _Relay(ask=ask)
    server = _Server((_HERE, 0), _handler(relay))
    address = f"http://{_HERE}:{server.server_address[1]}{relay.path}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)

    def collect(question: Question) -> list[Path]:
        relay.answers.clear()
        try:
            # Documented as what a caller catches; its module is not one of the public ones.
            with suppress(osmnx._errors.CacheOnlyInterruptError):
                question(osmnx)
        except (requests.RequestException, osmnx._errors.ResponseStatusCodeError):
            if relay.trouble is None:
                raise
        if relay.trouble is not None:
            trouble, relay.trouble = relay.trouble, None
            raise trouble
        return list(relay.answers)

    with _ALONE, _settings(osmnx.settings, address):
        thread.start()
        try:
            yield collect
        finally:
            server.shutdown()
            server.server_close()
            thread.join(timeout=5)


# --- parts ---------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Relay:
    """What came, and what went wrong; the path is a secret, so that nobody else is served."""

    ask: Callable[[str], Path]
    path: str = field(default_factory=lambda: f"/{secrets.token_urlsafe(24)}")
    answers: list[Path] = field(default_factory=list)
    trouble: Exception | None = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Stopping (Ctrl+C) does not wait for a download that is under way.
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: the other end went away, and its side says why."""


def _handler(relay: _Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            if self.path != f"{relay.path}/interpreter" or not 0 < length <= _MOST_BYTES:
                self._send(404, b"not here")
                return
            form = parse_qs(self.rfile.read(length).decode())
            try:
                path = relay.ask(form["data"][0])
                body = path.read_bytes()
            except Exception as err:  # noqa: BLE001 (raised again where OSMnx was called)
                relay.trouble = err
                # Any status but 429 and 504, after which OSMnx would ask again.
                self._send(502, b"the source could not be reached")
                return
            relay.answers.append(path)
            self._send(200, body)

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if status == 200 else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


@contextmanager
def _settings(settings: Any, address: str) -> Iterator[None]:
    """Set what OSMnx needs to ask at an address on this machine, and put all of it back."""
    wanted: dict[str, object] = {
        "overpass_url": address,
        "overpass_rate_limit": False,  # the fetcher waits when the server says that it is busy
        "overpass_settings": f"[out:json][timeout:{SERVER_SECONDS}]",
        "overpass_memory": None,
        "max_query_area_size": 50_000.0**2,
        "requests_timeout": _WAIT_SECONDS,
        "requests_kwargs": {"allow_redirects": False, "proxies": {"no_proxy": _HERE}},
        "doh_url_template": None,
        "use_cache": False,
        "cache_only_mode": True,
        "log_file": False,
        "log_console": False,
    }
    before = {name: getattr(settings, name) for name in wanted}
    look_up = socket.getaddrinfo
    try:
        for name, value in wanted.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
        socket.getaddrinfo = look_up
