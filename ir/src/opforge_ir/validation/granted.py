"""The grants of a document are exactly those that its program needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from opforge_ir.codes.document import (
    E_GRANT_MISSING,
    E_GRANT_UNUSED,
    E_GRANTS_NOT_SORTED,
    E_UNUSED_DEFINITION,
)
from opforge_ir.grants.inference import note_grants
from opforge_ir.problems import Container, JsonObject, Problems
from opforge_ir.validation.triggers import find_trigger_networks

__all__ = ["check_grants"]


def check_grants(document: JsonObject, problems: Problems) -> None:
    """Note every difference between the grants that stand in the document and those that it needs.

    A request to a host that is known only when the program runs needs some host; those that are granted for
    its verb are the ones that the program declares.

    Where something else is wrong, an effect may be hidden; then nothing is called unused.
    """
    is_sound = len(problems) == 0
    problems.part = ("grants",)
    hosts: dict[str, list[str]] = {}
    for host, verbs in document["grants"]["http"].items():
        for verb in verbs:
            hosts.setdefault(verb, []).append(host)
    needed = note_grants(document, problems, hosts)
    is_sound = is_sound and len(problems) == 0
    _Comparison(problems, is_sound).compare(document["grants"], needed)
    if is_sound:
        watched = find_trigger_networks(document)
        for network in sorted(document["networks"].keys() - needed["chain"].keys() - watched):
            problems.add(E_UNUSED_DEFINITION, document["networks"], network, kind="network", name=network)


class _Comparison:
    def __init__(self, problems: Problems, is_sound: bool) -> None:
        self._problems = problems
        self._is_sound = is_sound

    def compare(self, granted: JsonObject, needed: JsonObject) -> None:
        if granted == needed:
            return
        self._compare_members(granted, "chain", needed, str, self._compare_network)
        self._compare_members(granted, "http", needed, lambda host: f"the host {host}", self._compare_lists)
        self._compare_lists(granted, "ambient", needed, "")

    def _compare_members(
        self,
        container: JsonObject,
        key: str,
        needed: JsonObject,
        name: Callable[[str], str],
        compare: Callable[[JsonObject, str, JsonObject, str], None],
    ) -> None:
        granted = container[key]
        for member in sorted(needed[key].keys() - granted.keys()):
            self._problems.add(E_GRANT_MISSING, container, key, grant=name(member))
        for member in sorted(granted.keys() - needed[key].keys()):
            self._add_unused(granted, member, grant=name(member))
        for member in sorted(needed[key].keys() & granted.keys()):
            compare(granted, member, needed[key], name(member))

    def _compare_network(self, granted: JsonObject, network: str, needed: JsonObject, name: str) -> None:
        self._compare_lists(granted[network], "reads", needed[network], f" on {name}")

        def compare_calls(calls: JsonObject, address: str, wanted: JsonObject, contract: str) -> None:
            self._compare_functions(calls[address], wanted[address], contract)

        self._compare_members(
            granted[network],
            "calls",
            needed[network],
            lambda address: f"calls of {address} on {name}",
            compare_calls,
        )

    def _compare_functions(self, granted: JsonObject, needed: JsonObject, contract: str) -> None:
        have, want = granted["functions"], needed["functions"]
        for selector in sorted(want.keys() - have.keys()):
            self._problems.add(E_GRANT_MISSING, granted, "functions", grant=f"{want[selector]} in {contract}")
        for selector in have:
            if want.get(selector) != have[selector]:
                self._add_unused(have, selector, grant=f"{have[selector]} in {contract}")

    def _compare_lists(self, container: JsonObject, key: str, needed: JsonObject, where: str) -> None:
        have: list[Any] = container[key]
        want: list[Any] = needed[key]
        where = f" of {where}" if where and not where.startswith(" ") else where
        for name in sorted(set(want) - set(have)):
            self._problems.add(E_GRANT_MISSING, container, key, grant=name + where)
        for index, name in enumerate(have):
            if name not in want:
                self._add_unused(have, index, grant=name + where)
        if have != sorted(set(have)):
            self._problems.add(E_GRANTS_NOT_SORTED, container, key)

    def _add_unused(self, container: Container, key: str | int, grant: str) -> None:
        if self._is_sound:
            self._problems.add(E_GRANT_UNUSED, container, key, grant=grant)
