"""Codes of the transports: JSON-RPC endpoints, chain reads, contract data, HTTP, the development chain.

No field of these codes ever holds an endpoint's URL. Text that came from a provider or a contract
stands only in the fields `provider_text` and `reason`, shortened and cleaned.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

__all__ = [
    "E_ABI_DATA_EMPTY",
    "E_ABI_DATA_MALFORMED",
    "E_ABI_TYPE_UNKNOWN",
    "E_ABI_VALUE",
    "E_BLOCK_UNKNOWN",
    "E_CALL_REVERTED",
    "E_DEVCHAIN_START",
    "E_DEVCHAIN_UNAVAILABLE",
    "E_ENDPOINT_URL",
    "E_HTTP_BODY_ENCODING",
    "E_HTTP_DISCONNECTED",
    "E_HTTP_HOST_REFUSED",
    "E_HTTP_REDIRECT_REFUSED",
    "E_HTTP_REQUEST",
    "E_HTTP_TIMEOUT",
    "E_HTTP_TOO_LARGE",
    "E_HTTP_UNREACHABLE",
    "E_HTTP_URL",
    "E_NETWORK_WITHOUT_ENDPOINT",
    "E_RPC_DISCONNECTED",
    "E_RPC_ERROR",
    "E_RPC_HTTP_STATUS",
    "E_RPC_IDS",
    "E_RPC_NOT_JSON_RPC",
    "E_RPC_TIMEOUT",
    "E_RPC_TOO_LARGE",
    "E_RPC_UNREACHABLE",
    "E_RPC_VALUE",
    "E_WRONG_CHAIN",
]

# --- which endpoint -----------------------------------------------------------------------------

E_NETWORK_WITHOUT_ENDPOINT: Final = Code(
    "E2100",
    "E_NETWORK_WITHOUT_ENDPOINT",
    "execution",
    "no endpoint is known for the network {network}",
    "name an endpoint for {network} under [networks] in forge.toml",
)
E_ENDPOINT_URL: Final = Code(
    "E2101",
    "E_ENDPOINT_URL",
    "execution",
    "the endpoint of the network {network} is not an http or https URL with a host",
    "write the endpoint of {network} as https://host/path",
)
E_WRONG_CHAIN: Final = Code(
    "E2102",
    "E_WRONG_CHAIN",
    "execution",
    "the endpoint of the network {network} serves the chain {actual_chain_id}, not {expected_chain_id}",
    "point {network} at an endpoint whose eth_chainId is {expected_chain_id}",
)

# --- the exchange with a JSON-RPC endpoint --------------------------------------------------------

E_RPC_UNREACHABLE: Final = Code(
    "E2110",
    "E_RPC_UNREACHABLE",
    "execution",
    "no connection to the endpoint of the network {network} could be made",
    "check that the endpoint is up, and its host name, port and certificate; then start a new run",
)
E_RPC_TIMEOUT: Final = Code(
    "E2111",
    "E_RPC_TIMEOUT",
    "execution",
    "the endpoint of the network {network} did not answer within {timeout_ms} ms",
    "start a new run later, or raise the timeout",
)
E_RPC_DISCONNECTED: Final = Code(
    "E2112",
    "E_RPC_DISCONNECTED",
    "execution",
    "the endpoint of the network {network} broke off before its answer was complete",
    "start a new run; if it happens again, lower the batch size or use another endpoint",
)
E_RPC_HTTP_STATUS: Final = Code(
    "E2113",
    "E_RPC_HTTP_STATUS",
    "execution",
    "the endpoint of the network {network} answered with the HTTP status {status}",
    "401 and 403: check the key in the endpoint; 413 and 429: wait, or lower the batch size; then run again",
)
E_RPC_TOO_LARGE: Final = Code(
    "E2114",
    "E_RPC_TOO_LARGE",
    "execution",
    "the answer of the network {network} is longer than {limit_bytes} bytes",
    "lower the batch size, or use another endpoint",
)
E_RPC_NOT_JSON_RPC: Final = Code(
    "E2115",
    "E_RPC_NOT_JSON_RPC",
    "execution",
    "what the endpoint of the network {network} sent is not a JSON-RPC answer: {problem}",
    "check that the endpoint's path is that of a JSON-RPC service, not of a web page or a proxy",
)
E_RPC_IDS: Final = Code(
    "E2116",
    "E_RPC_IDS",
    "execution",
    "the endpoint of the network {network} broke the rules of a batch: {problem}",
    "use another endpoint; answers that cannot be told apart are not used",
)
E_RPC_VALUE: Final = Code(
    "E2117",
    "E_RPC_VALUE",
    "execution",
    "the network {network} answered {method} with something that is not {expected}",
    "use another endpoint; this one does not follow the Ethereum JSON-RPC specification",
)
E_RPC_ERROR: Final = Code(
    "E2118",
    "E_RPC_ERROR",
    "execution",
    "the network {network} refused {method} with the error {rpc_code}: {provider_text}",
    "read the provider's text; start a new run when the endpoint can serve {method} at that block",
)

# --- what the chain said --------------------------------------------------------------------------

E_BLOCK_UNKNOWN: Final = Code(
    "E2120",
    "E_BLOCK_UNKNOWN",
    "execution",
    "the endpoint of the network {network} does not know the block {block}",
    "wait until the endpoint has caught up; a block that was reorganised away never comes back",
)
E_CALL_REVERTED: Final = Code(
    "E2121",
    "E_CALL_REVERTED",
    "execution",
    "the call of {selector} on {contract} ({network}) was reverted: {reason} (data {data})",
    "check the arguments and the contract's state at that block",
)

# --- contract data --------------------------------------------------------------------------------

E_ABI_TYPE_UNKNOWN: Final = Code(
    "E2130",
    "E_ABI_TYPE_UNKNOWN",
    "execution",
    "{type} is not an ABI type that can be encoded",
    "use a type of the contract ABI specification, such as uint256, bytes32 or (address,uint8)[]",
)
E_ABI_VALUE: Final = Code(
    "E2131",
    "E_ABI_VALUE",
    "execution",
    "the arguments do not fit the types ({types}): {problem}",
    "pass values in the range of their types",
)
E_ABI_DATA_MALFORMED: Final = Code(
    "E2132",
    "E_ABI_DATA_MALFORMED",
    "execution",
    "the {size} bytes that came back are not an encoding of ({types}): {problem}",
    "check that the declared result types are those of the contract at that address",
)
E_ABI_DATA_EMPTY: Final = Code(
    "E2133",
    "E_ABI_DATA_EMPTY",
    "execution",
    "nothing came back where ({types}) was expected: there is no such function at that address",
    "check the address and the network; a call to an address without code returns nothing",
)

# --- HTTP -----------------------------------------------------------------------------------------

E_HTTP_URL: Final = Code(
    "E2140",
    "E_HTTP_URL",
    "execution",
    "the URL cannot be requested: {problem}",
    "write an absolute https URL without user name and password",
)
E_HTTP_HOST_REFUSED: Final = Code(
    "E2141",
    "E_HTTP_HOST_REFUSED",
    "execution",
    "the host {host} is not among the hosts this program may talk to",
    "use a host that the program declares, or declare {host} in workload(...)",
)
E_HTTP_REDIRECT_REFUSED: Final = Code(
    "E2142",
    "E_HTTP_REDIRECT_REFUSED",
    "execution",
    "{host} redirected the request, and the redirect was not followed: {problem}",
    "request the final address itself, and declare its host",
)
E_HTTP_UNREACHABLE: Final = Code(
    "E2143",
    "E_HTTP_UNREACHABLE",
    "execution",
    "no connection to {host} could be made",
    "check that the host is up, and its name, port and certificate; then start a new run",
)
E_HTTP_TIMEOUT: Final = Code(
    "E2144",
    "E_HTTP_TIMEOUT",
    "execution",
    "{host} did not answer within {timeout_ms} ms",
    "start a new run later, or raise the timeout",
)
E_HTTP_DISCONNECTED: Final = Code(
    "E2145",
    "E_HTTP_DISCONNECTED",
    "execution",
    "{host} broke off before its answer was complete, or did not speak HTTP",
    "start a new run; check that the port is that of an HTTP server",
)
E_HTTP_TOO_LARGE: Final = Code(
    "E2146",
    "E_HTTP_TOO_LARGE",
    "execution",
    "the answer of {host} is longer than {limit_bytes} bytes",
    "ask for less: a page, a filter, another resource",
)
E_HTTP_BODY_ENCODING: Final = Code(
    "E2147",
    "E_HTTP_BODY_ENCODING",
    "execution",
    "the body that {host} sent cannot be decoded: {problem}",
    "ask the server for plain text in UTF-8",
)
E_HTTP_REQUEST: Final = Code(
    "E2148",
    "E_HTTP_REQUEST",
    "execution",
    "the request to {host} cannot be sent: {problem}",
    "use plain header names and values, and leave Host, Content-Length and the like to the transport",
)

# --- the development chain ------------------------------------------------------------------------

E_DEVCHAIN_UNAVAILABLE: Final = Code(
    "E2150",
    "E_DEVCHAIN_UNAVAILABLE",
    "execution",
    "there is nothing to run a development chain with: {problem}",
    "install the extra opforge[dev-chain], or Anvil (on PATH, or named by OPFORGE_ANVIL)",
)
E_DEVCHAIN_START: Final = Code(
    "E2151",
    "E_DEVCHAIN_START",
    "execution",
    "the development chain ({backend}) did not start: {problem}",
    "run Anvil by hand to see what is wrong, or use the embedded chain",
)
