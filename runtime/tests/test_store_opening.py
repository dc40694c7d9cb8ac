"""Addresses of stores: what they open, what is wrong with others, and that none shows its password."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from house.eventful_runs import record_eventful
from house.postgres_samples import get_store_url
from house.postgres_server import PostgresServer
from house.s3_server import S3Server
from house.scripted_io import RUN as EVENTFUL
from house.store_samples import RUN, begin, build_artifact
from house.store_suite import append_one
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.stores import MemoryStore, SqliteStore
from opforge_runtime.stores.files import FileArtifacts
from opforge_runtime.stores.opening import anchor_url, describe_store, open_artifacts, open_store
from opforge_runtime.stores.s3_place import S3Place, parse_s3_url
from opforge_runtime.stores.split import SplitStore
from opforge_runtime.transfer.exporting import export_runs

SECRET = "canary-of-a-secret"


def refusal(act: Callable[[], object]) -> tuple[str, dict[str, str | int]]:
    with pytest.raises(DiagnosticError) as refused:
        act()
    (problem,) = refused.value.diagnostics
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None or SECRET not in str(refused.value.__cause__)
    return problem.code.name, problem.values


@pytest.mark.parametrize("form", ["sqlite:{path}", "{path}", "SQLite:{path}"])
def test_a_path_is_a_sqlite_file_whose_folder_is_made(tmp_path: Path, form: str) -> None:
    path = tmp_path / "below" / "runs.db"
    with closing(open_store(form.format(path=path))) as store:
        assert isinstance(store, SqliteStore)
    assert path.is_file()
    with closing(open_store(form.format(path=path), is_created=False)) as store:
        assert store.list_runs() == []


def test_a_store_is_not_made_unasked(tmp_path: Path) -> None:
    path = tmp_path / "below" / "runs.db"
    assert refusal(lambda: open_store(str(path), is_created=False))[0] == "E_STORE_CANNOT_OPEN"
    assert not path.parent.exists()
    files = f"files:{tmp_path / 'artifacts'}"
    assert refusal(lambda: open_store("memory:", files, is_created=False))[0] == "E_STORE_CANNOT_OPEN"
    assert not (tmp_path / "artifacts").exists()


def test_a_folder_that_cannot_be_made_is_a_code(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refusal(lambda: open_store(str(tmp_path / "file" / "runs.db")))[0] == "E_STORE_CANNOT_OPEN"


def test_memory_holds_runs_while_it_is_open() -> None:
    assert isinstance(open_store("memory:"), MemoryStore)


def test_artifacts_may_be_kept_in_files(tmp_path: Path) -> None:
    artifact = build_artifact("a")
    with closing(open_store("memory:", f"files:{tmp_path}")) as store:
        assert isinstance(store, SplitStore)
        append_one(store, begin(artifacts=[artifact]))
        assert store.get_head(RUN) == 1
    with closing(FileArtifacts(tmp_path)) as files:
        assert files.get_artifact(artifact.digest) == b"a"


def test_artifacts_may_be_kept_in_s3(s3: S3Server) -> None:
    bucket = s3.make_bucket().bucket
    url = f"s3://{s3.key}:{s3.secret}@{bucket}/runs/kept?endpoint={s3.endpoint}&region=us-east-1"
    artifact = build_artifact("a")
    with closing(open_store("memory:", url)) as store:
        append_one(store, begin(artifacts=[artifact]))
        assert store.get_artifact(artifact.digest) == b"a"


def test_an_export_is_a_store_that_nothing_is_added_to(tmp_path: Path) -> None:
    original = MemoryStore()
    record_eventful(original)
    path = tmp_path / "run.forge"
    path.write_bytes(b"".join(export_runs(original, [EVENTFUL])))
    with closing(open_store(f"export:{path}", is_created=False)) as store:
        assert store.read_events(EVENTFUL) == original.read_events(EVENTFUL)
        assert refusal(lambda: store.append([begin()]))[0] == "E_STORE_READ_ONLY"
    assert refusal(lambda: open_store("export:"))[0] == "E_STORE_URL"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        (f"mysql://root:{SECRET}@host/db", "no store is kept at mysql:"),
        ("files:artifacts", "no store is kept at files:"),
        ("sqlite:", "it names no path"),
        ("", "it names no path"),
        ("sqlite:///runs.db", "a path is written behind the colon, without //"),
    ],
)
def test_an_address_that_no_store_has_is_refused_with_those_that_there_are(url: str, problem: str) -> None:
    code, values = refusal(lambda: open_store(url))
    assert (code, values["problem"]) == ("E_STORE_URL", problem)
    assert "sqlite:PATH" in str(values["known"])
    assert "memory:" in str(values["known"])


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("artifacts", "no artifacts are kept at a path without a scheme"),
        ("sqlite:runs.db", "no artifacts are kept at sqlite:"),
        ("files:", "it names no path"),
        (f"s3://{SECRET}@bucket/x", "it has one of the two parts of KEY:SECRET@ only"),
        (f"s3://key:{SECRET}@", "it names no bucket"),
        ("s3:///prefix", "it names no bucket"),
        ("s3:bucket", "it names no bucket"),
        (f"s3://bucket?secret_access_key={SECRET}", "it has 1 options besides endpoint and region"),
        (
            f"s3://bucket?endpoint=http://me:{SECRET}@host",
            "its endpoint is no http or https URL, or names a user",
        ),
        ("s3://bucket?endpoint=host:9000", "its endpoint is no http or https URL, or names a user"),
        (f"s3://bucket?endpoint=http://[{SECRET}", "its endpoint is not of the form of a URL"),
        (f"s3://[{SECRET}", "it is not of this form"),
        (f"s3://bucket#{SECRET}", "it has a part behind #"),
    ],
)
def test_an_address_that_no_artifacts_have_is_refused(url: str, problem: str) -> None:
    code, values = refusal(lambda: open_artifacts(url))
    assert (code, values["problem"]) == ("E_STORE_URL", problem)
    assert "files:PATH" in str(values["known"])


@pytest.mark.parametrize(
    ("library", "url", "extra"),
    [("obstore", "s3://bucket", "s3"), ("psycopg", "postgresql://host/runs", "postgres")],
)
def test_a_library_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, library: str, url: str, extra: str
) -> None:
    from opforge_runtime.stores import opening

    def find_other(name: str) -> object:
        return None if name == library else find_spec(name)

    monkeypatch.setattr(opening, "find_spec", find_other)
    expected = ("E_STORE_EXTRA", {"scheme": url.partition(":")[0], "extra": extra})
    opened = open_artifacts if extra == "s3" else open_store
    assert refusal(lambda: opened(url)) == expected


def test_a_postgresql_address_is_opened(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = get_store_url(postgres_server, tmp_path)
    for address in (url, url.replace("postgresql:", "postgres:")):
        store = open_store(address)
        assert type(store).__name__ == "PostgresStore"
        store.close()


def test_an_s3_address_is_read_as_a_url() -> None:
    place = parse_s3_url("s3://k%2Fey:se%3Acret@my.bucket/a/b%20c/?endpoint=http://127.0.0.1:9000&region=eu")
    assert place == S3Place("my.bucket", "a/b c", "http://127.0.0.1:9000", "eu", "k/ey", "se:cret")
    assert place.name == "s3://my.bucket/a/b c"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("runs.db", "runs.db"),
        ("sqlite:.opforge/runs.db", ".opforge/runs.db"),
        ("memory:", "memory:"),
        ("export:run.forge", "run.forge"),
        (f"postgresql://me:{SECRET}@host:5432/runs?password={SECRET}", "postgresql://host:5432/runs"),
        (f"s3://key:{SECRET}@bucket/prefix?endpoint=http://x/{SECRET}", "s3://bucket/prefix"),
        (f"odd:{SECRET}", "odd:"),
        (f"odd://[{SECRET}", "odd:"),
        (f"odd://a@b:{SECRET}@host/x#{SECRET}", "odd://host/x"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert describe_store(url) == shown


@pytest.mark.parametrize(
    ("url", "anchored"),
    [
        ("runs.db", "sqlite:/srv/app/runs.db"),
        ("sqlite:below/runs.db", "sqlite:/srv/app/below/runs.db"),
        ("sqlite:/var/runs.db", "sqlite:/var/runs.db"),
        ("files:artifacts", "files:/srv/app/artifacts"),
        ("memory:", "memory:"),
        ("export:run.forge", "export:/srv/app/run.forge"),
        ("s3://bucket/prefix", "s3://bucket/prefix"),
        ("postgresql://host/runs", "postgresql://host/runs"),
        ("sqlite:", "sqlite:"),
    ],
)
def test_a_relative_path_is_relative_to_the_folder_of_the_configuration(url: str, anchored: str) -> None:
    assert anchor_url(url, Path("/srv/app")) == anchored
