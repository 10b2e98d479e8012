"""The board: rule 43 of the house."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts, outbox, step
from chalicelib.core.answers import Added, Answer, BoardShown, Deed, Did, Unchanged
from chalicelib.core.boards import board_of, is_public
from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    BoardPost,
    News,
    PleaseMove,
    PortPost,
    SightLost,
    StandsIdle,
    Undelivered,
)
from chalicelib.core.inputs import (
    Add,
    Admin,
    Asked,
    Claimed,
    Delivered,
    Input,
    Introduced,
    OnMyWay,
    Pass,
    Profile,
    Remove,
    ShowBoard,
    Suspend,
    Tick,
    Undeliverable,
)
from chalicelib.core.model import Board, Entry, Pending, Policy, Status
from chalicelib.core.rules import view
from chalicelib.core.rules.view import Doing
from chalicelib.values import replace
from tests.core.day import ONE, PowerDay
from tests.fakes import ANA, BOB, BOSS, CHANNEL, CLEO, site_of

BOARD = board_of(CHANNEL)
TEN = timedelta(seconds=10)
ZOE, OTHER = "slack:T0HQ:U0ZOE", "slack:T0HQ:U0ZOE2"
ON, OFF = (Admin(acts.SetPolicy("board", value=one)) for one in (True, False))


class BoardDay(PowerDay):
    """What is on its way to the board is claimed, as a deliverer does, and arrives as `m1`."""

    ref = "m1"

    def give(self, given: Input) -> Answer | None:
        self.delivers = False
        answer = super().give(given)
        while heads := [one for one in self.site.outbox if not self.is_held(one)]:
            self.deliver(heads[0])
        return answer

    hold = False

    def is_held(self, pending: Pending) -> bool:
        return self.hold and pending.to == BOARD

    def deliver(self, pending: Pending) -> None:
        self.site = step(self.site, Claimed(pending.id, self.now + TEN), self.now).site
        claimed = outbox.find(self.site, pending.id)
        if claimed is None:
            return
        self.told.append((claimed.to, claimed.effect))
        ref = self.ref if claimed.to == BOARD else f"ts{pending.id}"
        self.site = step(self.site, Delivered(pending.id, ref), self.now).site

    @property
    def boards(self) -> list[BoardPost]:
        return self.heard(BOARD, BoardPost)

    @property
    def board(self) -> Board:
        (board,) = self.site.boards
        return board

    def wish(self, driver: str, wish: Add | Remove) -> None:
        """As typed in the channel."""
        self.give(Asked(driver, wish, heard_in=CHANNEL))


@pytest.fixture
def day() -> BoardDay:
    """A Monday at 8:00 on which the board is on, and has been made."""
    day = BoardDay(site_of(policy=Policy(board=True)), p1=ANA, p2=CLEO)
    day.wait(minutes=2)
    assert day.board.ref == "m1"
    day.told.clear()
    return day


class TestRule43TheBoard:
    def test_off_by_default(self) -> None:
        """Nobody's channel changes by an update."""
        day = BoardDay(p1=ANA, p2=CLEO)
        day.wait(minutes=5)
        assert day.site.boards == ()

    def test_made_when_it_is_switched_on(self) -> None:
        """Once, at once, and every channel of a platform that can edit has its own."""
        other, third = "mattermost:chat.hq:town", "hipchat:hc:7"
        day = BoardDay(site_of(CHANNEL, other, third), p1=ANA, p2=CLEO)
        assert isinstance(day.ask(BOSS, ON), Did)
        assert {to for to, effect in day.told if isinstance(effect, BoardPost)} == {BOARD, board_of(other)}  # fmt: skip
        assert isinstance(day.ask(BOSS, ON), Unchanged)
        assert len(day.site.boards) == 2

    def test_at_most_one_edit_in_ten_seconds(self, day: BoardDay) -> None:
        """However much happens: the newest state is what is sent then."""
        day.wait(seconds=30)
        day.told.clear()
        for _ in range(4):
            day.wish(BOB, Add())
            day.now += timedelta(seconds=1)
            day.wish(BOB, Remove())
            day.now += timedelta(seconds=1)
        assert len(day.boards) == 1
        day.wait(seconds=10, looking=False)
        assert len(day.boards) == 2
        assert not day.board.is_stale

    def test_as_it_stands_when_it_is_sent(self, day: BoardDay) -> None:
        """Nothing that it shows is queued; one edit at most waits."""
        day.hold = True
        day.wait(seconds=30)
        day.wish(BOB, Add())
        day.see(p1=None)
        day.wait(minutes=5)
        waiting = [one for one in day.site.outbox if one.to == BOARD]
        assert [one.effect for one in waiting] == [BoardPost()]

    @pytest.mark.parametrize("cars", [{"p1": None}, {"p1": "dark"}, {"p1": BOB}])
    def test_whose_car(self, day: BoardDay, cars: dict[str, str | None]) -> None:
        """Another car, or none, is an edit."""
        before = day.board.digest
        day.see(**cars)
        day.wait(minutes=1)
        assert day.board.digest != before

    def test_names(self, day: BoardDay) -> None:
        """Who stands there as somebody stands there by name once it is known; and a second Zoe
        makes of the first one that is told apart.
        """
        day.give(Asked(ZOE, Add(), heard_in=CHANNEL))
        day.wait(minutes=1)
        seen = [day.board.digest]
        for driver, handle in ((ZOE, ""), (ZOE, "zoe"), (OTHER, "zoe2")):
            day.give(Introduced((Profile(driver, "Zoe", handle),)))
            day.wait(minutes=1)
            seen.append(day.board.digest)
        assert len(set(seen)) == len(seen)

    @pytest.mark.parametrize("act", [acts.Close(("1",)), acts.Put(BOB)])
    def test_acts(self, day: BoardDay, act: acts.Act) -> None:
        """A port that is closed and somebody put in line are."""
        before = day.board.digest
        day.ask(BOSS, Admin(act))
        day.wait(minutes=1)
        assert day.board.digest != before

    def test_what_becomes_of_a_call(self, day: BoardDay) -> None:
        """Called, on the way, passed: each is."""
        day.ask(BOB, Add())
        seen = [day.board.digest]
        day.free("p1")
        for wish in (None, OnMyWay(), Pass()):
            if wish is not None:
                day.ask(BOB, wish)
            day.wait(minutes=1)
            seen.append(day.board.digest)
        assert len(set(seen)) == len(seen)

    def test_sight(self, day: BoardDay) -> None:
        """That nobody sees the ports is."""
        before = day.board.digest
        day.lose()
        day.wait(minutes=1, looking=False)
        assert day.board.digest != before

    def test_nothing_to_say(self, day: BoardDay) -> None:
        """What has become again as it stands there isn't sent."""
        day.hold = True
        day.wait(seconds=30)
        before = day.board
        day.wish(BOB, Add())
        day.wish(BOB, Remove())
        day.hold = False
        day.give(Tick())
        assert day.boards == []
        assert day.board.digest == before.digest

    def test_a_time_that_is_past(self, day: BoardDay) -> None:
        """It is sent anew before a time that it names is past."""
        day.wait(minutes=45)
        until = day.board.good_until
        assert until is not None
        assert until > day.now

    def test_lost(self, day: BoardDay) -> None:
        """One that can't be edited is made anew, but not twice in a minute; nobody is told."""
        day.hold = True
        day.wait(seconds=30)
        day.wish(BOB, Add())
        (pending,) = [one for one in day.site.outbox if one.to == BOARD]
        day.hold, day.ref = False, "m2"
        day.give(Undeliverable(pending.id, "message_not_found"))
        day.wait(minutes=2)
        assert day.board.ref == "m2"
        assert day.heard(BOSS, Undelivered) == []

    def test_at_night_a_lost_one_waits(self, day: BoardDay) -> None:
        """To make one makes a sound; an edit doesn't."""
        day.wait(hours=12)
        before = len(day.boards)
        day.see(p1=None)
        day.wait(minutes=1)
        assert len(day.boards) > before
        day.hold = True
        day.wait(seconds=30)
        day.see(p2=None)
        (pending,) = [one for one in day.site.outbox if one.to == BOARD]
        day.hold, day.ref = False, "m2"
        day.give(Undeliverable(pending.id, "message_not_found"))
        day.wait(hours=2)
        assert day.board.ref == ""
        day.wait(hours=10)
        assert day.board.ref == "m2"

    def test_a_channel_that_takes_none(self) -> None:
        """The admins hear it once, and the channel is told what ports do, as without a board."""
        day = BoardDay(site_of(), p1=ANA, p2=CLEO)
        day.hold = True
        day.ask(BOSS, ON)
        (pending,) = [one for one in day.site.outbox if one.to == BOARD]
        day.give(Undeliverable(pending.id, "is_archived"))
        day.hold = False
        day.wait(minutes=30)
        assert len(day.heard(BOSS, Undelivered)) == 1
        assert day.boards == []
        day.free("p1")
        assert [one.news for one in day.heard(CHANNEL, PortPost)] == [News.FREE]
        assert isinstance(day.ask(BOSS, ON), Did)  # tried again
        assert len(day.boards) == 1

    def test_switched_off(self, day: BoardDay) -> None:
        """What stands there says so, and nothing follows."""
        day.ask(BOSS, OFF)
        assert day.boards[-1].off
        assert day.site.boards == ()
        sent = len(day.boards)
        day.see(p1=None)
        day.wait(minutes=5)
        assert len(day.boards) == sent

    def test_ports_go_without_saying(self, day: BoardDay) -> None:
        """A port that is free is an edit; who is called is said besides."""
        day.free("p1")
        assert day.heard(CHANNEL, PortPost) == []
        day.wish(BOB, Add())
        assert [one.news for one in day.heard(CHANNEL, PortPost)] == [News.CALLED]
        day.see(p1=BOB)
        assert day.heard(CHANNEL, PortPost)[-1].news is News.CHARGING  # that post, edited

    def test_who_joins_hears_it_alone(self, day: BoardDay) -> None:
        """Where a board stands; a channel without one hears it."""
        plain = site_of()
        assert not is_public(day.site, Added(BOB, 1), CHANNEL)
        assert is_public(plain, Added(BOB, 1), CHANNEL)
        assert is_public(day.site, Added(BOB, 1), "hipchat:hc:7")
        assert is_public(day.site, Did(BOSS, Deed.RESET), CHANNEL)

    def test_the_rest_is_said(self, day: BoardDay) -> None:
        """Sight that is lost and cars that stay too long are for everybody's ears."""
        day.wait(hours=2, minutes=20)
        day.wish(BOB, Add())
        day.wait(minutes=40)
        assert day.heard(CHANNEL, PleaseMove)
        day.lose()
        assert day.heard(CHANNEL, SightLost)

    def test_a_port_that_stands_idle(self, day: BoardDay) -> None:
        """The board says it, with the way on; the channel isn't told besides."""
        day.free("p1")
        day.wish(BOB, Add())
        day.wish("slack:T0HQ:U0DAN", Add())
        day.wait(minutes=11)
        assert day.heard(CHANNEL, StandsIdle) == []
        text = words(BoardPost(), day.site, TerminalMarkup(), day.now).text
        assert "stands idle (`/ev next` moves on)" in text

    def test_figures_alone(self, day: BoardDay) -> None:
        """A little less power is no edit; much less, one within five minutes."""
        day.wait(minutes=6)
        day.told.clear()
        day.kw = 6.5
        day.see()
        day.wait(minutes=1)
        assert day.boards == []
        sent_at = day.board.sent_at
        assert sent_at is not None
        day.kw = 3.0
        day.wait(minutes=6)
        assert 1 <= len(day.boards) <= 2

    def test_asked_for(self, day: BoardDay) -> None:
        """`board` shows it to who asks, and changes nothing."""
        before = day.site
        assert day.ask(BOB, ShowBoard()) == BoardShown(BOB)
        assert day.site is before

    def test_a_channel_that_went_away(self, day: BoardDay) -> None:
        """The board of a channel that the operator took away says that there is none."""
        day.site = replace(day.site, channels=("slack:T0HQ:C0NEW",))
        day.give(Tick())
        assert day.boards[-1].off
        assert [one.channel for one in day.site.boards] == ["slack:T0HQ:C0NEW"]
        assert ONE in day.site.ports


