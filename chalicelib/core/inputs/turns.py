"""Wishes of who is called to a port."""

from __future__ import annotations

from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class OnMyWay:
    """`coming`, or the button: I am coming to the port of this turn. No turn: mine."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """`pass`, or the button: give this turn to the next, keep my place. No turn: mine."""

    turn: int | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """The button: give this turn away and leave the line."""

    turn: int


@dataclass(frozen=True, slots=True)
class Block:
    """`blocked [PORT]`, or the button: I'm called, and the bay is blocked. No turn: mine."""

    turn: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class CannotUse:
    """`can't use [PORT]`, or the button: pass, and never call me to it again. No turn: mine."""

    turn: int | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class CanUse:
    """`can use 2`: call me to that port again."""

    port: str
