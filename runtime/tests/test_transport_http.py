"""HTTP goes to the hosts that are allowed, over what protects it, and comes back as a value."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
from collections.abc import Callable, Collection
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_ir.codes import transport as codes
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.failures import EffectFailure
from opforge_runtime.transports.http import HttpMethod, HttpResponse, HttpTransport

Respond: TypeAlias = Callable[[bytes, bytes], "bytes | None"]
Serve: TypeAlias = Callable[[Respond], str]
Result: TypeAlias = HttpResponse | EffectFailure

HOSTS = ("api.example.com", "other.example.com")


def http(body: bytes = b"", status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def request(
    url: str,
    *,
    method: HttpMethod = "GET",
    resolve: dict[str, str] | None = None,
    allowed_hosts: Collection[str] = HOSTS,
    headers: dict[str, str] | None = None,
    key: str | None = None,
    body: str | None = None,
    timeout_seconds: float = 20,
    max_body_bytes: int = 10_000,
) -> Result:
    async def run() -> Result:
        async with HttpTransport(
            resolve, timeout_seconds=timeout_seconds, max_body_bytes=max_body_bytes
        ) as transport:
            return await transport.request(
                method, url, allowed_hosts=allowed_hosts, headers=headers, key=key, body=body
            )

    return asyncio.run(run())


def expect_failure(result: Result, code: object) -> EffectFailure:
    assert isinstance(result, EffectFailure)
    assert result.code is code
    assert result.diagnostic().message
    return result


def test_get_through_an_override_names_the_real_host(serve: Serve) -> None:
    heads: list[bytes] = []

    def respond(head: bytes, _: bytes) -> bytes:
        heads.append(head)
        return http(
            '{"price": "2.41 €"}'.encode(), "200 OK", "X-Two: a", "x-two: b", "Content-Type: text/plain"
        )

    resolve = {"api.example.com": f"{serve(respond)}/base/"}
    result = request("https://api.example.com/v1/price?of=OPF", resolve=resolve, headers={"X-Trace": "7"})
    assert isinstance(result, HttpResponse)
    assert (result.status, result.text) == (200, '{"price": "2.41 €"}')
    assert result.headers["x-two"] == "a, b"
    assert result.headers["content-type"] == "text/plain"
    (head,) = heads
    assert head.startswith(b"GET /base/v1/price?of=OPF HTTP/1.1\r\n")
    assert b"\r\nhost: api.example.com\r\n" in head.lower()
    assert b"\r\nx-trace: 7\r\n" in head.lower()


def test_post_sends_its_body(serve: Serve) -> None:
    url = serve(lambda head, body: http(head.split(b" ")[0] + b" " + body))
    result = request(f"{url}/x", method="POST", body="größe", allowed_hosts=["127.0.0.1"])
    assert isinstance(result, HttpResponse)
    assert result.text == "POST größe"


@pytest.mark.parametrize(
    "status", ["201 Created", "304 Not Modified", "404 Not Found", "429 Slow", "500 Oops"]
)
def test_any_status_is_a_result(serve: Serve, status: str) -> None:
    url = serve(lambda head, _: http(b"" if status.startswith("304") else b"why", status))
    result = request(url, allowed_hosts=["127.0.0.1"])
    assert isinstance(result, HttpResponse)
    assert result.status == int(status[:3])


@pytest.mark.parametrize("allowed", ["127.0.0.1", "{authority}"])
def test_a_host_is_allowed_with_or_without_its_port(serve: Serve, allowed: str) -> None:
    url = serve(lambda head, _: http(b"ok"))
    result = request(url, allowed_hosts=[allowed.format(authority=url.removeprefix("http://"))])
    assert isinstance(result, HttpResponse)


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "https://api.example.com.evil.example/", "https://api.example.com./"]
)
def test_a_host_that_is_not_allowed(url: str) -> None:
    expect_failure(request(url), codes.E_HTTP_HOST_REFUSED)


def test_one_allowed_port_does_not_allow_another() -> None:
    result = request("https://api.example.com/", allowed_hosts=["api.example.com:8443"])
    assert expect_failure(result, codes.E_HTTP_HOST_REFUSED).fields["host"] == "api.example.com"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/path",
        "api.example.com",
        "//api.example.com/",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "http://api.example.com/",
        "https://user:pass@api.example.com/",
        "https://api.example.com@evil.example/",
        "https://api.example.com:port/",
        "https://\x00/",
        "https://[::1/",
        "https://" + "a" * 70_000,
    ],
)
def test_urls_that_are_not_requested(url: str) -> None:
    expect_failure(request(url), codes.E_HTTP_URL)


@given(st.text(max_size=30) | st.text(max_size=20).map("https://{}/".format))
def test_any_text_as_url_gives_a_failure(url: str) -> None:
    assert isinstance(request(url, allowed_hosts=()), EffectFailure)


def test_redirects_are_followed_among_allowed_hosts(serve: Serve) -> None:
    seen: list[bytes] = []

    def other(head: bytes, _: bytes) -> bytes:
        seen.append(head.lower())
        return http(b"arrived")

    def api(head: bytes, _: bytes) -> bytes:
        seen.append(head.lower())
        location = "/second" if b"/first" in head else "https://other.example.com/third"
        return http(b"", "302 Found", f"Location: {location}")

    resolve = {"api.example.com": serve(api), "other.example.com": serve(other)}
    result = request("https://api.example.com/first", resolve=resolve, headers={"Authorization": "token"})
    assert isinstance(result, HttpResponse)
    assert result.text == "arrived"
    assert [head.split(b" ")[1] for head in seen] == [b"/first", b"/second", b"/third"]
    assert [b"authorization: token" in head for head in seen] == [True, True, False]


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("https://evil.example/", "it leads to evil.example, which is not allowed"),
        ("//evil.example/", "it leads to evil.example, which is not allowed"),
        ("http://other.example.com/", "it would send to other.example.com without encryption"),
        ("https://u:p@other.example.com/", "it holds a user name or password"),
        ("file:///etc/passwd", "it is not an absolute http or https URL"),
    ],
)
def test_a_redirect_that_is_not_followed(serve: Serve, location: str, problem: str) -> None:
    resolve = {"api.example.com": serve(lambda head, _: http(b"", "307 Elsewhere", f"Location: {location}"))}
    failure = expect_failure(
        request("https://api.example.com/", resolve=resolve), codes.E_HTTP_REDIRECT_REFUSED
    )
    assert failure.fields == {"host": "api.example.com", "problem": problem}


def test_redirects_have_an_end(serve: Serve) -> None:
    resolve = {"api.example.com": serve(lambda head, _: http(b"", "301 Again", "Location: /"))}
    expect_failure(request("https://api.example.com/", resolve=resolve), codes.E_HTTP_REDIRECT_REFUSED)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_redirects_that_are_results(serve: Serve, method: HttpMethod) -> None:
    """The redirect of a POST, and one that does not say where to."""
    headers = ["Location: https://evil.example/"] if method == "POST" else []
    url = serve(lambda head, _: http(b"", "302 Found", *headers))
    result = request(url, method=method, allowed_hosts=["127.0.0.1"])
    assert isinstance(result, HttpResponse)
    assert result.status == 302


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("order-7", b'Idempotency-Key: "order-7"'),
        ("", b'Idempotency-Key: ""'),
        ('a"b\\c', b'Idempotency-Key: "a\\"b\\\\c"'),
    ],
)
def test_a_key_is_sent_as_a_quoted_string(serve: Serve, key: str, sent: bytes) -> None:
    heads: list[bytes] = []

    def respond(head: bytes, _: bytes) -> bytes:
        heads.append(head)
        return http()

    url = serve(respond)
    result = request(url, method="POST", allowed_hosts=["127.0.0.1"], key=key, headers={"X": "1"}, body="")
    assert isinstance(result, HttpResponse)
    (head,) = heads
    assert sent in head.split(b"\r\n")


@pytest.mark.parametrize(
    ("key", "headers"),
    [("é", {}), ("a\nb", {}), ("a", {"idempotency-key": "b"}), ("a", {"Idempotency-Key": "a"})],
)
def test_a_key_that_cannot_be_sent_is_not(serve: Serve, key: str, headers: dict[str, str]) -> None:
    url = serve(lambda head, _: http(b"asked"))
    result = request(url, method="POST", allowed_hosts=["127.0.0.1"], key=key, headers=headers, body="")
    assert "Idempotency-Key" in str(expect_failure(result, codes.E_HTTP_REQUEST).fields["problem"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"content-length": "5"},
        {"X-A": "b\r\nX-B: c"},
        {"X-A: b\r\nX-B": "c"},
        {"X-A": "é"},
        {"X-A": " b"},
        {"": "b"},
    ],
)
def test_headers_that_are_not_sent(serve: Serve, headers: dict[str, str]) -> None:
    url = serve(lambda head, _: http(b"reached"))
    result = request(url, allowed_hosts=["127.0.0.1"], headers=headers)
    expect_failure(result, codes.E_HTTP_REQUEST)


def test_a_server_that_says_nothing(serve: Serve) -> None:
    result = request(serve(lambda head, _: None), allowed_hosts=["127.0.0.1"], timeout_seconds=0.2)
    assert expect_failure(result, codes.E_HTTP_TIMEOUT).fields["timeout_ms"] == 200


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        # Bound and not listening: nobody else can take the port while the test runs.
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/"
        expect_failure(request(url, allowed_hosts=["127.0.0.1"]), codes.E_HTTP_UNREACHABLE)


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        http(b"a" * 100)[:-50],
        http(b"", "302 Found", "Location: https://other.example.com:port/"),
    ],
)
def test_a_server_that_breaks_off(serve: Serve, response: bytes) -> None:
    result = request(serve(lambda head, _: response), allowed_hosts=["127.0.0.1"])
    expect_failure(result, codes.E_HTTP_DISCONNECTED)


@pytest.mark.parametrize("compress", [False, True])
def test_a_body_that_is_too_long(serve: Serve, compress: bool) -> None:
    body, headers = b"a" * 10_001, list[str]()
    if compress:
        body, headers = gzip.compress(body), ["Content-Encoding: gzip"]
    result = request(serve(lambda head, _: http(body, "200 OK", *headers)), allowed_hosts=["127.0.0.1"])
    assert expect_failure(result, codes.E_HTTP_TOO_LARGE).fields["limit_bytes"] == 10_000


def test_a_coding_that_is_unknown(serve: Serve) -> None:
    url = serve(lambda head, _: http(b"a", "200 OK", "Content-Encoding: zstd"))
    expect_failure(request(url, allowed_hosts=["127.0.0.1"]), codes.E_HTTP_BODY_ENCODING)


def test_bytes_that_are_no_text(serve: Serve) -> None:
    url = serve(lambda head, _: http(b"a\xff\xed\xa0\x80z"))
    result = request(url, allowed_hosts=["127.0.0.1"])
    assert isinstance(result, HttpResponse)
    assert result.text == "a\ufffd\ufffd\ufffd\ufffdz"


def test_no_cookie_is_kept(serve: Serve) -> None:
    heads: list[bytes] = []

    def respond(head: bytes, _: bytes) -> bytes:
        heads.append(head.lower())
        return http(b"", "200 OK", "Set-Cookie: session=1; Path=/")

    async def run(url: str) -> None:
        async with HttpTransport() as transport:
            for _ in range(2):
                await transport.request("GET", url, allowed_hosts=["127.0.0.1"])

    asyncio.run(run(serve(respond)))
    assert [b"cookie" in head for head in heads] == [False, False]


def test_no_log_holds_the_url(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert request(f"{serve(lambda head, _: http())}/s3cret", allowed_hosts=["127.0.0.1"])
    assert "s3cret" not in caplog.text


def test_an_override_that_is_no_url() -> None:
    for url in ("127.0.0.1:8080", "ftp://127.0.0.1", "http://", "http://127.0.0.1:port"):
        with pytest.raises(DiagnosticError) as caught:
            HttpTransport({"api.example.com": url})
        assert caught.value.diagnostics[0].code is codes.E_HTTP_URL
