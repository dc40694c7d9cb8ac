"""Artifacts: models sealed to bytes, and bytes read as the model that an event says they are."""

from __future__ import annotations

from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes.store import E_ARTIFACT_CORRUPT, E_ARTIFACT_KIND
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.jsontext import Limits, read_json
from opforge_runtime.stores.protocol import ArtifactStore, SealedArtifact

__all__ = ["ARTIFACT_LIMITS", "read_artifact", "seal_artifact", "verify_content"]

ARTIFACT_LIMITS = Limits(max_bytes=256 * 1024 * 1024)
"""An artifact was bounded when it was made; a fact may be larger than a document."""

_Model = TypeVar("_Model", bound=BaseModel)


def seal_artifact(model: BaseModel) -> SealedArtifact:
    """The canonical bytes of a model, with their digest. Raises DiagnosticError when it has none."""
    content = canonical_bytes(cast("JsonValue", model.model_dump()))
    return SealedArtifact(digest_bytes(content), content)


def verify_content(digest: Digest, content: bytes) -> bytes:
    """The bytes themselves. Raises DiagnosticError (E_ARTIFACT_CORRUPT) when they have another digest."""
    actual = digest_bytes(content)
    if actual != digest:
        raise E_ARTIFACT_CORRUPT.error(digest=digest, actual=actual)
    return content


def read_artifact(store: ArtifactStore, digest: str, model: type[_Model], attachment: bytes = b"") -> _Model:
    """The artifact with this digest as a model; `attachment` is it, when it is kept beside its event.

    Raises DiagnosticError: what `get_artifact` raises, and E_ARTIFACT_KIND when it is of another kind.
    """
    known = Digest(digest)
    content = verify_content(known, attachment) if attachment else store.get_artifact(known)
    try:
        return model.model_validate(read_json(content, ARTIFACT_LIMITS))
    except (ValidationError, DiagnosticError) as error:
        raise E_ARTIFACT_KIND.error(digest=digest, expected=model.__name__.lower()) from error
