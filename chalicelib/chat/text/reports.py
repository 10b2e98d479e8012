"""The report in words, as a chart and as a table. No names, but in the totals for admins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.chat import quantities
from chalicelib.core import answers as say
from chalicelib.core.answers import Refusal
from chalicelib.core.card import DayRow, PersonTotal, ReportCard, Span
from chalicelib.core.effects import ReportPicture, ReportTable, WeeklyReport

from . import lists
from .format import Chart, File, Speech, Table, Words, people

SPAN = {Span.WEEK: "the last seven days", Span.MONTH: "the last four weeks"}
LAST_LETTER = "\u0530"  # pictures have Latin, Greek and Cyrillic
SHOWN = 20  # people in the totals; the rest is summed up
TOTAL = ("day", "cars", "kWh", "hours_plugged", "hours_full_but_plugged", "stood_in_line", "minutes_waited", "went_without")  # fmt: skip


def words(effect: WeeklyReport | ReportPicture | ReportTable, s: Speech) -> Words:
    """The report as a message of its own."""
    card = effect.card
    if isinstance(effect, ReportTable):
        return Words(f"The table of {SPAN[card.span]}, a line a day.", file=table_file(card, s))
    told = chart(card, s)
    if isinstance(effect, ReportPicture):
        return Words(s.escape(told.alt), chart=told, table=table(card, s))
    text = "\n".join((heading(card, s), *figures(card, s)))
    return Words(text, chart=told, table=table(card, s))


def answer(told: say.Report, s: Speech) -> Iterator[str]:
    """To who asked."""
    card = told.card
    if card.is_empty:
        more = f" `{s.ev} report month` looks further back."
        yield f"{nothing(card.span, s)}{more if card.span is Span.WEEK else ''}"
        return
    if not s.ev:  # where only the shortest will do
        yield short(card)
        return
    yield heading(card, s)
    yield from figures(card, s)
    if told.totals:
        yield "Admins here can see totals by person."
    yield from more_of(told, s)


def more_of(told: say.Report, s: Speech) -> Iterator[str]:
    """The table, or a picture."""
    if told.csv and told.link:
        yield f"The table, for a day from now: {s.escape(told.link)}"
    elif told.csv and told.sent:
        yield "The table comes to you as a file."
    elif told.csv:
        yield no_file(s)
    elif told.sent:
        yield "A picture of it comes to you directly."
    elif told.link:
        yield f"A picture, for a day from now: {s.escape(told.link)}"


def heading(card: ReportCard, s: Speech) -> str:
    """`HQ garage, the last seven days (Nov 23 to Nov 29)`"""
    first, last = (day_of(at, s) for at in (card.begin, card.end))
    title = f"{s.escape(s.site.name)}, {SPAN[card.span]}"
    return f"{s.markup.bold(title)} ({short_day(first)} to {short_day(last)})"


def figures(card: ReportCard, s: Speech) -> Iterator[str]:
    """A line for each chapter; none for what there was nothing of."""
    yield cars(card)
    yield from waits(card)
    if card.needs:
        yield f"Needs: {card.met} of {card.needs} that were said were met in time."
    if card.idle:
        yield f"Full but plugged: {hours(card.idle)} in all."
    yield from word(card)
    if not card.has_line:
        yield f"Nobody waited long, and nobody went without: more ports, or another order, would have brought nothing.{waiting_now(s)}"


def nothing(span: Span, s: Speech) -> str:
    """Of a time without cars."""
    nobody = "" if lists.who_waits(s.site) else ", and nobody has waited,"
    return f"No car has come{nobody} in {SPAN[span]}.{waiting_now(s)}"


def waiting_now(s: Speech) -> str:
    """Whose wait isn't over is in no figure yet."""
    now = lists.who_waits(s.site)
    return f" Right now {people(len(now))}." if now else ""


