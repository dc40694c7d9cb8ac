"""Requests to named hosts. A status other than 2xx is a result, not an error."""

from __future__ import annotations

from typing import cast

from opforge._host import perform
from opforge._response import Response

__all__ = ["get", "post"]


def get(url: str, *, headers: dict[str, str] | None = None) -> Response:
    """A GET request.

    `url` is an absolute https URL whose host the reviewer can see; `headers` are request headers. Fails with
    HttpError, Timeout or NotGranted.
    """
    return cast("Response", perform("http.get", {}, {"url": url, "headers": dict(headers or {})}))


def post(
    url: str, body: str, *, headers: dict[str, str] | None = None, idempotency_key: str | None = None
) -> Response:
    """A POST request.

    `url` is an absolute https URL whose host the reviewer can see; `body` is the request body, sent as UTF-8;
    `headers` are request headers. `idempotency_key` is sent as the header Idempotency-Key: the server does
    what is asked with one key once, so that a request that may have been lost is made again. Fails with
    HttpError, Timeout or NotGranted.
    """
    args = {"url": url, "body": body, "headers": dict(headers or {}), "idempotency_key": idempotency_key}
    return cast("Response", perform("http.post", {}, args))
