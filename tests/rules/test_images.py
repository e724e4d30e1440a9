"""Dockerfile, compose.yaml and nginx configuration, checked without a container engine.

The files, programs and settings that they name must exist. The build steps are not run.
"""

import json
import re
import shutil
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from taskstead.config.loader import load_settings
from taskstead.config.settings import PREFIX, Settings
from tests.harness.deployment import CONFIGURATION, require_nginx, write_configuration
from tests.harness.servers.ports import find_free_port

ROOT = Path(__file__).parents[2]
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields} | {f"{PREFIX}SECRETS_DIR"}


def read_dockerfile() -> list[tuple[str, str]]:
    """Return each instruction with its arguments on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined.splitlines()]


def get_last_stage() -> dict[str, str]:
    steps = read_dockerfile()
    last = max(index for index, step in enumerate(steps) if step[0] == "FROM")
    return dict(steps[last:])


def read_compose(name: str = "compose.yaml") -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return composed


def test_copied_files_exist_and_are_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = set()
    for instruction, arguments in read_dockerfile():
        if instruction == "COPY" and not arguments.startswith("--from"):
            copied |= set(arguments.split()[:-1])
    assert copied == sent
    assert all((ROOT / source).exists() for source in copied)


def test_image_runs_as_unprivileged_user_without_build_tools() -> None:
    stage = get_last_stage()
    assert stage["USER"] == "10001:10001"
    assert (stage["VOLUME"], stage["STOPSIGNAL"]) == ("/data", "SIGTERM")
    assert "pip" not in stage["RUN"]
    assert "apt" not in stage["RUN"]
    assert json.loads(stage["ENTRYPOINT"]) == ["taskstead"]
    assert shutil.which("taskstead", path=str(ROOT / ".venv" / "bin"))
    variables = dict(part.split("=", 1) for part in stage["ENV"].split())
    assert {name for name in variables if name.startswith(PREFIX)} <= SETTINGS


def test_health_check_accepts_any_response() -> None:
    _, _, command = get_last_stage()["HEALTHCHECK"].partition("CMD ")
    program, *arguments = json.loads(command)
    assert program == "python"

    def check(port: int) -> int:
        environment = {f"{PREFIX}PORT": str(port)}
        finished = subprocess.run(
            [sys.executable, *arguments], env=environment, check=False, capture_output=True
        )
        return finished.returncode

    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as threads:
        port = server.getsockname()[1]
        checking = threads.submit(check, port)
        connection, _ = server.accept()
        with connection:
            assert connection.recv(1000).startswith(b"GET /health/live ")
            # The server rejects the host name, but it is alive.
            connection.sendall(b"HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n")
            assert checking.result() == 0
    assert check(port) == 1


def test_services_name_existing_settings_files_and_services() -> None:
    composed = read_compose()
    services = composed["services"]
    names = {"secrets", "api-1", "api-2", "worker", "nginx", "postgres", "redis"}
    assert set(services) == names
    for name, service in services.items():
        variables = {key for key in service.get("environment", {}) if key.startswith(PREFIX)}
        assert variables <= SETTINGS, name
        # The service that creates the secrets ends once they exist.
        assert ("restart" in service) is (name != "secrets")
        for other, how in service.get("depends_on", {}).items():
            assert other in services
            if other == "secrets":
                assert how == {"condition": "service_completed_successfully"}
                continue
            assert how == {"condition": "service_healthy"}
            assert "test" in services[other].get("healthcheck", {"test": "the image's"})
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in composed["volumes"] or (ROOT / source).is_file()


def test_secrets_are_created_once_and_read_by_the_services(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service's command is run unchanged, with a folder in place of the volume."""
    services = read_compose()["services"]
    program, script, folder = services["secrets"]["entrypoint"]
    (mounted,) = [
        volume.split(":")[0]
        for volume in services["secrets"]["volumes"]
        if volume.split(":")[1] == script
    ]
    secrets = tmp_path / "secrets"
    secrets.mkdir()

    def make() -> dict[str, str]:
        subprocess.run([program, str(ROOT / mounted), str(secrets)], check=True)
        return {file.name: file.read_text(encoding="utf-8") for file in secrets.iterdir()}

    made = make()
    assert make() == made, "a second start changes nothing"
    (secrets / "TASKSTEAD_SETUP_TOKEN").write_text("")
    assert len(make()["TASKSTEAD_SETUP_TOKEN"]) == 48, (
        "an empty file is left from an interrupted start"
    )
    assert all(file.stat().st_mode & 0o777 == 0o644 for file in secrets.iterdir())
    password = made["postgres_password"]
    assert re.fullmatch("[0-9a-f]{48}", password)
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD_FILE"] == (
        f"{folder}/postgres_password"
    )
    monkeypatch.chdir(tmp_path)
    for name, value in services["api-1"]["environment"].items():
        monkeypatch.setenv(name, str(secrets) if value == folder else re.sub(r"\$.*-|}", "", value))
    settings = load_settings()
    assert settings.database_url == f"postgresql://taskstead:{password}@postgres:5432/taskstead"
    assert settings.setup_token == (secrets / "TASKSTEAD_SETUP_TOKEN").read_text()
    for name in ("api-1", "api-2", "worker", "postgres"):
        assert f"secrets:{folder}:ro" in services[name]["volumes"]
        assert "secrets" in services[name]["depends_on"]


