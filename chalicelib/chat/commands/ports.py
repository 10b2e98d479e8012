"""Commands of who is called, or has a car on a port."""

from __future__ import annotations

from chalicelib.chat import needs, quantities
from chalicelib.chat.grammar import Command, NotRead, maybe_port, nothing, port_of, said, the_port
from chalicelib.chat.reading import Word, echo, plain, quote
from chalicelib.core.answers import Misreading
from chalicelib.core.inputs import (
    Block,
    Broken,
    CannotUse,
    CanUse,
    In,
    MayUnplug,
    MoreMinutes,
    NotMyCar,
    NotYet,
    NudgePort,
    OnMyWay,
    Out,
    Pass,
    Wish,
)


def more(rest: list[Word]) -> Wish:
    """`more`, `more 3` (a port), `more 20 minutes`."""
    port = port_of(rest) if rest else None
    length = quantities.length(plain(rest)) if rest and port is None else None
    if rest and port is None and length is None:
        raise NotRead(Misreading.EXTRA, echo(rest))
    return MoreMinutes(port=port or "", length=length)


def broken(rest: list[Word]) -> Wish:
    """`broken`, `broken 2`, `broken 2 the cable is torn`: a port, and the reason in their words."""
    while rest and rest[-1].plain in ("please", "pls", "plz", "thanks"):
        rest = rest[:-1]
    for count in range(min(3, len(rest)), 0, -1):
        port = port_of(rest[:count])
        if port is not None:
            return Broken(port, quote(rest[count:]))
    return Broken("", quote(rest))


COMMANDS: tuple[Command[Wish], ...] = (
    Command(
        ("coming", "on my way", "omw", "otw"), nothing(OnMyWay()),
        "I'm called, and on my way", "coming",
        also=said(
            "im coming, i am coming, im on my way, on the way, heading over, heading down, "
            "heading there, be right there, go"
        ),
        fillers=said("down, over, now"),
    ),
    Command(
        ("pass", "skip"), nothing(Pass()),
        "I'm called; let the next go, and keep my place", "pass",
        also=said("cant come, i cant come, not this time, let the next go"),
        fillers=said("me, my turn, this turn, this time, it"),
    ),
    Command(
        ("more", "20 more minutes", "extend"), more,
        "20 more minutes, once, for my car (`more 3`: the one on port 3)", "more", ("more 3",),
        also=said(
            "more time, more minutes, 20 more, 20 more mins, 20 more min, 20 minutes more, "
            "need more time, i need more time, longer, a bit longer, need longer, extension"
        ),
        fillers=said("time, minutes, my time"),
    ),
    Command(
        ("moving", "done", "moving now", "done moving", "finished"), needs.moving,
        "I'm on my way to move my car (or `moving at 11:30`)", "moving", ("moving at 11:30", "moving in 10 min"),
        also=said(
            "move, moving my car, moving it, im moving, im done, i am done, all done, done "
            "charging, finished charging, im done charging, im finished charging, will move, im finished"
        ),
        fillers=said("my car, the car, it"),
    ),
    Command(
        ("not yet", "not moving"), maybe_port(lambda port: NotYet(port=port)), "I said I'd move, and can't yet",
        also=said("im not moving, cant move yet, not moving yet, cant move"),
    ),
    Command(
        ("unplug yes",), nothing(MayUnplug(ok=True)),
        "the next one may unplug you when you're done (or `unplug no`)", "unplug yes",
        also=said(
            "yes unplug me, unplug me, you may unplug me, may unplug, may unplug me, unplug ok, "
            "unplug on, unplug my car, ok to unplug"
        ),
    ),
    Command(
        ("unplug no",), nothing(MayUnplug(ok=False)), "nobody is called to unplug you",
        also=said("dont unplug, dont unplug me, do not unplug, do not unplug me, unplug off, unplug never, never unplug me"),
    ),
    Command(
        ("give",), needs.give, "your place, to somebody in line", "give @ana",
        also=said("hand my place to, hand over to"),
    ),
    Command(
        ("cant use",), maybe_port(lambda port: CannotUse(port=port)),
        "I'm called to a port that my car can't use (or `can't use 2`)", "can't use",
        also=said("cannot use, i cant use, wont fit, doesnt fit, does not fit, wrong plug"),
        fillers=said("it, this, that, this port, that port, this one, that one, this charger, that charger, the port, the cable"),
    ),
    Command(
        ("can use",), the_port(CanUse), "call me to that port again",
        also=said("i can use"),
    ),
    Command(
        ("in", "here", "plugged in"), maybe_port(In),
        "my car is on port 2 (when I can't see it)", "in 2",
        also=said(
            "plugged, im in, i am in, im on, im at, im here, im plugged in, i plugged in, charging, im charging, i am charging, "
            "parked"
        ),
    ),
    Command(
        ("out", "unplugged"), maybe_port(Out),
        "port 2 is free (when I can't see it)", "out 2",
        also=said("left, i left, im out, i unplugged, unplug, gone"),
    ),
    Command(
        ("blocked",), maybe_port(lambda port: Block(port=port)),
        "I'm called, and the bay is blocked", "blocked",
        also=said(
            "its blocked, bay blocked, bay is blocked, the bay is blocked, port is blocked, "
            "spot is blocked, iced, got iced, i got iced"
        ),
    ),
    Command(
        ("not my car", "not my car any more"), maybe_port(lambda port: NotMyCar(port=port)),
        "the car on my port isn't mine any more (`not my car 2`)", "not my car",
        also=said(
            "thats not my car any more, my car is gone, my car has left, my car isnt there, "
            "i have left, im gone, not my car anymore, no longer my car"
        ),
        fillers=said("any more, anymore"),
    ),
    Command(
        ("broken",), broken, "the port that I'm called to, or plugged in at, doesn't work",
        "broken 2", ("broken 2 cable torn",),
        also=said("defect, defective, doesnt work, does not work, not working"),
        talks=True,
    ),
    Command(
        ("nudge", "remind"), the_port(NudgePort),
        "remind whoever is on port 2 that people wait, without your name", "nudge 2",
        fillers=said("them"),
    ),
)  # fmt: skip
