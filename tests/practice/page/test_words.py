"""The practice page in a real browser, with a make-believe app behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.practice_world import World, buttons

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ANA, BOB = "U0ANA", "U0BOB"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"needs {CHROMIUM}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, world: World) -> Iterator[Page]:
    page = browser.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.goto(world.url)
    expect(page.get_by_test_id("whoami")).to_have_value("ana")
    yield page
    page.close()
    assert not wrong


def test_a_command_by_keyboard(page: Page, world: World) -> None:
    """Enter sends what stands there, arrow-up brings it back, and the field keeps the focus."""
    world.app.answer = {"response_type": "in_channel", "text": "Ana is *number 1*"}
    field = page.get_by_test_id("say-input")
    field.fill("/ev add")
    field.press("Enter")
    expect(page.get_by_test_id("messages").get_by_text("number 1")).to_be_visible()
    assert world.app.requests[0]["text"] == "add"
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    field.press("ArrowUp")
    expect(field).to_have_value("/ev add")


def test_words_stay_words(page: Page, world: World) -> None:
    """Mentions, links and styles are shown; markup that people typed is only text."""
    world.post(f"<@{BOB}> *typed* &lt;b&gt; <https://example.com|here> <javascript:alert(1)|no>")
    message = page.get_by_test_id("message")
    expect(message.locator(".words")).to_have_text("@bob typed <b> here no")
    expect(message.locator("strong", has_text="typed")).to_be_visible()
    expect(message.locator("a")).to_have_count(1)


def test_a_button_and_an_edit(page: Page, world: World) -> None:
    """A press reaches the app; the edit that follows takes the message's place."""
    posted = world.post("Your turn", ANA, blocks=buttons("On my way", "Pass"))
    page.get_by_role("button", name="On my way").click()
    expect(page.get_by_role("button", name="On my way")).to_be_enabled()
    assert world.app.action["actions"][0]["action_id"] == "on_my_way"
    world.api("chat.update", channel=posted["channel"], ts=posted["ts"], text="See you")
    expect(page.get_by_test_id("message")).to_contain_text("See you")
    expect(page.get_by_test_id("message")).to_contain_text("(edited)")
    expect(page.get_by_test_id("message-button")).to_have_count(0)


def test_everyone_sees_their_own(page: Page, world: World) -> None:
    """A direct message is its person's alone; others are told that there is mail for them."""
    world.post("for bob", BOB)
    mail = page.get_by_test_id("mail-bob")
    expect(mail).to_be_visible()
    expect(page.get_by_text("for bob")).to_have_count(0)
    mail.click()
    expect(page.get_by_test_id("whoami")).to_have_value("bob")
    expect(page.get_by_text("for bob")).to_be_visible()
    expect(page.get_by_text("only you", exact=False)).to_be_visible()
    expect(mail).to_have_count(0)


def test_a_car_comes_and_goes(page: Page, world: World) -> None:
    """Plugging in offers who you are; the card and the focus follow what happened."""
    card = page.get_by_test_id("port-1:900001-1")
    card.get_by_test_id("plug").press("Enter")
    expect(card.get_by_test_id("occupant")).to_have_text("Ana")
    expect(card.get_by_test_id("unplug")).to_be_focused()
    card.get_by_test_id("unplug").press("Enter")
    expect(card.get_by_test_id("plug")).to_be_focused()
    card.get_by_test_id("who").select_option("cleo")
    card.get_by_test_id("plug").click()
    expect(card.get_by_test_id("occupant")).to_have_text("Cleo")
    card.get_by_test_id("unreachable").click()
    expect(card.get_by_text("out of reach")).to_be_visible()
    card.get_by_test_id("reachable").click()
    expect(card.get_by_text("in use")).to_be_visible()


def test_a_refusal_is_told(page: Page, world: World) -> None:
    """What can't be done is said in words."""
    world.control("ports/1:900001/1/plug", {"driver": "bob"})
    world.app.answer = (500, "")
    page.get_by_test_id("say-input").fill("/ev add")
    page.get_by_test_id("say-send").click()
    expect(page.get_by_text("dispatch_failed")).to_be_visible()
    expect(page.get_by_test_id("violations")).to_contain_text("broken once")


def test_the_clock(page: Page, world: World) -> None:
    """The buttons set the speed and leap ahead."""
    page.get_by_test_id("speed-0").click()
    expect(page.get_by_test_id("speed-0")).to_have_attribute("aria-pressed", "true")
    page.get_by_test_id("leap").click()
    expect(page.get_by_test_id("now")).to_contain_text("Mon 08:45")


def test_on_a_phone(page: Page, world: World) -> None:
    """On a narrow screen one part is shown at a time, and nothing sticks out."""
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_test_id("say-input")).to_be_hidden()
    world.post("news")
    expect(page.get_by_test_id("tab-chat")).to_contain_text("1")
    page.get_by_test_id("tab-chat").click()
    expect(page.get_by_text("news")).to_be_visible()
    expect(page.get_by_test_id("port-1:900001-1")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
