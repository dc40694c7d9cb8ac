"""`http`: requests to web servers (RFC 9110)."""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities.definition import Capability, Field, Parameter, RecordShape, Verb

__all__ = ["HTTP"]

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
            parameters=(_URL, Parameter("body", "str", "the request body, sent as UTF-8"), _HEADERS),
            result="Response",
            effect="side_effect",
            is_idempotent=False,
            grant="http",
            errors=_ERRORS,
            doc="A POST request.",
        ),
    ),
)
