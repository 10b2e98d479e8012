"""The report on the practice page: the real concierge, its charts and pictures, a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.practice.page.test_page import SOON, browser
from tests.practice.page.test_platforms import opened, say
from tests.practice_world import post_json

__all__ = ["browser"]  # a fixture

DRAWN = "image => image.complete && image.naturalWidth > 0"


def reported(page: Page) -> Locator:
    """Somebody asks for the report; the messages."""
    messages = page.get_by_test_id("messages")
    say(page, "/ev report")
    expect(messages).to_contain_text("HQ garage, the last seven days", timeout=SOON)
    expect(messages).to_contain_text("A picture of it comes to you directly.")
    return messages


def check_picture(messages: Locator) -> None:
    """It is there, is one, and says what it shows."""
    picture = messages.get_by_test_id("picture")
    expect(picture).to_be_visible(timeout=SOON)
    picture.evaluate("image => image.decode()")
    assert picture.evaluate(DRAWN)


def test_slack_draws(browser: Browser, tmp_path: Path) -> None:
    """A chart and a table to who asked, read by their names; nobody else sees them."""
    with opened(browser, tmp_path, "slack") as (page, _):
        messages = reported(page)
        chart = messages.get_by_test_id("chart")
        expect(chart).to_be_visible(timeout=SOON)
        expect(chart.get_by_role("columnheader", name="cars")).to_be_visible()
        expect(chart.get_by_role("rowheader")).to_have_count(7)
        figures = messages.get_by_test_id("figures")
        expect(figures.get_by_role("rowheader", name="Ports plugged, of open hours")).to_be_visible()  # fmt: skip
        page.get_by_test_id("whoami").select_option("bob")
        expect(messages.get_by_test_id("chart")).to_have_count(0)


def test_slack_pictures(browser: Browser, tmp_path: Path) -> None:
    """A workspace without the new blocks gets an uploaded picture, with what it says as its text."""
    with opened(browser, tmp_path, "slack") as (page, here):
        told = post_json(f"{here.url}/practice/chat", {"no_charts": True}).json()
        assert told["no_charts"] is True
        messages = reported(page)
        check_picture(messages)
        alt = messages.get_by_test_id("picture").get_attribute("alt") or ""
        assert "cars a day " in alt
        expect(messages.get_by_test_id("chart")).to_have_count(0)


def test_mattermost(browser: Browser, tmp_path: Path) -> None:
    """A table in Markdown and a picture in one post."""
    with opened(browser, tmp_path, "mattermost") as (page, _):
        messages = reported(page)
        check_picture(messages)
        expect(messages.get_by_role("rowheader", name="Cars")).to_be_visible()


@pytest.mark.parametrize("typed", ["report csv", "report month csv"])
def test_a_table(browser: Browser, tmp_path: Path, typed: str) -> None:
    """As a file, where nobody has an address of ours."""
    with opened(browser, tmp_path, "slack") as (page, _):
        say(page, f"/ev {typed}")
        messages = page.get_by_test_id("messages")
        expect(messages).to_contain_text("The table", timeout=SOON)
        if "as a file" in messages.inner_text():
            expect(messages.get_by_test_id("file")).to_be_visible(timeout=SOON)


def test_what_isn_t_there(browser: Browser, tmp_path: Path) -> None:
    """A report of a year, and totals that the operator hasn't allowed: one clear word each."""
    with opened(browser, tmp_path, "slack") as (page, _):
        messages = page.get_by_test_id("messages")
        for typed in ("report year", "report 3 weeks"):
            say(page, f"/ev {typed}")
            expect(messages).to_contain_text(
                f"a report of “{typed.partition(' ')[2]}”", timeout=SOON
            )
        say(page, "/ev admin report", "dave")
        expect(messages).to_contain_text("Totals by person are switched off here.", timeout=SOON)
