"""Artifacts are what the event that names them says, or refused."""

from __future__ import annotations

import pytest

from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.events import Fact, Manifest, Output
from opforge_runtime.stores import MemoryStore, SealedArtifact, read_artifact, seal_artifact

OUTPUT = Output(artifact="output", type="list[int]", value=["1", "2"])


def test_an_artifact_is_read_as_it_was_sealed() -> None:
    store = MemoryStore()
    sealed = seal_artifact(OUTPUT)
    store.put_artifact(sealed)
    assert sealed.content == b'{"artifact":"output","type":"list[int]","value":["1","2"]}'
    assert sealed.digest == digest_bytes(sealed.content)
    assert read_artifact(store, sealed.digest, Output) == OUTPUT


@pytest.mark.parametrize("kind", [Fact, Manifest])
def test_an_artifact_of_another_kind_is_refused(kind: type[Fact | Manifest]) -> None:
    store = MemoryStore()
    sealed = seal_artifact(OUTPUT)
    store.put_artifact(sealed)
    with pytest.raises(DiagnosticError) as refused:
        read_artifact(store, sealed.digest, kind)
    (problem,) = refused.value.diagnostics
    assert problem.code.name == "E_ARTIFACT_KIND"
    assert problem.values == {"digest": sealed.digest, "expected": kind.__name__.lower()}


@pytest.mark.parametrize("content", [b"", b"not JSON", b'{"artifact":"output"}', b"[]", b"\xff"])
def test_bytes_that_are_no_artifact_are_refused(content: bytes) -> None:
    store = MemoryStore()
    sealed = SealedArtifact(digest_bytes(content), content)
    store.put_artifact(sealed)
    with pytest.raises(DiagnosticError, match="E_ARTIFACT_KIND"):
        read_artifact(store, sealed.digest, Output)
