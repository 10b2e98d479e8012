"""The fair order of a line (rule 37), on plain values.

First who hasn't had their need today; among them who can still get it by their time; among
those who got nothing at their last visit; then arrival. But who has been passed over three
times and can still get it goes ahead of newer arrivals. Overstating works against the
overstater: a larger need can be met for a shorter while.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from chalicelib.values import dataclass

OFTEN = 3  # times a day that who can still get it may be passed over
ENOUGH_KWH = 2.0  # who had so much today, or their need, has had something


@dataclass(frozen=True, slots=True)
class Claim:
    """What the order looks at in one driver."""

    place: int  # by arrival
    had: bool = False  # their need, or 2 kWh, today
    can: bool = True  # still get it by their time
    shut_out: bool = False  # got nothing at their last visit
    passed: int = 0  # over, today

    @property
    def may_be_passed(self) -> bool:
        return self.had or not self.can or self.passed < OFTEN


def rank(claims: Mapping[str, Claim]) -> list[str]:
    """The drivers in the order in which they are called."""
    return sorted(claims, key=lambda driver: key(claims[driver]))


def key(claim: Claim) -> tuple[bool, bool, bool, int]:
    first = claim.shut_out or not claim.may_be_passed
    return (claim.had, not claim.can, not first, claim.place)


class Because(StrEnum):
    """Why somebody is called before another."""

    CAME_FIRST = "came first"
    HAD_NONE = "had none"  # … today, and the other has
    CAN_STILL = "can still"  # … have it by their time, and the other can't
    SHUT_OUT = "shut out"  # … at their last visit
    PASSED = "passed"  # … over often enough today


def because(ahead: Claim, behind: Claim) -> Because:
    """The first thing in which the two differ."""
    if ahead.had != behind.had:
        return Because.HAD_NONE
    if ahead.can != behind.can:
        return Because.CAN_STILL
    if key(ahead)[2] == key(behind)[2]:
        return Because.CAME_FIRST
    return Because.SHUT_OUT if ahead.shut_out else Because.PASSED


def passed_over(claims: Mapping[str, Claim], called: str) -> list[str]:
    """Whom a call to this driver passes over: earlier arrivals who could still get it."""
    place = claims[called].place
    return [
        driver
        for driver, claim in claims.items()
        if claim.place < place and claim.can and not claim.had
    ]
