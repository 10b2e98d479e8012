"""The words of places that change hands (rules 34 to 36)."""

from __future__ import annotations

from chalicelib.core import answers as say, effects as tell
from chalicelib.core.answers import Refusal

from .amounts import amount_of
from .format import Speech, Words


def unplug_noted(answer: say.UnplugNoted, s: Speech) -> str:
    if answer.ok:
        return f"Thank you. When your car is done and somebody waits, they may unplug it, and I tell you. `{s.ev} unplug no` changes that."
    told = (
        f" {s.name(answer.holder)} was called to your port, and hears it now."
        if answer.holder
        else ""
    )
    return f"Fine: nobody is called to unplug your car.{told} `{s.ev} unplug yes` changes that."


def moves_at(answer: say.MovesAt, s: Speech) -> Words:
    told = f" {s.name(answer.told)}, who is next, knows." if answer.told else ""
    return Words(
        f"Thank you: {s.port(answer.port)} at about {s.at(answer.at)}.{told}",
        (s.button("Not yet", "not_yet", answer.stay, "not yet"),),
    )


def stays_yet(answer: say.StaysYet, s: Speech) -> str:
    if answer.next_up:
        called = s.name(answer.next_up)
        return f"Fine, not yet. Your car is done, so {called} is called to unplug it now, as you allowed. `{s.ev} unplug no` changes that."
    told = f" {s.name(answer.told)}, who is next, hears it." if answer.told else ""
    return f"Fine, not yet.{told}"


def gave(answer: say.Gave, s: Speech) -> str:
    what = f"the turn on {s.port(answer.port)}" if answer.port else f"place {answer.place} in line"
    return f"{s.name(answer.driver)} gave {what} to {s.name(answer.to)}."


def port_barred(answer: say.PortBarred, s: Speech) -> str:
    where, label = s.port(answer.port), s.label(answer.port)
    if answer.ok:
        return f"Fine: you can be called to {where} again."
    place = ", and you keep your place" if s.stands(answer.driver) else ""
    if answer.none_left:
        return f"Noted, but then no port here is left for you. `{s.ev} can use {label}` takes it back."
    return (
        f"Noted: I won't call you to {where} again{place}. `{s.ev} can use {label}` takes it back."
    )


def refused(no: say.Refused, s: Speech) -> str:
    """Each refusal in its own words, with the way on."""
    port, who = s.port(no.port), s.name(no.other)
    words = {
        Refusal.NO_PLACE: f"{who} is neither in line nor on a port."
        if no.other
        else f"You're neither in line nor on a port. `{s.ev} add 12 kWh` puts you in line and says it.",
        Refusal.RAISED_ONCE: "People wait, and you've raised it once already. You can lower it at any time.",
        Refusal.MOVES_TOO_FAR: f"{s.at(no.at)} is more than half an hour ahead. Say it when it's nearer: `{s.ev} moving in 20 min`.",
        Refusal.MOVED_ONCE: f"You've said that once for this stay. When you go, just unplug; thank you for freeing {port}.",
        Refusal.NOT_MOVING: "I'm not reckoning with your moving just now, so there is nothing to take back.",
        Refusal.OWN_PLACE: f"That's you. Somebody else in line: `{s.ev} give @bob`.",
        Refusal.NOT_FOR_THEM: f"{who} can't take your place just now: they're called themselves, or can't be called to your port.",
        Refusal.NO_GAIN: f"{who} stands before you in line, so your place would only put them back.",
        Refusal.ON_A_PORT: f"{who}'s car is on {port}, so there is nothing to give.",
    }
    return words[no.why]


def unplugged_by(message: tell.UnpluggedBy, s: Speech) -> str:
    return f"Your car was done, and {s.one(message.by)} has plugged in at {s.port(message.port)} now, as you allowed. Please move when you can."


def means_to_move(message: tell.MeansToMove, s: Speech) -> str:
    if message.at is None:
        return f"{s.name(message.who)} can't move from {s.port(message.port)} yet after all. You keep your place."
    if message.called:
        moves = (
            "is moving now" if message.at_once else f"means to move at about {s.at(message.at)}"
        )
        return f"{s.name(message.who)} {moves}, so your turn there is off: I'll call you when {s.port(message.port)} is free. You keep your place."
    kept = kept_in_mind(message.driver, s)
    if message.at_once:
        return f"{s.name(message.who)} is moving now; {s.port(message.port)} should be yours soon. I'll call you when it's free.{kept}"
    return f"{s.name(message.who)} means to move at about {s.at(message.at)}; {s.port(message.port)} should be yours then. I'll call you when it's free.{kept}"


def kept_in_mind(driver: str, s: Speech) -> str:
    """A promise, in what takes the place of the message that told it."""
    mine = (one for one in s.site.queue if one.driver == driver)
    entry = next(mine, None)
    if entry is None or entry.need is None or entry.promise is None:
        return ""
    if entry.promise.made and not entry.promise.warned:
        return f" {amount_of(entry.need)} by {s.at(entry.promise.by)} is promised."
    return ""


def may_start_late(port_id: str, s: Speech) -> str:
    """What a call says of a port without power."""
    port = s.site.ports.get(port_id)
    is_off = port is not None and port.is_off
    return " Its power is turned off for now, so it may start late." if is_off else ""


def to_unplug(message: tell.GivenTo, s: Speech) -> str:
    """What a call says of a car that may be unplugged."""
    turns = (one.turn for one in s.site.queue if one.turn is not None)
    port = s.site.ports.get(message.port or "")
    unplugs = any(turn.id == message.turn and turn.unplugs for turn in turns)
    if not unplugs or port is None or port.stay is None or port.stay.driver is None:
        return ""
    return f" {s.name(port.stay.driver)}'s car there is done and may be unplugged; mind the cable."


def given_to(message: tell.GivenTo, s: Speech) -> Words:
    giver = s.name(message.by)
    if message.port is None:
        return Words(f"{giver} gave you their place: you're number {message.place} in line.")
    until = f" by {s.at(message.deadline)}" if message.deadline and s.turns_lapse else ""
    turns = (one.turn for one in s.site.queue if one.turn is not None)
    is_coming = any(turn.id == message.turn and turn.coming for turn in turns)
    return Words(
        f"{giver} gave you their turn: plug in at {s.port(message.port)}{until}.{to_unplug(message, s)}{may_start_late(message.port, s)}",
        (
            *(() if is_coming else (s.button("On my way", "on_my_way", message.turn),)),
            s.button("Pass", "pass", message.turn),
            s.button("Leave", "leave", message.turn),
            s.button("Can't use it", "cannot_use", message.turn, "can't use"),
        ),
    )
