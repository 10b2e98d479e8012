"""Who says nothing of their need: when they may go, as such people do here (rule 32)."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.core.draft import Draft
from chalicelib.core.model import Stay
from chalicelib.core.order import time_on_plug
from chalicelib.energy.needs import habit_of

from . import charging

REMEMBERED = 40  # stays, and calls
LONGEST = 600  # minutes past its end: it may stay over night
MINUTE = timedelta(minutes=1)


def is_one(d: Draft, stay: Stay) -> bool:
    """Nobody knows when it ends but for its limit: its driver said nothing, and it isn't full."""
    if stay.need is not None or stay.moving_at is not None or charging.full_at(d, stay):
        return False
    return charging.later(stay, charging.limit_at(d, stay)) > d.now


def end_of(d: Draft, stay: Stay) -> datetime:
    """When they would go: with their usual, or at the limit."""
    usual = habit_of(d.habits(stay.driver).fills) if stay.driver is not None else None
    if usual is None:
        return charging.limit_at(d, stay)
    return stay.since + time_on_plug(d.policy, None, usual)


def note(d: Draft, stay: Stay, at: datetime) -> None:
    """They have left, or say now until when they need it: how good was the guess?"""
    late = round((at - end_of(d, stay)) / MINUTE)
    d.unsaid = (*d.unsaid, max(-LONGEST, min(LONGEST, late)))[-REMEMBERED:]
