"""The host of a URL of which the front is known (RFC 3986 sections 3.1 and 3.2)."""

from __future__ import annotations

import re
from typing import Final

from opforge_ir.grants.known import Text

__all__ = ["UrlRefused", "find_host"]

_SCHEME: Final = re.compile(r"(https?)://", re.IGNORECASE)
_AUTHORITY_END: Final = re.compile(r"[/?#]")
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(?::([1-9][0-9]{0,4}))?\Z")
_MAX_PORT: Final = 65_535
_LOOPBACK: Final = re.compile(r"(localhost|127\.0\.0\.1)(:[0-9]{1,5})?\Z")


class UrlRefused(ValueError):
    """No request can be made to the URL; the argument says why."""


def find_host(url: Text) -> str | None:
    """The host and port, in lower case and without the port that the scheme has anyway.

    None when too little of the URL is known. Raises UrlRefused for a URL that no request may have.
    """
    scheme = _SCHEME.match(url.prefix)
    if scheme is None:
        if not url.is_whole and _may_become_url(url.prefix):
            return None
        raise UrlRefused("it does not start with https://")
    rest = url.prefix[scheme.end() :]
    end = _AUTHORITY_END.search(rest)
    if end is None and not url.is_whole:
        return None
    authority = rest[: end.start()] if end else rest
    host = authority.lower()
    plain = _HOST.match(host)
    if plain is None:
        raise UrlRefused(
            "it has a user name in it" if "@" in authority else "what stands after // is no plain host name"
        )
    if plain[2] is not None and int(plain[2]) > _MAX_PORT:
        raise UrlRefused(f"ports end at {_MAX_PORT}")
    is_secure = scheme[1].lower() == "https"
    if not is_secure and _LOOPBACK.match(host) is None:
        raise UrlRefused("http without encryption is for this machine only")
    return host.removesuffix(":443" if is_secure else ":80")


def _may_become_url(prefix: str) -> bool:
    """Whether some continuation of the text starts with a scheme and two slashes."""
    lower = prefix.lower()
    return "https://".startswith(lower) or "http://".startswith(lower)
