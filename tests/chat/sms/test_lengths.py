"""What a driver can text is answered within a text, and the list of it is kept."""

from __future__ import annotations

import pytest

from chalicelib.chat.sms.markup import PARTS, is_basic
from tests.chat.sms.lengths import PLACE, Line, document, lines

CARRIERS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "HELP", "INFO", "START", "YES", "UNSTOP"}  # fmt: skip


@pytest.mark.parametrize("line", list(lines()), ids=lambda line: line.typed)
def test_within_a_text(line: Line) -> None:
    """In two parts at most, in the alphabet of phones, whole, and by no word of the carrier's."""
    assert line.parts <= PARTS
    assert is_basic(line.said)
    assert not line.said.endswith("..."), "cut: its end is missing"
    assert line.typed not in CARRIERS


def test_the_document() -> None:
    """docs/texts.md is as it is now: python -m tests.chat.sms.lengths --rewrite."""
    assert PLACE.read_text(encoding="utf-8") == document()
