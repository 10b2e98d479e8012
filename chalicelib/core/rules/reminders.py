"""Reminders: what a driver hears about the end of a stay (rules 16, 18, 19, 20 and 31).

One ladder a stay and day: first the driver, early, kindly and in private; then the channel,
once; then the admins. It is climbed only while somebody could be called to the port, and
sleeps outside working hours, while sight is lost, and while the driver is about to move.

`LADDER` says which words may come next from each rung.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from chalicelib.core import answers as say
from chalicelib.core.answers import Nudging, Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import ChannelReminder, Nudge, Nudged, StillThere
from chalicelib.core.inputs import NudgePort
from chalicelib.core.model import Port, Rung, Status, Stay
from chalicelib.core.reply import Reply, refuse
from chalicelib.values import replace

from . import needs
from .charging import (
    AGAIN_FOR,
    Cause,
    End,
    counted,
    end_of,
    is_charging_again,
    limit_at,
    public_end_of,
    reached_at,
)

REPEAT = timedelta(minutes=30)  # at most one private reminder in so long, whoever causes it
OFTEN = 3  # reminders that nobody asked for come so close together; who let them pass …
SELDOM = timedelta(hours=2)  # … hardly moves for the next, and hears it so much more seldom
MOVING = timedelta(minutes=15)  # *moving now* quiets the reminders for so long, once

STILL_SO = timedelta(minutes=10)  # the end that was told: no notice repeats it
UNSURE = timedelta(minutes=2)  # the look that tells may come so late

Reminder = Callable[[Draft, Port, Stay], Due | None]


def remind(d: Draft) -> Iterator[Due]:
    """What is to be said next of each car that is seen on its port."""
    for port in d.ports.values() if d.sees else ():
        stay = port.stay
        if stay is None or port.status is not Status.INUSE:
            continue
        if is_ahead_again(d, stay):
            yield Due(d.now, partial(begin_again, d, port, stay))
            continue
        held = held_until(stay)
        for reminder in reminders(d, stay) if not stay.disowned else ():
            due = reminder(d, port, stay)
            if due is not None:
                yield due if held is None or held <= due.at else replace(due, at=held)


def is_ahead_again(d: Draft, stay: Stay) -> bool:
    """It was over, and isn't any more: they have said that they need more, or may stay longer.
    What looked full has a rule of its own.
    """
    was_over = stay.ladder.rung >= Rung.OVER and not stay.full_told
    return was_over and not d.policy.classic and end_of(d, stay).at > d.now


def begin_again(d: Draft, port: Port, stay: Stay) -> None:
    """Nothing more is said of the end that is none."""
    ladder = replace(stay.ladder, over_at=None, reminders=0)
    on = climb(d, port, replace(stay, ladder=ladder), Rung.SILENT)
    d.plead(port, on, ChannelReminder.MORE_TIME)


def reminders(d: Draft, stay: Stay) -> tuple[Reminder, ...]:
    if d.policy.classic:
        return CLASSIC
    return STRANGERS if stay.driver is None else LADDER[stay.ladder.rung]


def held_until(stay: Stay) -> datetime | None:
    """Who is about to move is left alone until then; so is a car said to look full that draws
    power again, until the looks can tell whether it is.
    """
    if stay.full_told and not stay.again and stay.flows_since is not None:
        return stay.flows_since + AGAIN_FOR + UNSURE
    return stay.ladder.quiet_until


def tell_no_power(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rule 19: plugged in, and nothing flows."""
    if stay.drew or stay.no_power_told or stay.idle_since is None:
        return None
    return Due(
        stay.idle_since + d.policy.no_power, partial(say_no_power, d, port, stay), spoken=True
    )


def say_no_power(d: Draft, port: Port, stay: Stay) -> None:
    nudge(d, port, stay, Nudge.NO_POWER)
    d.put_port(replace(port, stay=replace(stay, no_power_told=True)))


