"""Charging: how long a stay may last, and whether power flows (rules 16, 17, 18 and 30).

A stay has one end: the car is full, or its time is up, whichever is first. What is said
about it is for `reminders.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from chalicelib.core import hours
from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.model import Ladder, Policy, Port, Stay
from chalicelib.values import dataclass, replace

from .power import allowed_kw, share_of

LEAST_RATE = 0.5  # rule 17: a capped minute counts at least half
TAPERED = 0.1  # rule 30: full is also under a tenth of its own peak …
TAPERED_FOR = timedelta(minutes=30)  # … for so long
AGAIN_FOR = timedelta(minutes=10)  # rule 30: power for so long takes "full" back


class Cause(StrEnum):
    """Why a stay ends."""

    FULL = "full"
    LIMIT = "limit"
    NEED = "need met"


@dataclass(frozen=True, slots=True)
class End:
    """The one end of a stay: when, and why."""

    at: datetime
    cause: Cause


def end_of(d: Draft, stay: Stay) -> End:
    """Rule 31: need met, full, or at its limit, whichever is first; never within *20 more
    minutes*.
    """
    end = public_end_of(d, stay)
    if stay.met_at is None:
        return end
    met = later(stay, stay.met_at)
    return End(met, Cause.NEED) if met < end.at else end


def public_end_of(d: Draft, stay: Stay) -> End:
    """The end that isn't a private matter: full, or at its limit."""
    limit, full = End(limit_at(d, stay), Cause.LIMIT), full_at(d, stay)
    if full is None or full >= limit.at:
        return limit
    over = later(stay, full)
    return End(over, Cause.FULL if over == full else Cause.LIMIT)


def later(stay: Stay, at: datetime) -> datetime:
    """The moment itself, or when the *20 more minutes* are over."""
    more = more_until(stay)
    return at if more is None else max(at, more)


def more_until(stay: Stay) -> datetime | None:
    """When the *20 more minutes* are over, or were; None: never asked for."""
    return reached_at(stay.ladder, stay.ladder.limit) if stay.ladder.limit is not None else None


# --- charging time --------------------------------------------------------------------------


def new_ladder(d: Draft, at: datetime) -> Ladder:
    return Ladder(hours.today(d, at), at)


def begin_day(d: Draft) -> Iterator[Due]:
    """A car that is still there in the morning starts afresh; one still full is told so."""
    for port in d.ports.values():
        if port.stay is not None:
            yield Due(hours.day_after(d, port.stay.ladder.day), partial(begin, d, port, port.stay))


def begin(d: Draft, port: Port, stay: Stay) -> None:
    ladder = replace(new_ladder(d, d.now), rate=stay.ladder.rate)
    fresh = replace(stay, ladder=ladder, full_told=False, no_power_told=False)
    d.put_port(replace(port, stay=fresh))


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
    left = length - ladder.counted
    return ladder.at + (left if ladder.rate == 1 else left / ladder.rate)


def limit(policy: Policy, stay: Stay) -> timedelta:
    """How long a stay may last: longer where its driver said what they need, and never shorter
    for having asked for more (rule 31).
    """
    said = stay.need is not None and not policy.classic
    usual = longest(policy) if said else policy.limit
    return usual if stay.ladder.limit is None else max(usual, stay.ladder.limit)


def longest(policy: Policy) -> timedelta:
    """How long a stay may last whose driver said what they need."""
    return max(policy.limit, policy.limit_said)


def limit_at(d: Draft, stay: Stay) -> datetime:
    """When the charging time of this stay is up."""
    return reached_at(stay.ladder, limit(d.policy, stay))


# --- what the looks say of the power ------------------------------------------------------------


def measure(d: Draft, port_id: str, at: datetime) -> None:
    """Take in the power of one look: does it flow, and how fast does time count?

    A look that can't tell the power says nothing of it.
    """
    port = d.ports[port_id]
    stay = port.stay
    if stay is None:
        return
    ladder = at_rate(stay.ladder, rate_of(port, d.policy.rated_kw), at)
    known = stay if ladder is stay.ladder else replace(stay, ladder=ladder)
    if port.load_kw is not None:
        known = drawing(known, port, d.policy, port.load_kw, at)
    if known is not stay:
        d.put_port(replace(port, stay=known))


def drawing(stay: Stay, port: Port, policy: Policy, load_kw: float, at: datetime) -> Stay:
    """What the stay is known to draw, after a look that saw so much."""
    allowed = allowed_kw(port, policy.rated_kw)
    peak = max(stay.peak_kw, load_kw)
    some = load_kw >= policy.standby_kw
    flows = some and load_kw >= TAPERED * min(peak, allowed)
    explained = allowed < policy.standby_kw
    drew = stay.drew or some
    idle_since = None if some or explained else stay.idle_since or at
    low_since = None if flows or explained else stay.low_since or at
    flows_since = (stay.flows_since or at) if flows else None
    news = (drew, peak, idle_since, low_since, flows_since)
    if news == (stay.drew, stay.peak_kw, stay.idle_since, stay.low_since, stay.flows_since):
        return stay  # as at nearly every look
    return replace(
        stay,
        drew=drew,
        peak_kw=peak,
        idle_since=idle_since,
        low_since=low_since,
        flows_since=flows_since,
    )


def full_at(d: Draft, stay: Stay) -> datetime | None:
    """When the car counts as full; None: it doesn't look so (rules 18 and 30)."""
    if not stay.drew:
        return None
    idle = stay.idle_since + d.policy.full if stay.idle_since is not None else None
    low = stay.low_since + TAPERED_FOR if stay.low_since is not None else None
    return min(idle, low) if idle is not None and low is not None else idle or low


def is_charging_again(stay: Stay, at: datetime) -> bool:
    """It looked full, and power has flowed at two looks since, ten minutes long; once."""
    since = stay.flows_since
    return stay.full_told and not stay.again and since is not None and at - since >= AGAIN_FOR
