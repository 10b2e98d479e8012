"""`admin log`: what was put right in the last day, by whom, and from what to what."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.model import Note, What

from .deeds import TAKEN_BACK, set_to
from .format import Speech

LONGEST = 30  # lines
SAID = (What.BLOCKED, What.BROKEN, What.DISOWNED)
DEEDS = {
    What.ADDED: "put somebody in line",
    What.REMOVED: "took somebody off the line",
    What.MOVED: "moved somebody",
    What.NEEDS: "noted what somebody needs",
    What.SUSPENDED: "suspended somebody",
    What.RESUMED: "ended a break",
    What.PASSED: "passed a turn on",
    What.WITHDRAWN: "took a turn back",
    What.LINKED: "linked a card",
    What.UNLINKED: "unlinked a card",
    What.RESET: "emptied the line",
    What.CLOSED: "closed a port",
    What.OPENED: "opened a port",
    What.FREED: "freed a port",
    What.PLUGGED: "said whose car is on a port",
    What.DISOWNED: "said whose car isn't on a port",
    What.BLOCKED: "found a bay blocked",
    What.BROKEN: "said that a port doesn't work",
    What.SET: "changed a setting",
    What.GRANTED: "made somebody an admin",
    What.REVOKED: "ended somebody's time as admin",
    What.CAPPED: "asked for a power limit, or its end",
    What.UNDONE: "took the last act back",
}


def log(s: Speech) -> Iterator[str]:
    """What admins did in the last day, and what people said of ports."""
    notes = [
        note for note in s.site.trail if note.what in DEEDS and note.by and not by_plug(note, s)
    ]
    acts = [note for note in notes if note.by != note.driver or note.what in SAID][-LONGEST:]
    if not acts:
        yield "Nobody has put anything right in the last day."
    for note in acts:
        who = s.name(note.driver) if note.driver and note.driver != note.by else ""
        where = s.port(note.port) if note.port else ""
        rest = ", ".join(filter(None, (who, where)))
        yield f"{s.dated(note.at)} {s.name(note.by)} {deed(note, s)}{f' ({rest})' if rest else ''}"


def by_plug(note: Note, s: Speech) -> bool:
    """A turn that a driver's plug ended, which is nobody's act."""
    return note.what is What.WITHDRAWN and note.by not in s.site.admins


def deed(note: Note, s: Speech) -> str:
    """What was done; what it was about, where the trail knows."""
    detail = note.detail
    match note.what:
        case What.SET if detail:
            now, _, old = detail.partition(", ")
            return f"set {set_to(now, s)} (it was {s.escape(old)})"
        case What.CAPPED if detail:
            return f"asked to limit each port to {s.escape(detail)}"
        case What.CAPPED:
            return "asked for the power limit to end"
        case What.MOVED if detail:
            return f"moved somebody to number {s.escape(detail)}"
        case What.UNDONE if detail:
            return taken_back(detail, s)
        case _:
            return DEEDS[note.what]


def taken_back(detail: str, s: Speech) -> str:
    """`took back moving Ana in line`: the act, and whom it was about."""
    act, _, driver = detail.partition(" ")
    if act == What.SET:
        return "took back the last change of a setting"
    who = s.name(driver) if driver else "somebody"
    return f"took back {TAKEN_BACK.get(act, 'the last act').format(who=who, ports='a port')}"
