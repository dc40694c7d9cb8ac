"""Artifacts as files: `ab/cdef…` below a folder, named by their digest.

A file is written under a temporary name beside its place, flushed, and renamed; then the folder is flushed.
So what has a digest's name is whole, whatever stopped its writer, and what `put_artifact` returned for
survives the loss of power. Names are lower-case hexadecimal, so a file system that ignores case holds them
apart. No symbolic link below the folder is followed.

Who puts an artifact that is there already marks it as fresh (its time of change), so that a collector, which
looks at this time, leaves it alone.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from opforge_ir.codes.store import E_ARTIFACT_MISPLACED, E_ARTIFACT_MISSING, E_STORE_CANNOT_OPEN
from opforge_ir.digest import Digest
from opforge_runtime.stores.aging import DatedArtifact
from opforge_runtime.stores.artifacts import verify_content
from opforge_runtime.stores.os_errors import translate_os_error
from opforge_runtime.stores.protocol import SealedArtifact

__all__ = ["FileArtifacts"]

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_FOLDER: Final = re.compile(r"[0-9a-f]{2}")
_REST: Final = re.compile(r"[0-9a-f]{62}")
_TEMPORARY: Final = re.compile(r"\.[0-9a-f]{16}\.new")
_CONDEMNED: Final = re.compile(r"\.([0-9a-f]{62})\.condemned")
_FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Without O_NONBLOCK, opening a pipe that somebody put in a file's place would wait for ever."""
_WRITE_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_IS_A_LINK: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EMLINK})
"""What O_NOFOLLOW and O_DIRECTORY answer, depending on the system."""


