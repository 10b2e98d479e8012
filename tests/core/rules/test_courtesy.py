"""Rule 41: quiet, and the budget of messages, drop courtesies only."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from chalicelib.core import courtesy, effects as say
from chalicelib.core.draft import Draft
from chalicelib.core.effects import Message, NextUp, Nudge, Nudged, Promised
from chalicelib.core.inputs import (
    Add,
    Block,
    Prefer,
    Suspend,
    Told,
)
from chalicelib.energy.needs import Need, Unit
from tests.core.day import ONE, Day, PowerDay
from tests.fakes import ANA, BOB, BOSS


class TestRule41Quiet:
    """`notify quiet` drops courtesies only."""

    def test_next_up(self) -> None:
        """The call will come by itself; that it will is a courtesy."""
        day = Day()
        day.ask(BOB, Prefer(Told.QUIET))
        day.ask(ANA, Add())
        day.ask(BOB, Add())
        day.free("p1")
        assert day.heard(BOB, NextUp) == []
        day.free("p2")
        assert len(day.calls(BOB)) == 1

    def test_a_quiet_driver_on_a_port(self) -> None:
        """That somebody waits is said; the notice before it, and questions, are not."""
        day = PowerDay(p1=ANA, p2="?")
        day.ask(ANA, Prefer(Told.QUIET))
        day.ask(BOB, Add())
        day.wait(hours=3)
        assert [one.why for one in day.heard(ANA, Nudged)][:1] == [Nudge.OVER]
        assert day.heard(ANA, say.HowMuch) == []

    def test_plugged_in(self) -> None:
        """Who leaves the line hears so, without a question."""
        day = Day()
        day.ask(ANA, Prefer(Told.QUIET))
        day.ask(ANA, Add())
        day.free("p1")
        day.see(p1=ANA)
        assert day.heard(ANA, say.PluggedIn) == []
        assert day.edited


class TestRule41Budget:
    """At most five private messages a day, in the ordinary run of things."""

    def test_the_sixth_courtesy(self) -> None:
        """It isn't said any more that day; the next day it is."""
        day = Day()
        day.ask(ANA, Add())
        for _ in range(courtesy.MOST_A_DAY + 1):
            day.ask(ANA, Suspend(timedelta(minutes=1)))
            day.wait(minutes=2)
        assert len(day.heard(ANA, say.SuspensionOver)) == courtesy.MOST_A_DAY
        day.wait(hours=24)
        day.ask(ANA, Add())
        day.ask(ANA, Suspend(timedelta(minutes=1)))
        day.wait(minutes=2)
        assert len(day.heard(ANA, say.SuspensionOver)) == courtesy.MOST_A_DAY + 1

    def test_what_counts(self) -> None:
        """What one has to know counts, what admins do as admins doesn't."""
        day = Day()
        day.ask(ANA, Add())
        day.free("p1")
        day.ask(ANA, Block())
        assert day.heard(BOSS, say.BayBlocked)
        draft = Draft(day.site, day.now)
        assert (draft.today(ANA).told, draft.today(BOSS).told) == (1, 0)

    def test_a_call_is_never_dropped(self) -> None:
        """However much was said before."""
        day = Day()
        day.ask(ANA, Add())
        for _ in range(8):
            day.ask(ANA, Suspend(timedelta(minutes=1)))
            day.wait(minutes=2)
        day.free("p1")
        assert len(day.calls(ANA)) == 1

    def test_every_message_is_weighed(self) -> None:
        """Each kind that one person may hear stands in the table, with the reason."""
        known = {*courtesy.TABLE, *courtesy.FOR_ALL}
        assert set(get_args(Message)) == known
        assert all(one.why for one in courtesy.TABLE.values())

    @pytest.mark.parametrize(
        ("message", "weight"),
        [
            (Nudged(ANA, ONE, 1, Nudge.NOTICE, waiting=2), "courtesy"),
            (Nudged(ANA, ONE, 1, Nudge.OVER, waiting=0), "courtesy"),
            (Nudged(ANA, ONE, 1, Nudge.OVER, waiting=1), "needed"),
            (Nudged(ANA, ONE, 1, Nudge.WAITING, waiting=1), "needed"),
            (Nudged(ANA, ONE, 1, Nudge.MET, waiting=1), "needed"),
            (Nudged(ANA, ONE, 1, Nudge.NO_POWER), "needed"),
            (say.BayBlocked(ONE, ANA, admin=True), "uncounted"),
            (say.BayBlocked(ONE, ANA, admin=False), "needed"),
            (say.MeansToMove(BOB, ANA, ONE, None, called=True), "needed"),
            (say.MeansToMove(BOB, ANA, ONE, None), "courtesy"),
        ],
    )
    def test_weights(self, message: Message, weight: str) -> None:
        """A call, "somebody waits" and a promise in danger are never courtesies."""
        assert courtesy.weight(message) == weight

    def test_promises(self) -> None:
        """In danger, broken, and holding again is needed; that it was made isn't."""
        weights = {
            news: courtesy.weight(Promised(ANA, news, Need(Unit.KWH, 8), Day().now))
            for news in say.PromiseNews
        }
        assert [news for news, one in weights.items() if one == "courtesy"] == [
            say.PromiseNews.MADE
        ]
