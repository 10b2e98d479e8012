"""Forms: who may open which, and that a form of settings is set whole or not at all."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chalicelib.core import acts
from chalicelib.core.answers import (
    FOR_ADMINS,
    Answer,
    Did,
    FormName,
    FormOf,
    Refusal,
    Refused,
    Unchanged,
)
from chalicelib.core.inputs import Add, Admin, OpenForm
from chalicelib.core.policy import Value
from tests.core.day import Day
from tests.fakes import ANA, BOB, BOSS


@pytest.fixture
def day() -> Day:
    return Day()


def opened(day: Day, driver: str, form: FormName) -> Answer | None:
    return day.ask(driver, OpenForm(form))


def test_the_form_that_is_meant(day: Day) -> None:
    """Who asks for either form of a need gets the one that fits: to join, or of their place."""
    assert opened(day, ANA, FormName.NEED) == FormOf(ANA, FormName.JOIN)
    day.ask(ANA, Add())
    assert opened(day, ANA, FormName.JOIN) == FormOf(ANA, FormName.NEED)


def test_what_would_be_refused_is_not_filled_in(day: Day) -> None:
    """At night nobody joins, by a form neither."""
    day.wait(hours=13)
    answer = opened(day, ANA, FormName.JOIN)
    assert isinstance(answer, Refused)
    assert answer.why is Refusal.CLOSED


@pytest.mark.parametrize("form", FOR_ADMINS)
def test_the_house_s_settings_are_for_admins(day: Day, form: FormName) -> None:
    """Others get no form of them."""
    answer = opened(day, BOB, form)
    assert isinstance(answer, Refused)
    assert answer.why is Refusal.NOT_ADMIN
    assert opened(day, BOSS, form) == FormOf(BOSS, form)


def set_all(day: Day, **values: Value) -> Answer | None:
    return day.ask(BOSS, Admin(acts.SetPolicies(tuple(values.items()))))


def test_all_or_none(day: Day) -> None:
    """One bad value, and nothing is set; else all are, as one act that `undo` takes back."""
    before = day.site.policy
    bad = set_all(day, answer=timedelta(minutes=9), idle=timedelta(0))
    assert isinstance(bad, Refused)
    assert (bad.why, bad.other) == (Refusal.BAD_LENGTH, "idle 0m")
    assert day.site.policy == before
    good = set_all(day, answer=timedelta(minutes=9), opens=time(7), notice=before.notice)
    assert isinstance(good, Did)
    assert good.detail == "answer 9m, opens 07:00"
    assert good.before == "answer 15m, opens 06:00"
    day.ask(BOSS, Admin(acts.UndoLast()))
    assert day.site.policy == before


def test_nothing_new(day: Day) -> None:
    """A form that changes nothing is no act, with values in it or without."""
    assert isinstance(set_all(day, answer=timedelta(minutes=15)), Unchanged)
    assert isinstance(set_all(day), Unchanged)


def test_what_is_the_operator_s(day: Day) -> None:
    """Not by a form either."""
    answer = set_all(day, answer=timedelta(minutes=9), cap_commands=True)
    assert isinstance(answer, Refused)
    assert answer.why is Refusal.OPERATORS
