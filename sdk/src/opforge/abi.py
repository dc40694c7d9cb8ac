"""The sized types of the contract ABI, for the functions of a `Contract`.

In the program they are `int` and `bytes`: a plain value of either is accepted. The size stands in the
function's signature on chain, and is checked when a value is sent or received.
"""

# ruff: noqa: PYI042  # the names are the ABI's

from __future__ import annotations

from typing import Annotated, TypeAlias

__all__ = [
    "bytes1",
    "bytes2",
    "bytes3",
    "bytes4",
    "bytes5",
    "bytes6",
    "bytes7",
    "bytes8",
    "bytes9",
    "bytes10",
    "bytes11",
    "bytes12",
    "bytes13",
    "bytes14",
    "bytes15",
    "bytes16",
    "bytes17",
    "bytes18",
    "bytes19",
    "bytes20",
    "bytes21",
    "bytes22",
    "bytes23",
    "bytes24",
    "bytes25",
    "bytes26",
    "bytes27",
    "bytes28",
    "bytes29",
    "bytes30",
    "bytes31",
    "bytes32",
    "int8",
    "int16",
    "int24",
    "int32",
    "int40",
    "int48",
    "int56",
    "int64",
    "int72",
    "int80",
    "int88",
    "int96",
    "int104",
    "int112",
    "int120",
    "int128",
    "int136",
    "int144",
    "int152",
    "int160",
    "int168",
    "int176",
    "int184",
    "int192",
    "int200",
    "int208",
    "int216",
    "int224",
    "int232",
    "int240",
    "int248",
    "int256",
    "uint8",
    "uint16",
    "uint24",
    "uint32",
    "uint40",
    "uint48",
    "uint56",
    "uint64",
    "uint72",
    "uint80",
    "uint88",
    "uint96",
    "uint104",
    "uint112",
    "uint120",
    "uint128",
    "uint136",
    "uint144",
    "uint152",
    "uint160",
    "uint168",
    "uint176",
    "uint184",
    "uint192",
    "uint200",
    "uint208",
    "uint216",
    "uint224",
    "uint232",
    "uint240",
    "uint248",
    "uint256",
]

uint8: TypeAlias = Annotated[int, "uint8"]
uint16: TypeAlias = Annotated[int, "uint16"]
uint24: TypeAlias = Annotated[int, "uint24"]
uint32: TypeAlias = Annotated[int, "uint32"]
uint40: TypeAlias = Annotated[int, "uint40"]
uint48: TypeAlias = Annotated[int, "uint48"]
uint56: TypeAlias = Annotated[int, "uint56"]
uint64: TypeAlias = Annotated[int, "uint64"]
uint72: TypeAlias = Annotated[int, "uint72"]
uint80: TypeAlias = Annotated[int, "uint80"]
uint88: TypeAlias = Annotated[int, "uint88"]
uint96: TypeAlias = Annotated[int, "uint96"]
uint104: TypeAlias = Annotated[int, "uint104"]
uint112: TypeAlias = Annotated[int, "uint112"]
uint120: TypeAlias = Annotated[int, "uint120"]
uint128: TypeAlias = Annotated[int, "uint128"]
uint136: TypeAlias = Annotated[int, "uint136"]
uint144: TypeAlias = Annotated[int, "uint144"]
uint152: TypeAlias = Annotated[int, "uint152"]
uint160: TypeAlias = Annotated[int, "uint160"]
uint168: TypeAlias = Annotated[int, "uint168"]
uint176: TypeAlias = Annotated[int, "uint176"]
uint184: TypeAlias = Annotated[int, "uint184"]
uint192: TypeAlias = Annotated[int, "uint192"]
uint200: TypeAlias = Annotated[int, "uint200"]
uint208: TypeAlias = Annotated[int, "uint208"]
uint216: TypeAlias = Annotated[int, "uint216"]
uint224: TypeAlias = Annotated[int, "uint224"]
uint232: TypeAlias = Annotated[int, "uint232"]
uint240: TypeAlias = Annotated[int, "uint240"]
uint248: TypeAlias = Annotated[int, "uint248"]
uint256: TypeAlias = Annotated[int, "uint256"]
int8: TypeAlias = Annotated[int, "int8"]
int16: TypeAlias = Annotated[int, "int16"]
int24: TypeAlias = Annotated[int, "int24"]
int32: TypeAlias = Annotated[int, "int32"]
int40: TypeAlias = Annotated[int, "int40"]
int48: TypeAlias = Annotated[int, "int48"]
int56: TypeAlias = Annotated[int, "int56"]
int64: TypeAlias = Annotated[int, "int64"]
int72: TypeAlias = Annotated[int, "int72"]
int80: TypeAlias = Annotated[int, "int80"]
int88: TypeAlias = Annotated[int, "int88"]
int96: TypeAlias = Annotated[int, "int96"]
int104: TypeAlias = Annotated[int, "int104"]
int112: TypeAlias = Annotated[int, "int112"]
int120: TypeAlias = Annotated[int, "int120"]
int128: TypeAlias = Annotated[int, "int128"]
int136: TypeAlias = Annotated[int, "int136"]
int144: TypeAlias = Annotated[int, "int144"]
int152: TypeAlias = Annotated[int, "int152"]
int160: TypeAlias = Annotated[int, "int160"]
int168: TypeAlias = Annotated[int, "int168"]
int176: TypeAlias = Annotated[int, "int176"]
int184: TypeAlias = Annotated[int, "int184"]
int192: TypeAlias = Annotated[int, "int192"]
int200: TypeAlias = Annotated[int, "int200"]
int208: TypeAlias = Annotated[int, "int208"]
int216: TypeAlias = Annotated[int, "int216"]
int224: TypeAlias = Annotated[int, "int224"]
int232: TypeAlias = Annotated[int, "int232"]
int240: TypeAlias = Annotated[int, "int240"]
int248: TypeAlias = Annotated[int, "int248"]
int256: TypeAlias = Annotated[int, "int256"]

