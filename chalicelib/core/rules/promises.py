"""Promises: your need by your time (rule 33)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import Danger, Promised, PromiseNews
from chalicelib.core.model import Entry, Port, Promise, Stay
from chalicelib.core.order import WALK, fits_a_stay, time_on_plug
from chalicelib.energy import forecast
from chalicelib.energy.forecast import Wanted
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace

from . import foresight, needs, word

SECOND = timedelta(seconds=1)
DOUBT = 0.6  # of the futures: a promise kept in fewer is in danger
LIKELY = 0.3  # a need met in fewer is hardly to be
SLACK = timedelta(minutes=3)  # nobody is alarmed over so little …
NEAR = timedelta(minutes=10)  # … but so shortly before its time: nothing makes it up any more


# --- making them -----------------------------------------------------------------------


def on_call(d: Draft, entry: Entry) -> Entry:
    """Who is called has a promise, if a port can still keep it."""
    if entry.promise is None or entry.need is None or entry.promise.made:
        return entry
    if not may_promise(d, entry.need) or d.now + WALK + length(d, entry) > entry.promise.by:
        return entry
    word.count(d, made=1)
    return replace(entry, promise=replace(entry.promise, made=True, hardly=False))


def may_promise(d: Draft, need: Need) -> bool:
    """When a car is full nobody can know; and more than a stay gives isn't ours to promise."""
    return need.unit is not Unit.FULL and fits_a_stay(d.policy, need)


def length(d: Draft, entry: Entry) -> timedelta:
    return time_on_plug(d.policy, entry.need, needs.usual(d, entry.driver))


def on_plug(d: Draft, stay: Stay) -> Stay:
    """Who plugs in with a need and a time has a promise, if the port can keep it."""
    if stay.promise is None or stay.need is None or stay.promise.made:
        return stay
    if not may_promise(d, stay.need):
        return stay
    takes = time_on_plug(d.policy, stay.need, needs.usual(d, stay.driver))
    if d.now + takes > stay.promise.by:
        return stay
    word.count(d, made=1)
    return replace(stay, promise=replace(stay.promise, made=True, hardly=False))


# --- after a look ----------------------------------------------------------------------------


def review_stays(d: Draft) -> None:
    """On a port the power decides: each look may change it."""
    for port in list(d.ports.values()) if d.sees and not d.policy.classic else ():
        if port.stay is not None and port.stay.promise is not None:
            review_stay(d, port, port.stay, port.stay.promise)


def review_line(d: Draft, only: str | None = None) -> None:
    """Those who wait with a need and a time; `only` one of them."""
    waiting = [
        entry
        for entry in d.queue
        if entry.promise is not None and entry.is_waiting and only in (None, entry.driver)
        and entry.need is not None and may_promise(d, entry.need)
    ]  # fmt: skip
    if not waiting or not d.sees or d.policy.classic:
        return
    seen = foresight.view(d)
    places = {entry.driver: place for place, entry in enumerate(seen.waiting)}
    wanted = [
        Wanted(
            places[entry.driver],
            ((entry.promise.by if entry.promise else d.now) - d.now) / SECOND,
            length(d, entry) / SECOND,
        )
        for entry in waiting
    ]
    every = forecast.chances(wanted, seen.ports, seen.line, seen.pace)
    for entry, odds in zip(waiting, every, strict=True):
        if entry.promise is not None and entry.need is not None:
            promise = judged(d, entry.driver, entry.need, entry.promise, odds, Danger.LATE)
            if promise.made and only is not None:  # the answer to their own word says it
                untell(d, entry.driver)
            now = d.entry(entry.driver)
            if promise != entry.promise and now is not None:
                d.put(replace(now, promise=promise))


def untell(d: Draft, driver: str) -> None:
    d.outbox = [
        one
        for one in d.outbox
        if (one.to, one.queued_at) != (driver, d.now) or not isinstance(one.effect, Promised)
    ]


def judged(
    d: Draft, driver: str, need: Need, promise: Promise, odds: float, why: Danger
) -> Promise:
    """What the odds make of a promise, said where it must be."""
    if not promise.made:
        if odds < forecast.SURE:
            return replace(promise, hardly=odds < LIKELY)
        word.count(d, made=1)
        d.tell_of_place(driver, Promised(driver, PromiseNews.MADE, need, promise.by))
        return replace(promise, made=True, hardly=False)
    if odds < DOUBT and not promise.warned:
        tell(d, driver, need, promise, PromiseNews.IN_DANGER, why)
        return replace(promise, warned=True)
    if odds >= forecast.SURE and promise.warned and not promise.holds_again:
        tell(d, driver, need, promise, PromiseNews.HOLDS)
        return replace(promise, holds_again=True)
    return promise


def review_stay(d: Draft, port: Port, stay: Stay, promise: Promise) -> None:
    """On a port it is its power that decides."""
    if stay.met_at is not None or stay.driver is None or stay.need is None:
        return
    if not promise.made:
        fresh = on_plug(d, stay)
        if fresh is not stay:
            d.put_port(replace(port, stay=fresh))
            tell(d, stay.driver, stay.need, promise, PromiseNews.MADE)
        return
    at = needs.need_at(d, stay)
    if stay.full_told:
        void(d, promise)
        d.put_port(replace(port, stay=replace(stay, promise=None)))
        return
    slack = SLACK if promise.by - d.now > NEAR else timedelta(0)
    late = at is None or at > promise.by + slack
    if late and d.now - stay.since < 2 * SLACK:
        return  # two looks make no trend
    odds = 0.0 if late else 1.0
    why = Danger.CAPPED if port.capped else Danger.SLOW
    judged_now = judged(d, stay.driver, stay.need, promise, odds, why)
    if judged_now != promise:
        d.put_port(replace(port, stay=replace(stay, promise=judged_now)))


def tell(
    d: Draft,
    driver: str,
    need: Need,
    promise: Promise,
    news: PromiseNews,
    why: Danger | None = None,
) -> None:
    d.tell(driver, Promised(driver, news, need, promise.by, why))


# --- the end of a promise ----------------------------------------------------------------------


void = needs.give_up


def settle(d: Draft) -> Iterator[Due]:
    """Rule 33: its time has come. A need met before then was kept already."""
    for entry in d.queue:
        if entry.promise is not None:
            yield Due(entry.promise.by, partial(break_in_line, d, entry, entry.promise))
    for port in d.ports.values():
        if port.stay is not None and port.stay.promise is not None:
            promise = port.stay.promise
            yield Due(promise.by, partial(break_on_port, d, port, port.stay, promise))


def break_in_line(d: Draft, entry: Entry, promise: Promise) -> None:
    d.put(replace(entry, promise=None))
    if promise.made and entry.need is not None:
        broken(d, entry.driver, entry.need, promise)


def break_on_port(d: Draft, port: Port, stay: Stay, promise: Promise) -> None:
    d.put_port(replace(port, stay=replace(stay, promise=None)))
    if promise.made and stay.met_at is None and stay.driver is not None and stay.need is not None:
        broken(d, stay.driver, stay.need, promise)


def broken(d: Draft, driver: str, need: Need, promise: Promise) -> None:
    word.count(d, broken=1, warned=int(promise.warned))
    if not promise.warned:
        tell(d, driver, need, promise, PromiseNews.BROKEN)
