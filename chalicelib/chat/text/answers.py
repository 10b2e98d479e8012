"""The words of answers: to the one who asked. A chapter each, as in `core/answers`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from chalicelib.core import answers as say
from chalicelib.core.answers import FOR_ADMINS, Answer, FormName

from . import (
    board,
    deeds,
    forms,
    home,
    lists,
    log,
    manual,
    needs,
    outlook,
    place,
    power,
    repairs,
    reports,
    settings,
    setup,
    turns,
)
from .format import Speech, Words, people
from .joining import joining
from .misread import COURTESIES, misread
from .refusals import refused


def words(answer: Answer, s: Speech) -> Words:
    found = told(answer, s)
    return Words(found) if isinstance(found, str) else found


def told(answer: Answer, s: Speech) -> str | Words:
    """Most are a text; some have buttons."""
    if isinstance(answer, say.LineAnswer):
        return place.told(answer, s)
    if isinstance(answer, say.TurnAnswer):
        return turns.told(answer, s)
    if isinstance(answer, say.StayAnswer):
        return turns.told_of_stay(answer, s)
    if isinstance(answer, say.ShownAnswer):
        return shown(answer, s)
    if isinstance(answer, say.PeopleAnswer):
        return of_people(answer, s)
    if isinstance(answer, say.AdminAnswer):
        return to_admins(answer, s)
    match answer:
        case say.NeedNoted():
            form = () if answer.changed else (s.form("Set my need…", FormName.NEED),)
            return Words(needs.need_noted(answer, s), form)
        case say.Whenever():
            return outlook.whenever(answer, s)
        case say.Refused():
            return refused(answer, s)
        case say.NotUnderstood():
            return misread(answer, s)
        case never:
            assert_never(never)


def shown(answer: say.ShownAnswer, s: Speech) -> str:
    match answer:
        case say.Line():
            return "\n".join(lists.line(s, answer))
        case say.Ports():
            return "\n".join(lists.status(answer, s))
        case say.OnePort(port):
            return lists.port(s, port)
        case say.Why(driver):
            return newest_first(lists.why(driver, s), s)
        case say.Help():
            return "\n".join(manual.help_(answer, s))
        case say.Power(report, cars_kw):
            return "\n".join(power.lines(report, cars_kw, s))
        case say.Report():
            return "\n".join(reports.answer(answer, s))
        case say.Totals():
            return "\n".join(reports.totals(answer, s))
        case say.BoardShown() | say.BoardLink():
            return board.answered(answer, s)
        case say.HomeTab():
            return home.text(answer, s)
        case say.FormOf():
            return forms.instead(answer, s)
        case never:
            assert_never(never)


def newest_first(lines: Iterable[str], s: Speech) -> str:
    """A story, in its order; by text, where its end may be cut off, the newest comes first."""
    story = list(lines)
    return "\n".join(story if s.ev else reversed(story))


def of_people(answer: say.PeopleAnswer, s: Speech) -> str | Words:
    match answer:
        case say.Settings(changed=()):
            return Words(settings.words(answer, s), (s.form("Change…", FormName.SETTINGS),))
        case say.Settings() | say.InMeeting():
            return settings.words(answer, s)
        case say.Repeated():
            return "I had that one already, and did it once."
        case say.Forgotten():
            return (
                "I've forgotten you: your card, your habits, what you allowed, and whose your past "
                f"stays were. What happened in the last day goes tomorrow. `{s.ev} add` begins anew."
            )
        case say.SmallTalk(what):
            return COURTESIES[what].format(ev=s.ev)
        case _:
            return joining(answer, s)


def to_admins(answer: say.AdminAnswer, s: Speech) -> str | Words:
    match answer:
        case say.Did() | say.CannotUndo():
            return deeds.done(answer, s)
        case say.Unchanged():
            return repairs.unchanged(answer, s)
        case say.AskReset(_, waiting):
            return Words(
                f"This empties the line ({people(waiting)}) and takes back every call. Cars that "
                f"are charging stay. Sure? (`{s.ev} admin reset confirm`)",
                (s.button("Reset", "reset"),),
            )
        case say.AdminHelp():
            return "\n".join(manual.admin_help(answer, s))
        case say.Shown():
            chapters = tuple(s.form(f"{one.capitalize()}…", one) for one in FOR_ADMINS)
            return Words("\n".join(lists.shown(s)), chapters)
        case say.Log():
            return newest_first(log.log(s), s)
        case say.SetupShown() | say.Welcome():
            return setup.words(answer, s)
        case never:
            assert_never(never)
