"""One chart: bars of energy, or a line of power. Readable in grey, and small.

pygal draws the SVG, resvg makes the PNG. What is set here against their defaults, and why:
gaps stay gaps (`allow_interruptions`), labels are whole (`truncate_label`), guides are thin
grey lines instead of black dots, no script is fetched from anywhere (`js`), and text is in a
font that we bring along, as a function on Lambda has none.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pygal
import resvg_py
from pygal.style import Style

from chalicelib.energy.buckets import Bucket, By

FONT = Path(__file__).parent / "DejaVuSans.ttf"
WIDTH, HEIGHT = 800, 400
LABELS = 9  # times below the chart, about
STEPS = (1, 2, 2.5, 5, 10)  # between two figures beside it, times a power of ten
HOURS = (1, 2, 3, 4, 6, 12, 24)  # between two times
FORMS = {By.SLOT: "%H:%M", By.HOUR: "%H:%M", By.DAY: "%b %d", By.MONTH: "%b %Y"}
STYLE = Style(
    background="white",
    plot_background="white",
    foreground="#222",
    foreground_strong="#000",
    foreground_subtle="#555",
    colors=("#1f5fa8", "#c0392b"),
    font_family="DejaVu Sans",
    label_font_size=11,
    major_label_font_size=11,
    legend_font_size=12,
    title_font_size=15,
    guide_stroke_color="#ddd",
    major_guide_stroke_color="#ddd",
    guide_stroke_dasharray="1,0",
    major_guide_stroke_dasharray="1,0",
    opacity=".85",
)
# pygal's own sheet says 1 px for every line, whatever a series asks for
WIDE_LINES = "inline:.series .reactive{stroke-width:2 !important}"


def draw(
    found: Sequence[Bucket],
    title: str,
    zone: ZoneInfo,
    by: By,
    *,
    is_line: bool,
) -> bytes:
    """A PNG of 800 by 400, at twice the points."""
    return png(svg(found, title, zone, by, is_line=is_line))


def png(text: str) -> bytes:
    """The SVG as a picture, at twice the points."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=text,
            zoom=2,
            font_files=[str(FONT)],
            skip_system_fonts=True,
            font_family="DejaVu Sans",
        )
    )


def svg(
    found: Sequence[Bucket],
    title: str,
    zone: ZoneInfo,
    by: By,
    *,
    is_line: bool,
) -> str:
    """The same as SVG, with nothing in it that runs."""
    values = [one.kw if is_line else one.kwh for one in found]
    above = [one for one in values if one is not None]
    times = labels(found, zone, by)
    chart = kind(is_line=is_line)(
        style=STYLE, width=WIDTH, height=HEIGHT, title=title, js=[], print_values=False,
        css=("file://style.css", "file://graph.css", WIDE_LINES), truncate_label=-1,
        allow_interruptions=True, show_dots=len(found) < 3, spacing=12, margin=12,
        y_title="mean power (kW)" if is_line else "energy (kWh)", x_title=f"time ({zone.key})",
        x_labels=times, x_labels_major=[one for one in times if one], show_minor_x_labels=False,
        y_labels=steps(max(above, default=1.0)), show_legend=False,
        no_data_text="no readings",
    )  # fmt: skip
    chart.add("power" if is_line else "energy", values)
    text: str = chart.render(is_unicode=True)
    return text


def kind(*, is_line: bool) -> Any:
    return pygal.Line if is_line else pygal.Bar


def labels(found: Sequence[Bucket], zone: ZoneInfo, by: By) -> list[str]:
    """The times of some buckets, at whole hours where they are shorter; "" for the others."""
    if by in (By.DAY, By.MONTH):
        every = max(1, math.ceil(len(found) / LABELS))
        return [
            "" if number % every else one.start.astimezone(zone).strftime(FORMS[by])
            for number, one in enumerate(found)
        ]
    length = found[-1].end - found[0].start if found else timedelta(0)
    hours = next((one for one in HOURS if length / timedelta(hours=one) <= LABELS + 3), 24)
    form = FORMS[by] if length <= timedelta(hours=36) else "%b %d"
    return [
        hour_of(one, zone, hours if length <= timedelta(hours=36) else 24, form) for one in found
    ]


def hour_of(one: Bucket, zone: ZoneInfo, every: int, form: str) -> str:
    at = one.start.astimezone(zone)
    return at.strftime(form) if at.minute == 0 and at.hour % every == 0 else ""


def steps(most: float) -> list[float]:
    """Round figures from 0 to above the highest value."""
    most = max(most, 1e-3)
    power = 10.0 ** math.floor(math.log10(most / 5))
    step = next(one * power for one in STEPS if one * power * 5 >= most)
    return [round(step * n, 9) for n in range(math.ceil(most / step) + 1)]
