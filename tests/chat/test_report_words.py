"""What people type for the report, and what admins type for its day."""

from __future__ import annotations

from datetime import time

import pytest

from chalicelib.chat import quantities
from chalicelib.chat.parsing import parse
from chalicelib.core import acts
from chalicelib.core.answers import Misreading, NotUnderstood
from chalicelib.core.card import Span
from chalicelib.core.inputs import Admin, ShowReport, Unclear
from chalicelib.core.model import Weekly
from chalicelib.core.policy import written

FRIDAY = Weekly(4, time(15))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("report", ShowReport()), ("Report week", ShowReport()), ("report this week please", ShowReport()),
        ("report month", ShowReport(Span.MONTH)), ("report for the last month", ShowReport(Span.MONTH)),
        ("report csv", ShowReport(csv=True)), ("report month as csv", ShowReport(Span.MONTH, csv=True)),
        ("report csv month", ShowReport(Span.MONTH, csv=True)), ("weekly report", ShowReport()),
        ("admin report", Admin(acts.ShowTotals())), ("admin report month", Admin(acts.ShowTotals(Span.MONTH))),
        ("admin set report friday 15:00", Admin(acts.SetPolicy("report", FRIDAY))),
        ("admin set report to fridays at 3pm", Admin(acts.SetPolicy("report", FRIDAY))),
        ("admin set report off", Admin(acts.SetPolicy("report", Weekly()))),
    ],
)  # fmt: skip
def test_read(text: str, wish: object) -> None:
    """Alone, with a span, with `csv` anywhere; admins by name of the setting."""
    assert parse(text) == wish


@pytest.mark.parametrize("text", ["report year", "report 3 weeks", "report friday 15:00", "report csv year", "report @ana", "report tomorrow"])  # fmt: skip
def test_not_read(text: str) -> None:
    """There is a week and a month; what else was typed is named."""
    wish = parse(text)
    assert isinstance(wish, Unclear)
    assert isinstance(wish.answer, NotUnderstood)
    assert wish.answer.why is Misreading.SPAN


@pytest.mark.parametrize("text", ["admin report year", "admin set report someday", "admin set report friday 25:00", "admin set report", "admin set report friday 15:00 16:00"])  # fmt: skip
def test_admins_slips(text: str) -> None:
    """Named, with a way that works."""
    wish = parse(text)
    assert isinstance(wish, Unclear)
    assert isinstance(wish.answer, NotUnderstood)


@pytest.mark.parametrize(
    ("words", "when"),
    [
        ("friday 15:00", FRIDAY), ("fri 15", FRIDAY), ("Fridays, 3pm", FRIDAY), ("friday", FRIDAY),
        ("every week on friday at 15:00", FRIDAY), ("mon 9:30", Weekly(0, time(9, 30))),
        ("sunday noon", Weekly(6, time(12))), ("off", Weekly()), ("none", Weekly()), ("never on", None),
        ("fr", None), ("friyay", None), ("", None), ("15:00", None), ("friday friday", None),
    ],
)  # fmt: skip
def test_a_time_of_each_week(words: str, when: Weekly | None) -> None:
    """A day's name, whole or its beginning, and a time of day; three in the afternoon if none."""
    assert quantities.setting("report", words) == when
    if when is not None:
        assert quantities.setting("report", written(when)) == when
