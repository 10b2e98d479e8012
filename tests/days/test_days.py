"""The transcripts of `tests/days/`: each comes out exactly as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.days.play import Transcript, transcripts


@pytest.mark.parametrize("path", transcripts(), ids=lambda path: path.stem)
def test_day(path: Path) -> None:
    """The day goes as told; `python -m tests.days.play --rewrite` writes down how it goes now."""
    text = path.read_text(encoding="utf-8")
    assert Transcript(text).play() == text
