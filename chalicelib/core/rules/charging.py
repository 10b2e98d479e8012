"""Charging: one ladder of reminders per stay (rules 16 to 20).

A driver on a port is told first, early, kindly and in private; the channel is asked once
and only while someone waits; the admins last. A ladder begins anew each working day and
sleeps outside working hours, while sight is lost, and while a cap explains what is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.core import hours
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import ChannelReminder, Nudge, Nudged, StillThere
from chalicelib.core.model import Ladder, Policy, Port, Rung, Status, Stay

from .power import share_of

LEAST_RATE = 0.5  # rule 17: a capped minute counts at least half


# --- what a look says of the power -----------------------------------------------------


def new_ladder(d: Draft, at: datetime) -> Ladder:
    return Ladder(hours.today(d, at), at)


def measure(d: Draft, port_id: str, at: datetime) -> None:
    """Take in the power of one look: does it flow, and how fast does time count?"""
    port = d.ports[port_id]
    stay = port.stay
    if stay is None:
        return
    drew = stay.drew or bool(port.load_kw)
    since = idle_since(port, stay, at)
    ladder = at_rate(stay.ladder, rate_of(port, d.policy.rated_kw), at)
    if drew != stay.drew or since != stay.idle_since or ladder is not stay.ladder:
        d.put_port(replace(port, stay=replace(stay, drew=drew, idle_since=since, ladder=ladder)))


def idle_since(port: Port, stay: Stay, at: datetime) -> datetime | None:
    """Since when no power flows and no cap explains it. A look that can't tell changes nothing."""
    if port.load_kw or port.is_off:
        return None
    return stay.idle_since or at if port.load_kw == 0 else stay.idle_since


def rate_of(port: Port, rated_kw: float) -> float:
    """How much of a minute counts: the share of power allowed, at least half (rule 17)."""
    return max(LEAST_RATE, share_of(port, rated_kw))


def at_rate(ladder: Ladder, rate: float, at: datetime) -> Ladder:
    if rate == ladder.rate or at < ladder.at:
        return ladder
    return replace(ladder, counted=counted(ladder, at), at=at, rate=rate)


def counted(ladder: Ladder, now: datetime) -> timedelta:
    """The charging time that counts by now."""
    return ladder.counted + (now - ladder.at) * ladder.rate


def reached_at(ladder: Ladder, length: timedelta) -> datetime:
    """When so much charging time will have counted."""
    return ladder.at + (length - ladder.counted) / ladder.rate


# --- due rules -----------------------------------------------------------------------------


def begin_day(d: Draft) -> Iterator[Due]:
    """A car that is still there in the morning starts afresh; one still full is told so."""
    for port in d.ports.values():
        if port.stay is not None:
            yield Due(hours.day_after(d, port.stay.ladder.day), partial(begin, d, port, port.stay))


def begin(d: Draft, port: Port, stay: Stay) -> None:
    ladder = replace(new_ladder(d, d.now), rate=stay.ladder.rate)
    fresh = replace(stay, ladder=ladder, full_told=False, no_power_told=False)
    d.put_port(replace(port, stay=fresh))


def seen(d: Draft) -> Iterator[tuple[Port, Stay]]:
    """The cars that are on their ports for all we know: of others nothing is said."""
    for port in d.ports.values() if d.sees else ():
        if port.stay is not None and port.status is Status.INUSE:
            yield port, port.stay


def reminded(d: Draft) -> Iterator[tuple[Port, Stay, str]]:
    """Cars whose drivers may be written to: known, seen, and not on the way out."""
    for port, stay in seen(d) if not d.policy.classic else ():
        if stay.driver is not None and not stay.ladder.quiet:
            yield port, stay, stay.driver


def tell_full(d: Draft) -> Iterator[Due]:
    """Rule 18: it drew power, and draws none any more; the ladder goes on from there."""
    for port, stay, driver in reminded(d):
        at = full_at(d, stay)
        if at is not None and not stay.full_told:
            yield Due(d.in_words(at), partial(say_full, d, port, stay, driver))


