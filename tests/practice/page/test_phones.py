"""The practice page as a phone: people who have joined by a code, text, and see what each costs."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.practice.page.test_page import SOON, browser
from tests.practice.page.test_platforms import opened, say

__all__ = ["browser"]  # a fixture


def test_phones(browser: Browser, tmp_path: Path) -> None:
    """Ana texts, is called by a text, answers it, and each answer says its length."""
    with opened(browser, tmp_path, "sms") as (page, here):
        messages = page.get_by_test_id("messages")
        expect(page.get_by_test_id("platform")).to_have_text("Text messages")
        say(page, "add")
        expect(messages).to_contain_text("number 1 in line", timeout=SOON)
        page.get_by_test_id("port-1:900001-1").get_by_test_id("unplug").click()
        call = page.get_by_test_id("message").filter(has_text="It's your turn")
        expect(call).to_contain_text("Reply GO", timeout=SOON)
        expect(call.get_by_test_id("length")).to_contain_text("characters")
        expect(page.get_by_test_id("message-button")).to_have_count(0)
        say(page, "go")
        expect(messages).to_contain_text("See you at port 1", timeout=SOON)
        say(page, "STOP")
        expect(messages).to_contain_text("unsubscribed", timeout=SOON)
        assert here.site().refused
        say(page, "why", "bob")
        expect(messages).not_to_contain_text("It's your turn")  # that was ana's phone


def test_spread(browser: Browser, tmp_path: Path) -> None:
    """Half of the people are in Slack and half have phones only; one line for all."""
    with opened(browser, tmp_path, "slack", "sms") as (page, here):
        say(page, "/ev add")
        expect(page.get_by_test_id("messages")).to_contain_text("Ana is number 1", timeout=SOON)
        say(page, "add", "hana")
        expect(page.get_by_test_id("platform")).to_have_text("Text messages")
        expect(page.get_by_test_id("messages")).to_contain_text("number 2 in line", timeout=SOON)
        assert here.line() == ["ana", "hana"]
