"""Personal settings: how a driver wants to be told, and when they can be called (rule 41)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.core import answers as say, away, hours
from chalicelib.core.answers import Changed, Refusal, Refused
from chalicelib.core.draft import Draft, channel_key
from chalicelib.core.inputs import Asked, Meet, Prefer, Profile, Sort, Told
from chalicelib.core.model import NO_PREFERENCES, Person
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import absence, joining


def show(_: Draft, driver: str) -> Reply:
    """`settings`."""
    return lambda: say.Settings(driver)


def prefer(d: Draft, asked: Asked, wish: Prefer) -> Reply:
    """Change what was named, and nothing else; all of it, or, where a part can't be, none."""
    driver = asked.driver
    if wish.hours is not None and not away.leaves_time(d, wish.hours):
        return refuse(driver, Refusal.QUIET_ALL_DAY)
    own = next((one for one in asked.profiles if one.driver == driver), None)
    if wish.heeds_status and not shows_status(own):
        return refuse(driver, Refusal.NO_STATUS)
    if wish.told is not None:
        tell(d, driver, wish.told, asked.heard_in)
    if wish.hours is not None or wish.no_hours:
        keep(d, driver, hours=wish.hours)
    if wish.clock is not None:
        keep(d, driver, twelve=wish.clock == 12)
    if wish.heeds_status is not None:
        until = status_of(d, own) if wish.heeds_status else None
        keep(d, driver, heeds_status=wish.heeds_status, status_until=until)
    absence.review(d, driver)
    return lambda: say.Settings(driver, changes(wish))


def changes(wish: Prefer) -> tuple[Changed, ...]:
    """What the wish was about."""
    named = {
        Changed.TOLD: wish.told is not None,
        Changed.HOURS: wish.hours is not None or wish.no_hours,
        Changed.CLOCK: wish.clock is not None,
        Changed.STATUS: wish.heeds_status is not None,
    }
    return tuple(what for what, is_named in named.items() if is_named)


def tell(d: Draft, driver: str, told: Told, heard_in: str) -> None:
    """Where somebody is called, and whether they want courtesies."""
    if told is Told.QUIET:
        keep(d, driver, quiet=True)
        return
    joining.choose(d, driver, "")
    where = channel_meant(d, driver, heard_in) if told is Told.HERE else ""
    keep(d, driver, quiet=False, calls_in=where)


def channel_meant(d: Draft, driver: str, heard_in: str) -> str:
    """The channel in which they said it; else the first that they are in. "": there is none."""
    heard, home = channel_key(heard_in), driver.rpartition(":")[0]
    here = [one for one in d.audience if channel_key(one) == heard]
    theirs = [one for one in d.audience if one.rpartition(":")[0] == home]
    return next(iter((*here, *theirs)), "")


def keep(d: Draft, driver: str, **more: Any) -> None:
    """Change some of a driver's preferences; the default ones are not kept at all."""
    person = d.people.get(driver, Person())
    changed = replace(person.preferences or NO_PREFERENCES, **more)
    kept = changed if changed != NO_PREFERENCES else None
    if kept != person.preferences:
        d.people = {**d.people, driver: replace(person, preferences=kept)}


# --- meetings ---------------------------------------------------------------------------------


def meet(d: Draft, driver: str, wish: Meet) -> Reply:
    """`meeting until 11:00`: no calls before; in line or not. A meeting that is over is over."""
    if wish.length is None and wish.until is None:
        return end_meeting(d, driver)
    until = d.now + wish.length if wish.length is not None else None
    if wish.until is not None:
        until = hours.upcoming(d, wish.until, d.now)
    if until is None or until <= d.now:
        return lambda: Refused(driver, Refusal.MEETING_PAST, at=until)
    keep(d, driver, busy_until=until)
    entry = d.entry(driver)
    if entry is not None and entry.awake_until is not None:
        d.put(replace(entry, awake_until=None))
    absence.review(d, driver)
    return lambda: say.InMeeting(driver, until)


def end_meeting(d: Draft, driver: str) -> Reply:
    keep(d, driver, busy_until=None, status_until=None)
    absence.review(d, driver)
    return lambda: say.InMeeting(driver, None)


def shows_status(own: Profile | None) -> bool:
    """As far as their platform says: one that can't be asked just now may."""
    return own is None or own.status is not None or own.sort is Sort.UNKNOWN


def status_of(d: Draft, profile: Profile | None) -> datetime | None:
    """Until when somebody's status says that they are in a meeting, within reason."""
    status = profile.status if profile is not None else None
    until = status.meeting_until if status is not None else None
    if until is None or until <= d.now:
        return None
    return min(until, d.now + away.LONGEST)


def heed(d: Draft, profile: Profile) -> None:
    """A status was seen: of who asked us to look at it, and of nobody else."""
    if profile.status is None or not d.preferences(profile.driver).heeds_status:
        return
    keep(d, profile.driver, status_until=status_of(d, profile))
    absence.review(d, profile.driver)
