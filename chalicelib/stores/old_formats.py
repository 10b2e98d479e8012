"""Sites that older programs saved, as the newest format has them: plain dicts to plain dicts.

Format 1: the lines of the trail were maps. Formats 1 and 2: an entry had a set of flags, of
which `standing` is the one that counted; a ladder had flags and times, which are its rung.
"""

from __future__ import annotations

from typing import Any

Plain = dict[str, Any]
KEPT = ("driver", "added_at", "misses", "told_next")  # of an entry


def upgraded(site: Plain, number: int) -> Plain:
    """The site of this format in the newest. Raises TypeError, KeyError or AttributeError on
    what is no site.
    """
    site = dict(site)
    if number == 1:
        site["trail"] = [note_row(note) for note in site.get("trail", ())]
    site["queue"] = [entry(one) for one in site.get("queue", ())]
    site["ports"] = {name: port(one) for name, one in site.get("ports", {}).items()}
    undo = site.get("undo")
    if undo is not None and undo.get("queue") is not None:
        site["undo"] = undo | {"queue": [entry(one) for one in undo["queue"]]}
    return site


def note_row(note: Plain) -> list[Any]:
    return [note["at"], note["what"], note["driver"], note["by"], note["port"]]


def entry(old: Plain) -> Plain:
    """A turn outweighs all, a suspension the rest: so the old program read them."""
    kept: Plain = {name: old[name] for name in KEPT if name in old}
    if old.get("turn") is not None:
        return kept | {"standing": "called", "turn": old["turn"]}
    if old.get("suspended"):
        return kept | {"standing": "suspended", "until": old.get("suspended_until")}
    if old.get("sits_out_until") is not None:
        return kept | {
            "standing": "sitting out",
            "port": old.get("sits_out") or "",
            "until": old["sits_out_until"],
        }
    if old.get("powerless_until") is not None:
        return kept | {
            "standing": "powerless",
            "port": old.get("powerless") or "",
            "until": old["powerless_until"],
        }
    return kept


def port(old: Plain) -> Plain:
    stays = {name: stay(old[name]) for name in ("stay", "last_stay") if old.get(name) is not None}
    return old | stays


def stay(old: Plain) -> Plain:
    return old | {"ladder": ladder(old["ladder"])}


def ladder(old: Plain) -> Plain:
    """The highest rung whose words were said, and when."""
    asked, waiting = old.get("asked_at"), old.get("waiting_told_at")
    times = [at for at in (asked, waiting) if at is not None]
    told_at = max(times) if times else None
    again = old.get("extended") and waiting is None  # "20 more minutes" began the ladder anew
    if old.get("admins_told"):
        rung = 5
    elif asked is not None and not again:
        rung = 4
    elif waiting is not None:
        rung = 3
    elif old.get("over"):
        rung = 2
    else:
        rung = int(bool(old.get("noticed")))
    gone = ("noticed", "over", "waiting_told_at", "asked_at", "admins_told", "quiet")
    kept = {name: value for name, value in old.items() if name not in gone}
    moved = bool(old.get("quiet"))
    return kept | {"rung": rung, "told_at": told_at, "reminded_at": told_at, "moved": moved}