def full_at(d: Draft, stay: Stay) -> datetime | None:
    """When the car counts as full; None: it doesn't look so."""
    if not stay.drew or stay.idle_since is None:
        return None
    return stay.idle_since + d.policy.full


def say_full(d: Draft, port: Port, stay: Stay, driver: str) -> None:
    nudge(d, port, stay, driver, Nudge.FULL)
    knows(d, port, replace(stay, full_told=True))


def tell_no_power(d: Draft) -> Iterator[Due]:
    """Rule 19: plugged in, and nothing flows."""
    for port, stay, driver in reminded(d):
        if not stay.drew and not stay.no_power_told and stay.idle_since is not None:
            at = stay.idle_since + d.policy.no_power
            yield Due(d.in_words(at), partial(say_no_power, d, port, stay, driver))


def say_no_power(d: Draft, port: Port, stay: Stay, driver: str) -> None:
    nudge(d, port, stay, driver, Nudge.NO_POWER)
    d.put_port(replace(port, stay=replace(stay, no_power_told=True)))


def tell_over(d: Draft) -> Iterator[Due]:
    """Rule 16: time is up."""
    for port, stay, driver in reminded(d):
        if stay.ladder.rung < Rung.OVER:
            yield Due(d.in_words(limit_at(d, stay)), partial(say_over, d, port, stay, driver))


def say_over(d: Draft, port: Port, stay: Stay, driver: str) -> None:
    nudge(d, port, stay, driver, Nudge.OVER)
    knows(d, port, stay)


def knows(d: Draft, port: Port, stay: Stay) -> None:
    """The driver has heard that it is over, and who waits. Where the channel was asked before,
    as before *20 more minutes*, its post asks again.
    """
    if not d.is_wanted(port):
        climb(d, port, stay, Rung.OVER)
    elif stay.ladder.post is None:
        climb(d, port, stay, Rung.AWAITED)
    else:
        plead(d, port, stay, ChannelReminder.ASK)


def tell_notice(d: Draft) -> Iterator[Due]:
    """Rule 16: a word before the time is up."""
    for port, stay, driver in reminded(d):
        if stay.ladder.rung < Rung.NOTICED:
            at = reached_at(stay.ladder, limit(d.policy, stay.ladder) - d.policy.notice)
            yield Due(d.in_words(at), partial(say_notice, d, port, stay, driver))


def say_notice(d: Draft, port: Port, stay: Stay, driver: str) -> None:
    nudge(d, port, stay, driver, Nudge.NOTICE)
    climb(d, port, stay, Rung.NOTICED)


def tell_awaited(d: Draft) -> Iterator[Due]:
    """Rule 16: somebody waits now, and the time was up before."""
    for port, stay, driver in reminded(d):
        if stay.ladder.rung is Rung.OVER and d.is_wanted(port):
            yield Due(d.in_words(d.now), partial(say_awaited, d, port, stay, driver))


def say_awaited(d: Draft, port: Port, stay: Stay, driver: str) -> None:
    nudge(d, port, stay, driver, Nudge.WAITING)
    knows(d, port, stay)


def overstayed(d: Draft) -> Iterator[tuple[Port, Stay]]:
    """Cars past their time that somebody waits for, their drivers known or not."""
    for port, stay in seen(d) if not d.policy.classic else ():
        if d.is_wanted(port) and not (stay.driver is not None and stay.ladder.quiet):
            yield port, stay


def ask_channel(d: Draft) -> Iterator[Due]:
    """Rule 16, in public, by name, once. Of a stranger, who can't be written to, at once."""
    for port, stay in overstayed(d):
        ladder = stay.ladder
        if ladder.rung is Rung.AWAITED and ladder.told_at is not None:
            at = ladder.told_at + d.policy.patience
        elif ladder.rung < Rung.AWAITED and stay.driver is None:
            at = min(limit_at(d, stay), full_at(d, stay) or limit_at(d, stay))
        else:
            continue
        yield Due(d.in_words(at), partial(plead, d, port, stay, ChannelReminder.ASK))


