"""Reads of an EVM network. Every read is made at one block."""

from __future__ import annotations

from typing import Literal, cast

from opforge._address import Address
from opforge._block import Block
from opforge._contract import view
from opforge._host import perform
from opforge._native import locate_network, locate_read

__all__ = ["balance", "block", "view"]


def block(network: str | None = None, *, tag: Literal["latest", "safe", "finalized"] = "latest") -> Block:
    """The block that a tag names now.

    `network` is the network, by the name the workload gives it; it may be left out where the workload
    declares exactly one. Fails with RpcError, Timeout or NotGranted.
    """
    args = {"network": locate_network("chain.block", network)}
    return cast("Block", perform("chain.block", {"tag": tag}, args))


def balance(address: Address, *, at: Block | None = None, network: str | None = None) -> int:
    """The native balance of an account, in wei.

    `address` says whose; `at` is the block whose state is read. `network` may be left out where `at` is given
    or the workload declares exactly one. Fails with RpcError, Timeout or NotGranted.
    """
    block_read, network_read = locate_read("chain.balance", at, network)
    args = {"address": address, "at": block_read, "network": network_read}
    return cast("int", perform("chain.balance", {}, args))
