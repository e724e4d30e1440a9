"""Settings: sources, precedence and validation.

Each test runs in an empty folder, where it creates its own ``.env`` files. The environment contains
no settings.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from taskstead.config.errors import SettingsError
from taskstead.config.loader import load_settings
from taskstead.config.settings import PREFIX, Environment, Settings
from tests.harness.settings import make_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of the test, without settings in the environment."""
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults_apply_without_any_source() -> None:
    settings = load_settings()
    assert settings.environment is Environment.DEVELOPMENT
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.effective_database_url == f"sqlite:///{settings.data_dir / 'taskstead.db'}"


def test_precedence_of_sources(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = folder / "secrets"
    secrets.mkdir()
    monkeypatch.setenv("TASKSTEAD_SECRETS_DIR", str(secrets))
    assert load_settings().port == 8000
    (secrets / "taskstead_port").write_text("1001\n")
    assert load_settings().port == 1001
    (folder / ".env").write_text("TASKSTEAD_PORT=1002\n")
    assert load_settings().port == 1002
    (folder / ".env.development").write_text("TASKSTEAD_PORT=1003\n")
    assert load_settings().port == 1003
    monkeypatch.setenv("TASKSTEAD_PORT", "1004")
    assert load_settings().port == 1004
    assert load_settings(port=1005).port == 1005
    assert load_settings(port=None).port == 1004


def test_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKSTEAD_DATABASE_URL", "")
    assert load_settings().database_url is None


@pytest.mark.parametrize("source", ["variable", "env_file", "argument"])
def test_environment_selects_its_file(
    source: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env.production").write_text("TASKSTEAD_WORKERS=4\n")
    (folder / ".env.development").write_text("TASKSTEAD_WORKERS=3\n")
    overrides = {}
    if source == "variable":
        monkeypatch.setenv("TASKSTEAD_ENVIRONMENT", "production")
    elif source == "env_file":
        (folder / ".env").write_text("TASKSTEAD_ENVIRONMENT=production\n")
    else:
        overrides["environment"] = "production"
    settings = load_settings(**overrides)
    assert (settings.environment, settings.workers) == (Environment.PRODUCTION, 4)


def test_secret_is_read_from_its_file(folder: Path) -> None:
    secrets = folder / "secrets"
    secrets.mkdir()
    url = "postgresql://taskstead:s3cret@localhost/taskstead"
    (secrets / "TASKSTEAD_DATABASE_URL").write_text(f"{url}\n")
    (secrets / "somebody_elses").write_text("not ours")
    (folder / ".env").write_text("TASKSTEAD_SECRETS_DIR=secrets\n")
    assert load_settings().effective_database_url == url


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("PORT", "70000", "Invalid value for TASKSTEAD_PORT: Input should be less than or equal"),
        ("WORKERS", "many", "Invalid value for TASKSTEAD_WORKERS: Input should be a valid integer"),
        ("REGISTRATION", "maybe", "Invalid value for TASKSTEAD_REGISTRATION"),
        ("ENVIRONMENT", "staging", "Invalid value for TASKSTEAD_ENVIRONMENT"),
        ("DATABASE_URL", "mysql://u:pass@host/db", "Invalid value for TASKSTEAD_DATABASE_URL: it "),
        (
            "DATABASE_URL",
            "sqlite:///",
            "Invalid value for TASKSTEAD_DATABASE_URL: it must name a file",
        ),
        ("DATABASE_URL", "sqlite:///:memory:", "it must name a file after sqlite:///."),
        ("DATABASE_URL", "postgresql://u:pass@host:port/db", "its host or port is invalid"),
        ("DATABASE_URL", "postgresql://u:p#pass@host/db", "its host or port is invalid"),
        ("DATABASE_URL", "postgresql://[::1/db", "its host or port is invalid"),
        ("DATABASE_URL", "postgresql://a:1,b:port/db", "its host or port is invalid"),
        (
            "DATABASE_READ_URL",
            "sqlite:///x.db",
            "Invalid value for TASKSTEAD_DATABASE_READ_URL: it ",
        ),
        ("DATABASE_READ_URL", "postgresql://u:pass@host:port/db", "its host or port is"),
        (
            "DATABASE_READ_URL",
            "postgresql://u:pass@host/db",
            "SQLite has no replicas: set TASKSTEAD_",
        ),
        (
            "SECRETS_DIR",
            "nowhere",
            "Invalid value for TASKSTEAD_SECRETS_DIR: nowhere is not a folder",
        ),
    ],
)
def test_invalid_value_is_rejected_by_name(
    name: str, value: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    message = str(refused.value)
    assert part in message
    assert "\n" not in message
    assert "pass@" not in message


def test_replica_requires_a_postgresql_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKSTEAD_DATABASE_READ_URL", "postgresql://u:pass@host/db")
    monkeypatch.setenv("TASKSTEAD_DATABASE_URL", "sqlite:///x.db")
    with pytest.raises(SettingsError, match="SQLite has no replicas"):
        load_settings()
    monkeypatch.setenv("TASKSTEAD_DATABASE_URL", "mysql://host/db")
    with pytest.raises(SettingsError, match="Invalid value for TASKSTEAD_DATABASE_URL") as refused:
        load_settings()
    assert "SQLite" not in str(refused.value)
    monkeypatch.setenv("TASKSTEAD_DATABASE_URL", "postgresql://u:pass@elsewhere/db")
    assert load_settings().database_read_url == "postgresql://u:pass@host/db"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("TASKSTEAD_DATABSE_URL", "did you mean TASKSTEAD_DATABASE_URL?"),
        ("taskstead_prot", "did you mean TASKSTEAD_PORT?"),
        ("TASKSTEAD_SECRET_DIR", "did you mean TASKSTEAD_SECRETS_DIR?"),
        ("TASKSTEAD_QQQQQ", "see docs/reference/settings.md."),
    ],
)
def test_misspelt_variable_is_rejected(
    name: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value) == f"The variable {name} is not a setting of Taskstead; {hint}"


