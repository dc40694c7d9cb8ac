"""Artifacts in S3-compatible storage: objects `<prefix>/ab/cdef…`, named by their digest.

An object is put with `If-None-Match: *`: one that is there is left as it is, and of many writers one wins. A
server that does not know the condition puts the same bytes once more. Requests that failed on the way are
made again, with growing waits and jitter, for a bounded time; a put may be repeated: its name is its content.

Credentials come from the address or from the environment (`AWS_ACCESS_KEY_ID` and so on), never from the
metadata service of the machine, and are in no error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from opforge_ir.codes.store import (
    E_ARTIFACT_MISSING,
    E_BUCKET_MISSING,
    E_STORE_DENIED,
    E_STORE_IO,
    E_STORE_SLOW,
    E_STORE_UNREACHABLE,
)
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_runtime.stores.aging import LEAST_GRACE_SECONDS, DatedArtifact
from opforge_runtime.stores.artifacts import verify_content
from opforge_runtime.stores.protocol import SealedArtifact
from opforge_runtime.stores.s3_place import S3Place

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig, S3Config
from opforge_runtime.stores.wall_clock import get_epoch_ms

__all__ = ["Patience", "S3Artifacts"]

_KEY: Final = re.compile(r"([0-9a-f]{2})/([0-9a-f]{62})")
_CODE: Final = re.compile(r"<Code>(\w+)</Code>")
"""What S3 calls an error is an element of its answer, which the library quotes."""
_KIND: Final = re.compile(r"\bkind: (Connect|Timeout|Request|Interrupted)\b")
"""What the library calls a request that had no answer."""
_DENIALS: Final = frozenset(
    {"AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch"}
)
"""A listing that is refused has no class of its own."""
_CREDENTIAL_VARIABLES: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_YOUNG_MS: Final = 1000 * LEAST_GRACE_SECONDS // 6
_GRAIN_MS: Final = 999
"""The head of an object tells the second of its put, rounded down; a list tells the millisecond."""
_PUT_ATTEMPTS: Final = 3
"""The library does not repeat a put whose answer did not come in time."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long requests may take."""

    connect_seconds: float = 5
    request_seconds: float = 30
    retries: int = 6
    retry_seconds: float = 60
    """No request is made again later than this after the first."""


