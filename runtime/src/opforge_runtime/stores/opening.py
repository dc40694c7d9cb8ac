"""Addresses of stores, and the one way to open what they name.

| address | where runs are kept |
| --- | --- |
| `sqlite:PATH`, or a path alone | in a SQLite file |
| `postgresql://USER@HOST:PORT/DATABASE?schema=NAME` | in a PostgreSQL database, for many machines |
| `memory:` | nowhere: for tests |
| `export:PATH` | in a file that `forge runs export` wrote; nothing can be added |

| address | where artifacts are kept, when not beside the events |
| --- | --- |
| `files:PATH` | as files in a folder |
| `s3://BUCKET/PREFIX?endpoint=URL&region=NAME` | in S3-compatible storage |

An address may hold a password (`s3://KEY:SECRET@BUCKET`), so it is never shown; `describe_store` gives what
may be.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from opforge_ir.codes.store import E_STORE_CANNOT_OPEN, E_STORE_EXTRA, E_STORE_URL
from opforge_runtime.stores.os_errors import translate_os_error
from opforge_runtime.stores.protocol import Store
from opforge_runtime.stores.split import OpenArtifactStore, SplitStore

__all__ = ["anchor_url", "describe_store", "open_artifacts", "open_store"]

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
"""Of two letters at least, so that the drive of a Windows path is none."""
_PATHS: Final = frozenset({"", "sqlite", "files", "export"})
"""Schemes with a path behind them."""
_STORES: Final = "sqlite:PATH, a path alone, postgresql://USER@HOST:PORT/DATABASE, memory:, export:PATH"
_ARTIFACTS: Final = "files:PATH, s3://BUCKET/PREFIX?endpoint=URL&region=NAME"


def open_store(url: str, artifacts: str | None = None, *, is_created: bool = True) -> Store:
    """The store at an address, with its artifacts at another one when `artifacts` is not None.

    `is_created` says whether what is not there is made; a database or a bucket never is.
    Raises DiagnosticError: E_STORE_URL, E_STORE_EXTRA, and what opening the store raises.
    """
    scheme, rest = _split_scheme(url)
    match scheme:
        case "" | "sqlite":
            store = _open_sqlite(_require_path(rest, _STORES), is_created=is_created)
        case "memory":
            from opforge_runtime.stores.memory import MemoryStore

            store = MemoryStore()
        case "postgresql" | "postgres":
            store = _open_postgres(url, is_created=is_created)
        case "export":
            from opforge_runtime.transfer.export_store import ExportStore

            return ExportStore(_require_path(rest, _STORES))
        case _:
            raise E_STORE_URL.error(problem=f"no store is kept at {scheme}:", known=_STORES)
    if artifacts is None:
        return store
    try:
        return SplitStore(store, open_artifacts(artifacts, is_created=is_created))
    except BaseException:
        store.close()
        raise


def open_artifacts(url: str, *, is_created: bool = True) -> OpenArtifactStore:
    """The artifact store at an address. Raises DiagnosticError: E_STORE_URL, E_STORE_EXTRA, …"""
    scheme, rest = _split_scheme(url)
    match scheme:
        case "files":
            from opforge_runtime.stores.files import FileArtifacts

            return FileArtifacts(_require_path(rest, _ARTIFACTS), is_created=is_created)
        case "s3":
            return _open_s3(url)
        case _:
            kept = f"at {scheme}:" if scheme else "at a path without a scheme"
            raise E_STORE_URL.error(problem=f"no artifacts are kept {kept}", known=_ARTIFACTS)


def describe_store(url: str) -> str:
    """What an address may be called in a message: it holds no user, password or option."""
    scheme, rest = _split_scheme(url)
    if scheme in _PATHS:
        return rest
    if not rest.startswith("//"):
        return f"{scheme}:"
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{scheme}:"
    return f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def anchor_url(url: str, folder: Path) -> str:
    """The same address, with a relative path made relative to `folder`."""
    scheme, rest = _split_scheme(url)
    if scheme not in _PATHS or not rest:
        return url
    return f"{scheme or 'sqlite'}:{folder / rest}"


def _split_scheme(url: str) -> tuple[str, str]:
    """The scheme in lower case, empty for a path alone, and what follows it."""
    match = _SCHEME.match(url)
    return (match[1].lower(), url[match.end() :]) if match else ("", url)


def _require_path(text: str, known: str) -> Path:
    if not text or "\0" in text:
        raise E_STORE_URL.error(problem="it names no path", known=known)
    if text.startswith("//"):
        raise E_STORE_URL.error(problem="a path is written behind the colon, without //", known=known)
    return Path(text)


def _open_sqlite(path: Path, *, is_created: bool) -> Store:
    from opforge_runtime.stores.sqlite import SqliteStore

    if is_created:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise E_STORE_CANNOT_OPEN.error(store=str(path)) from error
        except OSError as error:
            raise translate_os_error(str(path), error, is_write=True) from error
    return SqliteStore(path, is_created=is_created)


def _open_postgres(url: str, *, is_created: bool) -> Store:
    if find_spec("psycopg") is None:
        raise E_STORE_EXTRA.error(scheme="postgresql", extra="postgres")
    from opforge_runtime.stores.postgres import PostgresStore

    return PostgresStore(url, is_created=is_created)


def _open_s3(url: str) -> OpenArtifactStore:
    from opforge_runtime.stores.s3_place import parse_s3_url

    try:
        place = parse_s3_url(url)
    except ValueError as error:
        raise E_STORE_URL.error(problem=str(error), known=_ARTIFACTS) from None
    if find_spec("obstore") is None:
        raise E_STORE_EXTRA.error(scheme="s3", extra="s3")
    from opforge_runtime.stores.s3 import S3Artifacts

    return S3Artifacts(place)
