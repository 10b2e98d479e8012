"""Charts and files in Slack: drawn by itself, as a picture, in words; against the stand-in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.chat.drawing import no_picture
from chalicelib.chat.slack import files
from chalicelib.chat.slack.files import is_usable
from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.chat.slack.tokens import OneToken
from chalicelib.chat.text.format import Chart
from chalicelib.core.effects import ReportPicture, ReportTable, WeeklyReport
from chalicelib.edges import MessengerUnavailable
from practice.common.posts import Post
from tests.cards import BY_HAND, CARDS, MONTH, WEEK
from tests.fakes import site_of
from tests.practice_world import TOKEN, FakeApp, World, practice_world

CHANNEL, ANA = "slack:T0HQ:C0EV", "slack:T0HQ:U0ANA"
PNG = b"\x89PNG\r\n\x1a\n and so on"


def picture(_: Chart) -> bytes:
    return PNG


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with practice_world(tmp_path, FakeApp()) as world:
        yield world
        world.slack.api.files.stalled = False
        assert world.slack.violations == []


@pytest.fixture
def slack(world: World) -> SlackMessenger:
    return SlackMessenger(OneToken(TOKEN), f"{world.url}/api/", picture)


def posts(world: World) -> list[Post]:
    return world.slack.workspace.feed.after(0)


def kinds(post: Post) -> list[str]:
    return [block["type"] for block in post["blocks"]]


class TestNative:
    """A workspace that has the new blocks."""

    @pytest.mark.parametrize("card", [card for card in CARDS if not card.is_empty])
    def test_chart_and_table(self, world: World, slack: SlackMessenger, card: object) -> None:
        """One message: the words, which say it all, then both; the stand-in takes every one."""
        slack.send(CHANNEL, WeeklyReport(card), site_of(), None)  # type: ignore[arg-type]  # there is a card
        (post,) = posts(world)
        assert kinds(post) == ["section", "data_visualization", "data_table"]
        assert post["text"].startswith("*HQ garage, the last ")
        assert post["to"] == "channel"

    def test_to_a_person(self, world: World, slack: SlackMessenger) -> None:
        """Who asked sees it directly; the text says what the chart shows."""
        slack.send(ANA, ReportPicture(WEEK), site_of(), None)
        (post,) = posts(world)
        assert (post["to"], kinds(post)[1]) == ("ana", "data_visualization")
        assert "cars a day Mon: 9, Tue: 8" in post["text"]

    def test_a_long_name(self, world: World, slack: SlackMessenger) -> None:
        """Titles are cut to what Slack takes; names in other letters aren't drawn."""
        for name in ("G" * 80, "車庫" * 20):
            slack.send(CHANNEL, WeeklyReport(MONTH), site_of(name=name), None)
            world.clock.advance(2)
        assert len(posts(world)) == 2


