"""`Address`: twenty bytes that name an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn, final

from opforge_ir.address import checksum_address, is_address, is_checksum_valid

__all__ = ["Address"]


@final
class Address:
    """An Ethereum address. It is a value: equal, and one key of a dict, for equal bytes in any spelling.

    `str(address)` and f-strings give the EIP-55 spelling. A `str` is no address, and is never equal to one.
    """

    __slots__ = ("_lower",)

    _lower: str

    def __init__(self, text: str) -> None:
        """The address that `0x` and 40 hexadecimal digits spell.

        Digits in mixed case must be the EIP-55 spelling; all of one case carry no checksum. Raises ValueError
        for anything else.
        """
        if not is_address(text):
            raise ValueError(f"{text!r} is not an address: write 0x and 40 hexadecimal digits")
        lower: Final = text.lower()
        if not is_checksum_valid(text):
            raise ValueError(
                f"the letter case of {text} does not fit its EIP-55 checksum; "
                f"if it is the right address, its spelling is {checksum_address(lower)}"
            )
        object.__setattr__(self, "_lower", lower)

    def __str__(self) -> str:
        return checksum_address(self._lower)

    def __repr__(self) -> str:
        return f"Address('{self}')"

    def __format__(self, spec: str, /) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object, /) -> bool:
        return self._lower == other._lower if isinstance(other, Address) else NotImplemented

    def __hash__(self) -> int:
        return hash((Address, self._lower))

    def __reduce__(self) -> tuple[type[Address], tuple[str]]:
        # Copying and pickling would otherwise set the attribute of a finished value.
        return Address, (self._lower,)

    if not TYPE_CHECKING:
        # Type checkers would take these for permission to set any attribute.
        def __setattr__(self, name: str, value: object, /) -> NoReturn:
            raise AttributeError(f"an Address cannot be changed: {name}")

        def __delattr__(self, name: str, /) -> NoReturn:
            raise AttributeError(f"an Address cannot be changed: {name}")
