"""What the store of artifacts in files promises besides: nothing partial, no link followed, faults coded."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from house.store_samples import build_artifact
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_runtime.stores.files import FileArtifacts

ARTIFACT = build_artifact("some content")
PREFIX, NAME = ARTIFACT.digest[:2], ARTIFACT.digest[2:]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "below" / "artifacts"


@pytest.fixture
def store(folder: Path) -> Iterator[FileArtifacts]:
    with closing(FileArtifacts(folder)) as opened:
        yield opened


def list_files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def refusal(act: Callable[[], object]) -> tuple[str, dict[str, str | int]]:
    with pytest.raises(DiagnosticError) as refused:
        act()
    (problem,) = refused.value.diagnostics
    return problem.code.name, problem.values


def test_a_file_is_named_by_its_digest_and_can_be_checked_by_it(store: FileArtifacts, folder: Path) -> None:
    store.put_artifact(ARTIFACT)
    assert list_files(folder) == [f"{PREFIX}/{NAME}"]
    path = folder / PREFIX / NAME
    assert path.read_bytes() == ARTIFACT.content
    assert path.stat().st_mode & 0o222 == 0


def test_what_was_put_is_there_when_the_folder_is_opened_again(folder: Path) -> None:
    with closing(FileArtifacts(folder)) as first:
        first.put_artifact(ARTIFACT)
    with closing(FileArtifacts(folder, is_created=False)) as second:
        assert second.get_artifact(ARTIFACT.digest) == ARTIFACT.content


def test_a_folder_that_is_not_there_is_not_made_unasked(folder: Path) -> None:
    expected = ("E_STORE_CANNOT_OPEN", {"store": str(folder)})
    assert refusal(lambda: FileArtifacts(folder, is_created=False)) == expected
    assert not folder.exists()
    folder.parent.mkdir()
    folder.write_text("a file")
    assert refusal(lambda: FileArtifacts(folder)) == expected


def test_one_that_is_there_is_left_as_it_is_and_marked_as_fresh(store: FileArtifacts, folder: Path) -> None:
    store.put_artifact(ARTIFACT)
    path = folder / PREFIX / NAME
    os.utime(path, (1, 1))
    before = path.stat()
    store.put_artifact(ARTIFACT)
    after = path.stat()
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)
    assert after.st_mtime > before.st_mtime


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of open files are asked of Linux")
def test_what_was_written_is_flushed_before_it_has_its_name_and_the_folders_after(
    store: FileArtifacts, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync of the file, then its name, then fsync of its folder; a new folder's name is flushed first."""
    steps: list[str] = []
    fsync, rename = os.fsync, os.rename

    def note_fsync(file: int) -> None:
        steps.append(f"fsync {Path(f'/proc/self/fd/{file}').readlink().name}")
        fsync(file)

    def note_rename(source: str, target: str, **folders: int) -> None:
        steps.append(f"rename to {target}")
        rename(source, target, **folders)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "rename", note_rename)
    store.put_artifact(ARTIFACT)
    root, file, named, subfolder = steps
    assert (root, named, subfolder) == ("fsync artifacts", f"rename to {NAME}", f"fsync {PREFIX}")
    assert file.startswith("fsync .")
    steps.clear()
    store.put_artifact(ARTIFACT)
    assert steps == [f"fsync {PREFIX}"], "whoever wrote it may not have flushed its folder yet"


FAULTS = {
    errno.ENOSPC: "E_STORE_FULL",
    errno.EDQUOT: "E_STORE_FULL",
    errno.EROFS: "E_STORE_READ_ONLY",
    errno.EACCES: "E_STORE_READ_ONLY",
    errno.EIO: "E_STORE_IO",
}


