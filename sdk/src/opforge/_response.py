"""`Response`: what a web server answered."""

from __future__ import annotations

from typing import Any

from opforge._caller import get_caller
from opforge._record import record

__all__ = ["Response"]


@record
class Response:
    """What a server answered. A status other than 2xx is an answer like any other."""

    status: int
    """The status code."""
    text: str
    """The body, decoded as UTF-8."""
    headers: dict[str, str]
    """Response headers by lower-case name."""

    def json(self) -> Any:
        """The body as JSON, read as a value of the type that the variable is annotated with.

            quote: Quote = response.json()

        Plain Python finds the annotation in the source of the caller. Raises DecodeError when the body is not
        JSON of that type, and TypeError when the source does not say the type.
        """
        from opforge._json import decode_for

        return decode_for(get_caller(), self.text)
