"""Charging: one ladder of reminders per stay (rules 16 to 20).

A driver on a port is told first, early, kindly and in private; the channel is asked once
and only while someone waits; the admins last. A ladder begins anew each working day and
sleeps outside working hours, while sight is lost, and while a cap explains what is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.core import hours
from chalicelib.core.draft import Draft
from chalicelib.core.effects import ChannelReminder, Nudge, Nudged, StillThere
from chalicelib.core.model import Ladder, Policy, Port, Site, Status, Stay

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


def begin_day(d: Draft) -> bool:
    """A car that is still there in the morning starts afresh; one still full is told so."""
    today = hours.today(d, d.now)
    old = [p for p in d.ports.values() if p.stay is not None and p.stay.ladder.day < today]
    for port in old:
        if port.stay is not None:
            ladder = replace(Ladder(today, d.now), rate=port.stay.ladder.rate)
            fresh = replace(port.stay, ladder=ladder, full_told=False, no_power_told=False)
            d.put_port(replace(port, stay=fresh))
    return bool(old)


def climb(d: Draft) -> bool:
    """Rules 16, 18 and 19: the next rung of each ladder that is due."""
    if not d.speaks or not d.sees:
        return False
    acted = False
    for port in list(d.ports.values()):
        if port.stay is None or port.status is not Status.INUSE:
            continue
        stay = next_rung(d, port, port.stay)
        if stay is not port.stay:
            d.put_port(replace(d.ports[port.id], stay=stay))
            acted = True
    return acted


def next_rung(d: Draft, port: Port, stay: Stay) -> Stay:
    """One rung at most; the very same stay when none is due."""
    if d.policy.classic:
        return overtime_in_the_room(d, port, stay)
    if stay.driver is None:
        return ask_stranger(d, port, stay)
    if stay.ladder.quiet:
        return stay
    told = look_at_power(d, port, stay, stay.driver)
    if told is not stay:
        return told
    told = tell_time(d, port, stay, stay.driver)
    return told if told is not stay else ask_channel(d, port, stay)


def look_at_power(d: Draft, port: Port, stay: Stay, driver: str) -> Stay:
    """Rules 18 and 19: full, or not charging at all."""
    idle = stay.idle_since
    if idle is None:
        return stay
    if stay.drew and not stay.full_told and idle + d.policy.full <= d.now:
        nudge(d, port, stay, driver, Nudge.FULL)
        return replace(stay, full_told=True, ladder=told_over(d, port, stay.ladder))
    if not stay.drew and not stay.no_power_told and idle + d.policy.no_power <= d.now:
        nudge(d, port, stay, driver, Nudge.NO_POWER)
        return replace(stay, no_power_told=True)
    return stay


def tell_time(d: Draft, port: Port, stay: Stay, driver: str) -> Stay:
    """Rule 16, in private: half an hour left; time is up; someone waits now."""
    ladder = stay.ladder
    if not ladder.over and counted(ladder, d.now) >= limit(d.policy, ladder):
        nudge(d, port, stay, driver, Nudge.OVER)
        return replace(stay, ladder=told_over(d, port, ladder))
    if (
        not ladder.over
        and not ladder.noticed
        and counted(ladder, d.now) >= notice(d.policy, ladder)
    ):
        nudge(d, port, stay, driver, Nudge.NOTICE)
        return replace(stay, ladder=replace(ladder, noticed=True))
    if ladder.over and ladder.waiting_told_at is None and d.is_wanted(port):
        nudge(d, port, stay, driver, Nudge.WAITING)
        return replace(stay, ladder=replace(ladder, waiting_told_at=d.now))
    return stay


def told_over(d: Draft, port: Port, ladder: Ladder) -> Ladder:
    waiting = d.now if d.is_wanted(port) else None
    return replace(ladder, over=True, noticed=True, waiting_told_at=waiting)


def ask_channel(d: Draft, port: Port, stay: Stay) -> Stay:
    """Rule 16, in public: the channel once, by name; then the admins once."""
    ladder = stay.ladder
    asked_at = last_asked(ladder)
    if asked_at is None or asked_at + d.policy.patience > d.now or not d.is_wanted(port):
        return stay
    if ladder.asked_at is None:
        return plead(d, port, stay, ChannelReminder.ASK)
    if ladder.admins_told:
        return stay
    d.tell_admins(StillThere(port.id, stay.driver))
    return replace(stay, ladder=replace(ladder, admins_told=True))


def last_asked(ladder: Ladder) -> datetime | None:
    """When the driver or the channel last heard that someone waits for this port.

    None while the driver doesn't know, be it for twenty more minutes.
    """
    if ladder.waiting_told_at is None or ladder.asked_at is None:
        return ladder.waiting_told_at
    return max(ladder.waiting_told_at, ladder.asked_at)


def ask_stranger(d: Draft, port: Port, stay: Stay) -> Stay:
    """Nobody to write to: "whoever is on port 2", when it is time and someone waits."""
    ladder = stay.ladder
    late = counted(ladder, d.now) >= limit(d.policy, ladder) or (
        stay.drew and stay.idle_since is not None and stay.idle_since + d.policy.full <= d.now
    )
    if ladder.waiting_told_at is None and late and d.is_wanted(port):
        told = replace(stay, ladder=replace(ladder, waiting_told_at=d.now))
        return plead(d, port, told, ChannelReminder.ASK)
    return ask_channel(d, port, stay)


def overtime_in_the_room(d: Draft, port: Port, stay: Stay) -> Stay:
    """Rule 20: as in 2016, at two and a half hours, before everybody."""
    ladder = stay.ladder
    if ladder.asked_at is not None or counted(ladder, d.now) < limit(d.policy, ladder):
        return stay
    return plead(d, port, stay, ChannelReminder.OVERTIME)


def plead(d: Draft, port: Port, stay: Stay, plea: ChannelReminder) -> Stay:
    asked = replace(
        stay, ladder=replace(stay.ladder, asked_at=d.now, post=d.next_serial(), over=True)
    )
    d.plead(port, asked, plea)
    return asked


def nudge(d: Draft, port: Port, stay: Stay, driver: str, why: Nudge) -> None:
    waiting = sum(entry.may_have(port) for entry in d.queue)
    d.tell(driver, Nudged(driver, port.id, stay.id, why, waiting, capped=stay.ladder.rate < 1))


def limit(policy: Policy, ladder: Ladder) -> timedelta:
    return ladder.limit if ladder.limit is not None else policy.limit


def notice(policy: Policy, ladder: Ladder) -> timedelta:
    return limit(policy, ladder) - policy.notice


DUE = (begin_day, climb)


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
    leaves = ladder.over or ladder.quiet or (stay.drew and stay.idle_since is not None)
    if leaves or port.closed or port.status is not Status.INUSE:
        return None
    return reached_at(ladder, limit(d.policy, ladder))


# --- what a driver may answer ------------------------------------------------------------------


def extend(d: Draft, port: Port, stay: Stay) -> datetime:
    """*20 more minutes*, from now; until when."""
    ladder = stay.ladder
    more = max(counted(ladder, d.now), limit(d.policy, ladder)) + d.policy.extension
    ladder = replace(
        ladder, limit=more, extended=True, over=False, noticed=True, waiting_told_at=None
    )
    extended = replace(stay, ladder=ladder)
    d.put_port(replace(port, stay=extended))
    d.plead(port, extended, ChannelReminder.MORE_TIME)
    return reached_at(ladder, more)


def move(d: Draft, port: Port, stay: Stay) -> None:
    """*Done, moving*: no more reminders today."""
    moving = replace(stay, ladder=replace(stay.ladder, quiet=True))
    d.put_port(replace(port, stay=moving))
    d.plead(port, moving, ChannelReminder.MOVING)


# --- when to wake -----------------------------------------------------------------------------


def mornings(site: Site) -> Iterator[datetime]:
    """When the ladders begin anew."""
    days = {port.stay.ladder.day for port in site.ports.values() if port.stay is not None}
    if days:
        yield hours.on(site, min(days) + timedelta(days=1), site.policy.opens)


def reminders(site: Site) -> Iterator[datetime]:
    """When a ladder may have its next rung, working hours aside."""
    for port in site.ports.values():
        if port.stay is not None and port.status is Status.INUSE:
            yield from rungs(site.policy, port.stay)


def rungs(policy: Policy, stay: Stay) -> Iterator[datetime]:
    """Each rung of a stay that is still to come. Whether someone waits by then is another matter."""
    ladder = stay.ladder
    over_at = reached_at(ladder, limit(policy, ladder))
    if policy.classic:
        if ladder.asked_at is None:
            yield over_at
        return
    if ladder.quiet and stay.driver is not None:
        return
    if not ladder.over:
        yield over_at
        yield reached_at(ladder, notice(policy, ladder))
    if stay.idle_since is not None:
        yield stay.idle_since + (policy.full if stay.drew else policy.no_power)
    asked_at = last_asked(ladder)
    if asked_at is not None and not ladder.admins_told:
        yield asked_at + policy.patience
