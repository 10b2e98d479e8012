"""The building's power in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.energy.report import PowerReport, curve

from .format import Speech


def lines(report: PowerReport | None, cars_kw: float | None, s: Speech) -> Iterator[str]:
    """What flows, what it came to, and a small chart."""
    if report is None:
        yield "I don't know this building's power: the site has no meter. Whoever runs me can add one with `python -m bot meter add`."
        return
    if report.kw is None and report.kwh is None:
        yield "The building's meter hasn't told anything in that time."
        return
    yield from now(report, cars_kw, s)
    yield from sums(report, s)
    if report.link and s.ev:  # a text has no links
        yield f"A picture, for a day from now: {s.escape(report.link)}"


def now(report: PowerReport, cars_kw: float | None, s: Speech) -> Iterator[str]:
    if report.kw is None:
        return
    cars = f"; the cars draw {figure(cars_kw)} kW" if cars_kw is not None else ""
    yield f"Building: {figure(report.kw)} kW at {s.at(report.at)}{cars}."


def sums(report: PowerReport, s: Speech) -> Iterator[str]:
    if report.kwh is None:
        return
    what = "Last seven days" if report.week else "Last 24 hours"
    peak = ""
    if report.peak_kw is not None and report.peak_at is not None:
        peak = f", at most {figure(report.peak_kw)} kW ({moment(report.peak_at, report, s)})"
    yield f"{what}: {figure(report.kwh)} kWh{peak}."
    if not s.ev:  # nor the signs that a curve is drawn with
        return
    each = "a day" if report.week else "an hour"
    begin = moment(report.begin, report, s) if report.begin is not None else ""
    top = max((one for one in report.bars if one is not None), default=0.0)
    yield f"`{curve(report.bars)}` kWh {each} since {begin}, {figure(top)} at most"


def moment(at: datetime, report: PowerReport, s: Speech) -> str:
    """An hour, or a day."""
    if not report.week:
        return s.at(at)
    return at.astimezone(ZoneInfo(s.site.timezone)).strftime("%a")


def figure(value: float) -> str:
    """Three figures are enough, and thousands are told whole."""
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"
