"""docs/messages.md has every message of the house, as it is said now."""

from __future__ import annotations

from typing import get_args

from chalicelib.core.effects import Effect
from tests.chat.text.messages import PLACE, UNSAID, said


def test_every_message() -> None:
    """Whoever changes a word reads it there: `python -m tests.chat.text.messages --rewrite`."""
    text = PLACE.read_text(encoding="utf-8")
    assert text == said(), (
        "run python -m tests.chat.text.messages --rewrite, and read what changed"
    )


def test_every_kind() -> None:
    """No kind is forgotten."""
    headings = {line[4:] for line in said().splitlines() if line.startswith("### ")}
    assert headings == {kind.__name__ for kind in get_args(Effect) if kind not in UNSAID}