def tell_notice(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rule 31: a word before the time is up or the need is met, if somebody waits. A car gets
    full unannounced.
    """
    if not d.is_wanted(port):
        return None
    ends = ending(d, stay)
    if ends - d.policy.notice <= stay.since or ends <= d.now or knows(stay, ends):
        return None
    return Due(ends - d.policy.notice, partial(say_notice, d, port, stay), spoken=True)


def knows(stay: Stay, ends: datetime) -> bool:
    """They were told when they'd have their need, and it is still so."""
    return stay.told_end is not None and abs(ends - stay.told_end) <= STILL_SO


def ending(d: Draft, stay: Stay) -> datetime:
    """When the need should be met, or the time is up, as it looks now."""
    need_at = needs.need_at(d, stay)
    return limit_at(d, stay) if need_at is None else min(need_at, limit_at(d, stay))


def say_notice(d: Draft, port: Port, stay: Stay) -> None:
    nudge(d, port, stay, Nudge.NOTICE)
    climb(d, port, stay, Rung.NOTICED)


def tell_over(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rules 18 and 31: it looks full, or time is up. With nobody waiting, that's all."""
    end = end_of(d, stay)
    if end.cause is Cause.NEED and not d.is_wanted(port):
        end = End(limit_at(d, stay), Cause.LIMIT)
    return Due(end.at, partial(say_over, d, port, stay, end.cause), spoken=True)


OVER = {Cause.FULL: Nudge.FULL, Cause.LIMIT: Nudge.OVER, Cause.NEED: Nudge.MET}


def say_over(d: Draft, port: Port, stay: Stay, cause: Cause) -> None:
    full = cause is Cause.FULL
    nudge(d, port, stay, OVER[cause])
    ladder = replace(stay.ladder, over_at=d.now)
    heard(d, port, replace(stay, ladder=ladder, full_told=stay.full_told or full))


def ask_usual(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rules 28 and 31: who said nothing has their usual, and somebody waits: asked once."""
    usual = needs.usual(d, stay.driver) if stay.need is None and not stay.usual_asked else None
    if usual is None or not d.is_wanted(port):
        return None
    at = needs.time_of(d, stay, usual)
    if at is None or not needs.is_sure(stay, at):
        return None
    return Due(at, partial(say_usual, d, port, stay), spoken=True)


def say_usual(d: Draft, port: Port, stay: Stay) -> None:
    nudge(d, port, stay, Nudge.USUAL)
    ladder = replace(stay.ladder, reminded_at=d.now)
    d.put_port(replace(port, stay=replace(stay, usual_asked=True, ladder=ladder)))


def tell_awaited(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rule 31: it was over before, and somebody waits now."""
    return (
        Due(d.now, partial(say_awaited, d, port, stay), spoken=True) if d.is_wanted(port) else None
    )


def tell_again(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rule 31: as long as people wait, but not too often, and seldom to who doesn't react."""
    last = stay.ladder.reminded_at or stay.ladder.told_at
    if last is None or not d.is_wanted(port):
        return None
    pause = REPEAT if stay.ladder.reminders < OFTEN else SELDOM
    return Due(last + pause, partial(say_again, d, port, stay), spoken=True)


def say_awaited(d: Draft, port: Port, stay: Stay) -> None:
    nudge(d, port, stay, Nudge.WAITING)
    heard(d, port, stay)


def say_again(d: Draft, port: Port, stay: Stay) -> None:
    """A private reminder, that its half an hour may begin anew; the rung stays."""
    nudge(d, port, stay, Nudge.WAITING)
    ladder = stay.ladder
    again = replace(ladder, reminded_at=d.now, reminders=ladder.reminders + 1)
    d.put_port(replace(port, stay=replace(stay, ladder=again)))


def heard(d: Draft, port: Port, stay: Stay) -> None:
    """The driver has heard that it is over, and who waits. Where the channel was asked before,
    as before *20 more minutes*, its post asks again.
    """
    if not d.is_wanted(port):
        climb(d, port, stay, Rung.OVER)
        return
    stay = replace(stay, ladder=replace(stay.ladder, reminded_at=d.now))
    if stay.ladder.post is None:
        climb(d, port, stay, Rung.AWAITED)
    else:
        plead(d, port, stay, ChannelReminder.ASK)


def ask_channel(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rule 16, in public, by name, once. A need that is met is a private matter until the car is
    full or its time is up.
    """
    if stay.ladder.told_at is None or not d.is_wanted(port):
        return None
    at = max(stay.ladder.told_at, public_end_of(d, stay).at) + d.policy.patience
    return Due(at, partial(plead, d, port, stay, ChannelReminder.ASK), spoken=True)


def ask_stranger(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Whoever it is can't be written to: the channel is asked at once, when it is over."""
    if stay.ladder.rung >= Rung.ASKED or not d.is_wanted(port):
        return None
    end = end_of(d, stay)
    full = replace(stay, full_told=stay.full_told or end.cause is Cause.FULL)
    return Due(end.at, partial(plead, d, port, full, ChannelReminder.ASK), spoken=True)


def tell_admins(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rule 16: asking did not help; once."""
    told_at = stay.ladder.told_at
    if stay.ladder.rung is not Rung.ASKED or told_at is None or not d.is_wanted(port):
        return None
    return Due(told_at + d.policy.patience, partial(report, d, port, stay), spoken=True)


def report(d: Draft, port: Port, stay: Stay) -> None:
    d.tell_admins(StillThere(port.id, stay.driver))
    reported = climb(d, port, stay, Rung.REPORTED)
    if stay.ladder.moved:  # the post says that they were moving
        d.plead(port, reported, ChannelReminder.ASK)


def call_out(d: Draft, port: Port, stay: Stay) -> Due | None:
    """Rule 20: as in 2016, at two and a half hours, before everybody; once."""
    if stay.ladder.rung >= Rung.ASKED:
        return None
    return Due(
        limit_at(d, stay), partial(plead, d, port, stay, ChannelReminder.OVERTIME), spoken=True
    )


LADDER: dict[Rung, tuple[Reminder, ...]] = {  # of what is due at once the first comes first
    Rung.SILENT: (tell_no_power, tell_over, tell_notice, ask_usual),
    Rung.NOTICED: (tell_no_power, tell_over, ask_usual),
    Rung.OVER: (tell_awaited,),
    Rung.AWAITED: (ask_channel, tell_again),
    Rung.ASKED: (tell_admins, tell_again),
    Rung.REPORTED: (tell_again,),
}
STRANGERS: tuple[Reminder, ...] = (ask_stranger, tell_admins)
CLASSIC: tuple[Reminder, ...] = (call_out,)


# --- how a rung is reached --------------------------------------------------------------------


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


def nudge(d: Draft, port: Port, stay: Stay, why: Nudge) -> None:
    """Write to the driver. Of a stranger it is the channel that is asked."""
    if stay.driver is None:
        return
    d.tell(stay.driver, up_to_date(d, Nudged(stay.driver, port.id, stay.id, why), port, stay))


def up_to_date(d: Draft, nudged: Nudged, port: Port, stay: Stay) -> Nudged:
    """The reminder as it is to be said now."""
    waiting = sum(d.may_have(entry, port) for entry in d.queue)
    capped = stay.ladder.rate < 1
    ends = ending(d, stay) if nudged.why is Nudge.NOTICE else end_of(d, stay).at
    return replace(nudged, waiting=waiting, capped=capped, ends=ends)


# --- what others may ask ----------------------------------------------------------------------


def nudge_port(d: Draft, driver: str, wish: NudgePort) -> Reply:
    """Rule 31: a nudge by somebody in line is the next private reminder, and doesn't name them."""
    port = d.port_named(wish.port)
    if port is None:
        return refuse(driver, Refusal.NO_SUCH_PORT, other=wish.port)
    if d.entry(driver) is None:
        return refuse(driver, Refusal.NOT_IN_LINE)
    if port.stay is None or port.status is Status.AVAILABLE:
        return refuse(driver, Refusal.NO_CAR, port.id)
    if port.stay.driver == driver:
        return refuse(driver, Refusal.OWN_CAR, port.id)
    how, at = may_nudge(d, port, port.stay)
    if how is Nudging.SENT:
        say_again(d, port, port.stay) if port.stay.ladder.rung >= Rung.AWAITED else say_awaited(
            d, port, port.stay
        )
    return lambda: say.NudgeTaken(driver, port.id, how, at)


def may_nudge(d: Draft, port: Port, stay: Stay) -> tuple[Nudging, datetime | None]:
    """Whether the driver may be reminded now; else why not, and when that changes. The word that
    it is over is no reminder yet.
    """
    end = end_of(d, stay)
    held, last = held_until(stay), stay.ladder.reminded_at
    if not d.sees:
        return Nudging.UNSEEN, None
    if end.at > d.now:
        return Nudging.NOT_YET, end.at
    if stay.driver is None:
        return Nudging.STRANGER, None
    if held is not None and held > d.now:
        return Nudging.MOVING, held
    if last is not None and last != stay.ladder.over_at and last + REPEAT > d.now:
        return Nudging.LATELY, last + REPEAT
    if not d.is_wanted(port):
        return Nudging.NOBODY, None
    return Nudging.SENT, None


# --- power again ------------------------------------------------------------------------------


def take_back_full(d: Draft, port_id: str, at: datetime) -> None:
    """Rule 30, after a look: a car that paused isn't full. Once, with a word; the ordinary
    ladder goes on.
    """
    port = d.ports[port_id]
    stay = port.stay
    if stay is None or not is_charging_again(stay, at):
        return
    again = replace(stay, full_told=False, again=True)
    if limit_at(d, again) <= d.now:  # over it is, all the same
        d.put_port(replace(port, stay=again))
        return
    on = climb(d, port, again, Rung.SILENT)
    d.plead(port, on, ChannelReminder.CHARGING)
    if d.speaks and stay.ladder.rung >= Rung.OVER:
        nudge(d, port, on, Nudge.CHARGING)


# --- what a driver may answer ------------------------------------------------------------------


def extend(d: Draft, port: Port, stay: Stay) -> datetime:
    """*20 more minutes*, from now; until when."""
    more = counted(stay.ladder, d.now) + d.policy.extension
    ladder = replace(stay.ladder, limit=more, extended=True, quiet_until=None, reminders=0)
    extended = climb(d, port, replace(stay, ladder=ladder), Rung.NOTICED)
    d.plead(port, extended, ChannelReminder.MORE_TIME)
    return reached_at(ladder, more)


def move(d: Draft, port: Port, stay: Stay, at: datetime) -> bool:
    """*Moving now*, or at a time: no reminders until they should have moved; once a stay.
    Another time, said meanwhile, makes that no longer. False: they were believed once before.
    """
    ladder = stay.ladder
    if ladder.moved and stay.moving_at is None:
        return False
    if not ladder.moved:
        ladder = replace(ladder, moved=True, quiet_until=at + MOVING)
    moving = replace(stay, ladder=ladder, moving_at=at)
    d.put_port(replace(port, stay=moving))
    d.plead(port, moving, ChannelReminder.MOVING)
    return True


def stay_on(d: Draft, port: Port, stay: Stay) -> None:
    """*Not yet*: the reminders go on."""
    ladder = replace(stay.ladder, quiet_until=None)
    d.put_port(replace(port, stay=replace(stay, ladder=ladder, moving_at=None)))
