"""What an operator is given to run it for real: the units pass systemd's own checks, and every example is settings that the gateway takes.

In: the files of deploy/. Out: nothing. It starts no unit and no container.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import Settings, load

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


def taken(settings: str, folder: Path) -> Settings:
    """As the gateway takes them where the secret is there that is read at once."""
    token = folder / "metrics-token"
    token.write_text("0123456789abcdef\n", encoding="utf-8")
    file = folder / "gateway.toml"
    file.write_text(re.sub(r'(?<=^metrics_token_file = ")[^"]+', str(token), settings, flags=re.MULTILINE), encoding="utf-8")
    found = load(file, {})
    assert found.http.metrics_token == "0123456789abcdef"
    # it listens everywhere, which is no address that an invitation could name
    assert found.console.url
    return found


def test_the_image_holds_every_room_and_compose_gives_it_settings_and_secrets_that_it_asks_for(tmp_path: Path) -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    settings = (DEPLOY / "gateway.toml").read_text(encoding="utf-8")
    found, said = taken(settings, tmp_path), tomllib.loads(settings)
    secrets = {f"/run/secrets/{name}" for name in compose["secrets"]}
    assert {str(found.gateway.secret_path), said["ledger"]["token_file"], said["http"]["metrics_token_file"]} == secrets
    assert f"redis:{6379}" in found.store.url
    for role in ("doors", "workers"):
        assert compose["services"][role]["command"][-2:] == ["--only", role]
    assert (DEPLOY / compose["services"]["doors"]["build"]["context"] / compose["services"]["doors"]["build"]["dockerfile"]).exists()
    copied = re.findall(r"^COPY (\w+) \1$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    wheel = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert sorted(copied) == sorted(wheel["packages"])


def test_what_compose_runs_comes_back_with_the_machine_and_its_redis_is_reached_by_nobody_else() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert {each["restart"] for each in services.values()} == {"unless-stopped"}
    redis = services["redis"]
    # an image that keeps Redis's own default would refuse both, while its health check, from within, is content
    assert redis["command"][-2:] == ["--protected-mode", "no"]
    assert "ports" not in redis


def test_the_image_runs_as_the_owner_and_the_group_of_its_disk() -> None:
    image = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (user, group) = re.findall(r"^USER (\d+):(\d+)$", image, re.MULTILINE)[0]
    assert f"groupadd --gid {group} " in image
    assert f"useradd --uid {user} --gid {group} " in image
    assert f"install --directory --mode 0700 --owner {user} --group {group} /var/lib/lapor-gateway" in image


def test_kubernetes_runs_settings_that_the_gateway_takes(tmp_path: Path) -> None:
    found: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "gateway.yaml").read_text(encoding="utf-8")))
    settings = next(each for each in found if each["kind"] == "ConfigMap")["data"]["gateway.toml"]
    http = taken(settings, tmp_path).http
    for each in (each for each in found if each["kind"] == "StatefulSet"):
        role, (container,) = each["metadata"]["name"], each["spec"]["template"]["spec"]["containers"]
        assert container["args"][-2:] == ["--only", role]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        address = http.workers if role == "workers" else http.operators
        assert address is not None
        assert ports["operators"] == address.port
        mounts = {mount["name"] for mount in container["volumeMounts"]}
        volumes = {volume["name"] for volume in each["spec"]["template"]["spec"]["volumes"]}
        disks = {claim["metadata"]["name"] for claim in each["spec"]["volumeClaimTemplates"]}
        assert mounts == volumes | disks


def test_kubernetes_waits_for_a_change_of_a_large_stores_layout() -> None:
    found: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "gateway.yaml").read_text(encoding="utf-8")))
    for each in (each for each in found if each["kind"] == "StatefulSet"):
        (container,) = each["spec"]["template"]["spec"]["containers"]
        probe = container["startupProbe"]
        # a million stubs take three minutes, and who is killed meanwhile begins again; systemd waits for as long as it takes
        assert probe["periodSeconds"] * probe["failureThreshold"] >= 3600
