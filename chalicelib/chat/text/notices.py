"""The words of messages: what the concierge says of its own accord. A chapter each, as in
`core/effects`.
"""

from __future__ import annotations

from typing import assert_never

from chalicelib.core import effects as say
from chalicelib.core.answers import Line
from chalicelib.core.boards import BOARD
from chalicelib.core.effects import AccessProblem, Message

from . import (
    board,
    calls,
    channel,
    handovers,
    lists,
    mail,
    needs,
    outlook,
    repairs,
    reports,
    setup,
)
from .format import Speech, Words
from .reminders import nudge_buttons, nudged, please_move


def words(message: Message, s: Speech) -> Words:
    found = told(message, s)
    return Words(found) if isinstance(found, str) else found


def told(message: Message, s: Speech) -> str | Words:
    """Most are a text; some have buttons."""
    if isinstance(message, say.TurnMessage):
        return calls.told(message, s)
    if isinstance(message, say.StayMessage):
        return of_stay(message, s)
    if isinstance(message, say.AdminMessage):
        return of_admin(message, s)
    if isinstance(message, say.ChannelMessage):
        return channel.told(message, s)
    if isinstance(message, say.ReportMessage):
        return reports.words(message, s)
    match message:
        case say.PortPost():
            return channel.port_post(message, s)
        case say.PleaseMove():
            return please_move(message, s)
        case say.BoardPost():
            return board.post(message, s)
        case Line():
            return "\n".join(lists.line(s, message))
        case say.Foreseen():
            return outlook.foreseen(message, s)
        case say.Promised():
            return outlook.promised(message, s)
        case say.WayFound() | say.WayLost() | say.LetGo():
            return mail.notice(message, s)
        case say.SensorAlarm(port, sensor):
            return f"The sensor {s.escape(sensor)} raises an alarm at {s.port(port)}. Please have a look."
        case never:
            assert_never(never)


def of_stay(message: say.StayMessage, s: Speech) -> str | Words:
    """About one's car at a port."""
    match message:
        case say.PluggedIn():
            return needs.plugged_in(message, s)
        case say.HowMuch():
            return needs.how_much(message, s)
        case say.Nudged():
            return Words(nudged(message, s), nudge_buttons(message, s))
        case say.UnpluggedBy():
            return handovers.unplugged_by(message, s)
        case say.MeansToMove():
            return handovers.means_to_move(message, s)
        case say.CountedUnplugged():
            return repairs.counted_unplugged(message, s)
        case never:
            assert_never(never)


def of_admin(message: say.AdminMessage, s: Speech) -> str | Words:
    """What admins did, and what they should know."""
    match message:
        case say.GivenTo():
            return handovers.given_to(message, s)
        case say.AdminMoved(_, by, 0):
            return f"{s.name(by)} (admin) took you off the line."
        case say.AdminMoved(_, by, place, back=True):
            return f"{s.name(by)} (admin) took an act back: you're number {place} in line again."
        case say.AdminMoved(_, by, place):
            return f"{s.name(by)} (admin) put you at number {place} in line."
        case say.StillThere(port, driver):
            who = s.name(driver) if driver is not None else "somebody I don't know"
            return f"{s.the_port(port)}: {who} is still there, people wait, and asking didn't help. Over to you."
        case say.AlarmRaised(station, port, kind):
            where = s.the_port(port) if port is not None else f"Station {s.escape(station)}"
            closing = ""
            if port is not None and s.to_admins:
                closing = f" `{s.ev} admin close {s.label(port)}` keeps calls away from it."
            return f"{where} reports trouble: {s.escape(kind)}.{closing}"
        case say.Unwatched(why):
            return UNWATCHED[why]
        case say.Undelivered(to, reason) if to.endswith(BOARD):
            return board.undelivered(to, reason, s)
        case say.Undelivered(to, reason) if s.is_channel(to):
            return f"I can't write to {s.person(to)} ({s.escape(reason)}). Am I still in it? `python -m bot check` says more, to whoever runs me."
        case say.Undelivered(to, reason):
            return f"I can't write to {s.person(to)} ({s.escape(reason)}), so what I have for them is lost. They may have left, or closed their messages."
        case say.SetupTest(by):
            return setup.test(by, s)
        case say.FirstHint():
            return setup.hint(s)
        case _:
            return repairs.told(message, s)


UNWATCHED = {
    AccessProblem.NO_ACCESS: "ChargePoint refuses our key, so I can't look at the chargers. Whoever "
    "runs me should check CHARGEPOINT_API_KEY, CHARGEPOINT_API_PASSWORD and the region in "
    "CHARGEPOINT_URL: `python -m bot check`.",
    AccessProblem.DENIED: "ChargePoint lets us in, but won't show us this site's chargers: the plan, "
    "the station rights or the stations' ids are wrong. Whoever runs me: `python -m bot check` "
    "says which.",
    AccessProblem.NO_LISTENER: "No listener is running, so nobody looks at the chargers. Whoever "
    "runs me should start `python -m bot run` (or its service) again, and look at its log.",
}
