"""Wishes about one's place in the line."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.core.hours import ClockTime
from chalicelib.energy.needs import Need
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class Add:
    """`add [NEED] [by TIME]`: stand last in line, and say what I need."""

    need: Need | None = None
    by: ClockTime | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """`remove`: leave the line."""


@dataclass(frozen=True, slots=True)
class Suspend:
    """`suspend`: keep my place, let others pass: for a while, or until a time of today.

    Neither: until `resume`.
    """

    length: timedelta | None = None
    until: ClockTime | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """`resume`: I can be called again."""


@dataclass(frozen=True, slots=True)
class Next:
    """`next`: pass the turn on, or say who is next."""


@dataclass(frozen=True, slots=True)
class Give:
    """`give @bob`: my place in line to somebody who stands in it already."""

    who: str


@dataclass(frozen=True, slots=True)
class When:
    """`when`: when I'd be called, or would be if I stood in line now."""