@pytest.mark.parametrize("call", ["mkdir", "open", "write", "fsync", "rename"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_write_that_fails_anywhere_leaves_nothing_visible_and_can_be_made_again(
    store: FileArtifacts, folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, fault: int
) -> None:
    def fail(*arguments: Any, **options: Any) -> Any:
        raise OSError(fault, "as the test wants it")

    with monkeypatch.context() as faulty:
        faulty.setattr(os, call, fail)
        code, values = refusal(lambda: store.put_artifact(ARTIFACT))
    assert code == FAULTS[fault]
    assert values["store"] == str(folder)
    assert values.get("problem", "EIO") == "EIO"
    assert list_files(folder) == []
    assert refusal(lambda: store.get_artifact(ARTIFACT.digest))[0] == "E_ARTIFACT_MISSING"
    store.put_artifact(ARTIFACT)
    assert store.get_artifact(ARTIFACT.digest) == ARTIFACT.content


def test_a_writer_that_died_before_the_rename_left_nothing_with_a_name(
    store: FileArtifacts, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*arguments: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    def do_nothing(*arguments: Any, **options: Any) -> None:
        pass

    with monkeypatch.context() as dying:
        dying.setattr(os, "rename", die)
        dying.setattr(os, "unlink", do_nothing)
        with pytest.raises(KeyboardInterrupt):
            store.put_artifact(ARTIFACT)
    (left,) = list_files(folder)
    assert left.startswith(f"{PREFIX}/.")
    assert list(store.list_artifacts()) == []
    store.put_artifact(ARTIFACT)
    assert store.get_artifact(ARTIFACT.digest) == ARTIFACT.content


@pytest.mark.parametrize(
    ("fault", "code"), [(errno.EIO, "E_STORE_IO"), (errno.EACCES, "E_STORE_CANNOT_OPEN")]
)
def test_a_read_that_fails_is_reported(
    store: FileArtifacts, monkeypatch: pytest.MonkeyPatch, fault: int, code: str
) -> None:
    store.put_artifact(ARTIFACT)

    def fail(*arguments: Any, **options: Any) -> Any:
        raise OSError(fault, "as the test wants it")

    with monkeypatch.context() as faulty:
        faulty.setattr(os, "open", fail)
        assert refusal(lambda: store.get_artifact(ARTIFACT.digest))[0] == code


def test_a_flipped_byte_is_found_when_it_is_read(store: FileArtifacts, folder: Path) -> None:
    store.put_artifact(ARTIFACT)
    path = folder / PREFIX / NAME
    path.chmod(0o644)
    path.write_bytes(b"Some content")
    assert refusal(lambda: store.get_artifact(ARTIFACT.digest))[0] == "E_ARTIFACT_CORRUPT"


# --- links and other things in an artifact's place -------------------------------------------------


def put_link_to_file(place: Path, outside: Path) -> None:
    place.parent.mkdir()
    place.symlink_to(outside / NAME)


def put_dangling_link(place: Path, outside: Path) -> None:
    place.parent.mkdir()
    place.symlink_to(outside / "nothing")


def put_linked_folder(place: Path, outside: Path) -> None:
    place.parent.symlink_to(outside)


def put_pipe(place: Path, outside: Path) -> None:
    place.parent.mkdir()
    os.mkfifo(place)


def put_folder(place: Path, outside: Path) -> None:
    place.mkdir(parents=True)


def put_file_for_folder(place: Path, outside: Path) -> None:
    place.parent.write_text("no folder")


@pytest.mark.parametrize(
    "put",
    [put_link_to_file, put_dangling_link, put_linked_folder, put_pipe, put_folder, put_file_for_folder],
)
def test_nothing_but_a_file_in_its_folder_is_read_or_written_through(
    store: FileArtifacts, folder: Path, tmp_path: Path, put: Callable[[Path, Path], None]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / NAME).write_bytes(ARTIFACT.content)
    put(folder / PREFIX / NAME, outside)
    before = list_files(outside)
    expected = ("E_ARTIFACT_MISPLACED", {"digest": ARTIFACT.digest, "store": str(folder)})
    assert refusal(lambda: store.get_artifact(ARTIFACT.digest)) == expected
    assert refusal(lambda: store.put_artifact(ARTIFACT)) == expected
    assert list_files(outside) == before


def test_what_is_no_artifact_is_not_listed(store: FileArtifacts, folder: Path) -> None:
    store.put_artifact(ARTIFACT)
    (folder / "README").write_text("ours")
    (folder / PREFIX.upper()).mkdir(exist_ok=True)
    (folder / PREFIX / "notes").write_text("")
    (folder / PREFIX / NAME.upper()).write_text("")
    assert list(store.list_artifacts()) == [ARTIFACT.digest]


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", ARTIFACT.digest.upper(), ARTIFACT.digest + "0"])
def test_what_is_no_digest_is_no_name(store: FileArtifacts, digest: str) -> None:
    with pytest.raises(ValueError, match="64 lower-case"):
        store.get_artifact(Digest(digest))
