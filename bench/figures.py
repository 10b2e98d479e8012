"""Figures: what was measured, its unit, and the goal that it was measured for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .measure import Spread


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    section: str
    name: str
    value: Spread
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the median meets the goal; None without one."""
        if self.at_most is not None:
            return self.value.median <= self.at_most
        if self.at_least is not None:
            return self.value.median >= self.at_least
        return None

    def as_json(self) -> dict[str, Any]:
        goal = {"at_most": self.at_most, "at_least": self.at_least, "met": self.is_met}
        found = {"section": self.section, "name": self.name, "unit": self.unit}
        return found | self.value.as_json() | {k: v for k, v in goal.items() if v is not None}

    def as_row(self) -> tuple[str, str, str, str]:
        """Name, median, the middle half, goal."""
        middle = f"{number(self.value.low)} … {number(self.value.high)}"
        if self.value.low == self.value.high:
            middle = ""
        sign, goal = ("≤", self.at_most) if self.at_least is None else ("≥", self.at_least)
        wanted = f"{sign} {number(goal)}" if goal is not None else ""
        verdict = {True: "met", False: "NOT met", None: ""}[self.is_met]
        return self.name, f"{number(self.value.median)} {self.unit}", middle, f"{wanted} {verdict}"


def exact(section: str, name: str, value: float, unit: str, **goal: float) -> Figure:
    """A figure that has no spread."""
    return Figure(section, name, Spread(value, value, value), unit, **goal)


def summary(figures: Sequence[Figure]) -> str:
    """Those that have a goal in one table, to be copied into docs/performance.md."""
    lines = ["| what | now | the middle half | goal |", "|---|--:|--:|---|"]
    lines += [
        f"| {figure.section}: " + " | ".join(cell.strip() for cell in figure.as_row()) + " |"
        for figure in figures
        if figure.is_met is not None
    ]
    return "\n".join(lines)


def number(value: float) -> str:
    """Three digits are all that such a measurement is good for."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(figures: Sequence[Figure]) -> str:
    """Markdown, one table a section."""
    lines: list[str] = []
    section = ""
    for figure in figures:
        if figure.section != section:
            section = figure.section
            lines += ["", f"### {section}", "", "| what | median | middle half | goal |"]
            lines += ["|---|--:|--:|---|"]
        lines.append("| " + " | ".join(cell.strip() for cell in figure.as_row()) + " |")
    return "\n".join(lines).strip()
