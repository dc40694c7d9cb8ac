"""A development chain that the tool starts itself: no account, no endpoint, no server to install.

    with start_devchain() as chain:
        chain.url, chain.chain_id, chain.accounts, chain.tokens["DUSD"].address, chain.feed

It is Anvil where Anvil is installed and an EVM inside this process otherwise, with the same accounts,
contracts, addresses, block times and finality. It lives in memory and ends with the process.
"""

from __future__ import annotations

from opforge_runtime.devchain.anvil import find_anvil
from opforge_runtime.devchain.launch import Backend, DevChain, start_devchain
from opforge_runtime.devchain.rpc_client import LocalRpcError
from opforge_runtime.devchain.sample import DevFeed, DevToken

__all__ = ["Backend", "DevChain", "DevFeed", "DevToken", "LocalRpcError", "find_anvil", "start_devchain"]
