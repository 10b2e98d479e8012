"""What waited in the outbox is said only while it matters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from chalicelib.core.draft import Draft
from chalicelib.core.due import Due
from chalicelib.core.effects import (
    BayBlocked,
    Effect,
    IsItYou,
    Lapsed,
    NextUp,
    NoPower,
    Nudged,
    StandsIdle,
    StillThere,
    SuspensionOver,
    TurnPassed,
    Unwatched,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.model import Entry, Standing


def drop_stale(d: Draft) -> Iterator[Due]:
    """Rule 23: what waited so long that it isn't true any more is not said."""
    kept = [one for one in d.outbox if one.claimed_until is not None or matters(d, one.effect)]
    if len(kept) < len(d.outbox):
        yield Due(d.now, partial(setattr, d, "outbox", kept))


def matters(d: Draft, effect: Effect) -> bool:
    """False for words about a moment that has passed."""
    match effect:
        case NextUp(driver) | SuspensionOver(driver):
            entry = d.entry(driver)
            return entry is not None and entry.turn is None and not entry.is_suspended
        case TurnPassed(driver) | Lapsed(driver):
            return d.entry(driver) is not None
        case Withdrawn(driver, why=why) if why in PASSING:
            return d.entry(driver) is not None
        case StandsIdle(port, driver):
            if driver is None:
                return d.is_open(d.ports[port])
            return any(
                entry.driver == driver and turn.port == port and not turn.coming
                for entry, turn in d.called()
            )
        case IsItYou(stay=stay):
            found = d.stay(stay)
            return found is not None and found[1].driver is None
        case Nudged(stay=stay):
            return d.stay(stay) is not None
        case StillThere(port, driver):
            stay_there = d.ports[port].stay
            return stay_there is not None and stay_there.driver == driver
        case NoPower(driver, port, until=until):
            entry = d.entry(driver)
            return entry is not None and still_powerless(d, entry, port, until)
        case Unwatched(why):
            return why in d.hindrances
        case BayBlocked(port):
            return d.ports[port].blocked
        case _:
            return True


PASSING = (
    Withdrawal.DARK,
    Withdrawal.TAKEN,
    Withdrawal.CLOSED,
    Withdrawal.STATIONS,
)  # the place was kept


def still_powerless(d: Draft, entry: Entry, port: str, until: datetime | None) -> bool:
    """Still plugged in there, and waiting for power as long; `until` None: not any more."""
    mine = d.charging_at(entry.driver)
    waits_until = entry.until if entry.standing is Standing.POWERLESS else None
    return mine is not None and mine.id == port and waits_until == until