def test_simple_set_is_one_container_with_a_volume() -> None:
    composed = read_compose("compose.simple.yaml")
    (service,) = composed["services"].values()
    stage = get_last_stage()
    assert service["ports"] == [f"127.0.0.1:8000:{stage['EXPOSE']}"]
    (volume,) = service["volumes"]
    assert volume.split(":") == [*composed["volumes"], stage["VOLUME"]]
    assert set(service["environment"]) <= SETTINGS
    assert float(service["stop_grace_period"].removesuffix("s")) > 10


def test_both_sets_listen_on_port_8000_of_this_machine() -> None:
    ports = [
        port
        for name in ("compose.yaml", "compose.simple.yaml")
        for service in read_compose(name)["services"].values()
        for port in service.get("ports", [])
    ]
    assert [port.rpartition(":")[0] for port in ports] == ["127.0.0.1:8000"] * 2


def test_nginx_and_the_services_agree() -> None:
    services = read_compose()["services"]
    text = CONFIGURATION.read_text(encoding="utf-8")
    assert re.findall(r"server (\S+):8000", text) == ["api-1", "api-2"]
    (address,) = {services[name]["environment"][f"{PREFIX}TRUSTED_PROXIES"] for name in ("api-1",)}
    assert services["nginx"]["networks"]["default"]["ipv4_address"] == address
    (idle,) = re.findall(r"keepalive_timeout (\d+)s", text)
    assert int(idle) < Settings.model_fields["keep_alive_seconds"].default
    limits = [int(size) << 20 for size in re.findall(r"client_max_body_size (\d+)m", text)]
    names = ("max_body_bytes", "max_import_bytes")
    assert limits == [Settings.model_fields[name].default for name in names]
    # A POST that may have been processed is not sent again.
    assert re.findall(r"proxy_next_upstream (.*);", text) == ["error timeout"]


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    program = require_nginx()
    main = write_configuration(tmp_path, [1, 2], find_free_port())
    done = subprocess.run(
        [program, "-t", "-p", str(tmp_path), "-e", str(tmp_path / "error.log"), "-c", str(main)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["api-1", "api-2", "worker"])
def test_stop_timeout_is_longer_than_the_drain_period(name: str) -> None:
    service = read_compose()["services"][name]
    drain = float(service["environment"][f"{PREFIX}DRAIN_SECONDS"])
    assert float(service["stop_grace_period"].removesuffix("s")) > drain + 3 + 10
