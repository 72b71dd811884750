"""The short form of `make chaos`: a few hundred messages under a dozen faults, judged by what shares no code with the gateway.

Where there are no namespaces to be had, the run says what it leaves out and does the rest.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.process import TOP

#: which faults meet the load, so that CI does the same each time; `make chaos` draws
SEED = 7


@pytest.mark.parametrize("store", ["sqlite", "redis"])
async def test_nothing_acknowledged_is_lost_or_doubled_and_everybody_hears(tmp_path: Path, store: str) -> None:
    if store == "redis" and shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server here")
    words = [
        "--store",
        store,
        "--messages",
        "400",
        "--faults",
        "10",
        "--seed",
        str(SEED),
        "--patience",
        "60",
        "--folder",
        str(tmp_path / "run"),
    ]
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "chaos", *words], cwd=TOP, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text(encoding="utf-8"))
    assert 0 < verdict["facts"]["faults"] <= 10  # those that are due when all has been handed over are left out
    assert verdict["facts"]["registered"] == 400
    assert verdict["facts"]["yes at the wire"] >= 400
