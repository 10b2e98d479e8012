"""How far back a report looks: what people write for it, for everybody's words and admins'."""

from __future__ import annotations

from chalicelib.core.answers import Misreading
from chalicelib.core.card import Span

from .grammar import NotRead, said
from .reading import Word, echo, plain

KNOWN = {
    Span.WEEK: said(
        "week, this week, the week, last week, the last week, weekly, 7 days, seven days, 1 week, "
        "one week, last 7 days, last seven days"
    ),
    Span.MONTH: said(
        "month, this month, the month, last month, the last month, monthly, 4 weeks, four weeks, "
        "28 days, 30 days, 1 month, one month, last 4 weeks, last four weeks"
    ),
}


def a_span(rest: list[Word]) -> Span:
    """`week`, `the last month`; nothing is a week. Raises NotRead."""
    words = plain(rest).removeprefix("for ").removeprefix("of ")
    found = next((span for span, known in KNOWN.items() if words in known), None)
    if words and found is None:
        raise NotRead(Misreading.SPAN, echo(rest))
    return found or Span.WEEK
