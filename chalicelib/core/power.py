"""Power: what the building allows, told once (rule 21), and what admins ask for (rule 22)."""

from __future__ import annotations

import re

from .draft import Draft
from .effects import (
    CapRefused,
    Deed,
    Did,
    LiftLimit,
    LimitPower,
    NetworkOrder,
    PowerLimited,
    Refusal,
)
from .model import CapOrder, Port, What
from .reply import Reply, refuse

Caps = tuple[tuple[str, float], ...]  # (port id, share of the rated power), capped ports only


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


# --- what admins ask for --------------------------------------------------------------------

AMOUNT = re.compile(r"(\d{1,3}(?:\.\d{1,2})?)(%|kw)")
LENGTH = re.compile(r"(\d{1,3})(m|h)")
OPEN_ENDED = 0


def cap(d: Draft, by: str, words: tuple[str, ...]) -> Reply:
    """`cap 50% [for 2h]`, `cap 3.3kW`, `cap off`.

    A percentage is of the port's rated power, and sent as kW: the network's own percent
    means "of what flows now" and holds an idle station at zero.
    """
    if not d.policy.cap_commands or d.before.stations.is_manual:
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
