"""The words of an amount: energy, kilometres, time, and what somebody needs of it."""

from __future__ import annotations

from chalicelib.energy.needs import Need, Unit

from .format import Speech


def number(amount: float) -> str:
    """`12`, `8.4`."""
    return f"{amount:.1f}".removesuffix(".0")


def amount_of(need: Need) -> str:
    """`12 kWh`, `60 km`, `90 min`, `a full charge`."""
    if need.unit is Unit.FULL:
        return "a full charge"
    return f"{number(need.amount)} {need.unit}"


def need_words(need: Need, s: Speech) -> str:
    """`12 kWh by 16:00`."""
    by = f" by {s.at(need.by)}" if need.by is not None else ""
    return f"{amount_of(need)}{by}"


def wanted(driver: str, s: Speech) -> str:
    """What somebody in line has said they need: `, for 12 kWh by 16:00`."""
    need = s.need_of(driver)
    return f", for {need_words(need, s)}" if need is not None else ""
