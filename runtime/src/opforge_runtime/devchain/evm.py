"""An Ethereum chain inside this process, on py-evm: it mines when told, and remembers every state.

Importing this module takes more than half a second and raises the recursion limit of the process;
`opforge_runtime.devchain.embedded` knows what to do about either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from eth.abc import BlockAPI, BlockHeaderAPI, SignedTransactionAPI
from eth.chains.base import MiningChain
from eth.constants import ZERO_ADDRESS, ZERO_HASH32
from eth.db.atomic import AtomicDB
from eth.exceptions import HeaderNotFound, Revert
from eth.vm.forks.cancun import CancunVM
from eth_typing import Address, BlockNumber, Hash32

from opforge_runtime.devchain.sample import ACCOUNTS, CHAIN_ID, GENESIS_TIMESTAMP, SECONDS_PER_BLOCK
from opforge_runtime.devchain.wallets import derive_private_key

__all__ = ["BLOCK_GAS_LIMIT", "EmbeddedEvm", "EvmCallError"]

BLOCK_GAS_LIMIT: Final = 30_000_000


class EvmCallError(Exception):
    """A call did not return; `revert_data` is what it reverted with, None when it failed in another way."""

    def __init__(self, revert_data: bytes | None) -> None:
        super().__init__("the call was reverted" if revert_data is not None else "the call failed")
        self.revert_data = revert_data


class _Chain(MiningChain):
    vm_configuration = ((BlockNumber(0), CancunVM),)
    chain_id = CHAIN_ID


class EmbeddedEvm:
    """A chain of Cancun blocks. Not safe for threads: the caller takes turns.

    Addresses are 20 bytes, hashes 32. Reads take the header of the block after which they read.
    """

    def __init__(self, balances: Mapping[bytes, int]) -> None:
        """Make the genesis block, with these balances in wei."""
        chain = _Chain.from_genesis(
            AtomicDB(),
            {
                "difficulty": 0,
                "gas_limit": BLOCK_GAS_LIMIT,
                "timestamp": GENESIS_TIMESTAMP,
                "extra_data": b"",
                "nonce": bytes(8),
                "coinbase": ZERO_ADDRESS,
                "mix_hash": ZERO_HASH32,
            },
            {
                Address(address): {"balance": wei, "nonce": 0, "code": b"", "storage": {}}
                for address, wei in balances.items()
            },
        )
        assert isinstance(chain, _Chain)
        self._chain = chain

    @property
    def head(self) -> BlockHeaderAPI:
        """The header of the newest block."""
        return self._chain.get_canonical_head()

    def get_optional_header(self, block: int | bytes) -> BlockHeaderAPI | None:
        """The header of the block with this number or hash, or None."""
        try:
            if isinstance(block, int):
                return self._chain.get_canonical_block_header_by_number(BlockNumber(block))
            return self._chain.get_block_header_by_hash(Hash32(block))
        except HeaderNotFound:
            return None

    def get_block(self, header: BlockHeaderAPI) -> BlockAPI:
        """The whole block of a header."""
        return self._chain.get_block_by_header(header)

    def get_balance(self, address: bytes, header: BlockHeaderAPI) -> int:
        """Wei."""
        return self._chain.get_vm(header).state.get_balance(Address(address))

    def get_code(self, address: bytes, header: BlockHeaderAPI) -> bytes:
        """Empty where there is no contract."""
        return self._chain.get_vm(header).state.get_code(Address(address))

    def get_nonce(self, address: bytes, header: BlockHeaderAPI) -> int:
        """How many transactions the account has sent."""
        return self._chain.get_vm(header).state.get_nonce(Address(address))

    def call(self, sender: bytes, to: bytes, data: bytes, value: int, header: BlockHeaderAPI) -> bytes:
        """What the contract returns, in the context of that block; nothing of it is kept.

        Raises EvmCallError.
        """
        # A machine of its own per call: what the call writes is dropped with it.
        machine = self._chain.get_vm(header)
        computation = machine.execute_bytecode(
            origin=Address(sender),
            gas_price=0,
            gas=BLOCK_GAS_LIMIT,
            to=Address(to),
            sender=Address(sender),
            value=value,
            data=data,
            code=machine.state.get_code(Address(to)),
        )
        if computation.is_error:
            raise EvmCallError(computation.output if isinstance(computation.error, Revert) else None)
        return computation.output

    def send(self, account: int, *, to: bytes, data: bytes, value: int, gas: int, gas_price: int) -> bytes:
        """Sign a transaction of a development account, mine it in a block of its own, return its hash.

        An empty `to` creates a contract. A transaction that reverts is mined too.
        Raises eth_utils.ValidationError when it is not valid.
        """
        sender = bytes.fromhex(ACCOUNTS[account][2:])
        unsigned = self._chain.create_unsigned_transaction(
            nonce=self.get_nonce(sender, self.head),
            gas_price=gas_price,
            gas=gas,
            to=Address(to),
            value=value,
            data=data,
        )
        signed = unsigned.as_signed_transaction(derive_private_key(account), chain_id=CHAIN_ID)
        self.mine([signed])
        return signed.hash

    def mine(self, transactions: Sequence[SignedTransactionAPI] = ()) -> None:
        """Add one block, `SECONDS_PER_BLOCK` after the newest."""
        self._chain.set_header_timestamp(self.head.timestamp + SECONDS_PER_BLOCK)
        self._chain.mine_all(transactions)
