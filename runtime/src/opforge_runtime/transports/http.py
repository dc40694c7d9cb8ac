"""HTTP for programs: GET and POST to the hosts that a program may talk to, and to no other.

Only https leaves the machine. Plain http is allowed to loopback hosts, and to hosts that the operator
maps to another base URL. Every status is a result; a failure is what gave no response at all.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, TypeAlias

import httpx

from opforge_ir.capabilities import KEY_HEADER
from opforge_ir.codes import transport as codes
from opforge_runtime.failures import EffectFailure
from opforge_runtime.transports.client import (
    BodyEncodingError,
    BodyTooLargeError,
    build_client,
    is_loopback,
    read_body,
)
from opforge_runtime.transports.provider_text import clean_text

__all__ = ["HttpMethod", "HttpResponse", "HttpTransport"]

HttpMethod: TypeAlias = Literal["GET", "POST"]

_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_REDIRECTS = 5
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token (RFC 9110, 5.6.2)."""
_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?|")
"""Visible ASCII with spaces inside (RFC 9110, 5.5, without its obsolete part)."""
_FRAMING_HEADERS = frozenset({"connection", "content-length", "host", "transfer-encoding", "accept-encoding"})
"""What the transport says itself, since it decides how a message is delimited and where it goes."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What a server answered, whatever its status."""

    status: int
    headers: dict[str, str]
    """By name in lower case; several fields of one name are joined with `, ` (RFC 9110, 5.3)."""
    text: str
    """The body decoded as UTF-8, whatever it states; bytes that are not become U+FFFD."""


class HttpTransport:
    """An async context manager that owns its connections and keeps nothing else between requests."""

    def __init__(
        self,
        resolve: Mapping[str, str] | None = None,
        *,
        timeout_seconds: float = 20.0,
        max_body_bytes: int = 8 * 1024 * 1024,
    ) -> None:
        """`resolve` sends the requests for a host name to a base URL such as `http://127.0.0.1:8080`.

        `timeout_seconds` holds for a request with all its redirects; `max_body_bytes` for a body after
        decoding.
        Raises DiagnosticError (E_HTTP_URL) when a base URL of `resolve` is not an http or https URL.
        """
        self._resolve = {host.lower(): _parse_base_url(host, url) for host, url in (resolve or {}).items()}
        self._timeout_seconds = timeout_seconds
        self._max_body_bytes = max_body_bytes
        self._client: httpx.AsyncClient | None = None
        """Made for the first request: making one reads all certificate authorities."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections; the transport cannot be used afterwards."""
        if self._client is not None:
            await self._client.aclose()

    async def request(
        self,
        method: HttpMethod,
        url: str,
        *,
        allowed_hosts: Collection[str],
        headers: Mapping[str, str] | None = None,
        key: str | None = None,
        body: str | None = None,
    ) -> HttpResponse | EffectFailure:
        """Request an absolute URL; `body` is sent as UTF-8 (a lone surrogate in it as `?`), and `key` as the
        header Idempotency-Key.

        `allowed_hosts` holds host names in lower case, as `example.com` for all its ports or
        `example.com:8443` for one. GET follows redirects among them; the redirect of a POST is its
        result, since following it would repeat or drop the body.
        """
        target = self._parse_url(url)
        if isinstance(target, EffectFailure):
            return target
        if not _is_allowed(target, allowed_hosts):
            return EffectFailure(codes.E_HTTP_HOST_REFUSED, {"host": clean_text(_get_authority(target))})
        fields, problem = _add_key(headers or {}, key)
        problem = problem or _find_header_problem(fields)
        if problem is not None:
            return EffectFailure(codes.E_HTTP_REQUEST, {"host": _get_authority(target), "problem": problem})
        content = None if body is None else body.encode(errors="replace")
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._follow(method, target, allowed_hosts, fields, content)
        except TimeoutError:
            timeout_ms = round(self._timeout_seconds * 1000)
            return EffectFailure(
                codes.E_HTTP_TIMEOUT, {"host": _get_authority(target), "timeout_ms": timeout_ms}
            )

    async def _follow(
        self,
        method: HttpMethod,
        target: httpx.URL,
        allowed_hosts: Collection[str],
        headers: Mapping[str, str],
        content: bytes | None,
    ) -> HttpResponse | EffectFailure:
        for _ in range(_MAX_REDIRECTS + 1):
            response = await self._send(method, target, headers, content)
            if isinstance(response, EffectFailure) or method == "POST" or response.status not in _REDIRECTS:
                return response
            location = response.headers.get("location")
            if location is None:
                return response
            following = self._resolve_location(target, location, allowed_hosts)
            if isinstance(following, EffectFailure):
                return following
            if _get_authority(following) != _get_authority(target):
                # What was meant for one host (an authorization, say) is not for another.
                headers = {}
            target = following
        return _refuse_redirect(target, f"there were more than {_MAX_REDIRECTS} in a row")

    def _resolve_location(
        self, target: httpx.URL, location: str, allowed_hosts: Collection[str]
    ) -> httpx.URL | EffectFailure:
        following = self._parse_url(location, target)
        if isinstance(following, EffectFailure):
            return _refuse_redirect(target, str(following.fields["problem"]))
        if not _is_allowed(following, allowed_hosts):
            elsewhere = clean_text(_get_authority(following))
            return _refuse_redirect(target, f"it leads to {elsewhere}, which is not allowed")
        return following

    async def _send(
        self, method: HttpMethod, target: httpx.URL, headers: Mapping[str, str], content: bytes | None
    ) -> HttpResponse | EffectFailure:
        host = _get_authority(target)
        base = self._resolve.get(target.host)
        url = target if base is None else _move(target, base)
        if self._client is None:
            self._client = build_client()
        try:
            async with self._client.stream(
                method,
                url,
                # The server behind an override still learns which host was meant.
                headers={**headers, "Host": target.netloc.decode("ascii")},
                content=content,
                timeout=None,
                follow_redirects=False,
            ) as response:
                body = await read_body(response, self._max_body_bytes)
                names = dict.fromkeys(name.lower() for name in response.headers)
                fields = {name: response.headers[name] for name in names}
                return HttpResponse(response.status_code, fields, body.decode(errors="replace"))
        except BodyTooLargeError:
            return EffectFailure(codes.E_HTTP_TOO_LARGE, {"host": host, "limit_bytes": self._max_body_bytes})
        except BodyEncodingError as error:
            return EffectFailure(codes.E_HTTP_BODY_ENCODING, {"host": host, "problem": str(error)})
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError):
            return EffectFailure(codes.E_HTTP_UNREACHABLE, {"host": host})
        except httpx.HTTPError:
            return EffectFailure(codes.E_HTTP_DISCONNECTED, {"host": host})

    def _parse_url(self, url: str, base: httpx.URL | None = None) -> httpx.URL | EffectFailure:
        try:
            parsed = httpx.URL(url) if base is None else base.join(url)
        except (httpx.InvalidURL, ValueError):
            return EffectFailure(codes.E_HTTP_URL, {"problem": "it is not a URL"})
        problem = None
        if not parsed.host or parsed.scheme not in ("http", "https"):
            problem = "it is not an absolute http or https URL"
        elif parsed.userinfo:
            problem = "it holds a user name or password"
        elif parsed.scheme == "http" and not is_loopback(parsed.host) and parsed.host not in self._resolve:
            problem = f"it would send to {parsed.host} without encryption"
        return parsed if problem is None else EffectFailure(codes.E_HTTP_URL, {"problem": problem})


