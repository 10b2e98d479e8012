"""The words of times to come: free ports, likely needs, promises (rules 32 and 33)."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.core import answers as say, effects as tell
from chalicelib.core.answers import Expected, Odds
from chalicelib.core.effects import Danger, PromiseNews

from .amounts import amount_of, number, wanted
from .format import Speech


def expected_words(expected: Expected | None, s: Speech) -> str:
    """When somebody should be called, as a sentence; "" when that can't be said."""
    if expected is None:
        return ""
    if expected.at is not None:
        return f"A port should be free at about {s.at(expected.at)}."
    if expected.not_before is not None:
        return f"A port not before {s.at(expected.not_before)}, as it looks."
    if expected.hardly:
        return f"Hardly {until(expected, s)}, as it looks."
    if expected.behind is not None:
        return f"No time yet: {late(expected, s)}"
    return ""


def late(expected: Expected, s: Speech) -> str:
    """`Bob's time was up at 11:20.`"""
    whose = f"{s.name(expected.behind)}'s" if expected.behind else "a car's"
    return f"{whose} time was up at {s.at(expected.up_at)}."


def short(expected: Expected | None, s: Speech) -> str:
    """The same in a list: `, about 11:50`."""
    if expected is None:
        return ""
    if expected.at is not None:
        return f", about {s.at(expected.at)}"
    if expected.not_before is not None:
        return f", not before {s.at(expected.not_before)}"
    return f", hardly {until(expected, s)}" if expected.hardly else ""


def until(expected: Expected, s: Speech) -> str:
    """What "hardly" is about: the day, or the time that they said."""
    return f"by {s.at(expected.by)}" if expected.by is not None else "today"


def odds_in_line(driver: str, odds: Odds | None, at_most: float | None, s: Speech) -> str:
    """The same where the need itself isn't said: by when, so that it isn't taken for the port's
    time.
    """
    need = s.need_of(driver)
    if need is None or need.by is None:
        return most_of_a_stay(at_most)
    by = f"by {s.at(need.by)}"
    if at_most is not None:
        return f"{by.capitalize()} a port gives about {number(at_most)} kWh at most."
    match odds:
        case Odds.PROMISED:
            return f"The need {by} is promised."
        case Odds.LIKELY:
            return f"The need {by} is likely to be met."
        case Odds.HARDLY:
            return f"The need {by} will hardly be met."
        case None:
            return ""


def most_of_a_stay(at_most: float | None) -> str:
    """That they need more than one may have while others wait."""
    if at_most is None:
        return ""
    return f"While people wait a stay gives about {number(at_most)} kWh at most."


def odds_words(odds: Odds | None, at_most: float | None) -> str:
    """What can be said of a need with a time; a port's most, where that is less."""
    if at_most is not None:
        return f"By then a port gives about {number(at_most)} kWh at most."
    match odds:
        case Odds.PROMISED:
            return "That is promised."
        case Odds.LIKELY:
            return "That is likely."
        case Odds.HARDLY:
            return "That will hardly do."
        case None:
            return ""


def added(answer: say.Added, s: Speech) -> str:
    need = wanted(answer.driver, s)
    if answer.port is not None:
        return f"{s.name(answer.driver)} is called to {s.port(answer.port)} right away{need}."
    place = f"{s.name(answer.driver)} is number {answer.place} in line{need}{not_before(answer.away_until, s)}."
    return f"{place}{prospects(answer, s)}"


def not_before(away_until: datetime | None, s: Speech) -> str:
    """Rule 41: quiet hours, or a meeting."""
    return f", to be called from {s.dated(away_until)} on" if away_until is not None else ""


def your_place(answer: say.YourPlace, s: Speech) -> str:
    need = wanted(answer.driver, s)
    if answer.port is not None:
        return f"It's your turn already{need}: {s.port(answer.port)} is kept for you{s.turn_until(answer.driver)}."
    place = (
        f"You're in line already{need}: number {answer.place}{not_before(answer.away_until, s)}."
    )
    return f"{place}{prospects(answer, s)}"


def prospects(answer: say.Added | say.YourPlace, s: Speech) -> str:
    """When a port should be free for them, and whether that will do."""
    parts = (
        expected_words(answer.expected, s),
        odds_in_line(answer.driver, answer.odds, answer.at_most, s),
    )
    return "".join(f" {part}" for part in parts if part)


def whenever(answer: say.Whenever, s: Speech) -> str:
    told = answer.expected
    if answer.free:
        return f"A port is free now: `{s.ev} add` calls you to it."
    yours = (
        "You should be called" if answer.in_line else "If you stood in line now, you'd be called"
    )
    if told.at is not None:
        return f"{yours} at about {s.at(told.at)}."
    if told.not_before is not None:
        return f"{yours} not before {s.at(told.not_before)}, as it looks."
    if told.hardly:
        who = "you will" if answer.in_line else "you would"
        return f"As it looks, {who} hardly be called {until(told, s)}."
    if told.behind is not None:
        return f"I can't name a time: {late(told, s)}"
    return f"I can't name a time just now. `{s.ev} status` shows the chargers and your place."


def foreseen(message: tell.Foreseen, s: Speech) -> str:
    if message.expected.not_before is not None:
        return f"As it looks, your turn comes not before {s.at(message.expected.not_before)}."
    return f"As it looks, your turn will hardly come {until(message.expected, s)}. You keep your place; `{s.ev} remove` if you'd rather not wait."


WHY = {
    Danger.SLOW: "less power flows than I thought",
    Danger.CAPPED: "the power is limited",
    Danger.LATE: "the ports turn over later than I thought",
    Danger.FULL_EARLY: "your car is full",
}


def promised(message: tell.Promised, s: Speech) -> str:
    what = f"{amount_of(message.need)} by {s.at(message.by)}"
    match message.news:
        case PromiseNews.MADE:
            known = any(one.driver == message.driver and one.told_next for one in s.site.queue)
            return f"Promised: {what}.{' You are next.' if known else ''}"
        case PromiseNews.IN_DANGER:
            why = WHY[message.why or Danger.LATE]
            return f"I promised you {what}, and that is in danger: {why}. I'll tell you if it holds after all."
        case PromiseNews.HOLDS:
            return f"It holds after all: {what}."
        case PromiseNews.BROKEN:
            return f"I'm sorry: I promised you {what}, and couldn't keep it."


def done_words(at: datetime | None, s: Speech) -> str:
    """In a list of ports: `done at about 11:50`."""
    return f"done at about {about(at, s)}" if at is not None else ""


def about(at: datetime | None, s: Speech) -> str:
    """A time of day to the nearest five minutes, never one that is past."""
    if at is None:
        return s.at(at)
    nearest = datetime.fromtimestamp((at.timestamp() + 150) // 300 * 300, at.tzinfo)
    return s.at(nearest if s.is_ahead(nearest) else nearest + timedelta(minutes=5))
