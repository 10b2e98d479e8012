"""What is lost between cars, from visits that are plain."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from practice.replay import waste
from practice.replay.workdays import Result
from tests.fakes import MONDAY

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def result(driver: str = "ana", **more: object) -> Result:
    blank = Result(0, driver, MONDAY, 5.0, MONDAY + 2 * HOUR)
    return replace(blank, **more)  # type: ignore[arg-type]  # any of its fields


def test_calls_in_vain() -> None:
    """The call that led to the plug isn't one; nor is a port that was free at once."""
    results = [result(calls=3, plugged_at=MONDAY), result(calls=2), result(plugged_at=MONDAY)]
    assert waste.calls_in_vain(results) == 4


def test_idle() -> None:
    """From one car to the next who waited for it; not where nobody did."""
    first = result(port=("a", "1"), plugged_at=MONDAY, left_at=MONDAY + HOUR)
    waited = result("bob", port=("a", "1"), plugged_at=MONDAY + HOUR + 8 * MINUTE)
    came = result("cleo", port=("a", "2"), plugged_at=MONDAY + 3 * HOUR, arrived=MONDAY + 3 * HOUR)
    other = replace(first, port=("a", "2"))
    assert waste.idle_minutes([waited, first, came, other]) == [8.0]
    assert (waste.idle([first, waited]), waste.idle([first])) == ("8.0", "–")


def test_heard_in_time() -> None:
    """Of those who went without: who heard so, and how long before they went home."""
    home = MONDAY + 8 * HOUR
    heard = result(left_at=home, hardly_at=home - 90 * MINUTE)
    had = result(left_at=home, hardly_at=MONDAY, plugged_at=home)
    assert waste.heard_in_time([heard, result(left_at=home), had]) == "50 %, 90"
    assert waste.heard_in_time([had]) == "–"
