"""Slack, going out, against the strict stand-in."""

from __future__ import annotations

import logging
import threading

import pytest

from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.core.answers import Coming, Line, Refusal, Refused
from chalicelib.core.effects import BoardPost, News, NextUp
from chalicelib.core.inputs import Sort
from chalicelib.core.model import Entry, Person, Site
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.values import replace
from practice.common.people import DRIVERS
from tests.chat.slack.messenger_kit import ANA, CALL, CHANNEL, POST, attempt, send
from tests.fakes import MONDAY, site_of
from tests.practice_world import TOKEN, World


class TestPosts:
    def test_to_a_channel(self, world: World, slack: SlackMessenger) -> None:
        """A post in the channel; its ref names the channel and the message."""
        ref = send(slack, CHANNEL, POST)
        (message,) = world.messages()
        assert message["to"] == "channel"
        assert "free" in message["text"]
        channel, _, ts = ref.partition("/")
        assert channel == "C0EV"
        assert float(ts) > 0

    def test_to_a_person(self, world: World, slack: SlackMessenger) -> None:
        """A person's id is a direct message, with buttons that name the site and the turn."""
        send(slack, ANA, CALL)
        (message,) = world.messages()
        assert message["to"] == "ana"
        buttons = message["blocks"][1]["elements"]
        assert [button["action_id"] for button in buttons] == [
            "on_my_way",
            "pass",
            "leave",
            "cannot_use",
        ]
        assert {button["value"] for button in buttons} == {"hq:7"}

    def test_an_edit(self, world: World, slack: SlackMessenger) -> None:
        """The message that was posted is changed, and keeps its ref."""
        ref = send(slack, CHANNEL, POST)
        world.clock.advance(2)
        again = send(slack, CHANNEL, replace(POST, news=News.DARK), ref)
        assert again == ref
        assert [message["edited"] for message in world.messages()] == [None, 1]

    def test_the_message_is_gone(self, world: World, slack: SlackMessenger) -> None:
        """Somebody deleted it: there is nothing left to say, and that is no refusal."""
        assert send(slack, CHANNEL, POST, "C0EV/1700000000.000001") == "C0EV/1700000000.000001"
        assert world.messages() == []

    @pytest.mark.parametrize("count", [0, 35, 200])
    def test_a_long_line(self, world: World, slack: SlackMessenger, count: int) -> None:
        """The whole line fits what Slack takes, whatever people are called."""
        people = {f"slack:T0HQ:U{n}": Person(f"<&> {n} {'long name ' * 10}") for n in range(count)}
        queue = tuple(Entry(driver, MONDAY) for driver in people)
        site = site_of(people=people, queue=queue)
        send(slack, CHANNEL, Line(ANA), site=site)
        (message,) = world.messages()
        assert len(message["text"]) <= 4_000

    def test_names(self, world: World, slack: SlackMessenger) -> None:
        """People are asked for by their id."""
        found = slack.profile(ANA)
        assert (found.name.lower(), found.sort) == (DRIVERS[0].name, Sort.PERSON)
        assert slack.profile("slack:T0HQ:UNOBODY").sort is Sort.NOBODY


