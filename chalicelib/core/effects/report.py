"""The report as messages of their own."""

from __future__ import annotations

from chalicelib.core.card import ReportCard
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """To the channel, once a week: what it came to."""

    card: ReportCard


@dataclass(frozen=True, slots=True)
class ReportPicture:
    """To who asked for the report: the same as a picture."""

    card: ReportCard


@dataclass(frozen=True, slots=True)
class ReportTable:
    """To who asked for the report's table, where there is no link: a file."""

    card: ReportCard


ReportMessage = WeeklyReport | ReportPicture | ReportTable
