"""Power: what the building allows, told once (rule 21), and what admins ask for (rule 22)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.core.answers import Deed, Did, Refusal
from chalicelib.core.draft import Draft
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
from chalicelib.core.model import CapOrder, Entry, Port, Site, What
from chalicelib.core.reply import Reply, refuse


def notice(d: Draft) -> None:
    """After a look: a cap that has held for two looks, or has gone for two, is told."""
    caps = tuple(
        (port.id, share_of(port, d.policy.rated_kw)) for port in d.ports.values() if port.capped
    )
    if caps == d.caps and caps != d.caps_told and d.speaks:
        d.caps_told = caps
        d.announce(PowerLimited(caps, everywhere=len(caps) == len(d.ports)))
    d.caps = caps


def share_of(port: Port, rated_kw: float) -> float:
    """How much of its power a port may give now, 0 to 1, in twentieths."""
    if not port.capped:
        return 1.0
    share = 1 - port.percent / 100 if port.percent else (port.allowed_kw or 0) / rated_kw
    return round(max(0.0, min(1.0, share)) * 20) / 20


# --- plugged in where the power is off -------------------------------------------------------


def keep_place(d: Draft, entry: Entry, port_id: str) -> None:
    """Who is plugged in where the power is off isn't charging: the place is kept, and may be
    called elsewhere if no power comes in time.
    """
    fresh = replace(entry, turn=None, suspended=False, suspended_until=None)
    fresh = replace(fresh, sits_out=None, sits_out_until=None)
    until = d.now + d.policy.power_wait
    d.put(replace(fresh, powerless=port_id, powerless_until=until))


def heed(d: Draft) -> bool:
    """Of those who wait for power: it came, they gave up, or it is time."""
    waiting = [(entry, d.ports[entry.powerless]) for entry in d.queue if entry.powerless]
    return any(heed_one(d, entry, port) for entry, port in waiting)


def heed_one(d: Draft, entry: Entry, port: Port) -> bool:
    driver = entry.driver
    if port.stay is None or port.stay.driver != driver:
        d.put(replace(entry, powerless=None, powerless_until=None))
        return True
    if not port.lacks_power:
        d.end_turn(entry)
        d.drop(driver)
        d.note(What.POWERED, driver, port=port.id)
        d.tell(driver, PluggedIn(driver, port.id))
        d.post(port.id, News.CHARGING, driver)
        return True
    if d.sees and entry.powerless_until is not None and entry.powerless_until <= d.now:
        d.put(replace(entry, powerless_until=None))
        d.note(What.RESUMED, driver)
        d.tell(driver, NoPower(driver, port.id, d.place(driver), None))
        return True
    return False


def deadlines(site: Site) -> Iterator[datetime]:
    """When the wait for power is over."""
    for entry in site.queue:
        if entry.powerless_until is not None:
            yield entry.powerless_until


DUE = (heed,)


# --- what admins ask for --------------------------------------------------------------------

AMOUNT = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)(%|kw)")
LENGTH = re.compile(r"(\d{1,3})(m|h)")
OPEN_ENDED = 0


def cap(d: Draft, by: str, words: tuple[str, ...]) -> Reply:
    """`cap 50% [for 2h]`, `cap 3.3kW`, `cap off`.

    A percentage is of the port's rated power, and sent as kW: the network's own percent
    means "of what flows now" and holds an idle station at zero.
    """
    if not d.policy.cap_commands or d.stations.is_manual:
        return refuse(by, Refusal.CAPS_OFF)
    wanted = "".join(words).casefold().replace("for", " ")
    if wanted == "off":
        return lift(d, by)
    amount, _, length = wanted.partition(" ")
    match, lasts = AMOUNT.fullmatch(amount), LENGTH.fullmatch(length)
    if match is None or (length and lasts is None):
        return refuse(by, Refusal.WHAT_CAP)
    number = float(match.group(1))
    kw = d.policy.rated_kw * number / 100 if match.group(2) == "%" else number
    if not 0 <= kw <= d.policy.rated_kw:
        return refuse(by, Refusal.WHAT_CAP)
    minutes = int(lasts.group(1)) * (60 if lasts.group(2) == "h" else 1) if lasts else OPEN_ENDED
    d.undo = None  # `cap off` is how to take it back
    d.cap_order = CapOrder(by, d.now, round(kw, 3))
    d.note(What.CAPPED, by=by)
    d.order(LimitPower(by, round(kw, 3), minutes))
    ends = f" for {length}" if length else ""
    return lambda: Did(by, Deed.CAP, detail=f"{kw:.1f} kW{ends}")


def lift(d: Draft, by: str) -> Reply:
    """Only what was set here is ended here."""
    if d.cap_order is None:
        return refuse(by, Refusal.NOT_OUR_CAP)
    d.cap_order = d.undo = None
    d.note(What.CAPPED, by=by)
    d.order(LiftLimit(by))
    return lambda: Did(by, Deed.CAP, detail="")


def refused(d: Draft, order: NetworkOrder, reason: str) -> None:
    """The network won't: the channel hears it, as it heard the asking."""
    d.cap_order = None
    d.announce(CapRefused(order.by, reason), at_night=True)
