"""Adding, completing, undoing and changing tasks, with the mouse and with keys only."""

import re

from playwright.sync_api import Page, expect

from tests.browser.stories import add_task, expect_all_sent, get_row, sign_up


def test_quick_add_marks_what_it_recognises(page: Page) -> None:
    sign_up(page)
    page.keyboard.press("q")
    expect(page.get_by_role("textbox", name="Task", exact=True)).to_be_focused()
    page.keyboard.type("Call the dentist tomorrow 9am @phone #Household p1")
    marks = page.locator("form.qa mark")
    expect(marks).to_have_text(["tomorrow 9am", "@phone", "#Household", "p1"])


def test_added_task_is_in_its_category(page: Page) -> None:
    sign_up(page)
    add_task(page, "Call the dentist today #Household")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Household").click()
    expect(page.get_by_role("heading", name="Household", level=1)).to_be_visible()
    expect(get_row(page, "Call the dentist")).to_be_visible()


def test_completed_task_can_be_undone(page: Page) -> None:
    sign_up(page)
    add_task(page, "Buy oat milk today")
    done = get_row(page, "Buy oat milk").get_by_role("checkbox")
    done.click()
    expect(done).to_be_checked()
    page.get_by_role("button", name="Undo").first.click()
    expect(done).not_to_be_checked()
    expect_all_sent(page)
    task = page.request.get("/api/v1/tasks/1", headers={"Taskstead-Client": "web"}).json()
    assert task["status"] == "todo"


def test_repeating_task_moves_to_its_next_day(page: Page) -> None:
    sign_up(page)
    add_task(page, "Water the plants every day")
    get_row(page, "Water the plants").get_by_role("checkbox").click()
    expect_all_sent(page)
    task = page.request.get("/api/v1/tasks/1", headers={"Taskstead-Client": "web"}).json()
    assert (task["status"], task["repeat_gone"]) == ("todo", 1)


def test_list_works_with_keys_only(page: Page) -> None:
    sign_up(page)
    add_task(page, "First today")
    add_task(page, "Second today")
    get_row(page, "First").focus()
    page.keyboard.press("j")
    expect(get_row(page, "Second")).to_be_focused()
    page.keyboard.press("1")
    expect(get_row(page, "Second").get_by_role("checkbox")).to_have_accessible_name(
        re.compile("priority 1")
    )
    page.keyboard.press("c")
    expect(get_row(page, "Second").get_by_role("checkbox")).to_be_checked()
    page.keyboard.press("Control+z")
    expect(get_row(page, "Second").get_by_role("checkbox")).not_to_be_checked()


def test_title_is_edited_in_place(page: Page) -> None:
    sign_up(page)
    add_task(page, "Buy oat milk today")
    get_row(page, "Buy oat milk").focus()
    page.keyboard.press("e")
    page.get_by_role("textbox", name="Title").fill("Buy soy milk")
    page.keyboard.press("Enter")
    expect(get_row(page, "Buy soy milk")).to_be_focused()


def test_panel_saves_each_field(page: Page) -> None:
    sign_up(page)
    add_task(page, "Buy oat milk today")
    get_row(page, "Buy oat milk").get_by_role("link").click()
    panel = page.get_by_role("complementary")
    panel.get_by_role("button", name="Add a description").click()
    panel.get_by_role("textbox", name="Description").fill("Two litres")
    page.keyboard.press("Control+Enter")
    expect(panel).not_to_be_visible()
    expect_all_sent(page)
    task = page.request.get("/api/v1/tasks/1", headers={"Taskstead-Client": "web"}).json()
    assert task["description"] == "Two litres"
