"""How is a published file fetched politely, whole, once, and from where it should come?"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import platformdirs
import requests
import urllib3.exceptions
from requests.utils import get_environ_proxies

from planner.errors import SourceError
from planner.sources.answers import PACKED, retry_after, wrong_start, wrong_type
from planner.sources.registry import RegistryEntry, is_loopback

BLOCK_BYTES = 1 << 18
MAX_REDIRECTS = 5
#: Nobody waits longer than this because a server says so.
MAX_WAIT_SECONDS = 120.0
RETRIED = frozenset({429, 500, 502, 503, 504})


class TryAgainError(Exception):
    """An answer that may be a better one in a moment."""


@dataclass(frozen=True, kw_only=True)
class Download:
    """A whole, checked answer on disk."""

    path: Path
    url: str
    sha256: str
    size: int
    fetched: str
    from_cache: bool

    def read_bytes(self) -> bytes:
        """Return all of it; only for answers that are parsed whole."""
        return self.path.read_bytes()


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """Fetches addresses of the registry, keeping each answer in a cache that places share.

    Parameters
    ----------
    cache
        Folder of answers, by the hash of address and query, each with a small JSON file beside it
        that says when it was fetched, its hash, and how to ask whether it has changed.
    agent
        What the planner calls itself to servers.
    seconds_between
        At least so long between two requests to one host.
    tries
        How often a request is sent before it is given up: waits double from one second, or are
        what the server asks for.
    fresh_days
        An answer younger than this is used without asking; an older one only if the server says
        that it has not changed.
    offline
        Use the cache only.
    """

    cache: Path
    agent: str
    seconds_between: float = 0.5
    tries: int = 4
    timeout_seconds: tuple[float, float] = (15.0, 240.0)
    fresh_days: float = 30.0
    offline: bool = False
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    resolve: Callable[[str], list[str]] = field(default=lambda host: _addresses(host))
    _last: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def fetch(
        self,
        entry: RegistryEntry,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, str] | None = None,
        address: str = "",
        expects: str = "",
        check: Callable[[Path], str] | None = None,
        may_be_empty: bool = False,
    ) -> Download:
        """Return the answer of a source, from the cache or from its publisher.

        Parameters
        ----------
        entry
            The source.
        query
            Added to the address as its query.
        body
            Sent as a form (POST) instead.
        address
            The entry's address with its blanks filled in.
        expects
            The format of the answer, if it is not the entry's own.
        check
            Says what is wrong with a whole answer ("" nothing), before it is kept; it raises
            `TryAgainError` for what may pass.
        may_be_empty
            An answer without a byte is an answer (a last page).

        Raises
        ------
        SourceError
            It has no address, cannot be reached, is not there, or answers with something else;
            the hint says what to do by hand.
        """
        base = address or entry.address
        if not base:
            raise SourceError(f"{entry.what}: no address is known.", hint=entry.by_hand)
        url = base + (("&" if "?" in base else "?") + urlencode(query) if query else "")
        form = urlencode(body) if body else ""
        key = hashlib.sha256(f"{url}\n{form}".encode()).hexdigest()[:40]
        kept = self._kept(key, url)
        if kept is not None and (self.offline or self._fresh(key)):
            return kept
        if self.offline:
            raise SourceError(
                f"{entry.what}: not in the cache, and this run is offline.", hint=entry.by_hand
            )
        with requests.Session() as session:
            # Proxies are taken from the environment; user names from a .netrc file are not.
            session.auth = lambda request: request
            job = _Job(
                entry=entry,
                url=url,
                form=form,
                key=key,
                expects=expects or entry.expects,
                kept=kept,
                session=session,
                check=check,
                may_be_empty=may_be_empty,
            )
            return self._try(job)

    # --- one request ---------------------------------------------------------------------------

    def _try(self, job: _Job) -> Download:
        trouble = ""
        for attempt in range(self.tries):
            if attempt:
                self.sleep(min(job.wait or 2.0 ** (attempt - 1), MAX_WAIT_SECONDS))
            job.wait = 0.0
            try:
                return self._once(job)
            except TryAgainError as err:
                trouble = str(err)
            except (requests.RequestException, urllib3.exceptions.HTTPError) as err:
                trouble = _reason(err)
        if job.kept is not None:
            # An older answer that is whole is better than none; its date is kept with it.
            return job.kept
        raise SourceError(
            f"{job.entry.what}: {_host(job.url)} could not be reached ({trouble}; tried "
            f"{self.tries} times).",
            hint=job.entry.by_hand,
        )

    def _once(self, job: _Job) -> Download:
        url = job.url
        for _ in range(MAX_REDIRECTS + 1):
            self._check_host(job, url)
            self._wait_turn(_host(url))
            with self._send(job, url) as answer:
                if answer.status_code in {301, 302, 303, 307, 308}:
                    url = self._redirected(job, url, answer.headers.get("Location", ""))
                    continue
                return self._take(job, answer)
        raise self._refused(job, "it was sent on too many times")

    def _send(self, job: _Job, url: str) -> requests.Response:
        headers = {"User-Agent": self.agent, "Accept": "*/*"}
        packed = job.expects in PACKED
        headers["Accept-Encoding"] = "identity" if packed else "gzip, deflate"
        part = self._part(job)
        job.resumed = 0
        if job.kept is not None:
            meta = self._meta(job.key)
            if meta.get("etag"):
                headers["If-None-Match"] = meta["etag"]
            elif meta.get("last_modified"):
                headers["If-Modified-Since"] = meta["last_modified"]
        elif packed and part.is_file():
            validator = _read_json(part.with_suffix(".part.json")).get("validator", "")
            if validator and part.stat().st_size:
                job.resumed = part.stat().st_size
                headers["Range"] = f"bytes={job.resumed}-"
                headers["If-Range"] = validator
        if job.form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return job.session.request(
            "POST" if job.form else "GET",
            url,
            data=job.form or None,
            headers=headers,
            stream=True,
            allow_redirects=False,
            timeout=self.timeout_seconds,
        )

    def _take(self, job: _Job, answer: requests.Response) -> Download:
        status = answer.status_code
        if status == 304 and job.kept is not None:
            self._touch(job.key)
            return job.kept
        if status == 416 and job.resumed:
            self._part(job).unlink(missing_ok=True)
            raise TryAgainError("a broken-off download could not be taken up again")
        if status in RETRIED:
            job.wait = retry_after(answer.headers.get("Retry-After", ""), self.now())
            raise TryAgainError(f"it answered {status}")
        if status in {404, 410}:
            raise self._refused(job, f"there is nothing at its address any more ({status})")
        if status not in {200, 206} or (status == 206 and not job.resumed):
            raise self._refused(job, f"it answered {status}")
        trouble = wrong_type(answer.headers.get("Content-Type", ""), job.expects)
        if trouble:
            raise self._refused(job, trouble)
        return self._store(job, answer)

    def _store(self, job: _Job, answer: requests.Response) -> Download:
        part = self._part(job)
        part.parent.mkdir(parents=True, exist_ok=True)
        start = job.resumed if answer.status_code == 206 else 0
        span = answer.headers.get("Content-Range", "")
        if start and not span.startswith(f"bytes {start}-"):
            part.unlink(missing_ok=True)
            raise TryAgainError("it continued a download at the wrong place")
        validator = answer.headers.get("ETag", "")
        if validator.startswith("W/") or not validator:
            validator = answer.headers.get("Last-Modified", "")
        _write_json(part.with_suffix(".part.json"), {"validator": validator})
        limit = job.entry.max_megabytes * 1e6
        size = start
        with part.open("ab" if start else "wb") as out:
            for block in answer.iter_content(BLOCK_BYTES):
                size += len(block)
                if size > limit:
                    out.close()
                    part.unlink(missing_ok=True)
                    raise self._refused(job, f"it is larger than {job.entry.max_megabytes:,.0f} MB")
                out.write(block)
        length = answer.headers.get("Content-Length", "")
        plain = length.isdigit() and not answer.headers.get("Content-Encoding")
        if plain and size - start != int(length):
            raise TryAgainError(f"{size - start:,} of {int(length):,} bytes came")
        return self._finish(job, answer, part, size)

    def _finish(self, job: _Job, answer: requests.Response, part: Path, size: int) -> Download:
        trouble = "" if job.may_be_empty and not size else wrong_start(part, job.expects)
        digest = file_sha256(part)
        if not trouble and job.entry.sha256 and digest != job.entry.sha256.casefold():
            trouble = "its SHA-256 is not the one that was published"
        if not trouble and job.check is not None:
            try:
                trouble = job.check(part)
            except TryAgainError:
                part.unlink(missing_ok=True)
                raise
        if trouble:
            part.unlink(missing_ok=True)
            part.with_suffix(".part.json").unlink(missing_ok=True)
            raise self._refused(job, trouble)
        body = self.cache / f"{job.key}.bin"
        meta = {
            "url": job.url,
            "sha256": digest,
            "size": size,
            "fetched": self.now().isoformat(timespec="seconds"),
            "checked": self.now().isoformat(timespec="seconds"),
            "etag": answer.headers.get("ETag", ""),
            "last_modified": answer.headers.get("Last-Modified", ""),
        }
        part.replace(body)
        _write_json(self.cache / f"{job.key}.json", meta)
        part.with_suffix(".part.json").unlink(missing_ok=True)
        return Download(
            path=body,
            url=job.url,
            sha256=digest,
            size=size,
            fetched=str(meta["fetched"]),
            from_cache=False,
        )

    # --- what is refused -----------------------------------------------------------------------

    def _refused(self, job: _Job, why: str) -> SourceError:
        return SourceError(f"{job.entry.what}: {_host(job.url)}: {why}.", hint=job.entry.by_hand)

    def _redirected(self, job: _Job, url: str, location: str) -> str:
        target = urljoin(url, location)
        old, new = urlsplit(url), urlsplit(target)
        allowed = {urlsplit(job.url).hostname, *job.entry.redirect_hosts}
        if not location or new.hostname not in allowed:
            raise self._refused(job, f"it sends on to another host ({(new.hostname or '?')[:80]})")
        downgraded = new.scheme != "https" and not (
            new.scheme == "http" and old.scheme == "http" and is_loopback(old.hostname or "")
        )
        if downgraded:
            raise self._refused(job, "it sends on to an address without encryption")
        if new.hostname == old.hostname and new.port != old.port:
            raise self._refused(job, "it sends on to another port")
        if job.form:
            raise self._refused(job, "it sends a query on to another address")
        return target

    def _check_host(self, job: _Job, url: str) -> None:
        """Refuse addresses inside this machine or network, unless the source itself is one."""
        host = urlsplit(url).hostname or ""
        itself = is_loopback(urlsplit(job.entry.address).hostname or "")
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            # Behind a proxy it is the proxy that looks names up, and may be the only one that can.
            found = [] if get_environ_proxies(url, no_proxy=None) else self.resolve(host)
        for text in found:
            address = ipaddress.ip_address(text.partition("%")[0])
            if not address.is_global and not (itself and address.is_loopback):
                raise self._refused(job, f"{host} is an address inside a private network")

    # --- politeness ----------------------------------------------------------------------------

    def _wait_turn(self, host: str) -> None:
        with self._turn:
            last = self._last.get(host)
            if last is not None:
                wait = self.seconds_between - (self.clock() - last)
                if wait > 0:
                    self.sleep(wait)
            self._last[host] = self.clock()

    # --- the cache -----------------------------------------------------------------------------

    def _part(self, job: _Job) -> Path:
        return self.cache / f"{job.key}.part"

    def _meta(self, key: str) -> dict[str, Any]:
        return _read_json(self.cache / f"{key}.json")

    def _fresh(self, key: str) -> bool:
        try:
            checked = dt.datetime.fromisoformat(str(self._meta(key).get("checked", "")))
        except ValueError:
            return False
        return self.now() - checked < dt.timedelta(days=self.fresh_days)

    def _touch(self, key: str) -> None:
        now = self.now().isoformat(timespec="seconds")
        _write_json(self.cache / f"{key}.json", {**self._meta(key), "checked": now})

    def _kept(self, key: str, url: str) -> Download | None:
        """Return the kept answer if it is whole; what does not fit its hash is thrown away."""
        body, meta = self.cache / f"{key}.bin", self._meta(key)
        if not body.is_file() or meta.get("url") != url:
            return None
        if body.stat().st_size != meta.get("size") or file_sha256(body) != meta.get("sha256"):
            body.unlink(missing_ok=True)
            return None
        return Download(
            path=body,
            url=url,
            sha256=str(meta["sha256"]),
            size=int(meta["size"]),
            fetched=str(meta["fetched"]),
            from_cache=True,
        )


def build_fetcher(*, offline: bool = False, cache: Path | None = None) -> Fetcher:
    """Return the fetcher that people use: cache in the user's own folder, named to servers.

    ``PLANNER_CONTACT`` (an e-mail address or page) is added to what the planner calls itself.
    """
    contact = os.environ.get("PLANNER_CONTACT", "").strip()
    plain = "".join(c for c in contact if c.isprintable() and c.isascii())[:120]
    return Fetcher(
        cache=cache or Path(platformdirs.user_cache_dir("planner")) / "downloads",
        agent=f"planner/{_version()}" + (f" (+{plain})" if plain else ""),
        offline=offline,
    )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        for block in iter(lambda: handle.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


# --- parts ---------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Job:
    """One request under way."""

    entry: RegistryEntry
    url: str
    form: str
    key: str
    expects: str
    kept: Download | None
    session: requests.Session
    check: Callable[[Path], str] | None
    may_be_empty: bool
    wait: float = 0.0
    resumed: int = 0


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("planner")
    except PackageNotFoundError:
        return "0"


def _addresses(host: str) -> list[str]:
    """Return the addresses of a host; none if it cannot be looked up (the request says so)."""
    try:
        return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, None)})
    except OSError:
        return []


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:60]


def _reason(err: Exception) -> str:
    text = f"{err}".casefold()
    if isinstance(err, requests.Timeout):
        return "it did not answer in time"
    if isinstance(err, requests.exceptions.SSLError):
        return "its certificate could not be checked"
    if "incompleteread" in text or "chunked" in text:
        return "the answer broke off"
    if isinstance(err, requests.ConnectionError):
        return "no connection"
    return type(err).__name__


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_json(path: Path, values: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    beside.write_text(json.dumps(values, indent=1, sort_keys=True), encoding="utf-8")
    beside.replace(path)
