"""The practice page on every platform: the real concierge, and a real browser to look at it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from practice.common.wsgi import Response
from practice.world import World, world
from tests.practice.page.test_page import CARS, SOON, SPEED, browser
from tests.practice_world import Answer, post_json, request

__all__ = ["browser"]  # a fixture


@contextmanager
def opened(browser: Browser, folder: Path, *chat: str) -> Iterator[tuple[Page, World]]:
    """The page of a car park on these platforms; quiet in its console, no rule broken."""
    with world(speed=SPEED, cars=CARS, log=folder / "log", chat=chat) as here:
        page = browser.new_page()
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(here.url)
        expect(page.get_by_test_id("whoami")).to_have_value("ana")
        yield page, here
        page.close()
        assert not wrong
        assert [breach for room in here.rooms for breach in room.violations] == []


def say(page: Page, text: str, name: str = "ana") -> None:
    page.get_by_test_id("whoami").select_option(name)
    page.get_by_test_id("say-input").fill(text)
    page.get_by_test_id("say-send").click()


def call_ana(page: Page) -> None:
    """Ana adds herself, Bob's car is unplugged, and she is called."""
    messages = page.get_by_test_id("messages")
    say(page, "/ev add")
    expect(messages).to_contain_text("Ana is number 1 in line.", timeout=SOON)
    page.get_by_test_id("port-1:900001-1").get_by_test_id("unplug").click()
    expect(messages).to_contain_text("Port 1 is free: Ana is called.", timeout=SOON)
    expect(messages).to_contain_text("It's your turn: plug in at port 1 by", timeout=SOON)


def plug_ana_in(page: Page, here: World) -> None:
    page.get_by_test_id("port-1:900001-1").get_by_test_id("plug").click()
    expect(page.get_by_test_id("messages")).to_contain_text("Port 1: Ana is charging.", timeout=SOON)  # fmt: skip
    expect(page.get_by_test_id("line")).to_have_text("nobody", timeout=SOON)
    assert here.line() == []


def test_hipchat(browser: Browser, tmp_path: Path) -> None:
    """All read what Ana types; no buttons: the call says what to type; notes have colours."""
    with opened(browser, tmp_path, "hipchat") as (page, here):
        expect(page.get_by_test_id("platform")).to_have_text("HipChat")
        call_ana(page)
        typed = page.get_by_test_id("message").filter(has_text="/ev add").first
        expect(typed).to_have_attribute("data-kind", "public")
        expect(page.get_by_test_id("message-button")).to_have_count(0)
        call = page.get_by_test_id("message").filter(has_text="It's your turn")
        expect(call.locator("code", has_text="/ev coming")).to_be_visible()
        expect(page.locator(".message.green").filter(has_text="Ana is called")).to_have_count(1)
        say(page, "ev coming")
        expect(page.get_by_test_id("messages")).to_contain_text("See you at port 1", timeout=SOON)
        plug_ana_in(page, here)


def test_mattermost(browser: Browser, tmp_path: Path) -> None:
    """What Ana types is read by nobody; she presses a button, whose message is changed."""
    with opened(browser, tmp_path, "mattermost") as (page, here):
        expect(page.get_by_test_id("platform")).to_have_text("Mattermost")
        call_ana(page)
        expect(page.get_by_test_id("message").filter(has_text="/ev add")).to_have_count(0)
        page.get_by_role("button", name="On my way").click()
        messages = page.get_by_test_id("messages")
        expect(messages).to_contain_text("See you at port 1", timeout=SOON)
        expect(page.get_by_role("button", name="On my way")).to_have_count(0)
        say(page, "/ev list")
        expect(messages.locator("strong", has_text="HQ garage")).to_be_visible(timeout=SOON)
        plug_ana_in(page, here)


def test_words_stay_words(browser: Browser, tmp_path: Path) -> None:
    """Markup that people type is only text, on HipChat (ana) and on Mattermost (bob), and
    nothing sticks out on a phone.
    """
    evil = f"/ev <b>x</b> **y** `z` <img src=x onerror=alert(1)> {'w' * 200}"
    with opened(browser, tmp_path, "hipchat", "mattermost") as (page, _):
        for name in ("ana", "bob"):
            say(page, evil, name)
            answer = page.get_by_test_id("message").filter(has_text="I don't know")
            expect(answer).to_contain_text("<b>x</b> **y**", timeout=SOON)
            expect(answer.locator(".words :is(b, strong, img)")).to_have_count(0)
            page.set_viewport_size({"width": 390, "height": 844})
            page.get_by_test_id("tab-chat").click()
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            page.set_viewport_size({"width": 1280, "height": 720})


def test_two_platforms(browser: Browser, tmp_path: Path) -> None:
    """Ana in Slack and Bob in HipChat: one line, and each sees their own channel."""
    with opened(browser, tmp_path, "slack", "hipchat") as (page, here):
        messages = page.get_by_test_id("messages")
        expect(page.get_by_test_id("platform")).to_have_text("Slack")
        say(page, "/ev add")
        expect(messages).to_contain_text("Ana is number 1 in line.", timeout=SOON)
        say(page, "/ev add", "hana")
        expect(page.get_by_test_id("platform")).to_have_text("HipChat")
        for name in ("hana", "ana"):
            page.get_by_test_id("whoami").select_option(name)
            for line in ("Ana is number 1 in line.", "Hana is number 2 in line."):
                expect(messages.get_by_text(line)).to_have_count(1, timeout=SOON)
        assert here.line() == ["ana", "hana"]


