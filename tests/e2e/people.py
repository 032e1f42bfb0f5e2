"""Browser windows with somebody signed in."""

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.desk import Desk

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = (1440, 900), (390, 844)


class People:
    """Browser windows, each with somebody signed in."""

    def __init__(self, browser: Browser, desk: Desk) -> None:
        self.browser, self.desk = browser, desk
        self.contexts: list[BrowserContext] = []

    def window(self, *, phone: bool = False, dark: bool = False, locale: str = "en-GB") -> Page:
        """A fresh window with nobody signed in."""
        width, height = PHONE if phone else WIDE
        context = self.browser.new_context(
            base_url=self.desk.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=phone,
            locale=locale,
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        return page

    def sign_in(self, who: str = "omar", *, phone: bool = False, dark: bool = False, language: str = "") -> Page:
        """A window in which this person has signed in, at their list; `language`: what they have chosen."""
        page = self.window(phone=phone, dark=dark)
        person = self.desk.person(who)
        if language:
            self.desk.rows("UPDATE accounts_user SET interface_language = %s WHERE id = %s", language, person)
        self.enter(page, person)
        page.goto("/inbox/mine/")
        return page

    def enter(self, page: Page, person: int | None) -> None:
        """From here on this window is this person's."""
        if person is not None:
            key = self.desk.session_of(person)
            page.context.add_cookies([{"name": "sessionid", "value": key, "url": self.desk.url}])

    def leave(self) -> None:
        for context in self.contexts:
            context.close()