class TestClicks:
    """Answers to clicks, by response_url."""

    @pytest.fixture
    def hook(self, world: World, slack: SlackMessenger) -> str:
        """The response_url of ana's click on her call."""
        send(slack, ANA, CALL)
        world.press("ana", 1, "on_my_way")
        return world.last_url()

    COMING = Coming(ANA, "1:900001/1", 7, MONDAY)

    def test_replacing(self, world: World, slack: SlackMessenger, hook: str) -> None:
        """In a direct message the buttons give way to the answer."""
        assert send(slack, f"slack:T0HQ:{hook}#replace", self.COMING) == ""
        answer = world.messages()[-1]
        assert answer["edited"] == 1
        assert "See you" in answer["text"]

    def test_whispering(self, world: World, slack: SlackMessenger, hook: str) -> None:
        """In the channel the post stays, and the answer is for the clicker alone."""
        send(slack, f"slack:T0HQ:{hook}#whisper", self.COMING)
        answer = world.messages()[-1]
        assert (answer["to"], answer["edited"]) == ("ana", None)

    def test_a_remark(self, world: World, slack: SlackMessenger, hook: str) -> None:
        """A refusal beside buttons that still hold leaves them there."""
        no = Refused(ANA, Refusal.ALREADY_COMING, "1:900001/1")
        send(slack, f"slack:T0HQ:{hook}#replace", no)
        assert world.messages()[-1]["edited"] is None

    def test_too_late(
        self, world: World, slack: SlackMessenger, hook: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """After half an hour nobody is there to hear it: dropped, with a line in the log."""
        world.clock.advance(31 * 60)
        assert send(slack, f"slack:T0HQ:{hook}#whisper", self.COMING) == ""
        assert "dropped" in caplog.text
        assert hook not in caplog.text
        world.slack.violations.clear()  # it was tried, that's all


class TestSilence:
    def test_nothing_secret_is_logged(
        self, world: World, slack: SlackMessenger, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither tokens nor texts nor response_urls, at any level, in fair weather or foul."""
        caplog.set_level(logging.DEBUG)
        send(slack, ANA, CALL)
        world.press("ana", 1, "on_my_way")
        hook = world.last_url()
        send(slack, f"slack:T0HQ:{hook}#whisper", TestClicks.COMING)
        world.slack.api.fail(2, "500")
        for to in (CHANNEL, f"slack:T0HQ:{hook}x#whisper"):
            assert hook not in str(attempt(slack, to, NextUp(ANA)))
        ours = "\n".join(
            record.getMessage()
            for record in caplog.records
            if record.name.startswith("chalicelib")
        ) + "\n".join(
            record.getMessage() for record in caplog.records if record.name.startswith("slack")
        )
        for word in (TOKEN, "hooks/", "your turn", "next"):
            assert word not in ours
        world.slack.violations.clear()  # the broken hook was the test's doing

    def test_from_many_threads(self, world: World, slack: SlackMessenger) -> None:
        """One messenger may speak from several threads."""
        refs: list[str] = []
        threads = [
            threading.Thread(
                target=lambda n=n: refs.append(
                    send(slack, f"slack:T0HQ:{DRIVERS[n].slack_id}", CALL)
                )
            )
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(refs)) == 8


class TestBoards:
    BOARD = f"{CHANNEL}/board"

    @pytest.fixture
    def site(self) -> Site:
        return replace(site_of(), stepped_at=MONDAY)

    def test_blocks_that_are_refused(
        self, world: World, slack: SlackMessenger, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A workspace that doesn't take our blocks gets the same as text."""
        monkeypatch.setattr("practice.slack.blocks._CHECKS", {})
        ref = send(slack, self.BOARD, BoardPost(), site=site)
        (message,) = world.messages()
        assert message["blocks"] == []
        assert "HQ garage" in message["text"]
        assert send(slack, self.BOARD, BoardPost(), ref, site) == ref

    def test_it_is_pinned_once(self, world: World, slack: SlackMessenger, site: Site) -> None:
        """An edit pins nothing; the pin goes with the board."""
        ref = send(slack, self.BOARD, BoardPost(), site=site)
        send(slack, self.BOARD, BoardPost(), ref, site)
        assert world.slack.api.calls["pins.add"] == 1
        send(slack, self.BOARD, BoardPost(off=True), ref, site)
        assert world.slack.workspace.feed.pinned("C0EV") == []

    @pytest.mark.parametrize("how", ["missing_scope", "500", "restricted_action"])
    def test_a_pin_that_fails(
        self, world: World, slack: SlackMessenger, site: Site, how: str
    ) -> None:
        """The board stands all the same, once."""
        if how == "missing_scope":
            world.slack.api.scopes.discard("pins:write")
            send(slack, self.BOARD, BoardPost(), site=site)
        else:
            client = slack._client
            real = client.pins_add
            world.slack.api.fail(0, how)
            client.pins_add = lambda **more: (world.slack.api.fail(1, how), real(**more))[1]  # type: ignore[method-assign,func-returns-value]  # a fake in its place
            send(slack, self.BOARD, BoardPost(), site=site)
        assert len(world.messages()) == 1

    @pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed", "is_archived"])  # fmt: skip
    def test_nothing_left_to_edit(
        self, world: World, slack: SlackMessenger, site: Site, error: str
    ) -> None:
        """It is told, so that the board is made anew."""
        ref = send(slack, self.BOARD, BoardPost(), site=site)
        world.slack.api.fail(1, error)
        with pytest.raises(MessageRefused, match=error):
            send(slack, self.BOARD, BoardPost(), ref, site)

    def test_its_limit_is_its_own(self, world: World, slack: SlackMessenger, site: Site) -> None:
        """Edits that come too fast hold up nobody else's messages."""
        ref = send(slack, self.BOARD, BoardPost(), site=site)
        faults = []
        for _ in range(60):
            try:
                send(slack, self.BOARD, BoardPost(), ref, site)
            except MessengerUnavailable as fault:
                faults.append(fault)
        assert faults
        assert not any(fault.everywhere for fault in faults)
        assert all(fault.retry_after for fault in faults)