def _move(target: httpx.URL, base: httpx.URL) -> httpx.URL:
    """`target`'s path and query at `base`'s host, below `base`'s path."""
    path = base.raw_path.rstrip(b"/") + target.raw_path
    return target.copy_with(scheme=base.scheme, host=base.host, port=base.port, raw_path=path)


def _add_key(headers: Mapping[str, str], key: str | None) -> tuple[Mapping[str, str], str | None]:
    """The headers with an idempotency key, and what is wrong with that.

    The key is a String of RFC 8941, 3.3.3: in quotes, with a backslash before each quote and backslash
    (draft-ietf-httpapi-idempotency-key-header, 2.1).
    """
    if key is None:
        return headers, None
    if any(name.lower() == KEY_HEADER.lower() for name in headers):
        return headers, f"the header {KEY_HEADER} is given beside the key"
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return {**headers, KEY_HEADER: f'"{escaped}"'}, None


def _find_header_problem(headers: Mapping[str, str]) -> str | None:
    for name, value in headers.items():
        if _HEADER_NAME.fullmatch(name) is None:
            return "a header's name is not a token"
        if name.lower() in _FRAMING_HEADERS:
            return f"the header {name} is the transport's own"
        if _HEADER_VALUE.fullmatch(value) is None:
            return f"the value of the header {name} is not visible ASCII text"
    return None


def _get_authority(url: httpx.URL) -> str:
    """The host, and the port where it is not the scheme's own."""
    return url.netloc.decode("ascii").lower()


def _is_allowed(url: httpx.URL, allowed_hosts: Collection[str]) -> bool:
    return url.host in allowed_hosts or _get_authority(url) in allowed_hosts


def _refuse_redirect(target: httpx.URL, problem: str) -> EffectFailure:
    return EffectFailure(codes.E_HTTP_REDIRECT_REFUSED, {"host": _get_authority(target), "problem": problem})


def _parse_base_url(host: str, url: str) -> httpx.URL:
    problem = f"the base URL given for {host} is not an http or https URL"
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise codes.E_HTTP_URL.error(problem=problem) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise codes.E_HTTP_URL.error(problem=problem)
    return parsed
