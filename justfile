# What is done in this repository, by name. `uv run just` lists it; `uv run just test` is the one that must pass.

set shell := ["bash", "-euo", "pipefail", "-c"]

_list:
    @{{ just_executable() }} --list --unsorted

# every check: form, types, layers, tests with coverage (generated files and the corpus are among the tests)
test: lint types layers
    uv run pytest -n 2 --dist loadgroup --cov --cov-report=term

# form and style
lint:
    uv run ruff format --check .
    uv run ruff check .

# both type checkers, strict
types:
    uv run pyright
    uv run mypy

# which package may import which
layers:
    uv run lint-imports --no-logo

# write the generated files: schema/ and the lower layer of the SDK
generate:
    uv run python -m house.generate

# put the source into form and mend what can be mended by itself
fmt:
    uv run ruff check --fix .
    uv run ruff format .

# accept the new output of every golden file; then read the diff
update-goldens:
    uv run pytest -n 2 --snapshot-update
    git diff --stat

# move every pinned version to the newest that the requirements allow
pins:
    uv run python -m house.pins
    uv sync

# the same bytes over Pythons, hash seeds, locales, time zones and odd paths
matrix:
    uv run pytest -m matrix

# the tests on another Python, in an environment of their own: `just test-on 3.13`
test-on version:
    python=$(uv run python -m house.pythons {{ version }}) && uv run --isolated --python "$python" pytest -n 2 --dist loadgroup

# generated programs in CPython and in the interpreter, as many as you say: `just differential 50000`
differential count:
    uv run python -m house.differential {{ count }}

# the tests of S3 against Ceph's object gateway (Debian packages radosgw, ceph-mon and ceph-osd)
s3-on-ceph:
    uv run python -m house.ceph_gateway

# processes that die while they drive runs: as many as you say, and at least one at each point: `just crash-matrix 1000`
crash-matrix kills:
    uv run python -m house.crash {{ kills }}

# ten workers on one PostgreSQL, of which some are killed while they drive so many runs: `just workers 1000`
workers orders:
    uv run python -m house.workers {{ orders }}

# the programs under benchmarks/, beside their peers
bench:
    uv run python -m benchmarks

# the portfolio example against a development chain of its own
demo:
    uv run forge run examples/portfolio/portfolio.py --dev --input @examples/portfolio/wallets.json
