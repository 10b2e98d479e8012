"""No text from outside is longer here than anybody needs, whoever sent it.

A site is one item of at most some hundred kilobytes. Whatever comes in and may stay is cut
where it enters: here, for all platforms and networks alike. Nothing that is real is as long.
"""

from __future__ import annotations

from typing import Any, TypeVar

from chalicelib.values import names, replace

from .inputs import Input, Observed, PortSeen

LONGEST = 400  # characters of anything: a word, a reason, an address
LONGEST_NAME = 60  # of what somebody is called
LONGEST_ID = 100  # of what the charging network calls a car, a card or a session
NAMES = {"name": LONGEST_NAME, "handle": LONGEST_NAME, "request": LONGEST_ID}
NETWORKS = ("user", "credential", "session")

T = TypeVar("T")


def bounded(given: Input) -> Input:
    """The same input, cut to size; nearly always the very same object."""
    if isinstance(given, Observed):  # the biggest and the most frequent by far
        if not any(is_long(port) for port in given.ports):
            return given
        return replace(given, ports=tuple(map(shortened, given.ports)))
    return cut(given, LONGEST)


def is_long(port: PortSeen) -> bool:
    return any(len(getattr(port, name)) > LONGEST_ID for name in NETWORKS)


def shortened(port: PortSeen) -> PortSeen:
    return replace(port, **{name: getattr(port, name)[:LONGEST_ID] for name in NETWORKS})


def cut(value: T, most: int) -> T:
    """The value, with every text in it cut."""
    found: Any = value
    if found is None:  # as most of most wishes is
        return value
    if isinstance(found, str):
        found = found if len(found) <= most else found[:most]
    elif isinstance(found, tuple):
        parts = tuple(cut(part, most) for part in found)
        found = found if all(map(same, parts, found)) else parts
    elif held := names(found):
        changed = {}
        for name in held:
            old = getattr(found, name)
            new = cut(old, NAMES.get(name, most))
            if new is not old:
                changed[name] = new
        found = replace(found, **changed) if changed else found
    return found  # type: ignore[no-any-return]  # of the type that it was


def same(one: object, other: object) -> bool:
    return one is other
