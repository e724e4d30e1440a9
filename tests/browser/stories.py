"""Steps that many stories share, in the words of a person who uses the app."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import EMAIL, PASSWORD


def sign_up(page: Page, *, name: str = "Ada Lindqvist", email: str = EMAIL) -> None:
    """Create an account on the sign-up page, and wait for Today."""
    page.goto("/signup")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Email").fill(email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Today", level=1)).to_be_visible()


def sign_in(page: Page, *, email: str = EMAIL, password: str = PASSWORD) -> None:
    """Fill in the sign-in page and send it."""
    page.goto("/signin")
    page.get_by_label("Email").fill(email)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_task(page: Page, text: str) -> None:
    """Add a task with the key of quick add, and close quick add."""
    page.keyboard.press("q")
    field = page.get_by_role("textbox", name="Task", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(field).to_have_value("")
    page.keyboard.press("Escape")
    expect(field).not_to_be_visible()


def get_row(page: Page, title: str) -> Locator:
    """Return the row of a task in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=title, exact=True))


def expect_all_sent(page: Page) -> None:
    """Wait until the server has all changes."""
    expect(page.get_by_text("All changes sent")).to_be_visible()
