"""What a program that runs as plain Python knows about itself while one of its ops is called.

The interpreter finds all of this in the compiled document: the workload's networks, the context that it
computes in, and the block that reads are pinned to where the program names none.
"""

from __future__ import annotations

import decimal
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, cast

from opforge._block import Block
from opforge._host import get_host, perform
from opforge_ir.decimal_context import DEFAULT_PRECISION, build_decimal_context

__all__ = ["Workload", "declare_workload", "enter_op", "locate_network", "locate_read"]

_DECLARATION: Final = "__opforge_workload__"
"""The name under which a file keeps its workload."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What `workload(...)` says that matters to plain Python."""

    networks: tuple[str, ...] = ()
    """The names of the networks that it declares."""
    decimal_precision: int = DEFAULT_PRECISION


@dataclass(frozen=True, slots=True)
class _OpCall:
    workload: Workload
    blocks: dict[str, Block] = field(default_factory=dict[str, Block])
    """By network: the block of all reads that name none."""


_CALL: Final[ContextVar[_OpCall]] = ContextVar("opforge-op-call")


def declare_workload(module: dict[str, object], workload: Workload) -> None:
    """Keep the workload of the file with these globals."""
    module[_DECLARATION] = workload


@contextmanager
def enter_op(module: Mapping[str, object]) -> Generator[None]:
    """Run an op of the file with these globals: in the workload's decimal context, with pins of its own.

    The workload of an op that another op calls is that of the first one, whichever file it stands in.
    """
    outer = _CALL.get(None)
    workload = outer.workload if outer else cast("Workload", module.get(_DECLARATION, Workload()))
    token = _CALL.set(_OpCall(workload))
    try:
        with decimal.localcontext(build_decimal_context(workload.decimal_precision)):
            yield
    finally:
        _CALL.reset(token)


def locate_network(verb: str, network: str | None) -> str:
    """The network that is named, or else the only one that the workload declares.

    Raises HostMissing when there is no host, ValueError when nothing says which network is meant.
    """
    get_host(verb)
    if network is not None:
        return network
    call = _CALL.get(None)
    declared = call.workload.networks if call else ()
    if len(declared) != 1:
        raise ValueError(f"nothing says which network {verb} means: pass network=")
    return declared[0]


def locate_read(verb: str, at: Block | None, network: str | None) -> tuple[Block, str]:
    """The block and the network that a read means.

    A read without a block is made at the one that was the latest when the op first asked for it. Raises
    ValueError when nothing says which network is meant, or a read outside of an op does not say at which
    block; and HostMissing.
    """
    if at is not None:
        return at, at.network if network is None else network
    network = locate_network(verb, network)
    call = _CALL.get(None)
    if call is None:
        raise ValueError(f"{verb} outside of an op does not say at which block it reads: pass at=")
    if network not in call.blocks:
        latest = perform("chain.block", {"tag": "latest"}, {"network": network})
        call.blocks[network] = cast("Block", latest)
    return call.blocks[network], network
