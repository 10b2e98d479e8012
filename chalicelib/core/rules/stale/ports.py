"""Is it still so? Messages about ports, the cars on them, and the chargers as a whole.

Each function gives the effect back, unchanged, where it has nothing to say of it.
"""

from __future__ import annotations

from chalicelib.core import ways
from chalicelib.core.answers import Deed
from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    AlarmRaised,
    BayBlocked,
    CapRefused,
    ChannelReminder,
    DoneForYou,
    Effect,
    LetGo,
    News,
    Nudge,
    Nudged,
    PleaseMove,
    PluggedIn,
    PortPost,
    Post,
    PowerLimited,
    SightBack,
    SightLost,
    StandsIdle,
    StillThere,
    Unwatched,
    WayFound,
    WayLost,
)
from chalicelib.core.model import Pending, Port, Rung, Status, Stay
from chalicelib.values import replace


def of_ports(d: Draft, effect: Effect, pending: Pending) -> Effect | None:
    match effect:
        case PortPost(post, port_id):
            port = d.ports.get(port_id)
            current_one = port is not None and port.post == post and not port.freed
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
            if not there:
                return None
            return (
                effect if effect.end is None or effect.end > d.now else replace(effect, end=None)
            )
        case DoneForYou(driver, deed=Deed.GRANT | Deed.REVOKE as deed):
            return effect if (driver in d.admins) is (deed is Deed.GRANT) else None
        case DoneForYou(driver, deed=Deed.IN, port=port_id):
            stay = d.ports[port_id].stay if port_id in d.ports else None
            gone = stay is None or stay.driver != driver
            return effect if gone is effect.gone else replace(effect, gone=gone)
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


def of_the_house(d: Draft, effect: Effect, pending: Pending) -> Effect | None:
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
        case LetGo():  # it may be somebody's again
            return None if pending.to in d.ways else effect
        case WayFound(driver, platform) | WayLost(driver, platform):
            takes = any(at.startswith(f"{platform}:") for at in ways.open_to(d, driver))
            return effect if takes is isinstance(effect, WayFound) else None
        case _:
            return effect