def cars(card: ReportCard) -> str:
    who = f" of {some(card.drivers, 'person', 'people')}" if card.drivers > 1 else ""
    energy = f", {card.kwh:,.0f} kWh" if card.kwh is not None else ""
    ports = "The port was" if card.ports == 1 else f"The {card.ports} ports were"
    return (
        f"{some(card.cars, 'car')}{who}{energy}. {ports} plugged in for {percent(card.use)} of "
        "the hours in which the line is open."
    )


def waits(card: ReportCard) -> Iterator[str]:
    """How long from the line to the plug, and who went without."""
    if card.waited is not None and card.waited_long is not None:
        half, most = (minutes(one) for one in (card.waited, card.waited_long))
        if card.queued == 1:
            yield f"Waits: one driver stood in line, for {most}."
        else:
            yield f"Waits: {card.queued} drivers stood in line; half of them had a port within {half}, nine in ten within {most}."
    if card.away:
        need = f"; they had said that they need {card.away_kwh:,.0f} kWh" if card.away_kwh else ""
        yield f"Turned away: {some(card.away, 'person', 'people')} stood in line and went without{need}."


def word(card: ReportCard) -> Iterator[str]:
    """How good the told times were, and what became of promises."""
    told, parts = card.word, list[str]()
    if told.times:
        parts.append(f"{told.right} of {some(told.times, 'told time')} {were(told.right)} right within 20 minutes")  # fmt: skip
    if told.hardly:
        parts.append(f"“hardly today” was wrong {told.wrong} of {some(told.hardly, 'time')}")
    if due := told.kept + told.broken:
        broken = f" ({told.warned} of {told.broken} broken told beforehand)" if told.broken else ""
        parts.append(f"{told.kept} of {some(due, 'promise')} {were(told.kept)} kept{broken}")
    if parts:
        yield f"My word since {short_day(told.since)}: {'; '.join(parts)}."


def short(card: ReportCard) -> str:
    """For a text message."""
    energy = f", {card.kwh:,.0f} kWh" if card.kwh is not None else ""
    needs = f", {card.met} of {card.needs} needs met" if card.needs else ""
    away = f", {card.away} went without" if card.away else ""
    return f"{SPAN[card.span].capitalize()}: {some(card.cars, 'car')}{energy}, ports plugged {percent(card.use)} of open hours{needs}{away}."


def refused(no: say.Refused, s: Speech) -> str:
    """Why there is no report, or not this one."""
    if no.why is Refusal.NO_LOG:
        return "Nobody keeps what the cars did here, so there is nothing to report."
    return (
        "Totals by person are switched off here. Whoever runs me may switch them on: "
        f"`python -m bot site set {s.site.id} --policy report_people=on`. `{s.ev} report` is for everybody."
    )


# --- for admins -------------------------------------------------------------------------------


def totals(told: say.Totals, s: Speech) -> Iterator[str]:
    """A line for each person."""
    if not told.people:
        yield nothing(told.span, s)
        return
    yield s.markup.bold(f"{s.escape(s.site.name)}, {SPAN[told.span]}, by person")
    for one in told.people[:SHOWN]:
        yield f"{person(one, s)}: {', '.join(parts_of(one))}"
    if len(told.people) > SHOWN:
        yield f"… and {len(told.people) - SHOWN} more. `python -m bot report people` has all."


def person(one: PersonTotal, s: Speech) -> str:
    return s.name(one.driver) if one.driver else "Cars that nobody here knows"


def parts_of(one: PersonTotal) -> Iterator[str]:
    if one.cars:
        yield f"{some(one.cars, 'car')}, {hours(one.plugged)} plugged"
    if one.kwh is not None:
        yield f"{one.kwh:,.0f} kWh"
    if one.idle >= timedelta(minutes=1):
        yield f"{hours(one.idle)} full"
    if one.away:
        yield f"went without {some(one.away, 'time')}"


# --- shown ------------------------------------------------------------------------------------