def tell_admins(d: Draft) -> Iterator[Due]:
    """Rule 16: asking did not help; once."""
    for port, stay in overstayed(d):
        if stay.ladder.rung is Rung.ASKED and stay.ladder.told_at is not None:
            at = stay.ladder.told_at + d.policy.patience
            yield Due(d.in_words(at), partial(report, d, port, stay))


def report(d: Draft, port: Port, stay: Stay) -> None:
    d.tell_admins(StillThere(port.id, stay.driver))
    climb(d, port, stay, Rung.REPORTED)


def call_out(d: Draft) -> Iterator[Due]:
    """Rule 20: as in 2016, at two and a half hours, before everybody; once."""
    for port, stay in seen(d) if d.policy.classic else ():
        if stay.ladder.rung < Rung.ASKED:
            act = partial(plead, d, port, stay, ChannelReminder.OVERTIME)
            yield Due(d.in_words(limit_at(d, stay)), act)


def plead(d: Draft, port: Port, stay: Stay, plea: ChannelReminder) -> None:
    """Ask in the channel, in the post in which it was asked before."""
    ladder = replace(stay.ladder, post=stay.ladder.post or d.next_serial())
    asked = climb(d, port, replace(stay, ladder=ladder), Rung.ASKED)
    d.plead(port, asked, plea)


def climb(d: Draft, port: Port, stay: Stay, rung: Rung) -> Stay:
    """The stay's reminders stand on this rung from now on."""
    there = replace(stay, ladder=replace(stay.ladder, rung=rung, told_at=d.now))
    d.put_port(replace(d.ports[port.id], stay=there))
    return there


def nudge(d: Draft, port: Port, stay: Stay, driver: str, why: Nudge) -> None:
    waiting = sum(d.may_have(entry, port) for entry in d.queue)
    d.tell(driver, Nudged(driver, port.id, stay.id, why, waiting, capped=stay.ladder.rate < 1))


def limit(policy: Policy, ladder: Ladder) -> timedelta:
    return ladder.limit if ladder.limit is not None else policy.limit


def limit_at(d: Draft, stay: Stay) -> datetime:
    """When the charging time of this stay is up."""
    return reached_at(stay.ladder, limit(d.policy, stay.ladder))


# --- what can be said of the next free port -----------------------------------------------------


def next_free_at(d: Draft) -> datetime | None:
    """When a port should become free, if the cars stay as long as they may (rules 16 and 17).

    None: nobody has to wait, or it can't be said. A car that is past its time, or on its
    way out, goes when it goes; after closing time the line is gone.
    """
    spare = (d.is_open(port) and d.holder(port.id) is None for port in d.ports.values())
    if not d.sees or any(spare):
        return None
    times = (over_at(d, port, port.stay) for port in d.ports.values() if port.stay is not None)
    first = min((at for at in times if at is not None and at > d.now), default=None)
    return first if first is not None and first < hours.closing_after(d, d.now) else None


def over_at(d: Draft, port: Port, stay: Stay) -> datetime | None:
    """When this car's time is up; None: it has been, or the port is nobody's to have."""
    ladder = stay.ladder
    leaves = (
        ladder.rung >= Rung.OVER or ladder.quiet or (stay.drew and stay.idle_since is not None)
    )
    if leaves or port.closed or port.status is not Status.INUSE:
        return None
    return limit_at(d, stay)


# --- what a driver may answer ------------------------------------------------------------------


def extend(d: Draft, port: Port, stay: Stay) -> datetime:
    """*20 more minutes*, from now; until when."""
    ladder = stay.ladder
    more = max(counted(ladder, d.now), limit(d.policy, ladder)) + d.policy.extension
    ladder = replace(ladder, limit=more, extended=True)
    extended = climb(d, port, replace(stay, ladder=ladder), Rung.NOTICED)
    d.plead(port, extended, ChannelReminder.MORE_TIME)
    return reached_at(ladder, more)


def move(d: Draft, port: Port, stay: Stay) -> None:
    """*Done, moving*: no more reminders today."""
    moving = replace(stay, ladder=replace(stay.ladder, quiet=True))
    d.put_port(replace(port, stay=moving))
    d.plead(port, moving, ChannelReminder.MOVING)
