"""The line: what drivers may wish for, and what comes of it (rules 1, 3, 4, 6, 7 and 10).

`wishes.py` says which wish is whose.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from chalicelib.core import answers as say, hours, ways
from chalicelib.core.answers import Expected, Odds, Refusal, Refused
from chalicelib.core.draft import Draft
from chalicelib.core.effects import FirstHint, TurnPassed
from chalicelib.core.inputs import Add, Block, SayNeed, Suspend
from chalicelib.core.model import Entry, Standing, What
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import absence, by_hand, charging, foresight, needs, promises
from .turns import allow_passing_on, coming, hand_on, sit_out

MOST_IN_LINE = 500  # a week of many ports doesn't call so many
TOO_MANY = 3  # rule 40: misses of a day


def add(d: Draft, driver: str, wanted: Add = Add()) -> Reply:  # noqa: B008 — a frozen value
    """Rule 1; with a need, rule 28."""
    by = needs.time_meant(d, wanted.by)
    if by is not None and by <= d.now:
        return refuse(driver, Refusal.PAST)
    need = needs.meant(d, driver, wanted.need, by)
    if not hours.is_open(d, d.now):
        return refuse(driver, Refusal.CLOSED)
    entry, charging = d.entry(driver), d.charging_at(driver)
    if entry is None and charging is not None and not d.lacks_power(charging):
        if need is not None:  # they mean the stay under way
            return needs.say_need(d, driver, SayNeed(wanted.need, wanted.by))
        return refuse(driver, Refusal.CHARGING, charging.id)
    if entry is None:
        if len(d.queue) >= MOST_IN_LINE:
            return refuse(driver, Refusal.LINE_FULL)
        newcomer = Entry(driver, d.now, need=need, promise=needs.promise_of(need))
        d.queue = (*d.queue, newcomer)
        d.note(What.ADDED, driver)
        promises.review_line(d, driver)
        return lambda: say.Added(driver, *standing(d, driver))
    if need is not None:
        needs.of_entry(d, driver, need)
    if entry.is_suspended:
        return resume(d, driver)
    return lambda: say.YourPlace(driver, *standing(d, driver))


def hint(d: Draft, driver: str) -> None:
    """Whom the site has never met hears how it goes, once, after all that can't wait. A code
    brings its own words.
    """
    is_new = driver not in d.before.people and d.entry(driver) is not None
    if is_new and not ways.is_one_by_one(driver):
        d.tell(driver, FirstHint(driver))


def standing(
    d: Draft, driver: str
) -> tuple[int, str | None, Expected | None, Odds | None, float | None, datetime | None]:
    """The driver's place; the port of a turn; or when they should be called; what can be said
    of a need with a time; and until when they are away.
    """
    place, port, entry = d.place(driver), d.turn_port(driver), d.entry(driver)
    expected = foresight.tell(d, driver)
    promise = entry.promise if entry is not None else None
    at_most = (
        needs.too_much(d, entry.need, 0.0, d.now + charging.longest(d.policy))
        if entry is not None
        else None
    )
    away = absence.away_until(d, driver)
    return place, port, expected, needs.odds_of(promise), at_most, away


def remove(d: Draft, driver: str) -> Reply:
    """Rule 3."""
    entry = d.entry(driver)
    if entry is None:
        return refuse(driver, Refusal.NOT_IN_LINE)
    port = d.turn_port(driver)
    d.end_turn(entry)
    promises.void(d, entry.promise)
    d.drop(driver)
    d.note(What.REMOVED, driver, by=driver)
    return lambda: say.Removed(driver, port)


def suspend(d: Draft, driver: str, suspension: Suspend, by: str = "") -> Reply:
    """Rule 4; `by` an admin, in their name."""
    entry = d.entry(driver)
    if entry is None:
        return refuse(driver, Refusal.NOT_IN_LINE)
    until = end_of(d, suspension)
    if until is not None and until <= d.now:
        return lambda: Refused(driver, Refusal.PAST, at=until)
    port = d.turn_port(driver)
    promises.void(d, entry.promise)
    d.put(replace(d.end_turn(entry).suspended(until), promise=None))
    d.note(What.SUSPENDED, driver, by=by or driver)
    return lambda: say.Suspended(driver, until, port)


def end_of(d: Draft, suspension: Suspend) -> datetime | None:
    """When the suspension ends by itself; None: only by `resume`."""
    if suspension.length is not None:
        return d.now + suspension.length
    if suspension.until is None:
        return None
    return hours.upcoming(d, suspension.until, d.now)


def resume(d: Draft, driver: str, by: str = "") -> Reply:
    """Rule 4: the end of a suspension, by hand; of sitting out, and of quiet hours or a meeting
    for this once, too. After the third miss of a
    day it puts you last, unless an admin does it (rule 40).
    """
    entry = d.entry(driver)
    if entry is None:
        return refuse(driver, Refusal.NOT_IN_LINE)
    if entry.standing not in (Standing.SUSPENDED, Standing.SITTING_OUT, Standing.AWAY):
        return refuse(driver, Refusal.NOT_SUSPENDED)
    back = absence.stay_awake(d, replace(entry.waiting(), told_next=False))
    if entry.misses >= TOO_MANY and entry.is_suspended and not by:
        d.drop(driver)
        d.queue = (*d.queue, replace(back, added_at=d.now))
    else:
        d.put(back)
    d.note(What.RESUMED, driver, by=by or driver)
    return lambda: say.Resumed(driver, d.place(driver), d.turn_port(driver))


def move_on(d: Draft, driver: str) -> Reply:
    """Rule 10: `next`."""
    entry = d.entry(driver)
    if entry is not None and entry.turn is not None:
        hand_on(d, entry.turn.port)
        return give_away(d, entry)
    held = [entry for entry, _ in sorted(d.called(), key=lambda pair: pair[1].called_at)]
    if not held:
        first = d.first_eligible()
        return lambda: say.WhoIsNext(first.driver if first is not None else None)
    return pass_on(d, driver, held[0])


def pass_on(d: Draft, by: str, entry: Entry) -> Reply:
    """Somebody passes another driver's turn on, if they may by now."""
    port = d.turn_port(entry.driver) or ""
    allowed_at = allow_passing_on(d, by, entry)
    if allowed_at is None or allowed_at > d.now:
        return lambda: Refused(by, Refusal.TOO_SOON, port, allowed_at, entry.driver)
    hand_on(d, port)
    sit_out(d, entry)
    d.note(What.PASSED, entry.driver, by=by, port=port)
    d.tell(entry.driver, TurnPassed(entry.driver, port, by))
    return lambda: say.MovedOn(entry.driver, by, port)


