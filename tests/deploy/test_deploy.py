"""What an operator is given to run it for real: the units pass systemd's own checks.

In: the files of deploy/. Out: nothing. It starts no unit and no container.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = ("lapor-gateway.service", "lapor-gateway@.service")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Laid out as `deploy/install` does it, with a command that exists."""
    for unit in UNITS:
        words = (DEPLOY / "systemd" / unit).read_text(encoding="utf-8")
        (tmp_path / unit).write_text(words.replace("/opt/lapor-gateway/.venv/bin/python", "/bin/true"), encoding="utf-8")
        (tmp_path / f"{unit}.d").mkdir()
        shutil.copy(DEPLOY / "systemd" / "hardening.conf", tmp_path / f"{unit}.d" / "hardening.conf")
    return tmp_path


def analyse(*words: str, path: Path) -> str:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not here")
    told = subprocess.run(
        ["systemd-analyze", *words],
        env={"SYSTEMD_UNIT_PATH": f"{path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout + told.stderr


def test_systemd_finds_no_fault_in_the_units(units: Path) -> None:
    told = analyse(
        "verify", "--man=no", *(str(units / name) for name in ("lapor-gateway.service", "lapor-gateway@workers-2.service")), path=units
    )
    assert "lapor-gateway" not in told


def test_the_units_leave_little_to_an_intruder(units: Path) -> None:
    for name in ("lapor-gateway.service", "lapor-gateway@doors.service"):
        told = analyse("security", "--offline=true", "--threshold=15", "--no-pager", name, path=units)
        assert "OK" in told.splitlines()[-1]
