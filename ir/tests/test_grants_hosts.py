"""The host of a URL, as far as it is known: the one that a client would ask, or none."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from house.documents import (
    Json,
    apply,
    lit,
    ref,
)
from house.grant_checks import (
    get,
    infer,
    one_op,
    refusals,
    text,
)
from opforge_ir.grants.hosts import UrlRefused, find_host
from opforge_ir.grants.known import Text

NO_TEXT = lit("Optional[str]", "None")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://api.example.com", "api.example.com"),
        ("https://API.Example.com/Path", "api.example.com"),
        ("HTTPS://a.example?x#y", "a.example"),
        ("https://a.example:443/", "a.example"),
        ("https://a.example:8443/", "a.example:8443"),
        ("http://localhost:8080/x", "localhost:8080"),
        ("http://127.0.0.1/x", "127.0.0.1"),
    ],
)
def test_the_host_of_a_url(url: str, host: str) -> None:
    assert find_host(Text(url, is_whole=True)) == host
    assert infer(one_op(get(text(url))))["http"] == {host: ["http.get"]}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://a.example",
        "http://a.example/",
        "https://",
        "https:///path",
        "https://user@a.example/",
        "https://user:secret@a.example/",
        "https://a.example\\@b.example/",
        "https://a.example\t/",
        " https://a.example/",
        "https://a_b.example/",
        "https://[::1]/",
        "https://a.example:/",
        "https://a.example:0443/",
        "https://a.example:65536/",
        "https://ex\u00e4mple.com/",
        "http://localhost.evil.example/",
    ],
)
def test_a_url_that_no_request_may_have(url: str) -> None:
    with pytest.raises(UrlRefused):
        find_host(Text(url, is_whole=True))


@pytest.mark.parametrize(
    ("prefix", "host"),
    [
        ("https://a.example/v1/", "a.example"),
        ("https://a.example?", "a.example"),
        ("https://a.example", None),
        ("https://", None),
        ("http", None),
        ("", None),
    ],
)
def test_the_host_of_a_url_that_begins_so(prefix: str, host: str | None) -> None:
    assert find_host(Text(prefix, is_whole=False)) == host
    url = apply("str.concat", text(prefix), ref("rest"))
    found = refusals(get(url), parameters={"rest": "str"})
    assert found == ([("E_HOST_NOT_KNOWN", "/ops/main/body/0/args/url")] if host is None else [])


urls = st.from_regex(r"[hH]ttps?://[aA@\\.:0-9 \t-]{0,8}[/?#]?[a@.:]{0,4}", fullmatch=True)


@given(urls)
def test_a_host_is_the_one_that_a_client_would_ask(url: str) -> None:
    try:
        host = find_host(Text(url, is_whole=True))
    except UrlRefused:
        return
    split = urlsplit(url)
    usual = 443 if split.scheme == "https" else 80
    assert split.username is None
    port = "" if split.port in (None, usual) else f":{split.port}"
    assert host == f"{split.hostname}{port}"


@given(urls, st.integers(0, 20))
def test_what_is_known_of_a_beginning_holds_for_every_end(url: str, length: int) -> None:
    try:
        host = find_host(Text(url[:length], is_whole=False))
        whole = find_host(Text(url, is_whole=True))
    except UrlRefused:
        return
    assert host in (None, whole)


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        (apply("str.lower", text("HTTPS://A.example/X")), ["a.example"]),
        (apply("str.rstrip", text("https://a.example/"), NO_TEXT), ["a.example"]),
        (
            apply(
                "str.concat", apply("str.removesuffix", text("https://a.example/"), text("/")), text("/v1")
            ),
            ["a.example"],
        ),
        (
            apply("str.rstrip", text("https://a.examplex"), apply("optional.some", text("x"))),
            ["a.example", "a.examplex"],
        ),
        (
            apply("value.min", text("https://a.example"), text("https://b.example")),
            ["a.example", "b.example"],
        ),
    ],
)
def test_a_text_that_is_made_of_known_ones_is_known(url: Json, hosts: list[str]) -> None:
    assert sorted(infer(one_op(get(url)))["http"]) == hosts


def test_a_text_that_is_made_of_an_input_is_not_known() -> None:
    assert refusals(get(apply("str.strip", ref("url"))), parameters={"url": "str"})