class S3Artifacts:
    """An artifact store in a bucket."""

    def __init__(self, place: S3Place, patience: Patience = Patience()) -> None:
        """Nothing is asked of the server yet.

        Raises DiagnosticError (E_STORE_DENIED) when there are no credentials.
        """
        self._name = place.name
        if place.key is None and not any(os.environ.get(name) for name in _CREDENTIAL_VARIABLES):
            raise E_STORE_DENIED.error(store=self._name, problem="no credentials are set")
        self._store = _build_store(place, patience)

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore.

        Raises DiagnosticError: E_STORE_DENIED, E_BUCKET_MISSING, E_STORE_UNREACHABLE, E_STORE_SLOW,
        E_STORE_IO.
        """
        key = _build_key(artifact.digest)
        for attempt in range(1, _PUT_ATTEMPTS + 1):
            try:
                with self._errors():
                    obstore.put(self._store, key, artifact.content, mode="create", use_multipart=False)
                return
            except AlreadyExistsError:
                self._freshen(key, artifact)
                return
            except DiagnosticError as error:
                if error.diagnostics[0].code != E_STORE_SLOW or attempt == _PUT_ATTEMPTS:
                    raise

    def get_artifact(self, digest: Digest) -> bytes:
        """Part of ArtifactStore. Raises what `put_artifact` raises, too."""
        key = _build_key(digest)
        with self._errors(digest):
            content = bytes(obstore.get(self._store, key).bytes())
        return verify_content(digest, content)

    def list_artifacts(self) -> Iterator[Digest]:
        """Part of ArtifactStore. What has another name than an artifact's is passed over."""
        for digest, _ in self._list():
            yield digest

    def delete_artifact(self, digest: Digest) -> None:
        """Part of ArtifactStore."""
        with self._errors():
            obstore.delete(self._store, _build_key(digest))

    # --- for the collector ------------------------------------------------------------------------

    def list_dated(self) -> Iterator[DatedArtifact]:
        """Part of AgingArtifacts."""
        for digest, found in self._list():
            yield DatedArtifact(digest, found["size"], _get_epoch_ms(found))

    def delete_stale(self, digest: Digest, before_epoch_ms: int) -> bool:
        """Part of AgingArtifacts. S3 removes on no condition: between look and removal lies one request."""
        key = _build_key(digest)
        try:
            with self._errors(digest):
                found = obstore.head(self._store, key)
        except DiagnosticError as error:
            if error.diagnostics[0].code != E_ARTIFACT_MISSING:
                raise
            return False
        if _get_epoch_ms(found) + _GRAIN_MS >= before_epoch_ms:
            return False
        self.delete_artifact(digest)
        return True

    def delete_leftovers(self, before_epoch_ms: int) -> None:
        """Part of AgingArtifacts: an object is there or not."""

    def close(self) -> None:
        """Nothing is held open."""

    def _freshen(self, key: str, artifact: SealedArtifact) -> None:
        """Let an object that is there be young again: unless it is, the same bytes are put over it."""
        with self._errors():
            found = obstore.head(self._store, key)
            if get_epoch_ms() - _get_epoch_ms(found) > _YOUNG_MS:
                obstore.put(self._store, key, artifact.content, use_multipart=False)

    def _list(self) -> Iterator[tuple[Digest, ObjectMeta]]:
        with self._errors():
            # One of its overloads gives a type of pyarrow, which is not installed.
            pages = obstore.list(self._store, chunk_size=1000)  # pyright: ignore[reportUnknownMemberType]
        while True:
            with self._errors():
                page = next(pages, None)
            if page is None:
                return
            for found in page:
                if match := _KEY.fullmatch(found["path"]):
                    yield Digest(match[1] + match[2]), found

    @contextmanager
    def _errors(self, digest: Digest | None = None) -> Generator[None]:
        """The library's errors as codes; its messages, which hold the endpoint, are not repeated."""
        try:
            yield
        except AlreadyExistsError:
            raise
        except (BaseError, OSError) as error:
            raise self._translate(error, digest) from None

    def _translate(self, error: Exception, digest: Digest | None) -> DiagnosticError:
        text = str(error)
        code = _find(_CODE, text)
        if code == "NoSuchBucket":
            return E_BUCKET_MISSING.error(store=self._name)
        if isinstance(error, FileNotFoundError) and digest is not None:
            return E_ARTIFACT_MISSING.error(digest=digest)
        problem = code or type(error).__name__
        is_refused = isinstance(error, PermissionDeniedError | UnauthenticatedError)
        if is_refused or code in _DENIALS:
            return E_STORE_DENIED.error(store=self._name, problem=problem)
        kind = _find(_KIND, text)
        if code or not kind:
            return E_STORE_IO.error(store=self._name, problem=problem)
        return (E_STORE_SLOW if kind == "Timeout" else E_STORE_UNREACHABLE).error(store=self._name)


def _find(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return str(match[1]) if match else ""


def _get_epoch_ms(found: ObjectMeta) -> int:
    """When an object was put, by the server's clock."""
    return int(found["last_modified"].timestamp() * 1000)


def _build_key(digest: Digest) -> str:
    key = f"{digest[:2]}/{digest[2:]}"
    if not _KEY.fullmatch(key):
        raise ValueError("a digest is 64 lower-case hexadecimal digits")
    return key


def _build_store(place: S3Place, patience: Patience) -> S3Store:
    client: ClientConfig = {
        "connect_timeout": timedelta(seconds=patience.connect_seconds),
        "timeout": timedelta(seconds=patience.request_seconds),
    }
    retry: RetryConfig = {
        "max_retries": patience.retries,
        "retry_timeout": timedelta(seconds=patience.retry_seconds),
        "backoff": {"init_backoff": timedelta(seconds=0.1), "max_backoff": timedelta(seconds=5), "base": 2},
    }
    config: S3Config = {}
    endpoint = place.endpoint or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint is not None:
        # The service-specific name goes before what the environment says.
        config["aws_endpoint_url_s3"] = endpoint
        client["allow_http"] = endpoint.startswith("http://")
    if place.region is not None:
        config["region"] = place.region
    elif not any(os.environ.get(name) for name in ("AWS_REGION", "AWS_DEFAULT_REGION")):
        config["region"] = "us-east-1"
    if place.key is not None and place.secret is not None:
        config["access_key_id"] = place.key
        config["secret_access_key"] = place.secret
    return S3Store(
        place.bucket, prefix=place.prefix or None, config=config, client_options=client, retry_config=retry
    )
