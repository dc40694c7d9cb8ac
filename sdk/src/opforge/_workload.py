"""`workload`: what a program is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from opforge._caller import get_caller
from opforge._native import Workload, declare_workload
from opforge_ir.decimal_context import DEFAULT_PRECISION

__all__ = ["workload"]


def workload(
    id: str,  # noqa: A002  # the field's own name for it
    *,
    version: str,
    networks: Mapping[str, int] | None = None,
    hosts: Sequence[str] = (),
    decimal_precision: int = DEFAULT_PRECISION,
) -> None:
    """Say what the program of this file is called. It stands once, at the top of the entry file.

    `version` is three numbers with dots between them. `networks` declares, by chain id, those that are not
    well known, such as `{"devnet": 31337}`. `hosts` are what a request may go to whose URL is known only when
    the program runs, such as `["api.example.com"]`; all others are found in the program. `decimal_precision`
    is how many significant digits results of `Decimal` have, in compiled programs and in ops that are called
    as plain Python. Networks and hosts that nothing needs are left out of the document: it holds no more than
    the program may do.

    All of it is read from the source; `id`, `version` and `hosts` mean nothing to plain Python.
    """
    del id, version, hosts
    declare_workload(get_caller().f_globals, Workload(tuple(networks or ()), decimal_precision))
