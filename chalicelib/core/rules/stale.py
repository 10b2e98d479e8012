"""Only what is true and matters is said, however long it had to wait (rule 23).

A message lies in the outbox while its platform is down. Each kind is asked here, whenever
the site changes and once more as it is about to be sent: does it still matter, and what
would it say now?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from chalicelib.core import answers as say
from chalicelib.core import hours
from chalicelib.core.answers import Answer
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import (
    AdminMoved,
    AlarmRaised,
    BayBlocked,
    Called,
    CallOver,
    CapRefused,
    ChannelReminder,
    Effect,
    Foreseen,
    GivenTo,
    HowMuch,
    IsItYou,
    Lapsed,
    LineCleared,
    MeansToMove,
    News,
    NextUp,
    NoPower,
    Nudge,
    Nudged,
    PleaseMove,
    PluggedIn,
    PortPost,
    Post,
    PowerLimited,
    Promised,
    PromiseNews,
    SightBack,
    SightLost,
    StandsIdle,
    StillThere,
    SuspensionOver,
    TurnPassed,
    Unwatched,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.model import Pending, Port, Rung, Standing, Status, Stay

from . import foresight, needs
from .turns import call_of

OLD_ANSWER = timedelta(minutes=15)  # nobody waits so long for what they asked


def drop_stale(d: Draft) -> Iterator[Due]:
    """What isn't true any more, or doesn't matter, is not said."""
    kept = [one for one in d.outbox if one.claimed_until is not None or matters(d, one)]
    if len(kept) < len(d.outbox):
        yield Due(d.now, partial(setattr, d, "outbox", kept))
    for one in kept:
        match one.effect:  # its time comes while it waits
            case MeansToMove(at=datetime() as at, at_once=False) if at > d.now:
                if one.claimed_until is None:
                    yield Due(at, partial(drop, d, one))


def drop(d: Draft, pending: Pending) -> None:
    d.outbox = [one for one in d.outbox if one is not pending]


def matters(d: Draft, pending: Pending) -> bool:
    return current(d, pending) is not None and not is_repeated_later(d, pending)


def is_repeated_later(d: Draft, pending: Pending) -> bool:
    """Of the words about one stay, and of those about one post, the last counts. (Of answers
    only one waits: `answer_to`.)
    """
    about = matter(pending.effect)
    return about is not None and any(
        later.id > pending.id and later.to == pending.to and matter(later.effect) == about
        for later in d.outbox
    )


def matter(effect: Effect) -> tuple[str, int] | None:
    match effect:
        case Nudged(stay=stay):
            return "stay", stay
        case PortPost(post) | PleaseMove(post):
            return "post", post
        case _:
            return None


def current(d: Draft, pending: Pending) -> Effect | None:
    """The effect as it should be said now; None: not at all."""
    effect = pending.effect
    if isinstance(effect, Answer):
        return answer(d, effect)
    for ask in (of_turns, of_places, of_ports, of_stays, of_the_house, of_needs):
        said = ask(d, effect, pending)
        if said is not effect:
            return said
    return effect


def is_too_late(d: Draft, pending: Pending) -> bool:
    """Whoever was to hear it has given up waiting: asked as it is about to be sent."""
    match pending.effect:
        case Withdrawn(why=Withdrawal.NIGHT) | LineCleared():
            return hours.next_opening(d, pending.queued_at) <= d.now
        case effect if pending.asker and not isinstance(effect, say.PUBLIC):
            return d.now - pending.queued_at >= OLD_ANSWER
        case _:
            return False


# Each of these gives the effect back, unchanged, where it has nothing to say of it.


def of_turns(d: Draft, effect: Effect, _: Pending) -> Effect | None:
    match effect:
        case Called(driver, turn=turn, window=window):
            held = d.turn(driver)
            if held is None or held.id != turn or held.coming:  # who is coming knows
                return None
            return replace(effect, deadline=d.now + window)  # the words name a time of day
        case CallOver():
            return effect if call_of(d.calls, effect) is not None else None
        case Withdrawn(driver, why=why) if why in PLACE_KEPT:
            return effect if stands(d, driver) else None
        case Withdrawn(driver, why=Withdrawal.RESET):
            return effect if d.entry(driver) is None else None
        case TurnPassed(driver):
            return effect if stands(d, driver) else None
        case Lapsed(driver):
            entry = d.entry(driver)
            return effect if entry is not None and entry.is_suspended else None
        case StandsIdle(port, driver) if driver is not None:
            turn_there = d.turn(driver)
            if turn_there is None or turn_there.port != port or turn_there.coming:
                return None
            return replace(effect, deadline=turn_there.deadline)
        case IsItYou(driver, stay=stay):
            found = d.stay(stay)
            asked = found is not None and found[1].driver is None
            return effect if asked and d.entry(driver) is not None else None
        case _:
            return effect


PLACE_KEPT = (
    Withdrawal.DARK,
    Withdrawal.TAKEN,
    Withdrawal.CLOSED,
    Withdrawal.STATIONS,
    Withdrawal.KEPT,
)


def stands(d: Draft, driver: str) -> bool:
    """In line, and not called anew."""
    entry = d.entry(driver)
    return entry is not None and entry.turn is None


def of_places(d: Draft, effect: Effect, _: Pending) -> Effect | None:
    match effect:
        case NextUp(driver):
            first = d.first_eligible()
            return effect if first is not None and first.driver == driver else None
        case SuspensionOver(driver):
            entry = d.entry(driver)
            if entry is None or not entry.is_waiting:
                return None
            return replace(effect, place=d.place(driver))
        case AdminMoved(driver, place=0):
            return effect if d.entry(driver) is None else None
        case AdminMoved(driver):
            return replace(effect, place=d.place(driver)) if stands(d, driver) else None
        case NoPower(driver, port, until=until):
            if not waits_for_power(d, driver, port, until):
                return None
            return replace(effect, place=d.place(driver))
        case _:
            return effect


def waits_for_power(d: Draft, driver: str, port: str, until: datetime | None) -> bool:
    """Still plugged in there, and waiting for power as long; `until` None: not any more."""
    entry, mine = d.entry(driver), d.charging_at(driver)
    if entry is None or mine is None or mine.id != port:
        return False
    return until == (entry.until if entry.standing is Standing.POWERLESS else None)


def of_ports(d: Draft, effect: Effect, pending: Pending) -> Effect | None:
    match effect:
        case PortPost(post, port_id):
            port = d.ports.get(port_id)
            current_one = port is not None and port.post == post
            if port is not None and current_one and effect.news is News.FREE and is_used(port):
                driver = port.stay.driver if port.stay is not None else None
                return replace(effect, news=News.CHARGING, driver=driver)
            return effect if current_one or is_said(d, post, pending) else None
        case StandsIdle(port_id, None):
            idle = d.is_open(d.ports[port_id]) and not d.queue
            return effect if idle else None
        case BayBlocked(port_id):
            return effect if d.ports[port_id].blocked else None
        case AlarmRaised(station, port_id, kind):
            here = [
                kinds
                for key, kinds in d.alarms.items()
                if key.startswith(port_id or f"{station}/")
            ]
            return effect if any(kind in kinds.split(", ") for kinds in here) else None
        case _:
            return effect


def is_used(port: Port) -> bool:
    """A car is on it, though nobody may know yet whose."""
    return port.status is Status.INUSE and port.stay is not None


def is_said(d: Draft, post: int, pending: Pending) -> bool:
    """The post stands in that channel already, or is on its way there."""
    return f"{post}@{pending.to}" in d.posts or any(
        one.claimed_until is not None
        and one.to == pending.to
        and isinstance(one.effect, Post)
        and one.effect.post == post
        for one in d.outbox
    )


def of_stays(d: Draft, effect: Effect, pending: Pending) -> Effect | None:
    match effect:
        case PluggedIn(driver, port_id):
            port = d.ports.get(port_id)
            there = port is not None and port.stay is not None and port.stay.driver == driver
            return effect if there else None
        case Nudged(stay=stay):
            found = d.stay(stay)
            if found is None or found[1].driver != effect.driver:
                return None
            return nudged(d, effect, *found)
        case PleaseMove(post, stay=stay, plea=plea):
            if is_said(d, post, pending):
                return effect
            found = d.stay(stay)
            asked = plea in (ChannelReminder.ASK, ChannelReminder.OVERTIME)
            return effect if found is not None and asked and is_awaited(d, found[0]) else None
        case StillThere(port_id, driver):
            port = d.ports[port_id]
            there = port.stay is not None and port.stay.driver == driver
            return effect if there and is_awaited(d, port) else None
        case _:
            return effect


def is_awaited(d: Draft, port: Port) -> bool:
    """Somebody still waits for it, or need not: the classic house says it all the same."""
    return d.policy.classic or d.is_wanted(port)


def nudged(d: Draft, effect: Nudged, port: Port, stay: Stay) -> Nudged | None:
    """A word to the driver: as many wait as do now, and not what is over by now."""
    waiting = sum(d.may_have(entry, port) for entry in d.queue)
    rung = stay.ladder.rung
    match effect.why:
        case Nudge.NOTICE:
            true = rung is Rung.NOTICED and waiting > 0
        case Nudge.OVER:
            true = rung >= Rung.OVER
        case Nudge.WAITING:
            true = rung >= Rung.OVER and waiting > 0
        case Nudge.FULL:
            true = stay.full_told
        case Nudge.CHARGING:
            true = rung < Rung.OVER
        case Nudge.NO_POWER:
            true = not stay.drew
        case Nudge.MET:
            true = stay.met_at is not None and waiting > 0
        case Nudge.USUAL:
            true = stay.need is None and waiting > 0
    return replace(effect, waiting=waiting) if true else None


def of_the_house(d: Draft, effect: Effect, _: Pending) -> Effect | None:
    match effect:
        case CapRefused():
            return effect if d.cap_order is None else None
        case SightLost():
            return effect if d.blind else None
        case SightBack():
            return None if d.blind else effect
        case Unwatched(why):
            return effect if why in d.hindrances else None
        case PowerLimited(caps):
            return effect if caps == d.caps_told else None
        case _:
            return effect


def of_needs(d: Draft, effect: Effect, _: Pending) -> Effect | None:
    """Rules 28 to 36."""
    match effect:
        case HowMuch(driver, question=question):
            found = d.stay(question.stay)
            return effect if found is not None and found[1].driver == driver else None
        case Foreseen(driver):
            entry = d.entry(driver)
            return effect if entry is not None and entry.is_waiting else None
        case MeansToMove(driver, who, port_id, at, at_once):
            stay, entry = d.ports[port_id].stay, d.entry(driver)
            theirs = stay is not None and stay.driver == who and stay.moving_at == at
            waits = entry is not None and entry.is_waiting
            ahead = at is None or at_once or at > d.now
            return effect if theirs and waits and ahead else None
        case GivenTo(driver, turn=turn):
            return given(d, effect) if not turn else of_given_turn(d, effect)
        case Promised(by=by, news=news):
            late = by <= d.now and news is not PromiseNews.BROKEN
            return None if late else effect
        case _:
            return effect


def given(d: Draft, effect: GivenTo) -> GivenTo | None:
    return replace(effect, place=d.place(effect.driver)) if stands(d, effect.driver) else None


def of_given_turn(d: Draft, effect: GivenTo) -> GivenTo | None:
    held = d.turn(effect.driver)
    if held is None or held.id != effect.turn:
        return None
    return replace(effect, deadline=held.deadline or d.now + d.policy.answer)


def timed(d: Draft, effect: Effect) -> Effect:
    """An answer with times, as they are foreseen when it is sent at last."""
    match effect:
        case say.Added(driver, port=None) | say.YourPlace(driver, port=None):
            return replace(effect, expected=foresight.tell(d, driver))
        case say.Line():
            every = tuple(foresight.all_expected(d).items())
            return replace(effect, ends=foresight.ends(d), expected=every)
        case say.Ports(driver, expected=expected):
            told = foresight.tell(d, driver) if expected is not None else None
            return replace(effect, ends=foresight.ends(d), expected=told)
        case say.Whenever(driver):
            return replace(effect, expected=foresight.expected(d, driver))
        case say.NeedNoted(driver, changed=changed):
            return needs.shown(d, driver, changed=changed)
        case _:
            return effect


def answer(d: Draft, effect: Answer) -> Answer | None:
    """An answer that had to wait: what was asked long ago is answered as it stands now."""
    match effect:
        case say.Added(driver) | say.YourPlace(driver) | say.Resumed(driver):
            if d.entry(driver) is None:
                return None
            return replace(effect, place=d.place(driver), port=d.turn_port(driver))
        case say.Removed(driver):
            return effect if d.entry(driver) is None else None
        case say.Suspended(driver, until):
            entry = d.entry(driver)
            still = entry is not None and entry.is_suspended and entry.until == until
            return replace(effect, port=None) if still else None
        case say.Coming(driver, turn=turn):
            held = d.turn(driver)
            if held is None or held.id != turn or held.deadline is None:
                return None
            return replace(effect, deadline=held.deadline)
        case say.Passed(driver) | say.MovedOn(driver) | say.NotMe(driver):
            return effect if stands(d, driver) else None
        case say.ItsMe(driver, stay=stay) | say.MoreTime(driver, stay=stay):
            found = d.stay(stay)
            return effect if found is not None and found[1].driver == driver else None
        case say.MovesAt(driver, stay=stay, at=at):
            found = d.stay(stay)
            return effect if found is not None and found[1].moving_at == at else None
        case say.HandOut(port=port):
            return effect if d.ports[port].status is Status.AVAILABLE else None
        case _:
            return effect
