"""`workload(...)`: what a program is called, and what holds for all of it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Any, Final

from opforge._frontend.context import Context
from opforge._frontend.fixed_arguments import FixedArguments
from opforge._frontend.source import Located
from opforge_ir.codes.source import E_WORKLOAD_ARGUMENT
from opforge_ir.document import MAX_CHAIN_ID
from opforge_ir.excerpt import excerpt
from opforge_ir.grants.hosts import UrlRefused, find_host
from opforge_ir.grants.known import Text
from opforge_ir.ids import is_segment
from opforge_ir.networks import WELL_KNOWN_NETWORKS
from opforge_ir.types import INT, STR, dict_of

__all__ = ["WorkloadHead", "read_workload"]

_VERSION: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,3}(-[0-9A-Za-z.-]{1,40})?\Z")
_MAX_PRECISION: Final = 10_000
_PARAMETERS: Final = ("id", "version", "networks", "hosts", "decimal_precision")
_MAX_HOSTS: Final = 1000


@dataclass(slots=True)
class WorkloadHead:
    """What `workload(...)` says; what was refused is empty."""

    id: str = ""
    version: str = ""
    networks: dict[str, int] | None = None
    """Chain ids by name, as they are declared."""
    hosts: tuple[str, ...] = ()
    """What requests to a URL that is known only at run time may go to."""
    decimal_precision: int = 28


def read_workload(ctx: Context, node: ast.Call) -> WorkloadHead:
    """Read the arguments; `ctx` is the top of the entry file."""

    def refuse(place: Located, argument: str, reason: str) -> None:
        ctx.report(E_WORKLOAD_ARGUMENT, place, argument=argument, reason=reason)

    arguments = FixedArguments(ctx, node, _PARAMETERS, 1, refuse)
    arguments.need("id", "version")
    head = WorkloadHead()
    head.id = arguments.text("id")
    if head.id and not is_segment(head.id):
        arguments.refuse("id", f"{excerpt(head.id, 40)} is not a name of letters, digits, - and _")
    head.version = arguments.text("version")
    if head.version and not _VERSION.match(head.version):
        arguments.refuse("version", f"{excerpt(head.version, 40)} is not a version such as 1.2.0")
    if arguments.get("networks") is not None:
        head.networks = _read_networks(arguments)
    if arguments.get("hosts") is not None:
        head.hosts = _read_hosts(arguments)
    head.decimal_precision = arguments.number("decimal_precision", 1, _MAX_PRECISION, 28)
    return head


def _read_hosts(arguments: FixedArguments) -> tuple[str, ...]:
    node = arguments.get("hosts")
    if isinstance(node, ast.List | ast.Tuple) and not node.elts:
        return ()
    found = arguments.read("hosts")
    if found is None:
        return ()
    kind, hosts = found
    is_list = kind.is_list or kind.is_tuple
    if not is_list or any(arg is not STR for arg in kind.args) or len(hosts) > _MAX_HOSTS:
        arguments.refuse("hosts", f"it is a list of at most {_MAX_HOSTS} names of hosts")
        return ()
    for host in hosts:
        if not _is_host(host):
            arguments.refuse("hosts", f"{excerpt(host, 60)} is no plain host name, such as api.example.com")
            return ()
    return tuple(sorted(set(hosts)))


def _is_host(text: str) -> bool:
    """Whether it is a host as grants name it: in lower case, with its port where it has an unusual one."""
    try:
        return find_host(Text(f"https://{text}/", is_whole=True)) == text
    except UrlRefused:
        return False


def _read_networks(arguments: FixedArguments) -> dict[str, int]:
    node = arguments.get("networks")
    if isinstance(node, ast.Dict) and not node.keys:
        return {}
    found = arguments.read("networks")
    if found is None:
        return {}
    kind, value = found
    if kind is not dict_of(STR, INT):
        arguments.refuse("networks", "it is a dict from names to chain ids")
        return {}
    declared: dict[str, Any] = value
    for name, chain_id in declared.items():
        expected = WELL_KNOWN_NETWORKS.get(name, chain_id)
        if not is_segment(name):
            arguments.refuse("networks", f"{excerpt(name, 40)} is not a name of letters, digits, - and _")
        elif not 1 <= chain_id <= MAX_CHAIN_ID:
            arguments.refuse("networks", f"a chain id is a number from 1 to {MAX_CHAIN_ID}")
        elif chain_id != expected:
            arguments.refuse("networks", f"{name} has the chain id {expected}")
    return {str(name): int(chain_id) for name, chain_id in declared.items()}
