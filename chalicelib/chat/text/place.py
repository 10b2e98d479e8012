"""The words of answers about one's place in line."""

from __future__ import annotations

from typing import assert_never

from chalicelib.core import answers as say

from . import amounts, handovers, lists, outlook
from .format import Speech


def told(answer: say.LineAnswer, s: Speech) -> str:
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
        case say.Removed(_, port):
            return f"You're out of the line.{next_of(port, s)}"
        case say.Suspended(_, until, port):
            end = f"until {s.at(until)}" if until is not None else f"until `{s.ev} resume`"
            return f"Your place is kept and others may pass, {end}.{next_of(port, s)}"
        case say.Gave():
            return handovers.gave(answer, s)
        case say.WhoIsNext(driver):
            if driver:
                return f"{s.name(driver)} is next."
            if lists.waiting(s.site):
                return f"Nobody in line can be called right now; `{s.ev} list` shows them."
            return "Nobody is waiting."
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
