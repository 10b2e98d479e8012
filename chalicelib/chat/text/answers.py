"""The words of answers: to the one who asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from chalicelib.core import answers as say
from chalicelib.core.answers import FOR_ADMINS, Answer, FormName

from . import (
    amounts,
    board,
    deeds,
    forms,
    handovers,
    home,
    lists,
    log,
    manual,
    needs,
    outlook,
    power,
    repairs,
    reports,
    settings,
    setup,
)
from .format import Speech, Words, length, people
from .joining import joining
from .misread import COURTESIES, misread
from .refusals import refused


def words(answer: Answer, s: Speech) -> Words:
    """The answers that have buttons or more than a line; the rest are sentences."""
    match answer:
        case say.Coming(_, port, turn, deadline):
            return Words(
                f"See you at {s.port(port)}: it's kept for you{s.until(deadline)}.",
                (
                    s.button("Blocked", "blocked", turn),
                    s.button("Pass", "pass", turn),
                    s.button("Leave", "leave", turn),
                ),
            )
        case say.ItsMe(_, port, stay, offer):
            text = f"You're charging on {s.port(port)}."
            if s.waits_for_power(port):
                text = f"You're plugged in at {s.port(port)}, whose power is off: you keep your place."
            if not offer:
                return Words(text + s.cheer("Enjoy the ride home."))
            return Words(
                f"{text} Shall I know your card next time?",
                (s.button("Remember me", "remember", stay),),
            )
        case say.MoreTime(_, port, stay, until):
            return Words(
                f"Fine: {s.port(port)} is yours until {s.at(until)}.",
                (s.button("Done, moving", "moving", stay),),
            )
        case say.MovesAt():
            return handovers.moves_at(answer, s)
        case say.NeedNoted(changed=False):
            return Words(sentence(answer, s), (s.form("Set my need…", FormName.NEED),))
        case say.Settings(changed=()):
            return Words(sentence(answer, s), (s.form("Change…", FormName.SETTINGS),))
        case say.Shown():
            chapters = tuple(s.form(f"{one.capitalize()}…", one) for one in FOR_ADMINS)
            return Words(sentence(answer, s), chapters)
        case say.AskReset(_, waiting):
            return Words(
                f"This empties the line ({people(waiting)}) and takes back every call. Cars that "
                f"are charging stay. Sure? (`{s.ev} admin reset confirm`)",
                (s.button("Reset", "reset"),),
            )
        case _:
            return Words(sentence(answer, s))


def sentence(answer: Answer, s: Speech) -> str:
    """The answers that are text alone."""
    match answer:
        case say.Added() | say.YourPlace() | say.Resumed() | say.Removed() | say.Suspended():
            return place(answer, s)
        case say.Passed(_, port):
            return (
                f"Passed on, and your place is kept. I'll call you again once {s.port(port)} has "
                f"been used, or in {length(s.site.policy.sit_out)}; `{s.ev} resume` if you can come sooner."
            )
        case say.MovedOn(driver, by, port):
            return f"{s.name(by)} moved the line on: {s.port(port)} goes to the next, and {s.one(driver)} keeps the old place."
        case say.Blocked(_, port):
            return f"Thanks, noted: {s.port(port)} is blocked, and its last driver and the admins know. You keep your place."
        case say.NotMe(_, port):
            return f"Thanks. Somebody I don't know has {s.port(port)}; your place is kept."
        case say.Remembered():
            return "I'll know your card from now on."
        case say.HandOut(driver, port):
            return f"{s.name(driver)} says {s.port(port)} is free."
        case say.Moving(_, port, again=True):
            return (
                f"Thank you for moving your car from {s.port(port)}. You've said so before in this "
                "stay, so I go on reminding you until it's free."
            )
        case say.Moving(_, port):
            return f"Thank you for moving your car from {s.port(port)}." + s.cheer(
                "You're a star."
            )
        case say.WhoIsNext(driver):
            if driver:
                return f"{s.name(driver)} is next."
            if lists.waiting(s.site):
                return f"Nobody in line can be called right now; `{s.ev} list` shows them."
            return "Nobody is waiting."
        case say.Repeated():
            return "I had that one already, and did it once."
        case say.Refused():
            return refused(answer, s)
        case say.Did() | say.CannotUndo():
            return deeds.done(answer, s)
        case say.Unchanged():
            return repairs.unchanged(answer, s)
        case say.NudgeTaken():
            return repairs.nudged(answer, s)
        case say.NoLongerMine(_, port):
            return f"Noted: the car on {s.port(port)} isn't yours any more, and the admins know. `{s.ev} add` puts you in line."
        case say.SaidBroken(driver, port, typed):
            return (
                f"{s.name(driver)} says {s.port(port)} doesn't work{repairs.quoted(typed, s)}. "
                "Nobody is called there until an admin opens it."
            )
        case say.SetupShown() | say.Welcome():
            return setup.words(answer, s)
        case say.Settings() | say.InMeeting():
            return settings.words(answer, s)
        case (
            say.Coded() | say.Joined() | say.WrongCode() | say.Notified()
            | say.MailState() | say.MailEnded() | say.AlarmsSet()
        ):  # fmt: skip
            return joining(answer, s)
        case say.HomeTab() | say.FormOf():
            return (
                home.text(answer, s)
                if isinstance(answer, say.HomeTab)
                else forms.instead(answer, s)
            )
        case say.Log():
            return newest_first(log.log(s), s)
        case say.Why(driver):
            return newest_first(lists.why(driver, s), s)
        case say.NeedNoted():
            return needs.need_noted(answer, s)
        case say.Whenever():
            return outlook.whenever(answer, s)
        case say.UnplugNoted():
            return handovers.unplug_noted(answer, s)
        case say.StaysYet():
            return handovers.stays_yet(answer, s)
        case say.Gave():
            return handovers.gave(answer, s)
        case say.PortBarred():
            return handovers.port_barred(answer, s)
        case say.Ports():
            return "\n".join(lists.status(answer, s))
        case say.Line():
            return "\n".join(lists.line(s, answer))
        case say.BoardShown() | say.BoardLink():
            return board.answered(answer, s)
        case say.Help():
            return "\n".join(manual.help_(answer, s))
        case say.NotUnderstood():
            return misread(answer, s)
        case say.Forgotten():
            return (
                "I've forgotten you: your card, your habits, what you allowed, and whose your past "
                f"stays were. What happened in the last day goes tomorrow. `{s.ev} add` begins anew."
            )
        case say.SmallTalk(what):
            return COURTESIES[what].format(ev=s.ev)
        case say.OnePort(port):
            return lists.port(s, port)
        case say.Power(report, cars_kw):
            return "\n".join(power.lines(report, cars_kw, s))
        case say.Report():
            return "\n".join(reports.answer(answer, s))
        case say.Totals():
            return "\n".join(reports.totals(answer, s))
        case say.AdminHelp():
            return "\n".join(manual.admin_help(answer, s))
        case say.Shown():
            return "\n".join(lists.shown(s))
        case say.Coming() | say.ItsMe() | say.MoreTime() | say.AskReset() | say.MovesAt():
            raise AssertionError(answer)  # these have buttons
        case never:
            assert_never(never)


def newest_first(lines: Iterable[str], s: Speech) -> str:
    """A story, in its order; by text, where its end may be cut off, the newest comes first."""
    story = list(lines)
    return "\n".join(story if s.ev else reversed(story))


def place(
    answer: say.Added | say.YourPlace | say.Resumed | say.Removed | say.Suspended, s: Speech
) -> str:
    """Where you stand now."""
    goes_on = next_of(answer.port, s)
    match answer:
        case say.Added():
            return outlook.added(answer, s)
        case say.YourPlace():
            return outlook.your_place(answer, s)
        case say.Resumed(_, number, None):
            return (
                f"Welcome back: you're number {number} in line{amounts.wanted(answer.driver, s)}."
            )
        case say.Resumed(_, _, port):
            return f"Welcome back: {s.port(port)} is free, and it's your turn."
        case say.Removed():
            return f"You're out of the line.{goes_on}"
        case say.Suspended(_, until, _):
            end = f"until {s.at(until)}" if until is not None else f"until `{s.ev} resume`"
            return f"Your place is kept and others may pass, {end}.{goes_on}"
        case never:
            assert_never(never)


def next_of(port: str | None, s: Speech) -> str:
    """What becomes of the port that somebody gives away."""
    if port is None:
        return ""
    holder = next((e for e in s.site.queue if e.turn is not None and e.turn.port == port), None)
    if holder is None:
        return ""
    return f" {s.the_port(port)} goes to {s.one(holder.driver)}."
