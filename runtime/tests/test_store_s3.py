"""What the store of artifacts in S3 promises besides: one winner, bounded patience, a code for every fault.

The server is a process of moto's, or the one that `house.s3_server` finds in the environment.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import obstore
import pytest
from obstore.store import S3Store

from house.s3_server import S3Server
from house.store_samples import build_artifact
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.stores import SealedArtifact
from opforge_runtime.stores.s3 import Patience, S3Artifacts
from opforge_runtime.stores.s3_place import S3Place

ARTIFACT = build_artifact("some content")
KEY = f"{ARTIFACT.digest[:2]}/{ARTIFACT.digest[2:]}"
SECRET = "canary-of-a-secret"
IMPATIENT = Patience(connect_seconds=0.2, request_seconds=0.2, retries=2, retry_seconds=2)
Respond = Callable[[bytes, bytes], "bytes | None"]
Serve = Callable[[Respond], str]


@pytest.fixture
def place(s3: S3Server) -> S3Place:
    return replace(s3.make_bucket(), prefix="kept/here")


def open_raw(place: S3Place) -> S3Store:
    """The bucket as another program sees it."""
    return S3Store(
        place.bucket,
        config={
            "endpoint": place.endpoint or "",
            "region": "us-east-1",
            "access_key_id": place.key or "",
            "secret_access_key": place.secret or "",
        },
        client_options={"allow_http": True},
    )


def list_raw(place: S3Place) -> list[str]:
    # One of its overloads gives a type of pyarrow, which is not installed.
    pages = open_raw(place).list()  # pyright: ignore[reportUnknownMemberType]
    return [found["path"] for page in pages for found in page]


def refusal(act: Callable[[], object]) -> tuple[str, dict[str, str | int]]:
    with pytest.raises(DiagnosticError) as refused:
        act()
    (problem,) = refused.value.diagnostics
    # No library's error is behind it either: its text names the endpoint.
    assert refused.value.__cause__ is None
    assert SECRET not in str(refused.value)
    return problem.code.name, problem.values


def test_an_object_stands_below_the_prefix_under_its_digest(place: S3Place) -> None:
    store = S3Artifacts(place)
    store.put_artifact(ARTIFACT)
    assert list_raw(place) == [f"kept/here/{KEY}"]
    assert S3Artifacts(place).get_artifact(ARTIFACT.digest) == ARTIFACT.content


def test_one_that_is_there_is_left_as_it_is(place: S3Place) -> None:
    store = S3Artifacts(place)
    store.put_artifact(SealedArtifact(ARTIFACT.digest, b"first"))
    store.put_artifact(ARTIFACT)
    assert bytes(obstore.get(open_raw(place), f"kept/here/{KEY}").bytes()) == b"first"


def test_of_many_writers_one_wins_and_none_fails(place: S3Place) -> None:
    """The writers say different things under one name, to show that it is the first that stands."""
    contents = [b"%d" % writer for writer in range(8)]

    def put(content: bytes) -> None:
        S3Artifacts(place).put_artifact(SealedArtifact(ARTIFACT.digest, content))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, contents))
    held = bytes(obstore.get(open_raw(place), f"kept/here/{KEY}").bytes())
    assert held in contents
    S3Artifacts(place).put_artifact(ARTIFACT)
    assert bytes(obstore.get(open_raw(place), f"kept/here/{KEY}").bytes()) == held


def test_more_than_one_page_is_listed_and_what_is_no_artifact_is_not(place: S3Place) -> None:
    store = S3Artifacts(place)
    raw = open_raw(place)
    expected = [build_artifact(str(index)) for index in range(1_005)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store.put_artifact, expected))
    obstore.put(raw, "kept/here/README", b"ours")
    obstore.put(raw, f"kept/elsewhere/{KEY}", b"another store's")
    assert set(store.list_artifacts()) == {artifact.digest for artifact in expected}


def test_a_bucket_that_is_not_there_is_named_and_not_made(place: S3Place) -> None:
    missing = replace(place, bucket="opforge-no-such-bucket")
    store = S3Artifacts(missing)
    expected = ("E_BUCKET_MISSING", {"store": "s3://opforge-no-such-bucket/kept/here"})
    assert refusal(lambda: store.put_artifact(ARTIFACT)) == expected
    assert refusal(lambda: store.get_artifact(ARTIFACT.digest)) == expected
    assert refusal(lambda: list(store.list_artifacts())) == expected


def test_a_server_that_is_not_there_is_named() -> None:
    nowhere = S3Place("bucket", "", "http://127.0.0.1:1", None, "key", SECRET)
    store = S3Artifacts(nowhere, IMPATIENT)
    expected = ("E_STORE_UNREACHABLE", {"store": "s3://bucket"})
    assert refusal(lambda: store.put_artifact(ARTIFACT)) == expected
    assert refusal(lambda: store.get_artifact(ARTIFACT.digest)) == expected
    assert refusal(lambda: list(store.list_artifacts())) == expected


def test_a_server_that_does_not_answer_is_left_after_a_bounded_time(serve: Serve) -> None:
    asked: list[bytes] = []

    def stay_silent(head: bytes, body: bytes) -> None:
        asked.append(head)

    store = S3Artifacts(S3Place("bucket", "", serve(stay_silent), None, "key", SECRET), IMPATIENT)
    assert refusal(lambda: store.put_artifact(ARTIFACT)) == ("E_STORE_SLOW", {"store": "s3://bucket"})
    assert len(asked) == 3
    asked.clear()
    assert refusal(lambda: store.get_artifact(ARTIFACT.digest))[0] == "E_STORE_SLOW"
    assert len(asked) == 1 + IMPATIENT.retries


def answer(status: str, code: str) -> bytes:
    body = f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()
    head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return head.encode() + body


def build_ok(body: bytes) -> bytes:
    """What S3 answers with an object, or to one that was put."""
    head = (
        f'HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\netag: "0"\r\n'
        "last-modified: Tue, 24 Nov 2026 12:00:00 GMT\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + body


@pytest.mark.parametrize(
    ("status", "answered", "code", "problem"),
    [
        ("403 Forbidden", "AccessDenied", "E_STORE_DENIED", "AccessDenied"),
        ("403 Forbidden", "SignatureDoesNotMatch", "E_STORE_DENIED", "SignatureDoesNotMatch"),
        ("400 Bad Request", "ExpiredToken", "E_STORE_DENIED", "ExpiredToken"),
        ("401 Unauthorized", "InvalidAccessKeyId", "E_STORE_DENIED", "InvalidAccessKeyId"),
        ("400 Bad Request", "EntityTooLarge", "E_STORE_IO", "EntityTooLarge"),
        ("507 Insufficient Storage", "QuotaExceeded", "E_STORE_IO", "QuotaExceeded"),
    ],
)
def test_what_a_server_refuses_is_a_code_with_the_name_that_s3_has_for_it(
    serve: Serve, status: str, answered: str, code: str, problem: str
) -> None:
    url = serve(lambda head, body: answer(status, answered))
    store = S3Artifacts(S3Place("bucket", "", url, None, "key", SECRET), IMPATIENT)
    expected = (code, {"store": "s3://bucket", "problem": problem})
    assert refusal(lambda: store.put_artifact(ARTIFACT)) == expected
    assert refusal(lambda: store.get_artifact(ARTIFACT.digest)) == expected
    assert refusal(lambda: list(store.list_artifacts())) == expected
    assert refusal(lambda: store.delete_artifact(ARTIFACT.digest)) == expected


def test_a_server_that_is_busy_is_asked_again(serve: Serve) -> None:
    answers = [answer("503 Slow Down", "SlowDown"), answer("500 Oh", "InternalError"), build_ok(b"")]
    url = serve(lambda head, body: answers.pop(0))
    S3Artifacts(S3Place("bucket", "", url, None, "key", SECRET), IMPATIENT).put_artifact(ARTIFACT)
    assert answers == []


def test_a_put_asks_that_nothing_is_there(serve: Serve) -> None:
    heads: list[bytes] = []

    def note(head: bytes, body: bytes) -> bytes:
        heads.append(head.lower())
        return build_ok(b"")

    S3Artifacts(S3Place("bucket", "", serve(note), None, "key", SECRET)).put_artifact(ARTIFACT)
    (head,) = heads
    assert b"if-none-match: *\r\n" in head
    assert SECRET.encode() not in head


def test_other_bytes_than_the_name_says_are_found(serve: Serve) -> None:
    url = serve(lambda head, body: build_ok(b"Some content"))
    store = S3Artifacts(S3Place("bucket", "", url, None, "key", SECRET))
    assert refusal(lambda: store.get_artifact(ARTIFACT.digest))[0] == "E_ARTIFACT_CORRUPT"


def test_without_credentials_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library would ask the metadata service of the machine."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    values = {"store": "s3://bucket", "problem": "no credentials are set"}
    assert refusal(lambda: S3Artifacts(S3Place("bucket"))) == ("E_STORE_DENIED", values)


def test_credentials_and_the_endpoint_may_come_from_the_environment(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = s3.make_bucket()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.secret)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint)
    store = S3Artifacts(S3Place(place.bucket))
    store.put_artifact(ARTIFACT)
    assert store.get_artifact(ARTIFACT.digest) == ARTIFACT.content


def test_the_endpoint_of_the_address_goes_before_that_of_the_environment(
    place: S3Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    store = S3Artifacts(place, IMPATIENT)
    store.put_artifact(ARTIFACT)
    assert store.get_artifact(ARTIFACT.digest) == ARTIFACT.content


def test_a_place_does_not_show_its_secret() -> None:
    assert SECRET not in repr(S3Place("bucket", key="key", secret=SECRET))
