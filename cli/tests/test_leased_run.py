"""A run that another process drives is left to it, by a real process and with the documented exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from house.recorded_runs import compile_payout
from house.run_builder import RunBuilder
from opforge_cli.exit_codes import ExitCode
from opforge_runtime.stores import SqliteStore


def test_a_run_that_is_driven_is_not_resumed(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with SqliteStore(path) as store:
        run = RunBuilder(store, "payout-driven", compile_payout()).append(0).run
        head = store.get_head(run)
        refused = subprocess.run(
            [str(Path(sys.executable).with_name("forge")), "resume", run, "--store", str(path)],
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert refused.returncode == ExitCode.ENVIRONMENT
        assert "E_RUN_LEASED" in refused.stderr
        assert f"the run {run} is being driven by test" in refused.stderr
        assert store.get_head(run) == head