bytes1: TypeAlias = Annotated[bytes, "bytes1"]
bytes2: TypeAlias = Annotated[bytes, "bytes2"]
bytes3: TypeAlias = Annotated[bytes, "bytes3"]
bytes4: TypeAlias = Annotated[bytes, "bytes4"]
bytes5: TypeAlias = Annotated[bytes, "bytes5"]
bytes6: TypeAlias = Annotated[bytes, "bytes6"]
bytes7: TypeAlias = Annotated[bytes, "bytes7"]
bytes8: TypeAlias = Annotated[bytes, "bytes8"]
bytes9: TypeAlias = Annotated[bytes, "bytes9"]
bytes10: TypeAlias = Annotated[bytes, "bytes10"]
bytes11: TypeAlias = Annotated[bytes, "bytes11"]
bytes12: TypeAlias = Annotated[bytes, "bytes12"]
bytes13: TypeAlias = Annotated[bytes, "bytes13"]
bytes14: TypeAlias = Annotated[bytes, "bytes14"]
bytes15: TypeAlias = Annotated[bytes, "bytes15"]
bytes16: TypeAlias = Annotated[bytes, "bytes16"]
bytes17: TypeAlias = Annotated[bytes, "bytes17"]
bytes18: TypeAlias = Annotated[bytes, "bytes18"]
bytes19: TypeAlias = Annotated[bytes, "bytes19"]
bytes20: TypeAlias = Annotated[bytes, "bytes20"]
bytes21: TypeAlias = Annotated[bytes, "bytes21"]
bytes22: TypeAlias = Annotated[bytes, "bytes22"]
bytes23: TypeAlias = Annotated[bytes, "bytes23"]
bytes24: TypeAlias = Annotated[bytes, "bytes24"]
bytes25: TypeAlias = Annotated[bytes, "bytes25"]
bytes26: TypeAlias = Annotated[bytes, "bytes26"]
bytes27: TypeAlias = Annotated[bytes, "bytes27"]
bytes28: TypeAlias = Annotated[bytes, "bytes28"]
bytes29: TypeAlias = Annotated[bytes, "bytes29"]
bytes30: TypeAlias = Annotated[bytes, "bytes30"]
bytes31: TypeAlias = Annotated[bytes, "bytes31"]
bytes32: TypeAlias = Annotated[bytes, "bytes32"]