def chart(card: ReportCard, s: Speech) -> Chart:
    """Cars, and who went without: of each day of a week, or of each week of a month."""
    labels = tuple(label(bar.day, card.span) for bar in card.bars)
    series = [("cars", tuple(float(bar.cars) for bar in card.bars))]
    if card.away:
        series.append(("went without", tuple(float(bar.away) for bar in card.bars)))
    each = "a day" if card.span is Span.WEEK else "a week, from"
    said = "; ".join(f"{name} {each} {pairs(labels, values)}" for name, values in series)
    title = f"{drawable(s)}, {SPAN[card.span]}"
    unit = "how many a day" if card.span is Span.WEEK else "how many a week"
    return Chart(title, labels, tuple(series), unit, f"{title}: {said}.", s.site.id, card.span)


def drawable(s: Speech) -> str:
    """The site's name where the font of pictures has its letters, else its id."""
    name = s.site.name[:25]
    return name if all(letter < LAST_LETTER for letter in name) else s.site.id[:25]


def pairs(labels: tuple[str, ...], values: tuple[float, ...]) -> str:
    """`Mon: 9, Tue: 8`"""
    return ", ".join(f"{one}: {value:.0f}" for one, value in zip(labels, values, strict=True))


def label(day: date, span: Span) -> str:
    return f"{day:%a}" if span is Span.WEEK else short_day(day)


def table(card: ReportCard, s: Speech) -> Table:
    """The figures, a row each."""
    rows = [("Cars", str(card.cars)), ("Ports plugged, of open hours", percent(card.use))]
    if card.kwh is not None:
        rows.insert(1, ("Energy", f"{card.kwh:,.0f} kWh"))
    if card.waited is not None and card.waited_long is not None:
        rows.append(("Wait in line, half of the drivers", minutes(card.waited)))
        rows.append(("Wait in line, nine in ten", minutes(card.waited_long)))
    rows.append(("Went without", str(card.away)))
    if card.needs:
        rows.append(("Needs met in time", f"{card.met} of {card.needs}"))
    if card.idle is not None:
        rows.append(("Full but plugged", hours(card.idle)))
    told = card.word
    if told.kept + told.broken:
        rows.append(("Promises kept", f"{told.kept} of {told.kept + told.broken}"))
    if told.times:
        rows.append(("Told times right within 20 minutes", f"{told.right} of {told.times}"))
    return Table(f"{s.site.name}, {SPAN[card.span]}", ("Figure", "Value"), tuple(rows))


def table_file(card: ReportCard, s: Speech) -> File:
    """CSV, a line a day. It holds figures only: nothing that a spreadsheet would run."""
    lines = [TOTAL, *(day_line(day) for day in card.days)]
    text = "".join(",".join(map(str, line)) + "\r\n" for line in lines)
    name = f"{s.site.id}-{card.span}-{day_of(card.end, s):%Y-%m-%d}.csv"
    return File(name, text, f"{s.site.name}, {SPAN[card.span]}", no_file(s))


def no_file(s: Speech) -> str:
    return (
        "I can't send a file here. Whoever runs me has the table: "
        f"`python -m bot report csv {s.site.id}`."
    )


def day_line(day: DayRow) -> tuple[object, ...]:
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    idle = round(day.idle / hour, 2) if day.idle is not None else ""
    kwh = "" if day.kwh is None else round(day.kwh, 1)
    return (
        day.day.isoformat(), day.cars, kwh, round(day.plugged / hour, 2), idle, day.queued,
        round(day.waited / minute), day.away,
    )  # fmt: skip


# --- small words ------------------------------------------------------------------------------


def some(count: int, one: str, several: str = "") -> str:
    """`1 car`, `3 cars`."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def were(count: int) -> str:
    return "was" if count == 1 else "were"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def minutes(length: timedelta) -> str:
    """To the minute."""
    return quantities.say_length(timedelta(minutes=round(length / timedelta(minutes=1))))


def hours(length: timedelta) -> str:
    """`41 h`, or minutes below two hours."""
    return f"{length / timedelta(hours=1):.0f} h" if length >= timedelta(hours=2) else minutes(length)  # fmt: skip


def day_of(at: datetime, s: Speech) -> date:
    return at.astimezone(ZoneInfo(s.site.timezone)).date()


def short_day(day: date) -> str:
    return f"{day:%b} {day.day}"
