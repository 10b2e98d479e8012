"""Home tabs: what somebody has before them in Slack all the time, drawn anew when it has changed
and its person has looked at it lately. What stands on it is worked out when it is sent.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from chalicelib.core.answers import HomeTab
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.inputs import LeaveHome, OpenHome
from chalicelib.core.model import HOME, Home
from chalicelib.core.reply import Reply
from chalicelib.values import replace

OPEN = timedelta(minutes=10)  # after that nobody looks any more
MOST = 20  # that are kept up to date at once: who opened theirs last
PAUSE = timedelta(seconds=30)  # between two changes that others bring about
PERIOD = timedelta(minutes=5)  # the times on it pass by themselves


def open_home(d: Draft, driver: str, wish: OpenHome) -> Reply:
    """Somebody looks at their Home tab now; they may see other car parks there."""
    others = {who: home for who, home in d.homes.items() if who != driver}
    latest = dict(list(others.items())[-(MOST - 1) :])
    d.homes = {**latest, driver: Home(d.now, d.now, picture(d, driver), wish.others)}
    return lambda: HomeTab(driver)


def leave_home(d: Draft, driver: str, _: LeaveHome) -> Reply:
    """They look at another car park there."""
    if driver in d.homes:
        d.homes = {who: home for who, home in d.homes.items() if who != driver}
    return lambda: HomeTab(driver)


def acted(d: Draft, driver: str) -> None:
    """Who has done something sees at once what came of it."""
    home = d.homes.get(driver)
    if home is not None and home.picture != picture(d, driver):
        d.homes = {**d.homes, driver: replace(home, opened_at=d.now, shown_at=d.now - PAUSE)}


def refresh(d: Draft) -> Iterator[Due]:
    """What has changed is drawn anew, soon; the rest now and then, for its times."""
    if not d.homes:  # nearly always
        return
    common = everybodys(d)
    for driver, home in d.homes.items():
        if d.now - home.opened_at >= OPEN:
            continue
        wait = PAUSE if home.picture != picture(d, driver, common) else PERIOD
        yield Due(home.shown_at + wait, partial(show, d, driver, home))


def show(d: Draft, driver: str, home: Home) -> None:
    d.homes = {**d.homes, driver: replace(home, shown_at=d.now, picture=picture(d, driver))}
    to = f"{driver}{HOME}"
    if not any(one.to == to and one.claimed_until is None for one in d.outbox):
        d.send(to, HomeTab(driver), driver)


def prune(d: Draft) -> None:
    """Who hasn't looked for a while is forgotten."""
    if any(d.now - home.opened_at >= OPEN for home in d.homes.values()):
        d.homes = {who: one for who, one in d.homes.items() if d.now - one.opened_at < OPEN}


def picture(d: Draft, driver: str, common: int | None = None) -> int:
    """A number that changes when the page does; what a car draws, and times, are not in it."""
    entry, port, person = d.entry(driver), d.charging_at(driver), d.people.get(driver)
    stay = port.stay if port is not None else None
    mine = (
        entry and (entry.need, entry.until),
        stay and (stay.need, stay.met_at, stay.moving_at, stay.ladder.extended),
        person.preferences if person is not None else None,  # as of who isn't known yet
        d.habits(driver).may_unplug,
    )
    latest = tuple(d.notes[-1:]) or d.trail[-1:]  # this step's acts stand in the trail after it
    house = (d.policy, d.admins, latest) if driver in d.admins else None
    return number_of((everybodys(d) if common is None else common, mine, house))


def everybodys(d: Draft) -> int:
    """The same of what all see: the ports and the line."""
    ports = [
        (
            *(one.status, one.closed, one.broken, one.blocked, one.capped),
            *((one.stay.driver, one.stay.full_told) if one.stay is not None else ()),
        )
        for one in d.ports.values()
    ]
    line = [
        (one.driver, one.standing, one.turn and (one.turn.port, one.turn.coming))
        for one in d.queue
    ]
    return number_of((ports, line, d.blind))


def number_of(shown: object) -> int:
    """The same in every process, unlike `hash`."""
    return zlib.crc32(repr(shown).encode("utf-8", "replace"))