def with_turn(
    d: Draft, driver: str, turn: int | None, act: Callable[[Draft, Entry], Reply]
) -> Reply:
    """A button of a call: only for the driver who holds that very turn (None: any)."""
    entry = d.entry(driver)
    if entry is None or entry.turn is None or turn not in (None, entry.turn.id):
        return refuse(driver, Refusal.NOT_CALLED)
    return act(d, entry)


def block(d: Draft, driver: str, wish: Block) -> Reply:
    """Rule 12: a port that is named must be the one of the turn."""
    named = d.port_named(wish.port) if wish.port else None
    if wish.port and (named is None or named.id != d.turn_port(driver)):
        return refuse(driver, Refusal.NOT_CALLED)
    return with_turn(d, driver, wish.turn, by_hand.block)


def on_my_way(d: Draft, entry: Entry) -> Reply:
    """Rule 7: the long window, once."""
    turn = entry.turn
    if turn is None:
        return refuse(entry.driver, Refusal.NOT_CALLED)
    if turn.coming:
        return refuse(entry.driver, Refusal.ALREADY_COMING, turn.port)
    deadline = coming(d, entry, turn)
    return lambda: say.Coming(entry.driver, turn.port, turn.id, deadline)


def give_away(d: Draft, entry: Entry) -> Reply:
    """Rule 10: the called driver passes."""
    port = d.turn_port(entry.driver) or ""
    sit_out(d, entry)
    d.note(What.PASSED, entry.driver, by=entry.driver, port=port)
    return lambda: say.Passed(entry.driver, port)


def leave(d: Draft, entry: Entry) -> Reply:
    """The button that ends it: out of the line."""
    return remove(d, entry.driver)
