"""Where in S3-compatible storage artifacts are kept: `s3://KEY:SECRET@BUCKET/PREFIX?endpoint=URL&region=NAME`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

__all__ = ["S3Place", "parse_s3_url"]

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_OPTIONS: Final = frozenset({"endpoint", "region"})


@dataclass(frozen=True, slots=True)
class S3Place:
    """Where the objects are, and who asks."""

    bucket: str
    prefix: str = ""
    """What their names begin with; no slash at either end."""
    endpoint: str | None = None
    """The server's URL; Amazon's when it is None and the environment names none."""
    region: str | None = None
    key: str | None = None
    """The id of an access key; that of the environment when it is None."""
    secret: str | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What the store is called in errors: no endpoint and no credentials."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def parse_s3_url(url: str) -> S3Place:
    """The place that an address names. Raises ValueError with what is wrong, which repeats no part of it."""
    try:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError("it is not of this form") from None
    if unknown := set(options) - _OPTIONS:
        raise ValueError(f"it has {len(unknown)} options besides endpoint and region")
    if parts.fragment:
        raise ValueError("it has a part behind #")
    key, secret = _parse_credentials(parts)
    return S3Place(
        bucket=_parse_bucket(parts),
        prefix=unquote(parts.path).strip("/"),
        endpoint=_parse_endpoint(options.get("endpoint")),
        region=options.get("region"),
        key=key,
        secret=secret,
    )


def _parse_bucket(parts: SplitResult) -> str:
    bucket = parts.netloc.rpartition("@")[2]
    if not _BUCKET.fullmatch(bucket):
        raise ValueError("it names no bucket")
    return bucket


def _parse_credentials(parts: SplitResult) -> tuple[str | None, str | None]:
    if "@" not in parts.netloc:
        return None, None
    if not parts.username or not parts.password:
        raise ValueError("it has one of the two parts of KEY:SECRET@ only")
    return unquote(parts.username), unquote(parts.password)


def _parse_endpoint(endpoint: str | None) -> str | None:
    if endpoint is None:
        return None
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        raise ValueError("its endpoint is not of the form of a URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("its endpoint is no http or https URL, or names a user")
    return endpoint
