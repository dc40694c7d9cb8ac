"""From effects to grants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opforge_ir.capabilities import VERBS
from opforge_ir.codes.document import (
    E_HOST_NOT_KNOWN,
    E_NETWORK_NOT_KNOWN,
    E_UNKNOWN_NETWORK,
    E_URL_NOT_ALLOWED,
)
from opforge_ir.diagnostics import Code, Diagnostic, FieldValue
from opforge_ir.grants.evaluate import Evaluator
from opforge_ir.grants.hosts import UrlRefused, find_host
from opforge_ir.grants.known import Known, Texts
from opforge_ir.grants.scopes import EffectSite, JsonObject, read_program
from opforge_ir.problems import Problems, diagnose
from opforge_ir.selector import function_selector

__all__ = ["Inference", "infer_grants", "note_grants"]


@dataclass(frozen=True, slots=True)
class Inference:
    """What a program may ask of the outside."""

    grants: dict[str, Any]
    """The member `grants` of the document: its lists sorted, in the shape of `document.Grants`."""
    diagnostics: list[Diagnostic]
    """What cannot be known before the program runs, and may not be left open."""


def infer_grants(document: Mapping[str, Any], hosts: Sequence[str] = ()) -> Inference:
    """The grants of a document that has the shape of the models, apart from `grants`, which is not read.

    What is wrong with the meaning of the document is passed over. Where a network cannot be known, the
    diagnostics say so and the grant is left out; where a contract's address cannot, the grant is for `any`.
    Where a URL's host cannot be known, the grant is for the declared `hosts`; without any, the diagnostics
    say so.
    """
    grants: dict[str, Any] = {}
    declared = dict.fromkeys(VERBS, hosts)

    def find(program: JsonObject) -> Problems:
        problems = Problems()
        grants.update(note_grants(program, problems, declared))
        return problems

    diagnostics = diagnose(dict(document), find)
    return Inference(grants, diagnostics)


def note_grants(
    document: JsonObject, problems: Problems, hosts: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """The same, with what is wrong added to `problems`; `hosts` are the declared ones for each verb."""
    return _Inference(document, problems, hosts).infer()


class _Inference:
    def __init__(
        self, document: JsonObject, problems: Problems, declared: Mapping[str, Sequence[str]]
    ) -> None:
        self._declared = declared
        self._document = document
        self._problems = problems
        self._program = read_program(document)
        self._evaluator = Evaluator(self._program)
        self._reads: dict[str, set[str]] = {}
        self._calls: dict[str, dict[str, dict[str, str]]] = {}
        self._hosts: dict[str, set[str]] = {}
        self._ambient: set[str] = set()

    def infer(self) -> dict[str, Any]:
        for site in self._program.effects:
            verb = VERBS[site.node["verb"]]
            match verb.grant:
                case "ambient":
                    self._ambient.add(verb.name.partition(".")[0])
                case "http":
                    self._add_hosts(site)
                case "chain_read":
                    for network in self._find_networks(site):
                        self._reads.setdefault(network, set()).add(verb.name)
                case "chain_call":
                    self._add_calls(site)
        return {
            "chain": {
                network: {"reads": sorted(self._reads.get(network, ())), "calls": self._build_calls(network)}
                for network in sorted(self._reads.keys() | self._calls.keys())
            },
            "http": {host: sorted(self._hosts[host]) for host in sorted(self._hosts)},
            "ambient": sorted(self._ambient),
        }

    def _build_calls(self, network: str) -> JsonObject:
        calls = self._calls.get(network, {})
        return {address: {"functions": dict(sorted(calls[address].items()))} for address in sorted(calls)}

    def _argument(self, site: EffectSite, name: str) -> Known | None:
        """What is known of an argument; None when the effect does not have it."""
        argument = site.node["args"].get(name)
        return None if argument is None else self._evaluator.evaluate(argument, site.scope)

    def _note(self, code: Code, site: EffectSite, argument: str, **fields: FieldValue) -> None:
        self._problems.add(code, site.node["args"], argument, **fields)

    def _find_networks(self, site: EffectSite) -> list[str]:
        known = self._argument(site, "network")
        if known is None:
            return []
        if not isinstance(known, Texts) or not all(option.is_whole for option in known.options):
            self._note(E_NETWORK_NOT_KNOWN, site, "network", verb=site.node["verb"])
            return []
        networks = sorted(option.prefix for option in known.options)
        for network in networks:
            if network not in self._document["networks"]:
                self._note(E_UNKNOWN_NETWORK, site, "network", network=network)
        return [network for network in networks if network in self._document["networks"]]

    def _add_calls(self, site: EffectSite) -> None:
        static = site.node["static"]
        contract = self._document["contracts"].get(static.get("contract"))
        function = contract["functions"].get(static.get("function")) if contract else None
        if function is None:
            return
        signature = f"{static['function']}({','.join(each['abi'] for each in function['inputs'])})"
        known = self._argument(site, "address")
        addresses = [option.prefix for option in known.options] if isinstance(known, Texts) else ["any"]
        for network in self._find_networks(site):
            calls = self._calls.setdefault(network, {}) if addresses else {}
            for address in addresses:
                calls.setdefault(address, {})[function_selector(signature)] = signature

    def _add_hosts(self, site: EffectSite) -> None:
        verb = site.node["verb"]
        known = self._argument(site, "url")
        if known is None:
            return
        hosts: set[str | None] = set()
        if not isinstance(known, Texts):
            known = Texts(frozenset())
            hosts.add(None)
        for option in sorted(known.options, key=lambda each: each.prefix):
            try:
                hosts.add(find_host(option))
            except UrlRefused as refused:
                self._note(E_URL_NOT_ALLOWED, site, "url", verb=verb, url=option.prefix, problem=str(refused))
        if None in hosts:
            declared = self._declared.get(verb, ())
            hosts |= set(declared)
            if not declared:
                self._note(E_HOST_NOT_KNOWN, site, "url", verb=verb)
        for host in hosts:
            if host is not None:
                self._hosts.setdefault(host, set()).add(verb)
