"""Is it still so? Messages about needs and what was promised (rules 28 to 36).

Each function gives the effect back, unchanged, where it has nothing to say of it.
"""

from __future__ import annotations

from chalicelib.core.draft import Draft
from chalicelib.core.effects import (
    Effect,
    Foreseen,
    GivenTo,
    HowMuch,
    MeansToMove,
    Promised,
    PromiseNews,
)
from chalicelib.core.model import Pending, Rung
from chalicelib.values import replace

from .turns import stands


def of_needs(d: Draft, effect: Effect, _: Pending) -> Effect | None:
    """Rules 28 to 36."""
    match effect:
        case HowMuch(driver, question=question):
            found = d.stay(question.stay)
            theirs = found is not None and found[1].driver == driver
            over = found is not None and found[1].ladder.rung >= Rung.OVER  # asked to move by now
            return effect if theirs and not over else None
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
