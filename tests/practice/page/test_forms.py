"""Forms and the Home tab on the practice page: the real concierge, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.practice.page.test_page import SOON, browser
from tests.practice.page.test_platforms import opened, say
from tests.practice_world import post_json, request

__all__ = ["browser"]  # a fixture


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.get_by_test_id(f"field-{name}").fill(value)
    page.get_by_test_id("form-send").click()


def test_join_from_the_home_tab(browser: Browser, tmp_path: Path) -> None:
    """Ana joins by the form of her Home tab, is corrected in it, and the page follows."""
    with opened(browser, tmp_path, "slack") as (page, here):
        page.get_by_test_id("screen-home").click()
        home = page.get_by_test_id("home")
        expect(home).to_contain_text("You're not in line", timeout=SOON)
        expect(home.get_by_role("heading", name="My settings")).to_be_visible()
        home.get_by_role("button", name="Join the line…").click()
        dialog = page.get_by_role("dialog", name="Join the line")
        expect(dialog).to_be_visible(timeout=SOON)
        amount = page.get_by_label("How much")
        expect(amount).to_be_focused()
        fill(page, amount="12")
        expect(dialog.get_by_role("alert")).to_contain_text("12 what?", timeout=SOON)
        expect(amount).to_have_attribute("aria-invalid", "true")
        expect(amount).to_be_focused()
        expect(amount).to_have_value("12")
        fill(page, amount="12 kWh", by="16:00")
        expect(dialog).to_contain_text("Ana is number 1 in line", timeout=SOON)
        page.get_by_test_id("form-close").click()
        expect(dialog).to_be_hidden()
        expect(home).to_contain_text("12 kWh by 16:00", timeout=SOON)
        home.get_by_role("button", name="Leave the line").click()
        expect(home).to_contain_text("You're not in line", timeout=SOON)
        assert here.line() == []


def test_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    """A form is opened, filled in and left without a mouse; Escape leaves it."""
    with opened(browser, tmp_path, "slack") as (page, _):
        say(page, "/ev settings")
        change = page.get_by_role("button", name="Change…")
        expect(change).to_be_visible(timeout=SOON)
        change.press("Enter")
        dialog = page.get_by_role("dialog", name="My settings")
        expect(dialog).to_be_visible(timeout=SOON)
        expect(page.get_by_label("How I tell you")).to_be_focused()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(change).to_be_enabled(timeout=SOON)  # a key doesn't wait for that, as a click does
        change.press("Enter")
        expect(dialog).to_be_visible(timeout=SOON)
        page.get_by_label("Times look like").select_option("12")
        page.get_by_label("Times look like").press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(dialog).to_contain_text("3:04 pm", timeout=SOON)


def test_the_shortcut(browser: Browser, tmp_path: Path) -> None:
    """*Join the line*, from the messages; in Mattermost there is none, and no Home tab."""
    with opened(browser, tmp_path, "slack", "mattermost") as (page, here):
        page.get_by_test_id("shortcut").click()
        fill(page)
        expect(page.get_by_test_id("form-dialog")).to_contain_text("number 1", timeout=SOON)
        page.keyboard.press("Escape")
        assert here.line() == ["ana"]
        page.get_by_test_id("whoami").select_option("bob")
        expect(page.get_by_test_id("shortcut")).to_be_hidden()
        expect(page.get_by_test_id("screen-home")).to_be_hidden()


def test_a_dialog_in_mattermost(browser: Browser, tmp_path: Path) -> None:
    """The same form, as a dialog: an error in it, then a direct message with the answer."""
    with opened(browser, tmp_path, "mattermost") as (page, _):
        say(page, "/ev add")
        say(page, "/ev need")
        page.get_by_role("button", name="Set my need…").click()
        dialog = page.get_by_role("dialog", name="What I need")
        expect(dialog).to_be_visible(timeout=SOON)
        fill(page, amount="80%")
        expect(dialog.get_by_role("alert")).to_contain_text("12 kWh, 60 km or full", timeout=SOON)
        fill(page, amount="60 km")
        expect(dialog).to_be_hidden(timeout=SOON)
        expect(page.get_by_test_id("messages")).to_contain_text("Noted: 60 km", timeout=SOON)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(browser: Browser, tmp_path: Path, scheme: str) -> None:
    """Home tab and form fit, and what is to be pressed is large enough."""
    with opened(browser, tmp_path, "slack") as (page, _):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.set_viewport_size({"width": 360, "height": 640})
        page.get_by_test_id("tab-chat").click()
        page.get_by_test_id("screen-home").click()
        join = page.get_by_test_id("home").get_by_role("button", name="Join the line…")
        expect(join).to_be_visible(timeout=SOON)
        join.click()
        expect(page.get_by_role("dialog")).to_be_visible(timeout=SOON)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        box = page.get_by_test_id("form-send").bounding_box()
        assert box is not None
        assert box["height"] >= 40
        assert box["y"] + box["height"] <= 640


def test_by_control(browser: Browser, tmp_path: Path) -> None:
    """The same without a page: press and fill in one request; what can't be is said."""
    with opened(browser, tmp_path, "slack", "hipchat") as (_, here):
        control = f"{here.url}/practice"
        found = request("GET", f"{control}/home?driver=ana").json()
        assert found["driver"] == "ana"
        assert found["form"] is None
        press = f"{control}/press"
        values = {"amount": "12 kWh", "by": "16:00"}
        done = post_json(press, {"driver": "ana", "button": "form_join", "form": values}).json()
        assert "number 1 in line" in done["form"]["text"]
        wrong = {"driver": "ana", "home": True, "action": "form_need", "form": {"amount": "12"}}
        errors = post_json(press, wrong).json()["form"]["errors"]
        assert "12 what?" in errors["amount"]
        again = post_json(press, {"driver": "ana", "form": {"How much": "9 kWh"}}).json()
        assert "9 kWh" in again["form"]["text"]
        assert request("GET", f"{control}/form?driver=ana").json()["form"]["submit"] == ""
        for body, status in (
            ({"driver": "ana", "form": {"amount": "1"}}, 409),  # none is open any more
            ({"driver": "ana", "form": "x"}, 400),
            ({"driver": "ana", "shortcut": "fly"}, 409),
            ({"driver": "ana", "home": True, "action": "fly"}, 409),
            ({"driver": "ana", "action": "fly"}, 409),
            ({"driver": "hana", "form": {}}, 409),
            ({"driver": "ana", "shortcut": "join_line", "form": {"weight": "9"}}, 409),
        ):
            assert post_json(press, body).status == status, body
        assert request("GET", f"{control}/home?driver=hana").status == 409
        assert request("GET", f"{control}/home?driver=nobody").status == 404
