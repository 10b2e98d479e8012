"""The words of answers about one's turn, and about one's car at a port."""

from __future__ import annotations

from typing import assert_never

from chalicelib.core import answers as say

from . import handovers, repairs
from .format import Speech, Words, length


def told(answer: say.TurnAnswer, s: Speech) -> str | Words:
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
        case say.ItsMe():
            return its_me(answer, s)
        case say.Passed(_, port):
            return (
                f"Passed on, and your place is kept. I'll call you again once {s.port(port)} has "
                f"been used, or in {length(s.site.policy.sit_out)}; `{s.ev} resume` if you can come sooner."
            )
        case say.MovedOn(driver, by, port):
            return f"{s.name(by)} moved the line on: {s.port(port)} goes to the next, and {s.one(driver)} keeps the old place."
        case say.Blocked(_, port):
            return f"Thanks, noted: {s.port(port)} is blocked, and {who_knows(answer, s)}. You keep your place."
        case say.NotMe(_, port):
            return f"Thanks. Somebody I don't know has {s.port(port)}; your place is kept."
        case say.Remembered():
            return "I'll know your card from now on."
        case say.PortBarred():
            return handovers.port_barred(answer, s)
        case never:
            assert_never(never)


def who_knows(answer: say.Blocked, s: Speech) -> str:
    """Who was told that a bay is blocked: its last driver only where somebody is known."""
    port = s.site.ports.get(answer.port)
    last = port.last_stay.driver if port is not None and port.last_stay is not None else None
    return "its last driver and the admins know" if last else "the admins know"


def its_me(answer: say.ItsMe, s: Speech) -> str | Words:
    where = s.port(answer.port)
    text = f"You're charging on {where}."
    if s.waits_for_power(answer.port):
        text = f"You're plugged in at {where}, whose power is off: you keep your place."
    if not answer.offer:
        return text + s.cheer("Enjoy the ride home.")
    remember = s.button("Remember me", "remember", answer.stay)
    return Words(f"{text} Shall I know your card next time?", (remember,))


def told_of_stay(answer: say.StayAnswer, s: Speech) -> str | Words:
    match answer:
        case say.HandOut(driver, port):
            return f"{s.name(driver)} says {s.port(port)} is free."
        case say.Moving(_, port, again=True):
            return (
                f"Thank you for moving your car from {s.port(port)}. You've said so before in this "
                "stay, so I go on reminding you until it's free."
            )
        case say.Moving(_, port):
            cheer = s.cheer("You're a star.")
            return f"Thank you for moving your car from {s.port(port)}.{cheer}"
        case say.MoreTime(_, port, stay, until):
            return Words(
                f"Fine: {s.port(port)} is yours until {s.at(until)}.",
                (s.button("Done, moving", "moving", stay),),
            )
        case say.MovesAt():
            return handovers.moves_at(answer, s)
        case say.StaysYet():
            return handovers.stays_yet(answer, s)
        case say.UnplugNoted():
            return handovers.unplug_noted(answer, s)
        case say.NudgeTaken():
            return repairs.nudged(answer, s)
        case say.NoLongerMine(_, port):
            return f"Noted: the car on {s.port(port)} isn't yours any more, and the admins know. `{s.ev} add` puts you in line."
        case say.SaidBroken(driver, port, typed):
            return (
                f"{s.name(driver)} says {s.port(port)} doesn't work{repairs.quoted(typed, s)}. "
                "Nobody is called there until an admin opens it."
            )
        case never:
            assert_never(never)
