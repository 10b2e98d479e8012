"""Home tabs: who has one before them, and when it is drawn anew (rule 27)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core import acts, next_deadline, step
from chalicelib.core.answers import HomeTab
from chalicelib.core.inputs import (
    Add,
    Admin,
    Asked,
    ForgetMe,
    LeaveHome,
    OpenHome,
    Remove,
    ShowStatus,
    Undeliverable,
)
from chalicelib.core.rules.homes import MOST, PAUSE
from tests.core.day import Day
from tests.fakes import ANA, BOB, BOSS, CLEO, MONDAY, asked, look, site_of

HOME = f"{ANA}/home"


@pytest.fixture
def day() -> Day:
    return Day()


def opened(day: Day, driver: str = ANA) -> None:
    day.give(Asked(driver, OpenHome(), reply_to=f"{driver}/home"))
    day.told.clear()


def drawn(day: Day, driver: str = ANA) -> int:
    """How often it was drawn since the last time this was asked."""
    count = sum(to == f"{driver}/home" for to, _ in day.told)
    day.told.clear()
    return count


def test_opened(day: Day) -> None:
    """It is drawn once, at its own address."""
    day.give(Asked(ANA, OpenHome(), reply_to=HOME))
    assert [(to, effect) for to, effect in day.told if to == HOME] == [(HOME, HomeTab(ANA))]


def test_by_its_person(day: Day) -> None:
    """What they do is drawn at once, wherever they do it."""
    opened(day)
    day.ask(ANA, Add())
    assert drawn(day) == 1


def test_answered_there(day: Day) -> None:
    """What is pressed there is answered there: the answer is the drawing, not one more."""
    day.ask(ANA, Add())
    opened(day)
    day.give(Asked(ANA, Remove(), reply_to=HOME))
    assert drawn(day) == 1


def test_no_message_gives_way_to_it(day: Day) -> None:
    """An answer that still waits to be told directly isn't replaced by the page, nor the page
    by an answer.
    """
    day.delivers = False
    for reply_to in (ANA, HOME, ANA):
        day.give(Asked(ANA, OpenHome() if reply_to == HOME else ShowStatus(), reply_to=reply_to))
    assert sorted(one.to for one in day.site.outbox) == [ANA, HOME]


def test_by_others(day: Day) -> None:
    """What others do is drawn once, half a minute after the last drawing."""
    opened(day)
    day.wait(seconds=5)
    day.ask(BOB, Add())
    day.ask(CLEO, Add())
    assert drawn(day) == 0
    day.wait(seconds=PAUSE.total_seconds())
    assert drawn(day) == 1


def test_when_nothing_changes(day: Day) -> None:
    """Only for its times, every five minutes, and no longer than anybody looks."""
    opened(day)
    day.wait(minutes=4)
    assert drawn(day) == 0
    day.wait(minutes=2)
    assert drawn(day) == 1
    day.wait(hours=1)
    assert drawn(day) == 0


def test_what_others_need_is_theirs(day: Day) -> None:
    """A look that says nothing new of what stands there draws nothing."""
    opened(day)
    day.wait(seconds=61)
    assert drawn(day) == 0


def test_bounded(day: Day) -> None:
    """Who opened theirs last is kept up to date; a crowd isn't."""
    for number in range(MOST + 5):
        opened(day, f"{ANA}{number}")
    assert len(day.site.homes) == MOST
    assert f"{ANA}{MOST + 4}" in day.site.homes


def test_left_and_forgotten(day: Day) -> None:
    """Who looks at another site there, or wants to be forgotten, isn't drawn for."""
    opened(day)
    day.give(Asked(ANA, LeaveHome()))
    assert day.site.homes == {}
    opened(day)
    day.ask(ANA, ForgetMe())
    assert day.site.homes == {}


def test_there_is_no_such_tab(day: Day) -> None:
    """A refusal of the platform bothers nobody, and isn't tried again."""
    day.delivers = False
    day.give(Asked(ANA, OpenHome(), reply_to=HOME))
    pending = next(one for one in day.site.outbox if one.to == HOME)
    before = len(day.site.outbox)
    day.give(Undeliverable(pending.id, "not_enabled"))
    assert day.site.homes == {}
    assert day.site.refused == {}
    assert len(day.site.outbox) == before - 1


def test_the_deadline_lies_ahead(day: Day) -> None:
    """While somebody looks, the next drawing is a deadline; then it is none."""
    opened(day)
    ahead = next_deadline(day.site)
    assert ahead is not None
    assert day.now < ahead <= day.now + timedelta(minutes=5)


def test_the_next_deadline_is_told_by_the_step() -> None:
    """An admin's tab shows the latest act: this step's counts before it stands in the trail."""
    site, now = site_of(), MONDAY
    for _ in range(3):
        site = step(site, look(now, p1=None, p2=None), now).site
        now += timedelta(seconds=20)
    site = step(site, asked(BOSS, OpenHome()), now).site
    outcome = step(site, asked(BOSS, Add()), now)
    assert outcome.deadline == next_deadline(outcome.site)


def test_of_an_admin(day: Day) -> None:
    """An admin's tab shows the settings: it is drawn anew when another admin changes one, and
    nobody else's is.
    """
    day.ask(BOSS, Admin(acts.Grant(BOB)))
    opened(day)
    opened(day, BOB)
    day.wait(seconds=PAUSE.total_seconds())
    day.told.clear()
    day.ask(BOSS, Admin(acts.SetPolicy("answer", timedelta(minutes=20))))
    day.wait(seconds=2 * PAUSE.total_seconds())
    told = list(day.told)
    assert drawn(day, BOB) == 1
    assert not any(to == HOME for to, _ in told)
