"""The words about one's turn: the call, what becomes of it, and who is next."""

from __future__ import annotations

from typing import assert_never

from chalicelib.core import effects as say
from chalicelib.core.effects import Withdrawal

from . import handovers, needs, repairs
from .format import Speech, Words


def told(message: say.TurnMessage, s: Speech) -> str | Words:
    match message:
        case say.Called():
            return called(message, s)
        case say.Lapsed(_, port, taken=True):
            return Words(
                f"A car that nobody claims has {s.port(port)}, so your turn there is over. Your "
                f"place is kept: `{s.ev} resume` when you can come, `{s.ev} in {s.label(port)}` "
                "if that car is yours after all.",
                (s.button("I'm back", "resume"),),
            )
        case say.Lapsed(_, port):
            return Words(
                f"Your turn on {s.port(port)} has gone by. Your place is kept: "
                f"`{s.ev} resume` when you can come.{repairs.strikes(message.misses)}",
                (s.button("I'm back", "resume"),),
            )
        case say.IsItYou(_, port, stay):
            return Words(
                f"Somebody plugged in at {s.port(port)}, and the charger didn't say who. Is it you?",
                (
                    s.button("Yes, that's me", "thats_me", stay, f"in {s.port(port)}"),
                    s.button("Not me", "not_me", stay),
                ),
            )
        case say.NextUp():
            return f"You're next. If you can't come soon: `{s.ev} suspend 45m`.{handovers.kept_in_mind(message.driver, s)}"
        case say.CallOver(driver, port=str() as port, end=end):
            return needs.plugged_in(say.PluggedIn(driver, port, end=end), s).text
        case say.CallOver():
            return "This turn is over."
        case say.Withdrawn(driver, port, why, by):
            return withdrawn(driver, port, why, by, s)
        case say.TurnPassed(_, port, by):
            return (
                f"{s.name(by)} passed your turn on {s.port(port)} to the next. Your place is kept."
            )
        case say.SuspensionOver(_, place):
            return f"Your break is over: you're number {place} in line."
        case say.NoPower(_, port, _, None):
            return (
                f"Still no power on {s.port(port)}, so you can be called to another port. If "
                "power comes first, I take you off the line."
            )
        case say.NoPower(_, port, place, until):
            return (
                f"You're plugged in at {s.port(port)}, whose power is off, so you keep your "
                f"place: number {place}. If none flows by {s.at(until)}, you can be called to "
                "another port."
            )
        case never:
            assert_never(never)


def called(call: say.Called, s: Speech) -> Words:
    turn, where = call.turn, s.port(call.port)
    by = f" by {s.at(call.deadline)}" if s.turns_lapse else ""
    text = f"It's your turn: plug in at {where}{by}."
    if call.instead_of is not None:
        text = (
            f"{s.name(call.taken_by)} plugged in at {s.port(call.instead_of)}, so your turn "
            f"moved: plug in at {where}{by}."
        )
    if call.unplug is not None:
        text += f" {s.name(call.unplug)}'s car there is done and may be unplugged; mind the cable."
    text += handovers.may_start_late(call.port, s)
    if call.aloud:
        text = (
            f"{s.mention(call.driver)}, {text[0].lower()}{text[1:]}"
            if text.startswith("It's")
            else f"{s.mention(call.driver)}: {text}"
        )
    return Words(
        text,
        (
            s.button("On my way", "on_my_way", turn),
            s.button("Pass", "pass", turn),
            s.button("Leave", "leave", turn),
            s.button("Can't use it", "cannot_use", turn, "can't use"),
        ),
    )


def withdrawn(driver: str, port: str, why: Withdrawal, by: str | None, s: Speech) -> str:
    where = s.the_port(port)
    kept = f"so your turn there is off. {s.old_place(driver)}"
    match why:
        case Withdrawal.DARK:
            return f"{where} can't be reached, {kept}"
        case Withdrawal.TAKEN:
            return f"{s.name(by)} plugged in at {s.port(port)}, {kept}"
        case Withdrawal.BROKEN:
            return f"{s.name(by)} says {s.port(port)} doesn't work, {kept}"
        case Withdrawal.KEPT:
            return f"{s.name(by)}'s car on {s.port(port)} may not be unplugged any more, {kept}"
        case Withdrawal.NOT_DONE:
            return f"{s.name(by)}'s car on {s.port(port)} isn't done after all, {kept}"
        case Withdrawal.CLOSED:
            return f"{where} was closed by {s.one(by)}, {kept}"
        case Withdrawal.STATIONS:
            return (
                f"This car park has other chargers now, so your turn is off. {s.old_place(driver)}"
            )
        case Withdrawal.RESET:
            return f"{s.name(by)} (admin) emptied the line, so your turn is off. `{s.ev} add` puts you back."
        case Withdrawal.NIGHT:
            return "The day is over, so your turn is off. Good night."
        case Withdrawal.YESTERDAY:
            return (
                "I wasn't running when the line closed, so your turn of yesterday is off only "
                f"now. `{s.ev} add` puts you in today's line."
            )
        case never:
            assert_never(never)
