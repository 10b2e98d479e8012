"""Rule 25, of every reminder: what falls due after hours isn't said, in the channel or to anybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from chalicelib.core.effects import (
    ChannelReminder,
    Effect,
    Nudge,
    Nudged,
    PleaseMove,
    StandsIdle,
    StillThere,
)
from chalicelib.core.inputs import Add
from chalicelib.core.model import Habits, IdleReminder, Policy
from chalicelib.values import replace
from tests.core.day import PowerDay
from tests.fakes import ANA, BOB, CLEO, MONDAY, site_of

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SEVEN = MONDAY + 11 * HOUR  # in the evening: the last moment at which anything is said

HOUSE = Policy()


def charging(day: PowerDay) -> None:
    """Ana plugs in, and Bob waits."""
    day.see(p1=ANA)
    day.ask(BOB, Add())


def stranger(day: PowerDay) -> None:
    day.see(p1="?")
    day.ask(BOB, Add())


def without_power(day: PowerDay) -> None:
    day.kw = 0.0
    day.see(p1=ANA)


def called(day: PowerDay) -> None:
    day.see(p1="?")
    day.ask(BOB, Add())
    day.ask(CLEO, Add())
    day.free("p1")


def stands_free(day: PowerDay) -> None:
    day.see(p1="?")
    day.free("p1")


def usually(day: PowerDay) -> None:
    """Ana plugs in without a word; she is known to take 5 kWh."""
    person = replace(day.site.people[ANA], habits=Habits(fills=(5.0, 5.0, 5.0)))
    day.site = replace(day.site, people={**day.site.people, ANA: person})
    charging(day)


@dataclass(frozen=True)
class Said:
    """What is said of a scene by day, some time after it began."""

    scene: Callable[[PowerDay], None]
    what: Callable[[Effect], bool]
    policy: Policy = HOUSE

    def of(self, day: PowerDay, since: int) -> bool:
        return any(self.what(effect) for _, effect in day.told[since:])


def nudge(why: Nudge) -> Callable[[Effect], bool]:
    return lambda effect: isinstance(effect, Nudged) and effect.why is why


def plea(which: ChannelReminder) -> Callable[[Effect], bool]:
    return lambda effect: isinstance(effect, PleaseMove) and effect.plea is which


def kind(of: type[Effect]) -> Callable[[Effect], bool]:
    return lambda effect: isinstance(effect, of)


EVERY = {
    "no power": Said(without_power, nudge(Nudge.NO_POWER)),
    "a notice": Said(charging, nudge(Nudge.NOTICE)),
    "the end": Said(charging, nudge(Nudge.OVER)),
    "the usual": Said(usually, nudge(Nudge.USUAL)),
    "people wait": Said(charging, nudge(Nudge.WAITING)),
    "in the channel": Said(charging, plea(ChannelReminder.ASK)),
    "of a stranger": Said(stranger, plea(ChannelReminder.ASK)),
    "to admins": Said(charging, kind(StillThere)),
    "as in 2016": Said(charging, plea(ChannelReminder.OVERTIME), Policy(classic=True)),
    "a turn not taken": Said(called, kind(StandsIdle)),
    "a port that nobody takes": Said(
        stands_free, kind(StandsIdle), Policy(idle_reminder=IdleReminder.ALWAYS)
    ),
}


def begin(said: Said, after: timedelta) -> PowerDay:
    """The scene begins so long after eight; there is no other port."""
    day = PowerDay(site_of(policy=said.policy), p1=None, p2="dark")
    day.wait(seconds=after.total_seconds())
    said.scene(day)
    return day


def minutes_until(said: Said) -> int:
    """How long after the scene's beginning it is said by day."""
    day = begin(said, HOUR)
    for minutes in range(1, 300):
        told = len(day.told)
        day.wait(minutes=1)
        day.see()
        if said.of(day, told):
            return minutes
    pytest.fail("it is never said")


@pytest.mark.parametrize("said", EVERY.values(), ids=EVERY)
def test_after_hours(said: Said) -> None:
    """What is said by day isn't when it falls due five minutes after seven."""
    late = 11 * HOUR + 5 * MINUTE - minutes_until(said) * MINUTE
    day = begin(said, late)
    day.wait(seconds=(SEVEN - day.now).total_seconds())
    day.see()
    told = len(day.told)
    day.wait(minutes=50)
    assert not said.of(day, told)