@pytest.mark.parametrize("file", [".env", ".env.development"])
def test_misspelt_name_in_a_file_is_rejected(file: str, folder: Path) -> None:
    (folder / file).write_text("OTHER=1\nTASKSTEAD_WROKERS=2\n")
    with pytest.raises(SettingsError, match=rf"In {file}, .*did you mean TASKSTEAD_WORKERS\?"):
        load_settings()


def test_misspelt_secret_is_rejected(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "taskstead_database_ulr").write_text("x")
    monkeypatch.setenv("TASKSTEAD_SECRETS_DIR", str(folder))
    with pytest.raises(SettingsError, match=r"taskstead_database_ulr .*TASKSTEAD_DATABASE_URL\?"):
        load_settings()


def test_binary_env_file_is_rejected(folder: Path) -> None:
    (folder / ".env").write_bytes(b"TASKSTEAD_PORT=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"The file \.env cannot be read"):
        load_settings()


def test_variables_of_the_test_suite_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TASKSTEAD_TEST_ANYTHING", "1")
    assert load_settings() == Settings()


@pytest.mark.parametrize("name", ["URL", "TOKEN", "WORKSPACE", "PROFILE"])
def test_variables_of_client_commands_are_ignored(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"TASKSTEAD_{name}", "x")
    assert load_settings() == Settings()


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("cors_origins", "http://localhost:5173/", "http://localhost:5173"),
        ("cors_origins", " HTTPS://Tasks.Example.org:443/ ,*", "https://tasks.example.org, *"),
        ("cors_origins", "http://[::0:1]:080,null", "http://[::1], null"),
        ("cors_origins", "capacitor://localhost", "capacitor://localhost"),
        ("cors_origins", "http://10.0.0.1:8080", "http://10.0.0.1:8080"),
        ("allowed_hosts", "Tasks.Example.org, *.Local", "tasks.example.org, *.local"),
        ("allowed_hosts", "127.0.0.1, [::1], 0:0::2", "127.0.0.1, ::1, ::2"),
        ("trusted_proxies", "10.0.0.1/8, 0::1, 10.0.0.1", "10.0.0.0/8, ::1, 10.0.0.1"),
    ],
)
def test_lists_are_normalised(name: str, given: str, kept: str) -> None:
    assert getattr(load_settings(**{name: given}), name) == kept


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("cors_origins", "localhost:5173"),
        ("cors_origins", "http://*.example.org"),
        ("cors_origins", "http://example.org/app"),
        ("cors_origins", "http://example.org/?a"),
        ("cors_origins", "http://me@example.org"),
        ("cors_origins", "http://"),
        ("cors_origins", "http:///"),
        ("cors_origins", "http://a b"),
        ("cors_origins", "http://example.org:99999"),
        ("cors_origins", "http://example.org:port"),
        ("cors_origins", "http://t\u00e4sts.example"),
        ("cors_origins", "//example.org"),
        ("cors_origins", "https://good.example, bad"),
        ("allowed_hosts", "*"),
        ("allowed_hosts", "https://example.org"),
        ("allowed_hosts", "example.org:8000"),
        ("allowed_hosts", "[::1]:8000"),
        ("allowed_hosts", "example.org/"),
        ("allowed_hosts", "tasks.*.org"),
        ("allowed_hosts", "*example.org"),
        ("allowed_hosts", "*.10.0.0.1"),
        ("allowed_hosts", "a b"),
        ("allowed_hosts", "t\u00e4sts.example"),
        ("trusted_proxies", "proxy"),
        ("trusted_proxies", "*"),
    ],
)
def test_values_that_can_never_match_are_rejected(name: str, given: str) -> None:
    with pytest.raises(SettingsError, match=f"{PREFIX}{name.upper()}: ") as caught:
        load_settings(**{name: given})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "needs"),
    [
        ({}, False),
        ({"host": "localhost"}, False),
        ({"host": "127.8.8.8"}, False),
        ({"host": "::1"}, False),
        ({"host": "0.0.0.0"}, True),  # noqa: S104 - the tested value
        ({"host": "::"}, True),
        ({"host": "tasks.example.org"}, True),
        ({"environment": "production"}, True),
        ({"setup_token": "a long enough secret"}, True),
    ],
)
def test_public_server_needs_a_setup_token_for_first_account(
    values: dict[str, Any], *, needs: bool
) -> None:
    assert Settings(**values).needs_setup_token is needs


def test_database_url_may_have_several_hosts() -> None:
    url = "postgresql://u:p@a,[::1]:5433/db?target_session_attrs=read-write"
    assert Settings(database_url=url).database_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate_limit_reads", "0/minute"),
        ("rate_limit_reads", "many"),
        ("rate_limit_login", "5/fortnight"),
        ("trusted_proxies", "10.0.0.0/8, proxy"),
        ("redis_url", "memcached://localhost"),
        ("redis_url", "redis://localhost:port"),
    ],
)
def test_invalid_limit_settings_are_rejected(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        make_settings("sqlite:///x.db", **{name: value})
