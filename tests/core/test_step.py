"""What a step keeps of requests: so that one that is sent again is not done again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.answers import Repeated
from chalicelib.core.inputs import Add, Remove
from chalicelib.core.step import REMEMBER_REQUESTS
from tests.core.day import Day
from tests.fakes import ANA, BOB, asked


@pytest.mark.parametrize(
    ("short_of", "kept"), [(timedelta(seconds=1), True), (timedelta(0), False)]
)
def test_a_request_that_comes_again(short_of: timedelta, kept: bool) -> None:
    """For a quarter of an hour it is known as done; then its name is kept no longer."""
    day = Day()
    day.give(asked(ANA, Add(), request="r1"))
    day.now += REMEMBER_REQUESTS - short_of
    day.ask(BOB, Add())
    assert ("r1" in day.site.requests) is kept
    assert isinstance(day.give(asked(ANA, Remove(), request="r1")), Repeated) is kept
