"""Make text of strangers fit for a failure's field: short, printable, and without our secrets.

A provider's error message may quote the URL it was asked at, or the key in it; a contract's revert
reason is written by whoever deployed it. Either ends up in events, terminals and CI logs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

__all__ = ["MAX_TEXT_LENGTH", "clean_text", "get_url_secrets"]

MAX_TEXT_LENGTH = 200
"""How many characters of a stranger's text are kept."""

_MAX_READ_LENGTH = 2000
"""Text beyond this is not even looked at; finding URLs takes the square of the length."""

_MIN_SECRET_LENGTH = 6
"""Shorter parts of a path (`v1`, `rpc`, `eth`) are no keys, and removing them would garble the text."""

_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def get_url_secrets(url: str) -> frozenset[str]:
    """The parts of an endpoint's URL that must not be repeated: host, user, password, path, query.

    Each is given as it stands in the URL and percent-decoded.
    """
    parts = urlsplit(url)
    found = [parts.netloc, parts.hostname, parts.username, parts.password, *parts.path.split("/")]
    found += [pair.partition("=")[2] or pair for pair in parts.query.split("&")] + [
        parts.query,
        parts.fragment,
    ]
    spelled = {text for part in found if part for text in (part, unquote(part))}
    return frozenset(text for text in spelled if len(text) >= _MIN_SECRET_LENGTH)


def clean_text(text: str, secrets: Collection[str] = ()) -> str:
    """`text` on one line, without URLs and `secrets`, and at most `MAX_TEXT_LENGTH` characters long.

    Characters that are not printable become spaces: line ends, escapes, and the invisible and
    direction-changing ones. Secrets are found in any letter case.
    """
    clean = _URL.sub("[URL]", text[:_MAX_READ_LENGTH])
    # The longest first, since one secret may be part of another.
    for secret in sorted(secrets, key=len, reverse=True):
        clean = re.sub(re.escape(secret), "[...]", clean, flags=re.IGNORECASE)
    if len(text) > _MAX_READ_LENGTH:
        # At the cut may stand the front part of a secret, which was not found.
        clean = clean[: len(clean) - max(map(len, secrets), default=0)]
    clean = "".join(character if character.isprintable() else " " for character in clean)
    clean = " ".join(clean.split())
    return clean if len(clean) <= MAX_TEXT_LENGTH else clean[: MAX_TEXT_LENGTH - 1] + "…"
