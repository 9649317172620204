"""Requests of workflows to servers, of which the program has allowed some."""

from __future__ import annotations

import http.client
from collections.abc import Iterable
from typing import Any
from urllib import request as urllib_request
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit

from ..errors import error_of, invalid

MOST_REDIRECTS = 10
MOST_BYTES = 32 * 2**20
SECONDS = 60.0
"""That a server may be silent."""


def allowed_origins(origins: Iterable[str]) -> frozenset[str]:
    """INVALID_ARGUMENT for what is no origin."""
    return frozenset(_allowed(origin) for origin in origins)


def _allowed(origin: str) -> str:
    is_bare = isinstance(origin, str) and origin.count("/") == 2
    if not is_bare or _origin_of(origin) is None:
        message = f"allow_origins: '{origin}' is no origin: give a scheme, a host and no path, such as https://example.org"
        raise invalid(message)
    return str(_origin_of(origin))


def _origin_of(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    usual = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


class _NoRedirect(urllib_request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib_request.build_opener(_NoRedirect())


def answer_http(request: dict[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    """What a call of the kind `http` is answered with: asks the server, and those that it redirects to, each only where
    its origin is allowed."""
    method, url = request["method"], request["url"]
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    body = request.get("body") or ""
    origin = _require_allowed(url, allowed)
    for _ in range(MOST_REDIRECTS + 1):
        response = _asked(method, url, headers, body)
        location = response.headers.get("Location")
        if response.status not in (301, 302, 303, 307, 308) or location is None:
            return _answer(response, url)
        response.close()
        url, from_url = urljoin(url, location), url
        next_origin = _require_allowed(url, allowed, from_url)
        if next_origin != origin:
            headers = {
                name: value for name, value in headers.items() if name not in ("authorization", "cookie")
            }
        origin = next_origin
        if response.status == 303 or (response.status < 303 and method == "POST"):
            method, body = "GET", ""
            headers.pop("content-type", None)
    raise error_of("SERVER", f"{request['url']}: the server redirects without an end")


def _require_allowed(url: str, allowed: frozenset[str], redirecting: str | None = None) -> str:
    origin = _origin_of(url)
    if origin is None:
        raise invalid(f"'{url}' is no address")
    if origin in allowed:
        return origin
    what = (
        f"requests to {origin} are"
        if redirecting is None
        else f"{redirecting} redirects to {origin}, and that is"
    )
    raise error_of("UNSUPPORTED", f'{what} not allowed: give allow_origins=["{origin}"] to allow it')


def _asked(method: str, url: str, headers: dict[str, str], body: str) -> Any:
    data = None if method == "GET" else body.encode()
    try:
        asked = urllib_request.Request(url, data=data, headers=headers, method=method)
        return _opener.open(asked, timeout=SECONDS)
    except HTTPError as response:  # any status that is no success
        return response
    except TimeoutError as error:
        raise error_of("TIMEOUT", f"{url}: the server is silent") from error
    except (URLError, OSError, http.client.HTTPException, ValueError) as error:
        raise error_of("NETWORK", f"{url}: {getattr(error, 'reason', error)}") from error


def _answer(response: Any, url: str) -> dict[str, Any]:
    try:
        with response:
            body: bytes = response.read(MOST_BYTES + 1)
    except TimeoutError as error:
        raise error_of("TIMEOUT", f"{url}: the server is silent") from error
    except (OSError, http.client.HTTPException) as error:
        raise error_of("NETWORK", f"{url}: {error}") from error
    if len(body) > MOST_BYTES:
        raise error_of("SERVER", f"{url}: the answer is longer than {MOST_BYTES} bytes")
    headers = {name.lower(): value for name, value in response.headers.items()}
    return {"status": response.status, "headers": headers, "body": body.decode(errors="replace")}
