"""Dockerfile, compose.yaml and nginx's configuration, as far as they can be held without an engine.

They name files, programs and settings that exist. The steps themselves nobody runs here.
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

from taskstead.settings import PREFIX, Settings
from tests.faults.deployment import CONFIGURATION, require_nginx, write_configuration
from tests.servers.ports import find_free_port

ROOT = Path(__file__).parents[2]
SETTINGS = {PREFIX + name.upper() for name in Settings.model_fields} | {f"{PREFIX}SECRETS_DIR"}


def read_dockerfile() -> list[tuple[str, str]]:
    """Return each instruction and its arguments, on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined.splitlines()]


def get_last_stage() -> dict[str, str]:
    steps = read_dockerfile()
    last = max(index for index, step in enumerate(steps) if step[0] == "FROM")
    return dict(steps[last:])


def read_compose() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return composed


def test_what_the_image_copies_exists_and_is_sent_to_the_engine() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = set()
    for instruction, arguments in read_dockerfile():
        if instruction == "COPY" and not arguments.startswith("--from"):
            copied |= set(arguments.split()[:-1])
    assert copied == sent
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_runs_as_nobody_in_particular_and_has_no_tools() -> None:
    stage = get_last_stage()
    assert stage["USER"] == "10001:10001"
    assert (stage["VOLUME"], stage["STOPSIGNAL"]) == ("/data", "SIGTERM")
    assert "pip" not in stage["RUN"]
    assert "apt" not in stage["RUN"]
    assert json.loads(stage["ENTRYPOINT"]) == ["taskstead"]
    assert shutil.which("taskstead", path=str(ROOT / ".venv" / "bin"))
    variables = dict(part.split("=", 1) for part in stage["ENV"].split())
    assert {name for name in variables if name.startswith(PREFIX)} <= SETTINGS


def test_the_health_check_asks_whether_anybody_answers() -> None:
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
            # It does not go by that name, and is well.
            connection.sendall(b"HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n")
            assert checking.result() == 0
    assert check(port) == 1


def test_the_services_name_settings_files_and_each_other() -> None:
    composed = read_compose()
    services = composed["services"]
    assert set(services) == {"api-1", "api-2", "worker", "nginx", "postgres", "redis"}
    for name, service in services.items():
        variables = {key for key in service.get("environment", {}) if key.startswith(PREFIX)}
        assert variables <= SETTINGS, name
        assert service["healthcheck" if name == "nginx" else "restart"]
        for other, how in service.get("depends_on", {}).items():
            assert other in services
            assert how == {"condition": "service_healthy"}
            assert "test" in services[other].get("healthcheck", {"test": "the image's"})
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in composed["volumes"] or (ROOT / source).is_file()
        for secret in service.get("secrets", []):
            source = secret if isinstance(secret, str) else secret["source"]
            assert source in composed["secrets"]
    (target,) = {secret["target"] for secret in services["api-1"]["secrets"]}
    assert target in SETTINGS


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
    # A POST that may have been done is never sent a second time.
    assert re.findall(r"proxy_next_upstream (.*);", text) == ["error timeout"]


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
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
def test_time_to_stop_is_longer_than_time_to_drain(name: str) -> None:
    service = read_compose()["services"][name]
    drain = float(service["environment"][f"{PREFIX}DRAIN_SECONDS"])
    assert float(service["stop_grace_period"].removesuffix("s")) > drain + 3 + 10
