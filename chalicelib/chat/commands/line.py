"""Commands about the line and one's place in it."""

from __future__ import annotations

from chalicelib.chat import needs
from chalicelib.chat.grammar import Command, a_break, nothing, said, with_port
from chalicelib.chat.reading import Word
from chalicelib.core.inputs import (
    Next,
    Remove,
    Resume,
    ShowBoard,
    ShowLine,
    ShowPort,
    ShowStatus,
    Suspend,
    When,
    Wish,
)

LINE = (
    "line",
    "the line",
    "list",
    "the list",
    "queue",
    "the queue",
    "the waitlist",
    "the waiting list",
)
INTO = (*LINE, *(f"{where} {what}" for where in ("to", "in", "on") for what in LINE))
OUT_OF = (*LINE, *(f"{where} {what}" for where in ("from", "off", "out of") for what in LINE))  # fmt: skip


def suspend(rest: list[Word]) -> Wish:
    """`suspend`, `suspend 45m`, `suspend until 3pm`."""
    return Suspend(*a_break(rest)) if rest else Suspend()


def back(rest: list[Word]) -> Wish:
    """`back` ends a break; `back at 3` and `back in 20m` begin one."""
    if rest and rest[0].plain in ("at", "in", "by"):
        return Suspend(*a_break(rest))
    return nothing(Resume())(rest)


COMMANDS: tuple[Command[Wish], ...] = (
    Command(
        ("add", "join", "queue me", "line me up", "enqueue", "+1", "sign me up"), needs.add,
        "stand in line, and say what you need (or `60 km`, `90 min`, `full`)", "add 12 kWh by 16:00",
        ("add", "add 60 km", "add full by 4pm"),
        also=said(
            "put me in, put me on, put me, put me down, get in, stand in, line up, wait, "
            "charge, need a charge, need to charge, need charging, i need a charge, i need to "
            "charge, i need a charger, need a charger, get me a charger, count me in, "
            "let me in, get me in, in line, in the line, in the queue, put me back, add me back"
        ),
        fillers=("me", "myself", *INTO, "my car", "up", "for charging", "for a charger"),
    ),
    Command(
        ("remove", "leave", "cancel", "quit", "unjoin"), nothing(Remove()),
        "leave the line", "remove",
        also=said(
            "exit, delete, drop, drop out, dequeue, take me off, take me out, get me off, get me out, "
            "get out, step out, i want out, un-add, unadd, withdraw, bail"
        ),
        fillers=("me", "myself", "my place", "my spot", "my place in line", "my place in the queue", *OUT_OF, "off", "out"),
    ),
    Command(
        ("list", "line", "queue", "who"), nothing(ShowLine()),
        "the line and the chargers", "list",
        also=said(
            "ls, show, show me, the list, the line, the queue, waitlist, waiting list, "
            "overview, display, view, who is next, whos next, whos up next, who is first, whos first, who "
            "is in line, whos in line, who is waiting, whos waiting, who is in the line, who "
            "is in the queue, whos in the queue"
        ),
        fillers=said(
            "all, everyone, everybody, everything, list, line, queue, the list, the line, the "
            "queue, in line"
        ),
    ),
    Command(
        ("board",), nothing(ShowBoard()),
        "what the board shows: the chargers and the line with their times", "board",
        also=said("the board, show board, show the board, show me the board, whats on the board, where is the board, wheres the board"),
    ),
    Command(
        ("status", "where"), with_port(ShowStatus(), ShowPort),
        "the chargers, and where you stand (or one port)", "status", ("status 2",),
        also=said(
            "stat, stats, state, info, place, pos, position, my place, my position, my status, my "
            "turn, where am i, whats my place, what is my place, whats my position, whats the status, am i in line, how many are waiting, how many people are ahead of me, how many are ahead of me, what number am i, whats my "
            "number, am i next, is it my turn, is it my turn yet, how long is the line, ports, "
            "chargers, check, free, available, "
            "availability, any free, anything free, is anything free, any charger free, any "
            "chargers free, any port free, any ports free, is there a free charger, is there "
            "a free port, is there a free spot, is a charger free, is one free, whats free, "
            "what is free, which are free, who is charging, whos charging"
        ),
        fillers=said(
            "all, in line, in the line, in the queue, ports, chargers, of the chargers, me"
        ),
    ),
    Command(
        ("need",), needs.need,
        "what you said you need, and how much you have (`need 12 kWh` says it)", "need",
        ("need 12 kWh by 16:00", "need none"),
        also=said("my need, what do i need, how much do i have, how much have i, i need"),
    ),
    Command(
        ("when",), nothing(When()), "when you should be called", "when",
        also=said(
            "when is my turn, whens my turn, when is it my turn, when am i up, when will it be "
            "my turn, when can i charge, how long, how long is the wait, how long do i have to "
            "wait, how much longer, eta"
        ),
    ),
    Command(
        ("suspend", "snooze", "pause"), suspend,
        "keep your place, let others pass (or `suspend until 3pm`)", "suspend 45m",
        ("suspend until 3pm", "suspend"),
        also=said(
            "hold, away, afk, brb, busy, break, take a break, im away, im busy, in a meeting, "
            "hold my place, hold my spot, keep my place"
        ),
        fillers=said("me, my place, my spot, my turn"),
    ),
    Command(
        ("resume", "unsuspend", "unpause"), nothing(Resume()),
        "you can be called again", "resume",
        also=said("unsnooze, un-suspend, continue, ready, im ready, i am ready"),
        fillers=said("me, my place"),
    ),
    Command(("back",), back, "you can be called again (`back at 3`: from then on)", also=said("im back, i am back, am back, be back")),
    Command(
        ("next",), nothing(Next()), "pass the turn on, or see who is next", "next",
        also=said("move on, call the next, call next"), fillers=said("one"),
    ),
)  # fmt: skip
