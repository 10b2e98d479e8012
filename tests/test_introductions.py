"""Who somebody is: asked before it is said aloud, or before an admin makes them somebody."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import introductions
from chalicelib.core import acts, answers
from chalicelib.core.acts import Act
from chalicelib.core.answers import Refusal, Refused
from chalicelib.core.inputs import Add, Admin, Asked, ShowLine
from chalicelib.core.model import Person
from chalicelib.edges import MessengerUnavailable
from chalicelib.values import replace
from tests.fakes import ANA, BOSS, World, world

ZOE, EVE, BOT = "slack:T0HQ:U0ZOE", "slack:T0HQ:UEVE", "slack:T0HQ:U0EVBOT"


@pytest.fixture
def hall() -> World:
    return world()


def do(hall: World, act: Act) -> Any:
    """What comes of an admin's act."""
    return hall.concierge.handle("hq", Asked(BOSS, Admin(act), "boss")).answer


class TestTheAsker:
    def test_the_first_add(self, hall: World) -> None:
        """Somebody unknown is asked for before anybody reads "Somebody is number 1 in line"."""
        hall.concierge.handle("hq", Asked(ZOE, Add(), handle="zoe.login"))
        assert hall.messenger.attempts == [ZOE]
        found = hall.site().people[ZOE]
        assert (found.name, found.ids, found.handle) == ("Zoe", (), "zoe")
        hall.concierge.handle("hq", Asked(ZOE, Add(), handle="zoe.login"))
        assert hall.messenger.attempts == [ZOE]

    def test_who_only_looks(self, hall: World) -> None:
        """Nobody is asked for who only looks, or whose name came with the request."""
        hall.concierge.handle("hq", Asked(ZOE, ShowLine()))
        hall.concierge.handle("hq", Asked(ZOE, Add(), "Zoe"))
        assert hall.messenger.attempts == []

    def test_a_platform_that_says_nothing_now(self, hall: World) -> None:
        """Then the login name must do, and the platform isn't asked at each command."""
        hall.messenger.faults = [MessengerUnavailable("down")]
        hall.concierge.handle("hq", Asked(ZOE, Add(), handle="zoe.login"))
        found = hall.site().people[ZOE]
        assert (found.name, found.ids, found.handle) == ("", (), "zoe.login")
        hall.concierge.handle("hq", Asked(ZOE, Add()))
        assert hall.messenger.attempts == [ZOE]

    def test_a_platform_that_is_slow(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who waits for an answer waits a moment for the name, no longer."""
        never = threading.Event()
        monkeypatch.setattr(introductions, "QUICKLY", 0.05)
        monkeypatch.setattr(hall.messenger, "profile", lambda _: never.wait(20))
        assert isinstance(hall.concierge.handle("hq", Asked(ZOE, Add())).answer, answers.Added)
        never.set()


class TestWhoIsNamed:
    """An admin's act makes nobody somebody."""

    @pytest.mark.parametrize(
        "make", [acts.Put, acts.Grant, lambda who: acts.Link(((who, "700999"),))]
    )
    @pytest.mark.parametrize(
        ("who", "why"), [(EVE, Refusal.NOBODY), (BOT, Refusal.BOT), (ZOE, None)]
    )
    def test_ghosts_and_bots(self, hall: World, make: Any, who: str, why: Refusal | None) -> None:
        """Neither an address that is nobody's nor a bot is put in line, linked, or made admin."""
        before = hall.site()
        answer = do(hall, make(who))
        if why is None:
            assert isinstance(answer, answers.Did)
            assert hall.site().people[ZOE].name == "Zoe"
        else:
            assert isinstance(answer, Refused)
            assert answer.why is why
            assert hall.site() == before

    def test_unchecked(self, hall: World) -> None:
        """Whom the platform can't vouch for now is not made an admin; a moment later, yes."""
        hall.messenger.faults = [MessengerUnavailable("down")]
        answer = do(hall, acts.Grant(ZOE))
        assert isinstance(answer, Refused)
        assert answer.why is Refusal.UNCHECKED
        assert isinstance(do(hall, acts.Grant(ZOE)), answers.Did)

    def test_a_short_pause(self, hall: World) -> None:
        """A rate limit that is over in a moment is waited out, the person waits for the answer."""
        moment = timedelta(milliseconds=20)
        hall.messenger.faults = [MessengerUnavailable("ratelimited", moment)]
        assert isinstance(do(hall, acts.Grant(ZOE)), answers.Did)
        hall.messenger.faults = [MessengerUnavailable("ratelimited", timedelta(minutes=1))]
        answer = do(hall, acts.Grant("slack:T0HQ:U0YURI"))
        assert isinstance(answer, Refused)
        assert answer.why is Refusal.UNCHECKED

    def test_who_is_known(self, hall: World) -> None:
        """People of the site are not asked for again."""
        do(hall, acts.Put(ANA))
        assert hall.messenger.attempts == []

    def test_me(self, hall: World) -> None:
        """`admin add me` is about the admin."""
        do(hall, acts.Put("@me"))
        assert [entry.driver for entry in hall.site().queue] == [BOSS]


class TestRefresh:
    def test_a_new_name(self, hall: World) -> None:
        """Whoever has changed the name they are shown by is known by the new one."""
        hall.store.put(replace(hall.site(), people={ZOE: Person("Zoé", ("7",), "zoe")}, admins=()))
        hall.concierge.introduce("hq")
        assert hall.site().people[ZOE] == Person("Zoe", ("7",), "zoe")
