"""What people are called: made harmless, and told apart."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from chalicelib.values import replace

from .model import Person

LONGEST = 40  # characters of a name that we show
NOBODY = Person()
_RANK = re.compile(r"[(\[（]\s*admin\s*[)\]）]", re.IGNORECASE)  # `Dave (admin) closed port 2`
EVERYBODY = ("all", "here", "channel", "everyone", "group", "room")  # nobody is called that


@lru_cache(maxsize=4096)  # asked of the same few hundred people with every word of theirs
def clean(name: str) -> str:
    """A name in one line, without what nobody sees, what turns the line around, or what we alone
    say of an admin; "" for one that means everybody.
    """
    seen = "".join(map(visible, unicodedata.normalize("NFC", name)))
    line = " ".join(_RANK.sub(" ", seen).split())[:LONGEST].strip()
    return "" if line.casefold().strip("@!<>") in EVERYBODY else line


def visible(char: str) -> str:
    """Ends of lines and control characters are blanks; what has no width is nothing."""
    kind = unicodedata.category(char)
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    return "" if kind in ("Cf", "Cs", "Co", "Cn") else char


def named(
    people: dict[str, Person], driver: str, name: str, handle: str = ""
) -> dict[str, Person]:
    """The people with this driver known by this name; the same dict when they were."""
    person = people.get(driver, NOBODY)
    known = clean(name) or person.name, clean(handle) or person.handle
    if known == (person.name, person.handle):
        return people
    return {**people, driver: replace(person, name=known[0], handle=known[1])}


def called(people: dict[str, Person], who: str) -> list[str]:
    """Everybody who is called that, by name or by handle (`@ana`)."""
    name = clean(who.removeprefix("@")).casefold()
    if not name:
        return []
    return [
        driver
        for driver, person in people.items()
        if name in (person.name.casefold(), person.handle.casefold())
    ]


def namesakes(people: dict[str, Person]) -> set[str]:
    """The names, in small letters, that several people have."""
    seen, shared = {""}, set[str]()
    for person in people.values():
        name = person.name.casefold()
        (shared if name in seen else seen).add(name)
    return shared - {""}
