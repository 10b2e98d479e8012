"""The words of answers: to the one who asked."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from chalicelib.chat import quantities
from chalicelib.core import answers as say
from chalicelib.core.answers import FOR_ADMINS, Answer, Deed, FormName
from chalicelib.core.model import What
from chalicelib.core.policy import KEYS

from . import (
    amounts,
    board,
    forms,
    handovers,
    home,
    lists,
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
            return done(answer, s)
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
            return "\n".join(repairs.log(s))
        case say.Why(driver):
            return "\n".join(lists.why(driver, s))
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
        case say.Help(topic, admin):
            return "\n".join(lists.help_(topic, s, admin=admin))
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
            return "\n".join(lists.admin_help(s))
        case say.Shown():
            return "\n".join(lists.shown(s))
        case say.Coming() | say.ItsMe() | say.MoreTime() | say.AskReset() | say.MovesAt():
            raise AssertionError(answer)  # these have buttons
        case never:
            assert_never(never)


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


def set_to(detail: str, s: Speech) -> str:
    """`limit: 3 h`: a setting as it was understood."""
    if ", " in detail:  # a form of them
        return ", ".join(set_to(one, s) for one in detail.split(", "))
    key, _, value = detail.partition(" ")
    length = quantities.setting(key, value) if key in KEYS else None
    understood = quantities.say_length(length) if isinstance(length, timedelta) else value
    return f"{s.escape(key)}: {s.escape(understood)}{' kW' if key == 'rated_kw' else ''}"


NO_TERMS = {"board", "report", "report_people", "workdays", "tone", "keep_stays"}  # of no turn


def terms(detail: str) -> str:
    """That running turns go on as they were, where the setting could be theirs."""
    keys = {one.partition(" ")[0] for one in detail.split(", ")}
    return "" if keys <= NO_TERMS else " Turns that run keep their terms."


def heads(count: str) -> str:
    """`3 people`."""
    return {"0": "nobody was in it", "1": "one person"}.get(count, f"{count} people")


TAKEN_BACK: dict[str, str] = {
    What.RESET: "emptying the line",
    What.ADDED: "putting {who} in line",
    What.REMOVED: "taking {who} off the line",
    What.MOVED: "moving {who} in line",
    What.SUSPENDED: "suspending {who}",
    What.RESUMED: "ending {who}'s break",
    What.LINKED: "linking the card of {who}",
    What.UNLINKED: "unlinking the card of {who}",
    What.CLOSED: "closing {ports}",
    What.OPENED: "opening {ports}",
    What.SET: "the last change of a setting ({before})",
    What.GRANTED: "making {who} an admin",
    What.REVOKED: "ending {who}'s time as admin",
}


def done(answer: say.Did | say.CannotUndo, s: Speech) -> str:
    """What an admin did, and the way back."""
    if isinstance(answer, say.Did):
        return did(answer, s) + repairs.way_back(answer, s)
    return f"The last act isn't one that `{s.ev} admin undo` takes back: {done(answer.did, s)}"


def did(act: say.Did, s: Speech) -> str:
    """What an admin did, for all to see."""
    who = s.names(act.who)
    ports = s.ports(act.ports)
    by, detail = f"{s.name(act.by)} (admin)", s.escape(act.detail)
    match act.deed:
        case Deed.RESET:
            return f"{by} emptied the line ({s.escape(heads(act.detail))}). `{s.ev} add` puts you back."
        case Deed.ADD | Deed.MOVE if act.ports:
            return f"{by} put {who} in line, and they are called to {ports} right away."
        case Deed.ADD:
            return f"{by} put {who} in line: number {detail}."
        case Deed.REMOVE:
            return f"{by} took {who} off the line."
        case Deed.MOVE:
            return f"{by} moved {who} to number {detail}."
        case Deed.LINK:
            return f"{by} linked the card of {who}."
        case Deed.CLOSE:
            return f"{by} closed {ports}: nobody is called there."
        case Deed.OPEN:
            return f"{by} opened {ports}."
        case Deed.SET:
            return f"{by} set {set_to(act.detail, s)}.{terms(act.detail)}"
        case Deed.CAP if not act.detail:
            return f"{by} asked the network to end the power limit. It takes some minutes."
        case Deed.CAP:
            return f"{by} asked the network to limit each port to {detail}. It takes some minutes."
        case Deed.GRANT:
            return f"{by} made {who} an admin."
        case Deed.REVOKE:
            return f"{by} ended {who}'s time as admin."
        case Deed.FREE if act.detail == "power flows":
            return f"{by} says no car is on {ports}. But power flows there, so I call nobody to it until a look shows none."
        case Deed.FREE:
            return f"{by} says no car is on {ports}: I count it as free until the charger shows something new."
        case Deed.UNLINK:
            return f"{by} unlinked the card of {who}."
        case Deed.IN:
            return f"{by} says {who}'s car is on {ports}."
        case Deed.OUT:
            return f"{by} says {who}'s car isn't on {ports} any more."
        case Deed.SUSPEND:
            return f"{by} suspended {who}; the place is kept."
        case Deed.RESUME:
            return f"{by} ended {who}'s break."
        case Deed.NEED:
            return f"{by} noted for {who}: {amounts.need_words(act.need, s) if act.need else 'no need'}."
        case Deed.UNDO:
            what = TAKEN_BACK.get(act.detail, "the last act")
            before = set_to(act.before, s)
            return f"{by} took back {what.format(who=who, ports=ports, before=before)}."
        case never:
            assert_never(never)
