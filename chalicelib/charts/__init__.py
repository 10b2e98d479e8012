"""Pictures of energy and power, as PNG. Not for the function that answers people: the
libraries are in requirements-charts.txt, and only who draws imports this.
"""

from __future__ import annotations

from .bars import bars_svg, draw_bars
from .picture import draw, svg

__all__ = ["bars_svg", "draw", "draw_bars", "svg"]
