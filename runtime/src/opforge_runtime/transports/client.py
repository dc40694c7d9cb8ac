"""What the HTTP-speaking transports share: one way to make a client, one way to read a body.

The client keeps no state between requests: no cookies, no followed redirects. Loopback hosts are
never reached through a proxy.
"""

from __future__ import annotations

import logging
import zlib
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

__all__ = ["BodyEncodingError", "BodyTooLargeError", "build_client", "is_loopback", "read_body"]

_LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")


class BodyTooLargeError(Exception):
    """The body is longer than the caller allows."""


class BodyEncodingError(Exception):
    """The body stands in a content coding that was not asked for and is not understood, or is broken."""


def is_loopback(host: str) -> bool:
    """Whether this host name of a URL (an IPv6 address without brackets) means this machine."""
    return host in _LOOPBACK_HOSTS


def build_client() -> httpx.AsyncClient:
    """A client without cookies, redirects and request log; the caller closes it.

    httpx logs each request with its full URL at INFO. Endpoint URLs may hold keys, so its two loggers
    are kept to warnings, whatever level the program's root logger has.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
        headers={"Accept-Encoding": "identity", "User-Agent": "opforge"},
        mounts={f"all://[{host}]" if ":" in host else f"all://{host}": None for host in _LOOPBACK_HOSTS},
    )


async def read_body(response: httpx.Response, limit_bytes: int) -> bytes:
    """Read a streamed response to its end, at most `limit_bytes` after decoding.

    Understands the codings identity, gzip and deflate (RFC 9110, 8.4.1), and inflates no further than
    the limit, so that a small body cannot fill the memory.
    Raises BodyTooLargeError, BodyEncodingError, and whatever httpx raises while reading.
    """
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise BodyEncodingError("it stands in a content coding that was not asked for")
    # 32 added to the window size lets zlib tell a gzip header from a zlib header.
    inflater = None if coding == "identity" else zlib.decompressobj(wbits=zlib.MAX_WBITS + 32)
    body = bytearray()
    async for piece in response.aiter_raw():
        try:
            body += piece if inflater is None else inflater.decompress(piece, limit_bytes + 1 - len(body))
        except zlib.error:
            raise BodyEncodingError("its compressed form is broken") from None
        if len(body) > limit_bytes:
            raise BodyTooLargeError
    if inflater is not None and (not inflater.eof or inflater.unused_data):
        raise BodyEncodingError("its compressed form is broken")
    return bytes(body)