class FileArtifacts:
    """An artifact store in a folder."""

    def __init__(self, folder: Path, *, is_created: bool = True) -> None:
        """Open a folder, and make it when it is not there and `is_created` holds.

        Raises DiagnosticError: E_STORE_CANNOT_OPEN, E_STORE_READ_ONLY, E_STORE_FULL, E_STORE_IO.
        """
        self._name = str(folder)
        self._durable_folders: set[str] = set()
        with self._errors(is_write=True):
            try:
                if is_created:
                    _make_folder(folder)
                self._root = os.open(folder, _FOLDER_FLAGS)
            except (FileNotFoundError, NotADirectoryError, FileExistsError) as error:
                raise E_STORE_CANNOT_OPEN.error(store=self._name) from error

    def put_artifact(self, artifact: SealedArtifact) -> None:
        """Part of ArtifactStore. Raises DiagnosticError: E_STORE_FULL, E_STORE_READ_ONLY, E_STORE_IO."""
        prefix, name = _split(artifact.digest)
        with self._errors(artifact.digest, is_write=True):
            self._make_subfolder(prefix)
            with self._open_subfolder(prefix) as folder:
                if not _freshen(folder, name):
                    _write(folder, name, artifact.content)
                # Also for a file that was there: who renamed it may not have come to this yet.
                os.fsync(folder)

    def get_artifact(self, digest: Digest) -> bytes:
        """Part of ArtifactStore."""
        prefix, name = _split(digest)
        with self._errors(digest, is_write=False):
            try:
                with self._open_subfolder(prefix) as folder:
                    content = self._read(folder, name, digest)
            except FileNotFoundError as error:
                raise E_ARTIFACT_MISSING.error(digest=digest) from error
        return verify_content(digest, content)

    def list_artifacts(self) -> Iterator[Digest]:
        """Part of ArtifactStore. What has another name than an artifact's is passed over."""
        for prefix in self._list_prefixes():
            with self._errors(is_write=False), self._open_subfolder(prefix) as folder:
                names = sorted(name for name in os.listdir(folder) if _REST.fullmatch(name))  # noqa: PTH208
            for name in names:
                yield Digest(prefix + name)

    def delete_artifact(self, digest: Digest) -> None:
        """Part of ArtifactStore."""
        prefix, name = _split(digest)
        with (
            self._errors(digest, is_write=True),
            suppress(FileNotFoundError),
            self._open_subfolder(prefix) as folder,
        ):
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    # --- for the collector ------------------------------------------------------------------------

    def list_dated(self) -> Iterator[DatedArtifact]:
        """Part of AgingArtifacts."""
        for digest in self.list_artifacts():
            prefix, name = _split(digest)
            with self._errors(is_write=False), suppress(FileNotFoundError):
                with self._open_subfolder(prefix) as folder:
                    found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                yield DatedArtifact(digest, found.st_size, found.st_mtime_ns // 1_000_000)

    def delete_stale(self, digest: Digest, before_epoch_ms: int) -> bool:
        """Part of AgingArtifacts.

        The file loses its name before its age is looked at: who puts it meanwhile has either made it fresh,
        and it gets its name back, or finds none and writes it anew.
        """
        prefix, name = _split(digest)
        condemned = f".{name}.condemned"
        with self._errors(digest, is_write=True):
            try:
                with self._open_subfolder(prefix) as folder:
                    os.rename(name, condemned, src_dir_fd=folder, dst_dir_fd=folder)
                    is_stale = _get_age_ms(folder, condemned) < before_epoch_ms
                    if is_stale:
                        os.unlink(condemned, dir_fd=folder)
                    else:
                        _restore(folder, condemned, name)
                    os.fsync(folder)
            except FileNotFoundError:
                return False
        return is_stale

    def delete_leftovers(self, before_epoch_ms: int) -> None:
        """Part of AgingArtifacts."""
        for prefix in self._list_prefixes():
            with self._errors(is_write=True), self._open_subfolder(prefix) as folder:
                for name in os.listdir(folder):  # noqa: PTH208 - a descriptor
                    if match := _CONDEMNED.fullmatch(name):
                        _restore(folder, name, match[1])
                    elif _TEMPORARY.fullmatch(name) and _get_age_ms(folder, name) < before_epoch_ms:
                        with suppress(FileNotFoundError):
                            os.unlink(name, dir_fd=folder)
                os.fsync(folder)

    def close(self) -> None:
        """Release the folder; the store cannot be used afterwards."""
        os.close(self._root)

    def _list_prefixes(self) -> list[str]:
        with self._errors(is_write=False):
            names = os.listdir(self._root)  # noqa: PTH208 - a descriptor
        return sorted(name for name in names if _FOLDER.fullmatch(name))

    def _make_subfolder(self, prefix: str) -> None:
        if prefix in self._durable_folders:
            return
        with suppress(FileExistsError):
            os.mkdir(prefix, dir_fd=self._root)
        os.fsync(self._root)
        self._durable_folders.add(prefix)

    @contextmanager
    def _open_subfolder(self, prefix: str) -> Generator[int]:
        folder = os.open(prefix, _FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=self._root)
        try:
            yield folder
        finally:
            os.close(folder)

    def _read(self, folder: int, name: str, digest: Digest) -> bytes:
        file = os.open(name, _READ_FLAGS, dir_fd=folder)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise E_ARTIFACT_MISPLACED.error(digest=digest, store=self._name)
            with open(file, "rb", closefd=False) as stream:
                return stream.read()
        finally:
            os.close(file)

    @contextmanager
    def _errors(self, digest: Digest | None = None, *, is_write: bool) -> Generator[None]:
        try:
            yield
        except OSError as error:
            if digest is not None and error.errno in _IS_A_LINK:
                raise E_ARTIFACT_MISPLACED.error(digest=digest, store=self._name) from error
            raise translate_os_error(self._name, error, is_write=is_write) from error


def _split(digest: Digest) -> tuple[str, str]:
    """The folder and the name of an artifact. Raises ValueError when it is no digest: a mistake of ours."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError("a digest is 64 lower-case hexadecimal digits")
    return digest[:2], digest[2:]


def _make_folder(folder: Path) -> None:
    """Make a folder, and those above it, so that they survive the loss of power."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    above = os.open(folder.parent, _FOLDER_FLAGS)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def _freshen(folder: int, name: str) -> bool:
    """Whether an artifact is there; its time of change is now, then."""
    try:
        # An artifact is looked at before its time is set, so that a link is found.
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, "not an ordinary file")
        os.utime(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _get_age_ms(folder: int, name: str) -> int:
    """When a file was changed last, in milliseconds since the epoch."""
    return os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime_ns // 1_000_000


def _restore(folder: int, condemned: str, name: str) -> None:
    """Give a file its name back, as a fresh one: it may stand in for one that was written anew meanwhile."""
    os.rename(condemned, name, src_dir_fd=folder, dst_dir_fd=folder)
    os.utime(name, dir_fd=folder, follow_symlinks=False)


def _write(folder: int, name: str, content: bytes) -> None:
    temporary = f".{secrets.token_hex(8)}.new"
    file = os.open(temporary, _WRITE_FLAGS, 0o444, dir_fd=folder)
    try:
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(file, view) :]
            os.fsync(file)
        finally:
            os.close(file)
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
