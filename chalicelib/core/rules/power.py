"""Power: what the building allows, told once (rule 21), and what admins ask for (rule 22)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from chalicelib.core.acts import Limit
from chalicelib.core.answers import Deed, Did, Refusal
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import (
    CapRefused,
    LiftLimit,
    LimitPower,
    NetworkOrder,
    News,
    NoPower,
    PluggedIn,
    PowerLimited,
)
from chalicelib.core.model import CapOrder, Entry, Port, Standing, What
from chalicelib.core.policy import written
from chalicelib.core.reply import Reply, refuse


def notice(d: Draft) -> None:
    """After a look: a cap that has held for two looks, or has gone for two, is told."""
    caps = tuple(
        (port.id, share_of(port, d.policy.rated_kw)) for port in d.ports.values() if port.capped
    )
    if caps == d.caps and caps != d.caps_told and d.speaks:
        d.caps_told = caps
        d.take_back(PowerLimited)
        d.announce(PowerLimited(caps, everywhere=len(caps) == len(d.ports)))
    d.caps = caps


def share_of(port: Port, rated_kw: float) -> float:
    """How much of its power a port may give now, 0 to 1, in twentieths."""
    return round(allowed_kw(port, rated_kw) / rated_kw * 20) / 20


def allowed_kw(port: Port, rated_kw: float) -> float:
    """How much a port may give now."""
    if not port.capped:
        return rated_kw
    allowed = rated_kw * (1 - port.percent / 100) if port.percent else port.allowed_kw or 0
    return max(0.0, min(rated_kw, allowed))


# --- plugged in where the power is off -------------------------------------------------------


def keep_place(d: Draft, entry: Entry, port_id: str) -> None:
    """Who is plugged in where the power is off isn't charging: the place is kept, and may be
    called elsewhere if no power comes in time.
    """
    d.put(entry.powerless(port_id, d.now + d.policy.power_wait))


def leave_with_power(d: Draft) -> Iterator[Due]:
    """Rule 21: nobody stands in line while their car charges."""
    plugged = {port.stay.driver: port for port in d.ports.values() if port.stay is not None}
    for entry in d.queue:
        port = plugged.get(entry.driver)
        if port is not None and not d.lacks_power(port):
            yield Due(d.now, partial(leave_line, d, entry, port))


def leave_line(d: Draft, entry: Entry, port: Port) -> None:
    d.end_turn(entry)
    d.drop(entry.driver)
    d.note(What.POWERED, entry.driver, port=port.id)
    d.tell(entry.driver, PluggedIn(entry.driver, port.id))
    d.post(port.id, News.CHARGING, entry.driver)


def end_wait_for_power(d: Draft) -> Iterator[Due]:
    """Rule 21: unplugged, or no power came in time: may be called again."""
    for entry in d.those(Standing.POWERLESS):
        if d.charging_at(entry.driver) is None:
            yield Due(d.now, partial(d.put, entry.waiting()))
        elif d.sees and entry.until is not None:
            yield Due(entry.until, partial(give_up, d, entry))


def give_up(d: Draft, entry: Entry) -> None:
    d.put(entry.waiting())
    d.note(What.RESUMED, entry.driver)
    d.tell(entry.driver, NoPower(entry.driver, entry.port or "", d.place(entry.driver), None))


# --- what admins ask for --------------------------------------------------------------------

OPEN_ENDED = timedelta(0)


def cap(d: Draft, by: str, wanted: Limit) -> Reply:
    """A share is of the port's rated power, and sent as kW: the network's own percent means
    "of what flows now" and holds an idle station at zero.
    """
    if not d.policy.cap_commands or d.stations.is_manual:
        return refuse(by, Refusal.CAPS_OFF)
    kw = d.policy.rated_kw * wanted.share if wanted.share is not None else wanted.kw or 0.0
    length = wanted.length or OPEN_ENDED
    if not 0 <= kw <= d.policy.rated_kw:
        return refuse(by, Refusal.WHAT_CAP)
    d.cap_order = CapOrder(by, d.now, round(kw, 3))
    ends = f" for {written(length)}" if length else ""
    detail = f"{kw:.1f} kW{ends}"
    d.note(What.CAPPED, by=by, detail=detail)
    d.order(LimitPower(by, round(kw, 3), math.ceil(length / timedelta(minutes=1))))
    return lambda: Did(by, Deed.CAP, detail=detail)


def lift(d: Draft, by: str) -> Reply:
    """Only what was set here is ended here."""
    if not d.policy.cap_commands or d.stations.is_manual:
        return refuse(by, Refusal.CAPS_OFF)
    if d.cap_order is None:
        return refuse(by, Refusal.NOT_OUR_CAP)
    d.cap_order = None
    d.note(What.CAPPED, by=by)
    d.order(LiftLimit(by))
    return lambda: Did(by, Deed.CAP, detail="")


def refused(d: Draft, order: NetworkOrder, reason: str) -> None:
    """The network won't: the channel hears it, as it heard the asking."""
    d.cap_order = None
    d.announce(CapRefused(order.by, reason), at_night=True)
