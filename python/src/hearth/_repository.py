"""hf: names: what the repository has, which file is meant, and its download into the cache that the command line and
@hearth/node use, too."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin

from ._choose_model import Listed, Room, choose_model, machine_memory
from ._http_file import Fetching, Wanted, fetch_file, known_urls, origin_of, refused, request, with_retries
from ._types import LoadProgress, OnProgress
from .errors import HearthError, error_of, invalid

_MOST_PAGES = 1000


@dataclass(frozen=True)
class _Name:
    owner: str
    repository: str
    revision: str
    type: str | None
    file: str | None

    def __str__(self) -> str:
        """The repository, as users write it."""
        return f"hf:{self.owner}/{self.repository}" + ("" if self.revision == "main" else f"@{self.revision}")


def fetch_from_repository(
    name: str, memory_limit: int | None, on_progress: OnProgress | None, stop: threading.Event
) -> str:
    """The path of the model's first file, downloaded where it is not there yet. With a `memory_limit`, it needs not fit
    into memory."""
    return _Repository(name, memory_limit, on_progress, stop).fetch()


def cache_folder() -> Path:
    caches = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(os.environ.get("HEARTH_CACHE") or os.path.join(caches, "hearth"))


class _Repository:
    def __init__(
        self, name: str, memory_limit: int | None, on_progress: OnProgress | None, stop: threading.Event
    ) -> None:
        self._name = _parse(name)
        self._endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
        self._room = Room(None if memory_limit else machine_memory())
        self._tell = on_progress or (lambda _: None)
        self._fetching = Fetching(cache_folder(), self._headers, self._tell, stop)

    def fetch(self) -> str:
        files: list[Wanted] = with_retries(self._find, self._fetching)
        sizes = [file.size for file in files if file.size is not None]
        whole = sum(sizes) if len(sizes) == len(files) else 0
        paths: list[Path] = []
        for file in files:
            before = sum(path.stat().st_size for path in paths)
            paths.append(fetch_file(file, self._fetching, before, whole))
        return str(paths[0])

    def _headers(self, url: str) -> Mapping[str, str]:
        token = os.environ.get("HF_TOKEN")
        return (
            {"authorization": f"Bearer {token}"}
            if token and origin_of(url) == origin_of(self._endpoint)
            else {}
        )

    def _find(self) -> list[Wanted]:
        """The files of the model, the first part first. Without a network, what is in the cache is all that there is."""
        name = self._name
        listed: list[dict[str, Any]] = []
        try:
            listed = self._list()
        except HearthError as error:
            if error.code == "NETWORK":
                return self._without_network(error)
            if name.file is None or error.code not in ("NOT_FOUND", "SERVER"):
                raise
        path = name.file if name.file is not None else self._choose(listed)
        known = {file["path"]: file for file in listed}
        return [
            Wanted(self._url(part), known.get(part, {}).get("size"), known.get(part, {}).get("sha256"))
            for part in _parts(path)
        ]

    def _choose(self, listed: Sequence[Mapping[str, Any]]) -> str:
        here = set(self._paths_here())
        files = [Listed(file["path"], file.get("size"), file["path"] in here) for file in listed]
        path, message = choose_model(str(self._name), self._name.type, files, self._room)
        if message:
            self._tell(LoadProgress("check_cache", 0, 1, message))
        return path

    def _without_network(self, error: HearthError) -> list[Wanted]:
        here = self._paths_here()
        with suppress(HearthError):
            path = (
                self._name.file
                or choose_model(str(self._name), self._name.type, [Listed(p) for p in here])[0]
            )
            if path in here:
                return [Wanted(self._url(part)) for part in _parts(path)]
        pages = self._listed_before()
        paths = [
            file["path"] for page in pages for file in page["files"] if file["path"].lower().endswith(".gguf")
        ]
        if not paths:
            raise error
        day = time.strftime("%Y-%m-%d", time.gmtime(min(page["time"] for page in pages) / 1000))
        told = f"nothing of {self._name} that is meant was downloaded; on {day} it had {', '.join(paths)}"
        raise error_of(error.code, f"{error.message}; {told}", error.details) from error

    def _paths_here(self) -> list[str]:
        folder = self._url("")
        urls = known_urls(self._fetching.folder)
        return [unquote(url[len(folder) :]) for url in urls if url.startswith(folder)]

    def _url(self, path: str) -> str:
        name = self._name
        folder = f"{self._endpoint}/{name.owner}/{name.repository}/resolve/{_encoded(name.revision)}/"
        return folder + "/".join(_encoded(part) for part in path.split("/"))

    def _listing_url(self) -> str:
        name = self._name
        revision = _encoded(name.revision)
        return f"{self._endpoint}/api/models/{name.owner}/{name.repository}/tree/{revision}?recursive=true"

    def _list(self) -> list[dict[str, Any]]:
        files: list[dict[str, Any]] = []
        url: str | None = self._listing_url()
        for _ in range(_MOST_PAGES):
            if url is None:
                return files
            at = url
            page = self._page(at)
            files += page["files"]
            url = urljoin(at, page["next"]) if page.get("next") else None
        raise error_of("SERVER", f"{self._listing_url()}: its list of files has no end")

    def _page(self, url: str) -> dict[str, Any]:
        kept = self._kept(url)
        etag = kept.get("etag") if kept else None
        with request(url, {"if-none-match": etag} if etag else {}, self._fetching) as response:
            if response.status == 304 and kept:
                page = kept
            elif response.status != 200:
                raise refused(url, response.status)
            else:
                try:
                    body = response.read()
                except OSError as error:
                    raise error_of("NETWORK", f"{url}: {error}") from error
                following = re.search(r'<([^>]+)>;\s*rel="next"', response.headers.get("link") or "")
                page = {"files": _files_in(body, url), "etag": response.headers.get("etag")}
                page["next"] = following.group(1) if following else None
        self._keep(url, {**page, "time": time.time_ns() // 10**6})
        return page

    def _listed_before(self) -> list[dict[str, Any]]:
        """The pages of the list as they were kept; none where one is missing."""
        pages: list[dict[str, Any]] = []
        url: str | None = self._listing_url()
        while url is not None and len(pages) < _MOST_PAGES:
            page = self._kept(url)
            if page is None:
                return []
            pages.append(page)
            url = urljoin(url, page["next"]) if page.get("next") else None
        return pages

    def _kept_path(self, url: str) -> Path:
        return self._fetching.folder / "listings" / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"

    def _kept(self, url: str) -> dict[str, Any] | None:
        try:
            page = json.loads(self._kept_path(url).read_text(encoding="utf-8"))
            sound = all(isinstance(file["path"], str) for file in page["files"]) and page["time"] >= 0
        except (OSError, ValueError, TypeError, KeyError):
            return None  # none yet, or not ours
        return page if sound else None

    def _keep(self, url: str, page: Mapping[str, Any]) -> None:
        path = self._kept_path(url)
        begun = path.with_name(f"{path.name}.{os.getpid()}.new")
        with suppress(
            OSError
        ):  # a folder that cannot be written to, or a full disk: the model itself will tell
            path.parent.mkdir(parents=True, exist_ok=True)
            told = {name: value for name, value in page.items() if value is not None}
            begun.write_text(json.dumps({"url": url, **told}), encoding="utf-8")
            begun.replace(path)


def _parse(name: str) -> _Name:
    match = re.fullmatch(
        r"hf:/{0,2}([\w.-]+)/([\w.-]+)(?:@([\w.-]+))?(?::([\w.-]+)|/([^?#]+))?", name, re.ASCII
    )
    parts = match.groups() if match else ()
    if not match or any(
        re.fullmatch(r"\.+", part or "") for part in "/".join(p or "" for p in parts).split("/")
    ):
        forms = "hf:owner/repository/file.gguf, hf:owner/repository:Q4_K_M or hf:owner/repository"
        raise invalid(f"{name}: expected {forms}, the repository with @revision if need be")
    owner, repository, revision, type_name, file = parts
    return _Name(owner, repository, revision or "main", type_name, file)


def _encoded(text: str) -> str:
    """As JavaScript's encodeURIComponent has it, so that all find the same file."""
    return quote(text, safe="!'()*-._~")


def _parts(path: str) -> list[str]:
    """All parts of a split model whose first one it is."""
    match = re.fullmatch(r"(.*)-00001-of-(\d{5})\.gguf", path)
    if not match:
        return [path]
    stem, count = match.groups()
    return [f"{stem}-{number:05}-of-{count}.gguf" for number in range(1, int(count) + 1)]


def _files_in(body: bytes, url: str) -> list[dict[str, Any]]:
    try:
        entries = json.loads(body)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        raise error_of("SERVER", f"{url} does not list files, as Hugging Face's interface does")
    return [
        _file_of(entry)
        for entry in entries
        if isinstance(entry, dict) and entry.get("type") == "file" and isinstance(entry.get("path"), str)
    ]


def _file_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    file: dict[str, Any] = {"path": entry["path"]}
    size, lfs = entry.get("size"), entry.get("lfs")
    if isinstance(size, int) and size >= 0:
        file["size"] = size
    sha256 = str(lfs.get("oid")).lower() if isinstance(lfs, dict) else ""
    if re.fullmatch("[0-9a-f]{64}", sha256):
        file["sha256"] = sha256
    return file
