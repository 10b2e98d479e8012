"""A rule switched off, to see what it is worth: by its number, or by its name in the list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module

from chalicelib.core.rules import DUE, Listed


class NoSuchRule(Exception):
    """Only what the list of due rules has can be switched off; says what that is."""


def known() -> dict[str, list[Listed]]:
    """By number and by name."""
    found: dict[str, list[Listed]] = {}
    for one in DUE:
        for name in (str(one.number), getattr(one.due, "__name__", "")):
            found.setdefault(name, []).append(one)
    return found


def check(names: Sequence[str]) -> None:
    """Raises NoSuchRule."""
    for name in names:
        if name not in known():
            raise NoSuchRule(f"there is no rule {name} to switch off, but: {', '.join(known())}")


@contextmanager
def without(names: Sequence[str]) -> Iterator[None]:
    """These rules don't act meanwhile. Raises NoSuchRule."""
    check(names)
    off = [one for name in names for one in known()[name]]
    running = import_module("chalicelib.core.step")  # the package's `step` is the function in it
    before = running.DUE
    running.DUE = tuple(one for one in before if one not in off)  # type: ignore[attr-defined]  # it is there
    try:
        yield
    finally:
        running.DUE = before  # type: ignore[attr-defined]  # it is there
