"""A site's policy as the command line takes and shows it.

Which values make sense is said in core/policy.py, for chat and for us.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import time, timedelta
from difflib import get_close_matches
from enum import StrEnum

from chalicelib.chat import quantities
from chalicelib.core.model import Policy, Weekly
from chalicelib.core.policy import (
    BETWEEN_LOOKS,
    DAYS,
    KEYS,
    LONGEST,
    LONGEST_KEPT,
    MOST_KW,
    UnfitSetting,
    Value,
    changed,
    check,
    written,
)
from chalicelib.values import names

from .errors import CommandError

SHIPPED = Policy()


def one_setting(text: str) -> tuple[str, Value]:
    """`KEY=VALUE` of `--policy`, for argparse."""
    key, _, value = text.partition("=")
    if key not in KEYS:
        near = get_close_matches(key, KEYS, 1)
        better = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(KEYS)}"
        raise argparse.ArgumentTypeError(f"there is no setting {key!r}{better}")
    read = quantities.setting(key, value)
    try:
        if read is not None:
            check(key, read)
            return key, read
    except UnfitSetting:
        pass
    raise argparse.ArgumentTypeError(f"{key} can't be {value!r}: it is {allowed(key)}")


def with_settings(policy: Policy, settings: Iterable[tuple[str, Value]]) -> Policy:
    """The policy with all of them changed. Raises CommandError."""
    values = dict(settings)
    try:
        return changed(policy, values)
    except UnfitSetting as unfit:
        wrong = f"{unfit.key} can't be {written(values[unfit.key])}"
        others = [f"{one} is {written(getattr(policy, one))}" for one in partners(unfit.key) if one not in values]  # fmt: skip
        here = f", and {others[0]}" if others else ""
        raise CommandError(f"{wrong}: it is {allowed(unfit.key)}{here}") from unfit


def allowed(key: str) -> str:
    """Of which kind a setting is, between which bounds, and an example."""
    shipped = getattr(SHIPPED, key)
    match shipped:
        case bool():
            return "on or off"
        case Weekly():
            return f"a day and a time of each week, such as {written(Weekly(4))}, or off"
        case StrEnum():
            return " or ".join(type(shipped))
        case time():
            begins, ends = next(pair for pair in DAYS if key in pair)
            order = f"before {ends}" if key == begins else f"after {begins}"
            kind = f"a time of day {order}"
        case timedelta():
            longest = LONGEST_KEPT if key == "keep_stays" else LONGEST
            least = written(BETWEEN_LOOKS) if key == "blind" else "nothing"
            kind = f"more than {least}, and at most {hours_or_days(longest)}"
        case float():
            kind = f"more than 0, and less than {MOST_KW:g}"
        case _:
            kind = f"like {type(shipped).__name__}"
    return f"{kind}, such as {written(shipped)}"


def hours_or_days(length: timedelta) -> str:
    return f"{length.days}d" if length > timedelta(days=1) else f"{length / timedelta(hours=1):g}h"


def partners(key: str) -> Iterator[str]:
    """What a time of day must agree with."""
    yield from (one for pair in DAYS if key in pair for one in pair if one != key)


def settings(policy: Policy) -> Iterator[tuple[str, str]]:
    """Each name and its value, as `--policy NAME=VALUE` takes them."""
    for name in names(policy):
        yield name, written(getattr(policy, name))


def unusual(policy: Policy) -> str:
    """What isn't as shipped, and what it would be."""
    shipped = dict(settings(SHIPPED))
    return ", ".join(
        f"{name}={value} (shipped: {shipped[name]})"
        for name, value in settings(policy)
        if value != shipped[name]
    )
