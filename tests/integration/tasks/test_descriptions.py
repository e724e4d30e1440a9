"""Descriptions as HTML: rendered on request, without delaying logins."""

import asyncio

import pytest

from taskstead.http.app_state import Server
from tests.harness.client import Client
from tests.harness.problems import check_problem

TASKS = "/api/v1/tasks"


async def test_description_is_rendered_on_request(owner: Client) -> None:
    description = (
        '# Milk\n\nOat, ~~soy~~ *or* [this](https://oat.example/a?b=c&d "Oat").\n\n'
        "| a | b |\n|---|---|\n| 1 | <b>2</b> |\n\n![x](http://evil.example/x.gif)\n\n"
        "```python\nprint('<&>')\n```\n<script>alert(1)</script>"
    )
    await owner.create_task(description=description)
    plain = (await owner.get(f"{TASKS}/1")).json()
    assert "description_html" not in plain
    answer = await owner.get(f"{TASKS}/1?render=html")
    task = answer.json()
    html = task.pop("description_html")
    assert task == plain
    assert "<h1>Milk</h1>" in html
    assert "<s>soy</s> <em>or</em>" in html
    assert 'href="https://oat.example/a?b=c&amp;d" title="Oat"' in html
    assert "<td>&lt;b&gt;2&lt;/b&gt;</td>" in html
    assert '<code class="language-python">' in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert '"search"' in answer.headers["RateLimit"]
    await owner.create_task()
    assert (await owner.get(f"{TASKS}/2?render=html")).json()["description_html"] == ""
    check_problem(await owner.get(f"{TASKS}/1?render=pdf"), 422, "validation_failed")


@pytest.mark.engines("sqlite")
async def test_rendering_does_not_delay_logins(owner: Client, server: Server) -> None:
    """Password hashing uses threads, too. It must not queue behind rendering."""
    await owner.create_task(description="[" * 2000)
    # Take the only permit, as a rendering that never ends would.
    async with server.rendering:
        rendering = [asyncio.create_task(owner.get(f"{TASKS}/1?render=html")) for _ in range(24)]
        # All have started now, because they read the task without waiting.
        await owner.get("/health/live")
        await owner.log_in("owner@example.com")
        assert not any(task.done() for task in rendering)
    assert {answer.status_code for answer in await asyncio.gather(*rendering)} == {200}
