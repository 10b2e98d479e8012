"""The words when an admin has done something, for all to see."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from chalicelib.chat import quantities
from chalicelib.core import answers as say, ways
from chalicelib.core.answers import Deed
from chalicelib.core.model import What
from chalicelib.core.policy import KEYS

from .amounts import need_words
from .format import Speech
from .repairs import way_back


def set_to(detail: str, s: Speech) -> str:
    """`limit: 3 h`: a setting as it was understood."""
    if ", " in detail:  # a form of them
        return ", ".join(set_to(one, s) for one in detail.split(", "))
    key, _, value = detail.partition(" ")
    length = quantities.setting(key, value) if key in KEYS else None
    understood = quantities.say_length(length) if isinstance(length, timedelta) else value
    return f"{s.escape(key)}: {s.escape(understood)}{' kW' if key == 'rated_kw' else ''}"


TERMS = {"answer", "on_my_way", "sit_out"}  # what a turn that runs has its own of


def terms(detail: str) -> str:
    """That running turns go on as they were, where the setting could be theirs."""
    keys = {one.partition(" ")[0] for one in detail.split(", ")}
    return " Turns that run keep their terms." if keys & TERMS else ""


def no_board(detail: str, s: Speech) -> str:
    """A board was asked for where no channel can have one."""
    if "board on" not in detail.split(", ") or any(map(ways.can_edit, s.site.channels)):
        return ""
    return (
        " But no channel here can have one: what was said in HipChat, or by text, can't be changed "
        f"any more. `{s.ev} board` shows the same whenever you ask."
    )


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
        return did(answer, s) + way_back(answer, s)
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
            return f"{by} set {set_to(act.detail, s)}.{terms(act.detail)}{no_board(act.detail, s)}"
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
            return f"{by} noted for {who}: {need_words(act.need, s) if act.need else 'no need'}."
        case Deed.UNDO:
            what = TAKEN_BACK.get(act.detail, "the last act")
            before = set_to(act.before, s)
            return f"{by} took back {what.format(who=who, ports=ports, before=before)}."
        case never:
            assert_never(never)
