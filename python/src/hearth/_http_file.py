"""GET over HTTP by the standard library, and a file that is fetched by it: whole, checked, or not there.

Files lie where @hearth/node and the command line keep them, under the same names and with the same notes beside them.
"""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import json
import os
import re
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urljoin, urlsplit

from ._types import LoadProgress
from .errors import HearthError, error_of

_SECONDS_OF_SILENCE = 60
_MOST_REDIRECTS = 10
_MOST_TRIES = 5
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Fetching:
    """What all requests of one load share."""

    folder: Path
    headers: Callable[[str], Mapping[str, str]]
    """What is sent to the server of an address."""
    tell: Callable[[LoadProgress], None]
    stop: threading.Event

    def check(self) -> None:
        if self.stop.is_set():
            raise error_of("ABORTED", "aborted by the caller")


@dataclass(frozen=True)
class Wanted:
    url: str
    size: int | None = None
    sha256: str | None = None


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def request(url: str, more: Mapping[str, str], fetching: Fetching) -> http.client.HTTPResponse:
    """The answer behind all redirects, whatever its status; other servers learn no secrets. NETWORK, SERVER."""
    at = url
    for _ in range(_MOST_REDIRECTS + 1):
        fetching.check()
        own = fetching.headers(at) if origin_of(at) == origin_of(url) else {}
        asked = urllib.request.Request(at, headers={"accept-encoding": "identity", **own, **more})
        try:
            response = _opener.open(asked, timeout=_SECONDS_OF_SILENCE)
        except urllib.error.HTTPError as error:
            response = error
        except (OSError, http.client.HTTPException) as error:
            raise error_of("NETWORK", f"{at}: {error}", {"url": at}) from error
        location = response.headers.get("location")
        if location is None or response.status not in (301, 302, 303, 307, 308):
            return response  # type: ignore[no-any-return]
        response.close()
        at = _next_address(at, location)
    raise error_of("SERVER", f"{url}: the server redirects without an end", {"url": url})


def refused(url: str, status: int) -> HearthError:
    """The error that an answer without what was asked for stands for. NETWORK where asking again may help."""
    message, details = f"{url}: the server answered {status}", {"url": url, "status": status}
    if status in (404, 410):
        return error_of("NOT_FOUND", message, details)
    if status in (401, 403):
        hint = "it is private or gated, or not there; accept its terms on its page and set HF_TOKEN to a token of yours"
        return error_of("SERVER", f"{message}: {hint}", details)
    passing = status in (408, 429) or status >= 500
    return error_of("NETWORK" if passing else "SERVER", message, details)


def with_retries(
    attempt: Callable[[], Any], fetching: Fetching, progress: Callable[[], int] = lambda: 0
) -> Any:
    """Tries again, a few times and later each time, what ends with NETWORK; anew once `progress` has grown."""
    tries = 0
    while True:
        before = progress()
        try:
            return attempt()
        except HearthError as error:
            tries = 1 if progress() > before else tries + 1
            if error.code != "NETWORK" or tries >= _MOST_TRIES:
                raise
            fetching.stop.wait(0.2 * 2**tries)
            fetching.check()


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in (None, default) else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def cache_path(url: str) -> Path:
    """Where a URL's file is kept, relative to the cache folder."""
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    key = hashlib.sha256(
        f"{origin_of(url)}{folder}?{'?' if parts.query else ''}{parts.query}".encode()
    ).hexdigest()
    readable = unquote(name, errors="replace")
    # "_" for each of JavaScript's characters that might mean something in a path.
    safe = "".join(
        letter if re.fullmatch(r"[A-Za-z0-9_.-]", letter) else "_" * (2 if ord(letter) > 0xFFFF else 1)
        for letter in readable
    )
    prefix = "_" if safe == "" or safe.startswith(".") else ""
    return Path(f"{parts.hostname}-{key[:16]}") / f"{prefix}{safe}"


def known_urls(folder: Path) -> list[str]:
    """Of the whole files in the cache."""
    notes = [(path, _note_of(path.with_suffix(""))) for path in folder.rglob("*.entry")]
    return [note["url"] for path, note in notes if "url" in note and path.with_suffix("").is_file()]


