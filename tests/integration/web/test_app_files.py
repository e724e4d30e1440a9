"""The files of the web app: which addresses show it, caching, compressed forms and the policy."""

import gzip
from pathlib import Path

import pytest

from taskstead.config.settings import Settings
from tests.harness.client import Client

BROWSER = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    folder = tmp_path / "build"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Taskstead app</title>")
    (folder / "sw.js").write_text("// worker")
    script = folder / "assets/app-1a2b.js"
    script.write_text("let tasks;")
    script.with_name("app-1a2b.js.gz").write_bytes(gzip.compress(b"let tasks;"))
    script.with_name("app-1a2b.js.br").write_bytes(b"brotli form")
    return folder


@pytest.fixture
def settings(settings: Settings, build: Path) -> Settings:
    return settings.model_copy(update={"web_app": True, "web_dir": build})


@pytest.mark.parametrize("path", ["/", "/today", "/category/01a2", "/t/214", "/settings/keys"])
async def test_address_of_a_page_returns_the_app(path: str, client: Client) -> None:
    answer = await client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert "Taskstead app" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/today", "/sw.js"])
async def test_policy_allows_own_files_only(path: str, client: Client) -> None:
    policy = (await client.get(path, headers=BROWSER)).headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert policy.endswith("require-trusted-types-for 'script'; trusted-types taskstead")


async def test_unknown_address_is_not_found(client: Client) -> None:
    assert (await client.get("/nowhere", headers=BROWSER)).status_code == 404


async def test_asset_is_cached_for_ever(client: Client) -> None:
    answer = await client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert answer.text == "let tasks;"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("gzip, br;q=0", "gzip"), ("zstd", None)],
)
async def test_best_accepted_coding_is_sent(
    accepted: str, coding: str | None, client: Client
) -> None:
    answer = await client.request(
        "HEAD", "/assets/app-1a2b.js", headers={"Accept-Encoding": accepted}
    )
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Vary"] == "Accept-Encoding"


async def test_known_file_is_not_sent_again(client: Client) -> None:
    first = await client.get("/today", headers=BROWSER)
    again = await client.get("/today", headers={**BROWSER, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_compressed_form_has_one_suffix_in_its_etag(client: Client) -> None:
    brotli = {"Accept-Encoding": "br"}
    plain = await client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
    first = await client.request("HEAD", "/assets/app-1a2b.js", headers=brotli)
    etag = first.headers["ETag"]
    assert etag == f'{plain.headers["ETag"][:-1]}-br"'
    again = await client.get("/assets/app-1a2b.js", headers={**brotli, "If-None-Match": etag})
    assert (again.status_code, again.headers["ETag"]) == (304, etag)


@pytest.mark.parametrize("path", ["/assets/nowhere.js", "/assets/..%2Findex.html", "/icons/x.png"])
async def test_missing_file_is_not_found(path: str, client: Client) -> None:
    assert (await client.get(path)).status_code == 404


class TestWithoutBuild:
    """The app is enabled, but was not built."""

    @pytest.fixture
    def settings(self, settings: Settings, tmp_path: Path) -> Settings:
        return settings.model_copy(update={"web_dir": tmp_path / "missing"})

    async def test_home_page_explains_how_to_build(self, client: Client) -> None:
        answer = await client.get("/", headers=BROWSER)
        assert "The web app is not built." in answer.text

    async def test_addresses_of_pages_are_not_found(self, client: Client) -> None:
        assert (await client.get("/today", headers=BROWSER)).status_code == 404