class TestFallBack:
    """A workspace that hasn't; a bot that may not; a connection that hangs."""

    @pytest.fixture(autouse=True)
    def plain(self, world: World) -> None:
        world.slack.workspace.takes_charts = False

    def test_a_picture(self, world: World, slack: SlackMessenger) -> None:
        """The words, then the picture in the same conversation, with what it says as its text."""
        ref = slack.send(CHANNEL, WeeklyReport(WEEK), site_of(), None)
        words, sent = posts(world)
        assert ref.startswith("C0EV/")
        assert kinds(words) == []
        (file,) = sent["files"]
        assert (sent["to"], file["kind"]) == ("channel", "image/png")
        assert "went without a day Mon: 1" in file["alt"]

    def test_it_is_remembered(self, world: World, slack: SlackMessenger) -> None:
        """Slack is asked once; from then on the words come first, until tomorrow."""
        for _ in range(2):
            slack.send(ANA, ReportPicture(WEEK), site_of(), None)
            world.clock.advance(2)
        assert world.slack.api.calls["chat.postMessage"] == 3
        assert [post["to"] for post in posts(world)] == ["ana"] * 4

    def test_no_scope(self, world: World, slack: SlackMessenger) -> None:
        """Without files:write it is words alone; that, too, is asked once."""
        world.slack.api.scopes.discard("files:write")
        for _ in range(2):
            slack.send(CHANNEL, WeeklyReport(WEEK), site_of(), None)
            world.clock.advance(2)
        assert len(posts(world)) == 2
        assert world.slack.api.calls["files.getUploadURLExternal"] == 1

    def test_nobody_draws(self, world: World) -> None:
        """Where the libraries aren't, either, the words are enough."""
        plain = SlackMessenger(OneToken(TOKEN), f"{world.url}/api/", no_picture)
        plain.send(CHANNEL, WeeklyReport(WEEK), site_of(), None)
        assert len(posts(world)) == 1

    @pytest.mark.parametrize("how", ["internal_error", "500", "file_upload_size_restricted"])
    def test_an_upload_that_fails(
        self, world: World, slack: SlackMessenger, how: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """What was said stands, is said once, and one line of the log tells."""
        slack.send(CHANNEL, WeeklyReport(WEEK), site_of(), None)  # what isn't taken is known now
        world.clock.advance(2)
        fail_at(world, "files.getUploadURLExternal", how)
        with caplog.at_level(logging.WARNING):
            slack.send(CHANNEL, WeeklyReport(WEEK), site_of(), None)
        assert [bool(post.get("files")) for post in posts(world)] == [False, True, False]
        assert sum("a file was not sent" in line for line in caplog.messages) == 1

    def test_an_upload_that_never_ends(
        self, world: World, slack: SlackMessenger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is given up soon: the claim on the message must outlast it."""
        monkeypatch.setattr(files, "SECONDS", 0.2)
        world.slack.api.files.stalled = True
        slack.send(CHANNEL, WeeklyReport(WEEK), site_of(), None)
        assert len(posts(world)) == 1

    def test_a_table(self, world: World, slack: SlackMessenger) -> None:
        """A line a day, as a file."""
        slack.send(ANA, ReportTable(WEEK), site_of(), None)
        _, sent = posts(world)
        (file,) = sent["files"]
        assert (file["name"], file["kind"]) == ("hq-week-2031-03-02.csv", "text/csv")
        found = world.slack.api.files.read(file["id"])
        assert found is not None
        assert found.body is not None
        assert found.body.decode().splitlines()[1] == "2031-02-24,9,75.6,18.0,3.75,4,180,1"

    def test_no_table(self, world: World, slack: SlackMessenger) -> None:
        """Who waits for one hears that there is none, and who has it."""
        world.slack.api.scopes.discard("files:write")
        slack.send(ANA, ReportTable(BY_HAND), site_of(), None)
        *_, edited = posts(world)
        assert "python -m bot report csv hq" in edited["text"]
        assert edited["edited"]


def fail_at(world: World, one: str, how: str) -> None:
    """Let the next call of one method fail."""
    api, asked = world.slack.api, world.slack.api.call

    def call(method: str, token: str, args: dict[str, Any]) -> dict[str, Any]:
        if method == one:
            api.fail(1, how)
            api.call = asked  # type: ignore[method-assign]  # a fake in its place
        return asked(method, token, args)

    api.call = call  # type: ignore[method-assign]  # a fake in its place


def test_nothing_was_said(world: World, slack: SlackMessenger) -> None:
    """When Slack is down for the words themselves, they are tried again as any message."""
    world.slack.api.fail(1, "internal_error")
    with pytest.raises(MessengerUnavailable):
        slack.send(CHANNEL, WeeklyReport(WEEK), site_of(), None)
    assert posts(world) == []


@pytest.mark.parametrize(
    ("address", "base", "usable"),
    [
        ("https://files.slack.com/upload/v1/x", "https://slack.com/api/", True),
        ("http://files.slack.com/upload/v1/x", "https://slack.com/api/", False),
        ("http://127.0.0.1:9/upload", "http://127.0.0.1:9/api/", True),
        ("file:///etc/passwd", "https://slack.com/api/", False),
        (None, "https://slack.com/api/", False),
    ],
)
def test_where_files_go(address: object, base: str, usable: bool) -> None:
    """Nothing leaves unencrypted but to a stand-in."""
    assert is_usable(address, base) is usable
