"""What a document was granted, asked at run time: the last check before a request leaves."""

from __future__ import annotations

from typing import cast

from opforge_ir.codes.execution import E_NOT_GRANTED
from opforge_ir.document import Document
from opforge_ir.grants.hosts import UrlRefused, find_host
from opforge_ir.grants.known import Text
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter.request import EffectRequest

__all__ = ["GrantChecker"]

_ANY_CONTRACT = "any"


class GrantChecker:
    """The grants of one document."""

    def __init__(self, document: Document) -> None:
        self._grants = document.grants
        self._hosts: dict[str, frozenset[str]] = {}
        self._granted: set[str] = set()

    def find_refusal(self, request: EffectRequest) -> EffectFailure | None:
        """Why the request may not be made, or None when it may."""
        verb = request.site.verb
        if verb.name in self._granted:
            return None
        match verb.grant:
            case "chain_read":
                target = self._get_network(request)
                is_granted = target in self._grants.chain and verb.name in self._grants.chain[target].reads
            case "chain_call":
                network, address = self._get_network(request), cast("str", request.arguments["address"])
                assert request.site.function is not None
                selector = request.site.function.selector
                target = f"{selector} of {address} on {network}"
                is_granted = self._may_call(network, address, selector)
            case "http":
                target = get_host(cast("str", request.arguments["url"]))
                is_granted = verb.name in self._grants.http.get(target, ())
            case "ambient":
                target = verb.name.partition(".")[0]
                is_granted = target in self._grants.ambient
                if is_granted:
                    self._granted.add(verb.name)
        return None if is_granted else EffectFailure(E_NOT_GRANTED, {"verb": verb.name, "target": target})

    def get_hosts(self, verb: str) -> frozenset[str]:
        """The hosts that a verb of `http` may be used with."""
        hosts = self._hosts.get(verb)
        if hosts is None:
            hosts = self._hosts[verb] = frozenset(
                host for host, verbs in self._grants.http.items() if verb in verbs
            )
        return hosts

    def _may_call(self, network: str, address: str, selector: str) -> bool:
        granted = self._grants.chain.get(network)
        if granted is None:
            return False
        calls = (granted.calls.get(contract) for contract in (address, _ANY_CONTRACT))
        return any(call is not None and selector in call.functions for call in calls)

    def _get_network(self, request: EffectRequest) -> str:
        return cast("str", request.arguments["network"])


def get_host(url: str) -> str:
    """The host of a URL as grants name it; empty for a URL that no request may have."""
    try:
        return find_host(Text(url, is_whole=True)) or ""
    except UrlRefused:
        return ""
