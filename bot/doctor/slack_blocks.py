"""Whether Slack takes what we build: one message, form and page of each shape, asked of its own
validator. Nothing is posted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from chalicelib.chat.slack import views
from chalicelib.chat.slack.board import board_payload
from chalicelib.chat.slack.markup import SlackMarkup, payload
from chalicelib.chat.slack.probe import ProbeFailed, Wrong, validate
from chalicelib.chat.slack.showing import with_charts
from chalicelib.chat.text import forms, home
from chalicelib.chat.text.format import Speech
from chalicelib.chat.text.wording import words
from chalicelib.core.answers import FormName, FormOf, HomeTab, Line
from chalicelib.core.card import DayRow, Kept, ReportCard, Span
from chalicelib.core.effects import BoardPost, Called, Effect, WeeklyReport
from chalicelib.core.model import Entry, Person, Policy, Port, Site, Status, Turn
from chalicelib.values import replace

from .result import CheckResult, ok, warning

WHAT = "Slack's blocks"
CHART = "the report's chart"
NOW = datetime(2031, 3, 3, 17, tzinfo=UTC)
ANA, BOB = "slack:T0HQ:U0ANA", "slack:T0HQ:U0BOB"
ONE, TWO = "1:900001/1", "1:900001/2"


class Sample(NamedTuple):
    """`sort`: message or view."""

    name: str
    sort: str
    value: dict[str, Any]


def samples() -> Iterator[Sample]:
    """Everything that has blocks, once."""
    here, markup = site(), SlackMarkup()
    call = Called(ANA, TWO, 7, timedelta(minutes=15), NOW + timedelta(minutes=15))
    yield Sample("a call, with its buttons", "message", payload(said(call, here)))
    yield Sample("the line", "message", payload(said(Line(ANA), here)))
    yield Sample(CHART, "message", with_charts(said(WeeklyReport(card()), here)))
    board = BoardPost()
    yield Sample("the board", "message", board_payload(board, said(board, here), here))
    parts = home.page(here, ANA, markup, None)
    yield Sample("the Home tab", "view", views.home(parts, here.id))
    for name in FormName:
        form = forms.form_of(FormOf(ANA, name), Speech(here, markup, NOW))
        yield Sample(f"the form “{form.title}”", "view", views.modal(form))
    yield Sample(
        "the end of a form", "view", views.said("Join the line", said(HomeTab(ANA), here))
    )


def said(effect: Effect, here: Site) -> Any:
    return words(effect, here, SlackMarkup(), NOW)


def site() -> Site:
    """A car park with somebody called, and somebody who waits."""
    turn = Turn(7, TWO, NOW, NOW, NOW + timedelta(minutes=15))
    port = Port(ONE, "1", Status.INUSE, NOW, NOW, load_kw=6.6)
    return Site(
        "hq", "HQ garage", channels=("slack:T0HQ:C0EV",), admins=(ANA,), policy=Policy(board=True),
        people={ANA: Person("ana"), BOB: Person("bob")},
        queue=(Entry(ANA, NOW).called(turn), Entry(BOB, NOW)),
        ports={ONE: port, TWO: replace(port, id=TWO, label="2", status=Status.AVAILABLE)},
        looked_at=NOW, stepped_at=NOW,
    )  # fmt: skip


def card() -> ReportCard:
    monday = date(2031, 3, 3)
    days = tuple(DayRow(monday + timedelta(days=n), cars=n, away=1) for n in range(7))
    begin = NOW - timedelta(days=7)
    return ReportCard(Span.WEEK, begin, NOW, 2, days, Kept(monday), cars=21, drivers=9, away=7)


def check_blocks(token: str, api_url: str, where: str) -> Iterator[CheckResult]:
    """A line if all is well, else one for each shape that isn't taken."""
    refused = 0
    for sample in samples():
        try:
            wrong = validate(token, api_url, sample.sort, sample.value)
        except ProbeFailed as why:
            yield warning(WHAT, f"{where} couldn't be asked about them: {why}")
            return
        if wrong:
            refused += 1
            yield told(sample, wrong[0], where)
    if not refused:
        yield ok(WHAT, f"{where} takes every kind of message, form and page")


def told(sample: Sample, wrong: Wrong, where: str) -> CheckResult:
    if sample.name == CHART and "unsupported" in wrong.message:
        return ok(WHAT, f"{where} draws no charts yet: the report comes as a picture, or in words")
    return warning(
        WHAT, f"{where} doesn't take {sample.name}: {wrong.message} ({wrong.pointer or 'no pointer'})",
        "words are sent in its place; please tell who makes this program",
    )  # fmt: skip
