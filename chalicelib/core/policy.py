"""Which values a setting of the house may have: one check for chat and the command line.

What is typed becomes a value elsewhere (`chat/quantities.py`); whether the value makes
sense is said here, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from enum import StrEnum

from chalicelib.values import names, replace

from .model import Policy, Weekly

Value = timedelta | time | bool | float | StrEnum | Weekly | tuple[int, ...]

LONGEST = timedelta(days=1)
LONGEST_KEPT = timedelta(days=400)  # what is kept of cars that have left
MOST_KW = 1000.0
BETWEEN_LOOKS = timedelta(minutes=1)
KEYS = names(Policy)
OPERATORS = ("cap_commands", "report_people")  # what the command line alone may set
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAYS = (("opens", "closes"), ("speaks_from", "speaks_until"))


class Unfit(StrEnum):
    """Why a setting can't have a value."""

    LENGTH = "length"  # nothing, or more than a day
    ORDER = "order"  # a day that ends before it begins
    LOOKS = "looks"  # sight can't be lost between two looks
    POWER = "power"


class UnfitSetting(ValueError):
    """The setting can't have this value; `why` says why not."""

    def __init__(self, key: str, why: Unfit) -> None:
        super().__init__(f"{key}: {why}")
        self.key, self.why = key, why


def changed(policy: Policy, values: Mapping[str, Value]) -> Policy:
    """The policy with these settings changed. Raises UnfitSetting."""
    for key, value in values.items():
        check(key, value)
    new = replace(policy, **values)  # type: ignore[arg-type]  # of their kinds
    for begins, ends in DAYS:
        wrong = getattr(new, begins) >= getattr(new, ends)
        if wrong and (begins in values or ends in values):
            raise UnfitSetting(begins if begins in values else ends, Unfit.ORDER)
    return new


def check(key: str, value: Value) -> None:
    """Whether a value makes sense by itself. Raises UnfitSetting."""
    longest = LONGEST_KEPT if key == "keep_stays" else LONGEST
    if isinstance(value, timedelta) and not timedelta(0) < value <= longest:
        raise UnfitSetting(key, Unfit.LENGTH)
    if key == "blind" and isinstance(value, timedelta) and value <= BETWEEN_LOOKS:
        raise UnfitSetting(key, Unfit.LOOKS)
    if isinstance(value, float) and not 0 < value < MOST_KW:
        raise UnfitSetting(key, Unfit.POWER)


def written(value: object) -> str:
    """A value as it is typed: `2h30m`, `07:00`, `on`."""
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        days, hours = divmod(minutes // 60, 24)
        parts = (days, "d"), (hours, "h"), (minutes % 60, "m"), (seconds, "s")
        return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, Weekly):
        return "off" if value.day is None else f"{WEEK[value.day]} {value.at:%H:%M}"
    if isinstance(value, tuple):
        return days_written(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def days_written(days: tuple[int, ...]) -> str:
    """`mon-fri`, `sun-thu`, or `mon tue thu`: a week has no end."""
    short = [name[:3] for name in WEEK]
    for first in range(7):
        span = [(first + n) % 7 for n in range(len(days))]
        if len(days) > 1 and set(span) == set(days):
            return f"{short[span[0]]}-{short[span[-1]]}"
    return " ".join(short[day] for day in sorted(days))
