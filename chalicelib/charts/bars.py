"""Bars beside each other, a group for each label: what a report shows.

Read in grey: each bar has its figure on top, and the legend says which of a group is which.
"""

from __future__ import annotations

from collections.abc import Sequence

import pygal

from .picture import HEIGHT, STYLE, WIDTH, png, steps

PLACES = ("left", "right")


def draw_bars(
    title: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    unit: str,
) -> bytes:
    """A PNG of 800 by 400, at twice the points."""
    return png(bars_svg(title, labels, series, unit))


def bars_svg(
    title: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    unit: str,
) -> str:
    """The same as SVG, with nothing in it that runs."""
    most = max((value for _, values in series for value in values), default=1.0)
    chart = pygal.Bar(
        style=STYLE, width=WIDTH, height=HEIGHT, title=title, js=[], margin=12, spacing=12,
        print_values=True, print_values_position="top", print_zeroes=False, truncate_label=-1, truncate_legend=-1,
        x_labels=list(labels), y_title=unit, y_labels=[one for one in steps(most) if one == int(one)],
        legend_at_bottom=True, show_legend=len(series) > 1, no_data_text="nothing to show",
        value_formatter=lambda value: f"{value:g}",
    )  # fmt: skip
    for place, (name, values) in enumerate(series):
        where = f" ({PLACES[place]})" if len(series) == len(PLACES) else ""
        chart.add(f"{name}{where}", list(values))
    text: str = chart.render(is_unicode=True)
    return text
