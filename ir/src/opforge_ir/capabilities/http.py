"""`http`: requests to web servers (RFC 9110), and keys of those that may come twice."""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities.definition import Capability, Field, Parameter, RecordShape, Verb

__all__ = ["HTTP", "KEY_HEADER"]

KEY_HEADER: Final = "Idempotency-Key"
"""The header of an idempotency key (IETF draft-ietf-httpapi-idempotency-key-header)."""
_KEY: Final = "idempotency_key"

_URL = Parameter("url", "str", "an absolute https URL whose host the reviewer can see")
_HEADERS = Parameter("headers", "dict[str,str]", "request headers", default="None")
_ERRORS = ("HttpError", "Timeout", "NotGranted")

HTTP: Final = Capability(
    name="http",
    doc="Requests to named hosts. A status other than 2xx is a result, not an error.",
    records=(
        RecordShape(
            "Response",
            (
                Field("status", "int", "the status code"),
                Field("text", "str", "the body, decoded as UTF-8"),
                Field("headers", "dict[str,str]", "response headers by lower-case name"),
            ),
            "What a server answered.",
        ),
    ),
    verbs=(
        Verb(
            name="http.get",
            parameters=(_URL, _HEADERS),
            result="Response",
            effect="read",
            is_idempotent=True,
            grant="http",
            errors=_ERRORS,
            doc="A GET request.",
        ),
        Verb(
            name="http.post",
            parameters=(
                _URL,
                Parameter("body", "str", "the request body, sent as UTF-8"),
                _HEADERS,
                Parameter(
                    _KEY,
                    "Optional[str]",
                    f"sent as the header {KEY_HEADER}, by which the server knows a request that it has seen",
                    default="None",
                ),
            ),
            result="Response",
            effect="side_effect",
            is_idempotent=False,
            grant="http",
            errors=_ERRORS,
            doc="A POST request.",
            key=_KEY,
            skipped='{"headers":[],"status":"0","text":""}',
        ),
    ),
)
