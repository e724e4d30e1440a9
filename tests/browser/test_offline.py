"""Without a connection or a server: nothing is lost, and both sides show the same afterwards."""

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Faults, running_web_server
from tests.browser.stories import add_task, expect_all_sent, get_row, sign_in, sign_up
from tests.harness.commands import Server


def test_change_appears_in_the_other_browser(page: Page, other_page: Page) -> None:
    sign_up(page)
    sign_in(other_page)
    expect(other_page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    add_task(page, "Buy oat milk today")
    expect(get_row(other_page, "Buy oat milk")).to_be_visible()


def test_changes_made_offline_are_sent_later(
    page: Page, context: BrowserContext, faults: Faults
) -> None:
    faults.expected.append("Failed to load resource: net::ERR_INTERNET_DISCONNECTED")
    sign_up(page)
    add_task(page, "Online today")
    expect_all_sent(page)
    context.set_offline(True)
    add_task(page, "Offline today")
    get_row(page, "Online").get_by_role("checkbox").click()
    expect(page.get_by_text("not sent").first).to_be_visible()
    context.set_offline(False)
    expect_all_sent(page)
    tasks = page.request.get("/api/v1/tasks", headers={"Taskstead-Client": "web"}).json()["items"]
    assert {task["title"]: task["status"] for task in tasks} == {
        "Online": "done",
        "Offline": "todo",
    }


def test_changes_survive_a_reload_offline(
    page: Page, context: BrowserContext, faults: Faults
) -> None:
    faults.expected.append("net::ERR_")
    sign_up(page)
    expect_all_sent(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    context.set_offline(True)
    add_task(page, "Offline today")
    page.reload()
    expect(get_row(page, "Offline")).to_be_visible()
    context.set_offline(False)
    expect_all_sent(page)


def test_server_that_was_stopped_receives_the_changes(
    page: Page, other_page: Page, server: Server, tmp_path: Path, faults: Faults
) -> None:
    faults.expected.append("net::ERR_")
    sign_up(page)
    sign_in(other_page)
    expect(other_page.get_by_role("heading", name="Today", level=1)).to_be_visible()
    port = server.port
    server.stop()
    for number in range(10):
        add_task(page, f"From the first {number} today")
        add_task(other_page, f"From the second {number} today")
    with running_web_server(tmp_path, "--port", str(port)):
        for each in (page, other_page):
            each.bring_to_front()
            expect_all_sent(each)
            expect(each.get_by_role("link", name="From the first 9")).to_be_visible()
            expect(each.get_by_role("link", name="From the second 9")).to_be_visible()
        answer = page.request.get("/api/v1/tasks", headers={"Taskstead-Client": "web"})
        assert len(answer.json()["items"]) == 20


def test_conflicting_titles_wait_for_a_decision(
    page: Page, other_page: Page, context: BrowserContext, faults: Faults
) -> None:
    faults.expected.append("net::ERR_INTERNET_DISCONNECTED")
    sign_up(page)
    add_task(page, "Order filters today")
    expect_all_sent(page)
    sign_in(other_page)
    context.set_offline(True)
    rename_task(page, "Order filters", "Order filters from Ada")
    rename_task(other_page, "Order filters", "Order filters from Ben")
    expect_all_sent(other_page)
    context.set_offline(False)
    page.get_by_role("main").get_by_role("button", name="Show").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep mine").click()
    expect(get_row(other_page, "Order filters from Ada")).to_be_visible()


def rename_task(page: Page, title: str, new_title: str) -> None:
    get_row(page, title).focus()
    page.keyboard.press("e")
    page.get_by_role("textbox", name="Title").fill(new_title)
    page.keyboard.press("Enter")
    expect(get_row(page, new_title)).to_be_focused()
