"""The handler: which site a channel means, and how often the store is asked."""

from __future__ import annotations

import time

import pytest

from chalicelib.chat import handler
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.parsing import BUTTONS
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.speaking import Heard, Speaker
from chalicelib.chat.text import wording
from chalicelib.core.answers import Added
from chalicelib.edges import Unsure
from chalicelib.values import replace
from tests.fakes import ANA, CHANNEL, World, site_of, world

SPEAKER = Speaker(ANA, "ana", CHANNEL, "r1")


@pytest.fixture
def hall() -> World:
    return world()


@pytest.fixture
def front(hall: World) -> CommandHandler:
    return CommandHandler(hall.concierge, SlackMarkup())


class TestRoundTrips:
    def test_steady(self, hall: World, front: CommandHandler) -> None:
        """The first command in a channel asks which site that is; the next ones are one
        load and one conditional write.
        """
        front.on_command(SPEAKER, "help")
        assert hall.store.take_calls() == ["bound", "load"]
        front.on_command(SPEAKER, "add")
        assert hall.store.take_calls() == ["load", "save"]

    @pytest.mark.parametrize(
        "text", ["list", "status", "help", "why", "resume", "fly", "admin reset"]
    )
    def test_looking(self, hall: World, front: CommandHandler, text: str) -> None:
        """Looking, help and refusals are one load and no write."""
        front.on_command(SPEAKER, "help")
        hall.store.take_calls()
        front.on_command(SPEAKER, text)
        assert hall.store.take_calls() == ["load"]

    def test_after_a_minute(
        self, hall: World, front: CommandHandler, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What a channel means is asked again once a minute."""
        front.on_command(SPEAKER, "help")
        hall.store.take_calls()
        later = time.monotonic() + handler.REMEMBER_SITE + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        front.on_command(SPEAKER, "help")
        assert hall.store.take_calls() == ["bound", "load"]

    def test_a_channel_without_a_site(self, hall: World, front: CommandHandler) -> None:
        """Who sets it up is told the addresses; a channel that gets its site is heard at once."""
        elsewhere = Speaker(ANA, "ana", "slack:T0HQ:C0NEW", "r1")
        said = front.on_command(elsewhere, "add").words.text
        assert "no charging site yet" in said
        assert f"its address is slack:T0HQ:C0NEW, and yours {ANA}." in said
        hall.store.bind("slack:T0HQ:C0NEW", "hq")
        assert "no charging site" not in front.on_command(elsewhere, "help").words.text


class TestAnswers:
    def test_public(self, front: CommandHandler) -> None:
        """What concerns the line is for all; looking is for the asker."""
        assert front.on_command(SPEAKER, "add").public
        assert not front.on_command(SPEAKER, "list").public

    def test_a_button_for_another_site(self, front: CommandHandler) -> None:
        """A button of a site that is gone is answered kindly."""
        assert (
            front.on_button(SPEAKER, "pass", "gone:1", "slack:T:x").words.text == wording.NO_SITE
        )

    def test_a_stranger_with_a_button_of_this_site(
        self, hall: World, front: CommandHandler
    ) -> None:
        """Who belongs to no workspace of a site changes nothing there, whatever they press."""
        before = hall.store.bodies.copy()
        stranger = Speaker("slack:T0ELSE:U0EVE", "eve", "slack:T0ELSE:C0EV", "r1")
        for action in BUTTONS:
            spoken = front.on_button(stranger, action, "hq:1", "slack:T0ELSE:https://h.example/1")
            # A Home tab belongs to who looks at it: of this site it shows a stranger nothing.
            assert spoken.words.text == ("" if action == "home" else wording.NO_SITE)
        assert hall.store.bodies == before

    def test_a_channel_that_means_this_site_no_more(
        self, hall: World, front: CommandHandler
    ) -> None:
        """Remembered for a minute, and yet not obeyed once the site is another workspace's."""
        front.on_command(SPEAKER, "help")
        site = hall.site()
        hall.store.save(replace(site, channels=("slack:T0ELSE:C0EV",)), None)
        assert CHANNEL in front.on_command(SPEAKER, "add").words.text
        assert hall.site().queue == ()

    def test_a_save_without_an_answer(self, hall: World, front: CommandHandler) -> None:
        """Who can't be told whether it was written isn't told that it was not."""

        def break_off() -> None:
            raise Unsure

        hall.store.before_save.append(break_off)
        assert "don't know whether" in front.on_command(SPEAKER, "add").words.text

    def test_a_strange_button(self, hall: World, front: CommandHandler) -> None:
        """A button that isn't ours asks nothing of the store."""
        said = front.on_button(SPEAKER, "fly", "hq:1", "slack:T:x")
        assert "/ev status" in said.words.text
        assert not said.queued
        assert hall.store.take_calls() == []

    def test_directly(self, hall: World, front: CommandHandler) -> None:
        """Said to us alone, it is about the workspace's one car park, when there is one."""
        alone = Speaker(ANA, "ana", "slack:T0HQ:D0ANA", "r1", direct=True)
        assert "number 1" in front.on_command(alone, "add").words.text
        hall.store.put(site_of("slack:T0HQ:C2", id="annex"))
        assert front.on_command(alone, "add").words.text == wording.WHICH_SITE
        other = Speaker(ANA, "ana", "slack:T0OTHER:D0ANA", "r1", direct=True)
        assert front.on_command(other, "add").words.text == wording.NO_SITE

    def test_overheard(self, hall: World, front: CommandHandler) -> None:
        """The answer to a plain message waits to be delivered: public ones to the channel."""
        spoken = front.on_message(SPEAKER, "ev add", Heard.OVERHEARD, sent_again=True)
        assert spoken is not None
        assert spoken.queued
        ((to, effect),) = [(p.to, p.effect) for p in hall.site().outbox]
        assert to == CHANNEL
        assert isinstance(effect, Added)