def test_an_outage_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While HipChat answers nothing but errors, Slack's people are called as ever; when it is
    back its room hears the same, in the same order.
    """
    with world(speed=SPEED, cars=CARS, log=tmp_path / "log", chat=("slack", "hipchat")) as here:
        room = next(one for one in here.rooms if one.platform == "hipchat")
        with monkeypatch.context() as down:
            error = Response(503, b"", "text/plain")
            down.setattr(room, "web", lambda path, _: error if path.startswith("/v2/") else None)
            assert "number 1" in act(here, "say", driver="ana", text="/ev add").json()["text"]
            here.carpark.unplug("1:900001", "1")
            heard = wait_for(here, "slack", "Port 1 is free: Ana is called.")
            assert any("It's your turn" in text for text in heard)
            assert told(here, "hipchat") == []
        heard = wait_for(here, "hipchat", "Port 1 is free: Ana is called.")
        # Another car may be asked for its need meanwhile: what counts is what is said of Ana.
        of_ana = [text for text in heard if text.startswith(("Ana is ", "Port 1 is free"))]
        assert of_ana[0].startswith(("Ana is number 1 in line.", "Ana is called to port 1"))
        assert room.violations == []


def told(here: World, platform: str) -> list[str]:
    """What the concierge said there."""
    posts = [post for post in messages(here, 0) if post["by"] == "bot"]
    return [str(post["text"]) for post in posts if post.get("platform", "slack") == platform]


def wait_for(here: World, platform: str, words: str) -> list[str]:
    """What was said there by the time that these words are."""
    give_up = time.monotonic() + SOON / 1000
    while words not in (heard := told(here, platform)):
        assert time.monotonic() < give_up, heard
        time.sleep(0.1)
    return heard


class TestByHand:
    """The control, as the page and checks from outside use it."""

    @pytest.fixture(scope="class")
    @classmethod
    def mattermost(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
        log = tmp_path_factory.mktemp("mattermost") / "log"
        with world(speed=SPEED, cars=CARS, log=log, chat=("mattermost",)) as here:
            yield here

    @pytest.fixture(scope="class")
    @classmethod
    def hipchat(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
        log = tmp_path_factory.mktemp("hipchat") / "log"
        with world(speed=SPEED, cars=CARS, log=log, chat=("hipchat",)) as here:
            yield here

    def test_an_answer(self, mattermost: World) -> None:
        """What the app answers is what is said back, and stands among the messages."""
        said = act(mattermost, "say", driver="cleo", text="/ev list").json()
        assert (said["to"], said["ephemeral"], said["platform"]) == ("cleo", True, "mattermost")
        assert said["text"].startswith("**HQ garage**")
        assert messages(mattermost, said["n"] - 1)[0] == said

    @pytest.mark.parametrize("action", ["reset", "Reset"])
    def test_a_button(self, mattermost: World, action: str) -> None:
        """A button is pressed by its id, as everywhere, or by its label."""
        asked = act(mattermost, "say", driver="dave", text="/ev admin reset").json()
        assert "seal" not in json.dumps(asked), "what goes to the app is the server's"
        answer = act(mattermost, "press", driver="dave", n=asked["n"], action=action).json()
        assert answer["n"] > asked["n"], "an ephemeral message can't be changed"
        assert (answer["edited"], answer["ephemeral"], answer["buttons"]) == (None, True, [])

    def test_no_such_button(self, mattermost: World, hipchat: World) -> None:
        """Another's message isn't there, another button neither, and HipChat has none."""
        said = act(mattermost, "say", driver="cleo", text="/ev help").json()
        assert act(mattermost, "press", driver="bob", n=said["n"], action="x").status == 404
        assert act(mattermost, "press", driver="cleo", n=said["n"], action="x").status == 409
        own = act(hipchat, "say", driver="cleo", text="/ev list").json()
        assert (own["by"], own["to"], own["text"]) == ("cleo", "channel", "/ev list")
        assert act(hipchat, "press", driver="cleo", n=own["n"], action="x").status == 409
        assert act(hipchat, "press", driver="cleo", n=9_999, action="x").status == 404

    def test_no_command(self, mattermost: World) -> None:
        """Talk is read by all; a command that nobody has is the server's to refuse."""
        assert act(mattermost, "say", driver="bob", text="hello").json()["to"] == "channel"
        refused = act(mattermost, "say", driver="bob", text="/charge").json()
        assert "'/charge' not found" in refused["error"]

    def test_while_the_concierge_is_down(self, mattermost: World, hipchat: World) -> None:
        """Mattermost tells who typed; in HipChat nobody is told. It goes on where it was."""
        for here in (mattermost, hipchat):
            here.kill_bot()
            said = act(here, "say", driver="ana", text="/ev add").json()
            here.start_bot()
            assert ("failed" in said.get("error", "")) is (here is mattermost)
            act(here, "say", driver="ana", text="/ev add")
            assert here.line() == ["ana"]


def act(here: World, path: str, **value: object) -> Answer:
    return post_json(f"{here.url}/practice/{path}", value)


def messages(here: World, after: int) -> list[dict[str, object]]:
    found: list[dict[str, object]] = request("GET", f"{here.url}/practice/messages?after={after}").json()  # fmt: skip
    return found
