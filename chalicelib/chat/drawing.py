"""What a messenger needs where a chart has to go out as a picture."""

from __future__ import annotations

from collections.abc import Callable

from .text.format import Chart

Draw = Callable[[Chart], bytes | None]  # a PNG; None: nobody can draw here, or not now
NAME = "report.png"
KIND = "image/png"


def no_picture(_: Chart) -> None:
    """Nobody draws here."""
    return
