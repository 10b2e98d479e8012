"""The comparison as a picture: needs met a day under each policy, with its interval, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from statistics import fmean, stdev

from .measures import Measured, counts, met_by_day

LEFT, WIDE, BAR, PITCH, TOP = 170, 720, 22, 40, 56
INK, MET, ONLY, GRID = "#222", "#1b6ca8", "#b9d3e6", "#ddd"
STYLE = "font-family: system-ui, sans-serif; font-size: 14px"


def write(file: Path, runs: Sequence[Measured], days: int, title: str) -> None:
    """Raises OSError."""
    file.write_text("\n".join(drawn(runs, days, title)) + "\n", encoding="utf-8")


def drawn(runs: Sequence[Measured], days: int, title: str) -> Iterator[str]:
    """The lines of the SVG. What it shows is told in words, too."""
    most = max(fmean(plugged_by_day(run, days)) for run in runs)
    scale = (WIDE - LEFT - 90) / most
    height = TOP + PITCH * len(runs) + 40
    told = "; ".join(f"{run.name} {fmean(met_by_day(run, days)):.1f}" for run in runs)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {height}" role="img" style="{STYLE}">'
    yield f"<title>{escape(title)}</title><desc>Needs met a day: {escape(told)}.</desc>"
    yield f'<rect width="{WIDE}" height="{height}" fill="#fff"/>'
    yield f'<text x="16" y="26" fill="{INK}" font-weight="600">{escape(title)}</text>'
    for number in range(0, int(most) + 1, 5):
        x = LEFT + number * scale
        yield f'<line x1="{x:.1f}" y1="{TOP - 10}" x2="{x:.1f}" y2="{height - 34}" stroke="{GRID}"/>'
        yield f'<text x="{x:.1f}" y="{height - 16}" text-anchor="middle" fill="{INK}">{number}</text>'
    for place, run in enumerate(runs):
        yield from bar(run, days, TOP + PITCH * place, scale)
    yield "</svg>"


def bar(run: Measured, days: int, y: float, scale: float) -> Iterator[str]:
    """Pale: cars that were plugged in; dark: those that got what they needed in time."""
    met, plugged = met_by_day(run, days), fmean(plugged_by_day(run, days))
    mean = fmean(met)
    half = 1.96 * stdev(met) / len(met) ** 0.5 if len(met) > 1 else 0.0
    end, middle = LEFT + mean * scale, y + BAR / 2
    yield f'<text x="{LEFT - 12}" y="{middle + 5:.1f}" text-anchor="end" fill="{INK}">{escape(run.name)}</text>'
    yield f'<rect x="{LEFT}" y="{y}" width="{plugged * scale:.1f}" height="{BAR}" fill="{ONLY}"/>'
    yield f'<rect x="{LEFT}" y="{y}" width="{mean * scale:.1f}" height="{BAR}" fill="{MET}"/>'
    yield f'<line x1="{end - half * scale:.1f}" y1="{middle}" x2="{end + half * scale:.1f}" y2="{middle}" stroke="{INK}" stroke-width="2"/>'
    yield f'<text x="{LEFT + plugged * scale + 8:.1f}" y="{middle + 5:.1f}" fill="{INK}">{mean:.1f} of {plugged:.1f}</text>'


def plugged_by_day(run: Measured, days: int) -> list[float]:
    return counts(run, days, lambda one: one.plugged_at is not None)
