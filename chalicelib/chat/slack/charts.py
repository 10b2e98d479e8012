"""A chart and a table as Slack draws them itself (Slack docs: data visualization, data table).

They came in 2026, workspace by workspace; slack_sdk has no classes for them, so these are
plain objects, and whoever sends them must be ready to hear `invalid_blocks`.
"""

from __future__ import annotations

from typing import Any

from chalicelib.chat.text.format import Chart, Table

TITLE, LABEL, NAME = 50, 20, 50  # characters
SERIES, CATEGORIES, ROWS = 6, 20, 100


def chart_block(chart: Chart) -> dict[str, Any]:
    """Bars; each series has a value for each category."""
    labels = [label[:LABEL] for label in chart.labels[:CATEGORIES]]
    series = [
        {
            "name": name[:NAME],
            "data": [
                {"label": label, "value": value}
                for label, value in zip(labels, values, strict=False)
            ],
        }
        for name, values in chart.series[:SERIES]
    ]
    axes = {"categories": labels, "y_label": chart.unit[:TITLE]}
    drawn = {"type": "bar", "series": series, "axis_config": axes}
    return {"type": "data_visualization", "title": chart.title[:TITLE], "chart": drawn}


def table_block(table: Table) -> dict[str, Any]:
    """The heading is the first row; the first cell of each is what screen readers call the row."""
    rows = [table.header, *table.rows[:ROWS]]
    return {
        "type": "data_table",
        "caption": table.caption,
        "page_size": min(ROWS, max(1, len(table.rows))),
        "row_header_column_index": 0,
        "rows": [[{"type": "raw_text", "text": cell or "–"} for cell in row] for row in rows],
    }
