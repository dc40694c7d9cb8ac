"""`forge.toml`: endpoints, stores and limits, which belong to the operator and not to the program.

    [store]
    url = "sqlite:.opforge/runs.db"           # a path is relative to the file's folder
    artifacts = "s3://${KEY}:${SECRET}@bucket/runs"

    [networks.base]
    url = "https://node.example/v1/${NODE_KEY}"

    [http.resolve]
    "quotes.example" = "http://127.0.0.1:8080"

    [run]
    batch_size = 100                          # requests that travel, and commit, together
    durability = "strict"                     # or "grouped": reads between barriers commit together
    profile = "normal"                        # domain events: "minimal", "normal", "verbose"
    max_steps = 20_000_000                    # nodes that one session executes
    max_events = 10_000_000
    max_fact_bytes = 67_108_864
    max_memory_mib = 2048                     # resident memory of the process that drives

`${NAME}` stands for an environment variable. The values of endpoints and the addresses of stores are
secrets: they are handed to the transports and the stores, and to nothing else. `[store] path`, the path of a
SQLite file, says the same as `url`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from opforge_ir.codes.command import E_CONFIG_INVALID, E_CONFIG_VARIABLE, E_FILE_UNREADABLE
from opforge_runtime import anchor_url

__all__ = [
    "CONFIGURATION_NAME",
    "DEFAULT_STORE",
    "Configuration",
    "RunSettings",
    "find_configuration",
    "load_configuration",
]

CONFIGURATION_NAME: Final = "forge.toml"
DEFAULT_STORE: Final = "sqlite:.opforge/runs.db"
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_KEYS: Final = {
    "store": {"path", "url", "artifacts"},
    "networks": None,
    "http": {"resolve"},
    "run": {
        "batch_size",
        "durability",
        "profile",
        "max_steps",
        "max_events",
        "max_fact_bytes",
        "max_memory_mib",
    },
}


Durability: TypeAlias = Literal["strict", "grouped"]
Profile: TypeAlias = Literal["minimal", "normal", "verbose"]
_LARGEST: Final = 2**53 - 1


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How runs are driven, and what they may take up."""

    batch_size: int = 100
    durability: Durability = "strict"
    profile: Profile = "normal"
    max_steps: int = 20_000_000
    max_events: int = 10_000_000
    max_fact_bytes: int = 64 * 1024 * 1024
    max_memory_mib: int = 2048


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the operator configured."""

    store: str = field(default=DEFAULT_STORE, repr=False)
    """The address of the store of the runs; may hold a password."""
    artifacts: str | None = field(default=None, repr=False)
    """The address of the artifacts, when they are not kept beside the events; may hold a password."""
    endpoints: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    """The URL for each network; secret."""
    resolve: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    """For a host name, the base URL that is asked in its place; secret."""
    run: RunSettings = RunSettings()


def find_configuration(start: Path) -> Path | None:
    """The nearest `forge.toml` in a folder or one above it."""
    start = start.resolve()
    return next((f for d in (start, *start.parents) if (f := d / CONFIGURATION_NAME).is_file()), None)


def load_configuration(path: Path | None) -> Configuration:
    """Read a `forge.toml`; without one, the defaults.

    Raises DiagnosticError when it cannot be read, has an unknown key or a wrong value, or uses an
    environment variable that is not set. No value of the file is ever part of the error.
    """
    if path is None:
        return Configuration()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise E_FILE_UNREADABLE.error(path=str(path), reason=error.strerror or "unknown") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise E_CONFIG_INVALID.error(path=str(path), problem="it is not TOML in UTF-8") from error
    return _Reader(path).read(data)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, data: dict[str, object]) -> Configuration:
        for section, value in data.items():
            if section not in _KEYS:
                raise self._invalid(f"there is no section [{section}]")
            keys = _KEYS[section]
            unknown = set(self._table(value, section)) - keys if keys is not None else set[str]()
            if unknown:
                raise self._invalid(f"[{section}] has no key {min(unknown)}")
        store = self._table(data.get("store", {}), "store")
        networks = self._table(data.get("networks", {}), "networks")
        http = self._table(data.get("http", {}), "http")
        run = self._table(data.get("run", {}), "run")
        resolve = self._table(http.get("resolve", {}), "http.resolve")
        return Configuration(
            store=self._store(store),
            artifacts=self._artifacts(store),
            endpoints={name: self._endpoint(name, value) for name, value in networks.items()},
            resolve={host: self._text(value, f"http.resolve.{host}") for host, value in resolve.items()},
            run=self._run_settings(run),
        )

    def _run_settings(self, run: dict[str, object]) -> RunSettings:
        defaults = RunSettings()
        return RunSettings(
            batch_size=self._number(run, "batch_size", defaults.batch_size, 10_000),
            durability=self._word(run, "durability", defaults.durability, get_args(Durability)),
            profile=self._word(run, "profile", defaults.profile, get_args(Profile)),
            max_steps=self._number(run, "max_steps", defaults.max_steps, _LARGEST),
            max_events=self._number(run, "max_events", defaults.max_events, _LARGEST),
            max_fact_bytes=self._number(run, "max_fact_bytes", defaults.max_fact_bytes, _LARGEST),
            max_memory_mib=self._number(run, "max_memory_mib", defaults.max_memory_mib, _LARGEST),
        )

    def _number(self, run: dict[str, object], name: str, default: int, largest: int) -> int:
        value = run.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= largest:
            raise self._invalid(f"run.{name} is not a whole number from 1 to {largest}")
        return value

    def _word(self, run: dict[str, object], name: str, default: str, words: Sequence[str]) -> Any:
        value = run.get(name, default)
        if value not in words:
            raise self._invalid(f"run.{name} is none of {', '.join(words)}")
        return value

    def _store(self, table: dict[str, object]) -> str:
        if "path" not in table:
            return anchor_url(self._text(table.get("url", DEFAULT_STORE), "store.url"), self._path.parent)
        if "url" in table:
            raise self._invalid("[store] has both url and path, which say the same")
        return f"sqlite:{self._path.parent / self._text(table['path'], 'store.path')}"

    def _artifacts(self, table: dict[str, object]) -> str | None:
        if "artifacts" not in table:
            return None
        return anchor_url(self._text(table["artifacts"], "store.artifacts"), self._path.parent)

    def _endpoint(self, network: str, value: object) -> str:
        table = self._table(value, f"networks.{network}")
        if set(table) != {"url"}:
            raise self._invalid(f"[networks.{network}] has to hold url, and nothing else")
        return self._text(table["url"], f"networks.{network}.url")

    def _table(self, value: object, name: str) -> dict[str, object]:
        if not isinstance(value, dict):
            raise self._invalid(f"{name} is not a table")
        return cast("dict[str, object]", value)

    def _text(self, value: object, name: str) -> str:
        if not isinstance(value, str):
            raise self._invalid(f"{name} is not a string")
        return _VARIABLE.sub(lambda match: self._variable(match.group(1)), value)

    def _variable(self, name: str) -> str:
        value = os.environ.get(name)
        if value is None:
            raise E_CONFIG_VARIABLE.error(path=str(self._path), variable=name)
        return value

    def _invalid(self, problem: str) -> Exception:
        return E_CONFIG_INVALID.error(path=str(self._path), problem=problem)
