"""The report's words, its chart and its table."""

from __future__ import annotations

import pytest

from chalicelib.chat.text.format import Chart, Speech
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.chat.text.reports import answer, chart, figures, table, table_file, totals
from chalicelib.core import answers as say
from chalicelib.core.card import PersonTotal, ReportCard, Span
from chalicelib.values import replace
from tests.cards import CARDS, EMPTY, MONTH, QUIET, WEEK
from tests.chat.text.messages import site

SPEECH = Speech(site(), TerminalMarkup())
CHART = Chart("HQ, a week", ("Mon", "Tue"), (("cars", (3.0, 0.0)), ("went without", (1.0, 2.0))), "how many a day", "words", "hq", Span.WEEK)  # fmt: skip


def told(report: say.Report) -> str:
    return "\n".join(answer(report, SPEECH))


def test_a_quiet_place() -> None:
    """Twelve ports, and no line: it says that there is nothing to gain."""
    assert "more ports, or another order, would have brought nothing" in told(say.Report(QUIET))
    assert "would have brought nothing" not in told(say.Report(WEEK))


@pytest.mark.parametrize("card", CARDS)
def test_no_names(card: ReportCard) -> None:
    """Everybody may read it: nobody in it has a name."""
    words = told(say.Report(card, totals=True)) + chart(card, SPEECH).alt + table_file(card, SPEECH).text  # fmt: skip
    names = [person.name for person in site().people.values()]
    assert not [name for name in names if name in words.lower().replace("was", "")]


@pytest.mark.parametrize("card", [one for one in CARDS if not one.is_empty])
def test_short_enough(card: ReportCard) -> None:
    """Ten lines at most, and what a section takes."""
    lines = list(figures(card, SPEECH))
    assert len(lines) <= 7
    assert len(told(say.Report(card, "https://ev.example.org/report?" + "x" * 200))) < 1_500


@pytest.mark.parametrize("card", [one for one in CARDS if not one.is_empty])
def test_a_chart_says_it_in_words(card: ReportCard) -> None:
    """Each bar is in the words for who can't see it; labels are few and short."""
    drawn = chart(card, SPEECH)
    assert len(drawn.labels) <= 20
    for name, values in drawn.series:
        assert len(values) == len(drawn.labels)
        assert name in drawn.alt
        assert all(f"{label}: {value:.0f}" in drawn.alt for label, value in zip(drawn.labels, values, strict=True))  # fmt: skip


def test_a_table() -> None:
    """Each figure of the words is a row."""
    rows = {row[0]: row[1] for row in table(WEEK, SPEECH).rows}
    assert rows["Needs met in time"] == "25 of 31"
    assert rows["Ports plugged, of open hours"] == "71 %"


@pytest.mark.parametrize("card", CARDS)
def test_a_file(card: ReportCard) -> None:
    """As many cells in each line; a day that nobody measured has none."""
    lines = table_file(card, SPEECH).text.split("\r\n")
    assert lines.pop() == ""
    assert {line.count(",") for line in lines} == {7}
    assert len(lines) == len(card.days) + 1


def test_empty() -> None:
    """There is a way on, if there is one."""
    assert "`/ev report month`" in told(say.Report(EMPTY))
    assert "report month" not in told(say.Report(replace(EMPTY, span=Span.MONTH)))


def test_where_more_is() -> None:
    """The table by a link, as a file, or from the operator; the picture likewise."""
    assert "for a day from now: LINK" in told(say.Report(MONTH, "LINK", csv=True))
    assert "comes to you as a file" in told(say.Report(MONTH, csv=True, sent=True))
    assert "python -m bot report csv hq" in told(say.Report(MONTH, csv=True))
    assert "A picture of it comes to you" in told(say.Report(MONTH, sent=True))


def test_many_people() -> None:
    """Twenty, and how many more."""
    people = tuple(PersonTotal(f"slack:T:U{n}", 1) for n in range(50))
    lines = list(totals(say.Totals(Span.WEEK, people), SPEECH))
    assert len(lines) == 22
    assert lines[-1].startswith("… and 30 more.")


def test_other_letters() -> None:
    """The font of pictures hasn't all: a name that it can't write isn't drawn."""
    here = Speech(replace(site(), name="車庫"), TerminalMarkup())
    assert chart(WEEK, here).title.startswith("hq, ")