@pytest.mark.parametrize(
    ("status", "held", "shut", "doing"),
    [
        (Status.INUSE, True, False, Doing.IN_USE),
        (Status.INUSE, False, True, Doing.IN_USE),
        (Status.UNREACHABLE, True, False, Doing.DARK),
        (Status.AVAILABLE, True, True, Doing.CALLED),
        (Status.AVAILABLE, False, True, Doing.SHUT),
        (Status.AVAILABLE, False, False, Doing.FREE),
        (Status.UNKNOWN, False, False, Doing.UNKNOWN),
    ],
)
def test_what_a_port_does(status: Status, held: bool, shut: bool, doing: Doing) -> None:
    """In one word, as the board and the page show it."""
    day = BoardDay()
    port = replace(day.site.ports[ONE], status=status, closed=shut)
    holder = Entry(ANA, day.now) if held else None
    assert view.doing(port, holder) is doing


def test_until_when_a_break_is() -> None:
    """Of who is suspended alone, and not past its end; who has passed is called for nothing else."""
    day = BoardDay()
    for driver in (ANA, BOB):
        day.ask(driver, Add())
    day.ask(ANA, Suspend(length=timedelta(minutes=30)))
    day.free("p1")
    day.ask(BOB, Pass())
    passed, end = day.entry(BOB).until, day.entry(ANA).until
    assert passed is not None
    assert end is not None
    shown = {one.driver: one.until for one in view.view(Draft(day.site, day.now)).line}
    assert shown == {ANA: end, BOB: None}
    for at, until in ((end - timedelta(seconds=1), end), (end, None)):
        (place,) = [one for one in view.view(Draft(day.site, at)).line if one.driver == ANA]
        assert place.until == until


def test_until_when_a_call_is() -> None:
    """As long as it is ahead: at the very end there is no time left to show."""
    day = BoardDay()
    day.ask(ANA, Add())
    day.free("p1")
    end = day.turn(ANA).deadline
    assert end is not None
    for at, until in ((end - timedelta(seconds=1), end), (end, None)):
        port = view.view(Draft(day.site, at)).ports[0]
        assert (port.called, port.called_until) == (ANA, until)