def fetch_file(wanted: Wanted, fetching: Fetching, before: int = 0, whole: int = 0) -> Path:
    """The file in the cache, where it is downloaded to if it is not there or is not what it should be. Of the `whole`
    bytes of a model `before` lie in front of it; 0 where that is not known."""
    path = fetching.folder / cache_path(wanted.url)

    def tell(stage: str, loaded: int, total: int) -> None:
        fetching.check()
        fetching.tell(
            LoadProgress(stage, before + loaded, whole) if whole else LoadProgress(stage, loaded, total)
        )

    if _is_there(path, wanted, tell):
        return path
    partial = path.with_name(f"{path.name}.python.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "ab") as lock:
            _wait_for(lock, fetching)
            if not _is_there(path, wanted, tell):  # another process may have fetched it meanwhile
                with_retries(
                    lambda: _transfer(wanted, partial, fetching, tell), fetching, lambda: _size(partial)
                )
                _commit(partial, path, wanted, tell)
    except HearthError as error:
        if error.code in ("INTEGRITY", "INVALID_MODEL"):
            _discard(partial)
        raise
    except OSError as error:
        raise error_of("IO", f"{path}: {error.strerror or error}") from error
    return path


def _next_address(at: str, location: str) -> str:
    following = urljoin(at, location)
    if not following.startswith(("http:", "https:")):
        raise error_of("SERVER", f"{at}: it redirects to {following}, which is no address of a file")
    if at.startswith("https:") and following.startswith("http:"):
        why = "where anyone on the way could change the file"
        raise error_of("SERVER", f"{at}: it redirects to {following}, {why}")
    return following


def _wait_for(lock: IO[bytes], fetching: Fetching) -> None:
    """Of two Python processes that want the same file, one waits."""
    while True:
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fetching.stop.wait(0.1)
            fetching.check()


_Tell = Callable[[str, int, int], None]


def _is_there(path: Path, wanted: Wanted, tell: _Tell) -> bool:
    tell("check_cache", 0, 1)
    note = _note_of(path)
    if "url" not in note or not path.is_file():
        return False
    state = path.stat()
    if wanted.size not in (None, state.st_size):
        return False
    is_unchanged = (note.get("size"), note.get("modified")) == (state.st_size, state.st_mtime_ns / 1e6)
    if wanted.sha256 is None or (is_unchanged and note.get("sha256") == wanted.sha256):
        with suppress(OSError):
            os.utime(f"{path}.entry")
        return True
    if _sha256(path, tell) != wanted.sha256:
        return False
    _write_note(path, path, wanted)
    return True


def _transfer(wanted: Wanted, partial: Path, fetching: Fetching, tell: _Tell) -> None:
    have, tag = _size(partial), _text(Path(f"{partial}.tag"))
    resuming = have > 0 and tag != ""
    with request(
        wanted.url, {"range": f"bytes={have}-", "if-range": tag} if resuming else {}, fetching
    ) as response:
        if response.status == 416 and resuming:
            os.truncate(partial, 0)
            raise error_of("NETWORK", f"{wanted.url}: the server does not go on at byte {have}")
        goes_on = response.status == 206 and (response.headers.get("content-range") or "").startswith(
            f"bytes {have}-"
        )
        if response.status not in (200, 206) or (response.status == 206 and not goes_on):
            raise refused(wanted.url, response.status)
        begin = have if goes_on else 0
        length = response.headers.get("content-length")
        total = begin + int(length) if length is not None and length.isdigit() else wanted.size or 0
        _check_room(partial, total - _size(partial))
        with open(partial, "r+b") as file:
            file.truncate(begin)
            file.seek(begin)
            Path(f"{partial}.tag").write_text(_validator(response), encoding="utf-8")
            _copy(response, file, begin, total, wanted, tell)


def _copy(response: Any, file: IO[bytes], begin: int, total: int, wanted: Wanted, tell: _Tell) -> None:
    loaded = begin
    tell("download", loaded, total)
    while True:
        try:
            chunk = response.read(_CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise error_of("NETWORK", f"{wanted.url}: {error}") from error
        if not chunk:
            break
        if loaded == 0 and not chunk.startswith(b"GGUF"):
            what = f'begins with {chunk[:4]!r}, not with "GGUF": this is no model; is the address right?'
            raise error_of("INVALID_MODEL", f"{wanted.url}: {what}")
        file.write(chunk)
        loaded += len(chunk)
        tell("download", loaded, max(total, loaded))
    if loaded < total:
        raise error_of("NETWORK", f"{wanted.url}: it broke off at byte {loaded} of {total}")


def _commit(partial: Path, path: Path, wanted: Wanted, tell: _Tell) -> None:
    """Gives a file that is what it should be its own name."""
    size = _size(partial)
    if wanted.size not in (None, size):
        raise error_of("INTEGRITY", f"{wanted.url}: it has {size} bytes, not {wanted.size}")
    if wanted.sha256 is not None:
        found = _sha256(partial, tell)
        if found != wanted.sha256:
            raise error_of("INTEGRITY", f"{wanted.url}: its SHA-256 is {found}, not {wanted.sha256}")
    with open(partial, "rb") as file:
        os.fsync(file.fileno())
    _write_note(path, partial, wanted)
    partial.replace(path)
    Path(f"{partial}.tag").unlink(missing_ok=True)


def _sha256(path: Path, tell: _Tell) -> str:
    total, done, digest = _size(path), 0, hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            done += len(chunk)
            tell("verify", done, total)
    return digest.hexdigest()


def _check_room(path: Path, needed: int) -> None:
    free = shutil.disk_usage(path.parent).free
    if needed > free:
        hint = "delete models from the cache"
        raise error_of(
            "CACHE_QUOTA", f"{path}: {needed} more bytes are needed, and its disk has {free}; {hint}"
        )


def _validator(response: Any) -> str:
    tag = response.headers.get("etag") or ""
    return tag if tag and not tag.startswith("W/") else response.headers.get("last-modified") or ""


def _note_of(path: Path) -> dict[str, Any]:
    try:
        note = json.loads(Path(f"{path}.entry").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def _write_note(path: Path, state_of: Path, wanted: Wanted) -> None:
    state = state_of.stat()
    note = {"url": wanted.url, "size": state.st_size, "modified": state.st_mtime_ns / 1e6}
    if wanted.sha256 is not None:
        note["sha256"] = wanted.sha256
    Path(f"{path}.entry").write_text(json.dumps(note), encoding="utf-8")


def _discard(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    Path(f"{partial}.tag").unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
