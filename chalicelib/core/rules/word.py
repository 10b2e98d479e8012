"""How good the site's word is: a few figures a week, and no names (rules 32 and 33)."""

from __future__ import annotations

from datetime import date, timedelta

from chalicelib.core import hours
from chalicelib.core.draft import Draft
from chalicelib.core.model import Word

WEEKS = 8


def count(d: Draft, **more: int) -> None:
    """Add to this week's figures."""
    monday = monday_of(hours.today(d, d.now))
    last = d.word[-1] if d.word and d.word[-1].monday == monday else Word(monday)
    now = last._replace(**{name: getattr(last, name) + n for name, n in more.items()})
    before = d.word[:-1] if last is not now and d.word and d.word[-1].monday == monday else d.word
    d.word = (*before, now)[-WEEKS:]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
