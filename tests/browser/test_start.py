"""First run, sign-up, sign-in and sign-out."""

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import EMAIL
from tests.browser.stories import add_task, expect_all_sent, get_row, sign_in, sign_up


def test_first_person_becomes_administrator(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_text("You will be its administrator.")).to_be_visible()
    sign_up(page)
    me = page.request.get("/auth/me", headers={"Taskstead-Client": "web"})
    assert me.json()["is_admin"] is True
    assert me.json()["time_zone"] == "Europe/Berlin"


def test_error_of_a_password_is_beside_its_field(page: Page) -> None:
    page.goto("/signup")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Email").fill(EMAIL)
    password = page.get_by_role("textbox", name="Password")
    password.fill("short")
    page.get_by_role("button", name="Create account").click()
    expect(password).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("The password is too short.")).to_be_visible()


def test_password_can_be_shown(page: Page) -> None:
    page.goto("/signup")
    password = page.get_by_role("textbox", name="Password")
    password.fill("correct horse")
    page.get_by_role("button", name="Show the password").click()
    expect(password).to_have_attribute("type", "text")


def test_wrong_password_is_reported(page: Page, other_page: Page) -> None:
    sign_up(other_page)
    sign_in(page, password="not the password")
    expect(page.get_by_text("The email or the password is wrong.")).to_be_visible()


def test_session_survives_a_reload(page: Page) -> None:
    sign_up(page)
    add_task(page, "Buy oat milk today")
    expect_all_sent(page)
    page.reload()
    expect(get_row(page, "Buy oat milk")).to_be_visible()


def test_second_browser_shows_the_same_tasks(page: Page, other_page: Page) -> None:
    sign_up(page)
    add_task(page, "Buy oat milk today")
    expect_all_sent(page)
    sign_in(other_page)
    expect(get_row(other_page, "Buy oat milk")).to_be_visible()


def test_signing_out_deletes_the_data_of_the_device(page: Page, context: BrowserContext) -> None:
    sign_up(page)
    add_task(page, "Buy oat milk today")
    expect_all_sent(page)
    page.get_by_role("button", name="Ada Lindqvist").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.evaluate("indexedDB.databases().then(all => all.length)") == 0
    assert [cookie for cookie in context.cookies() if "taskstead" in cookie["name"]] == []
