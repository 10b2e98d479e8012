"""The shapes of what strangers and stores send: made once, before there are threads.

msgspec builds what it knows of a type at its first use, and unguarded: two threads that do
so at once can end the interpreter (ADR 23). So nothing here, and nothing elsewhere, asks it
about a type in passing: a `Shape` is made while a module is imported, and imports take turns.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Malformed(ValueError):
    """What came isn't in this shape; the reason repeats nothing of it but names of fields."""


class Shape(Generic[T]):
    """One type, ready to be read from JSON or from plain dicts."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._decoder = msgspec.json.Decoder(kind)
        try:
            msgspec.convert(None, kind)  # builds the rest
        except msgspec.ValidationError:
            return

    def of_json(self, text: bytes | str) -> T:
        """Raises Malformed."""
        try:
            found: T = self._decoder.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise Malformed(str(error)) from error
        return found

    def of(self, value: object) -> T:
        """From dicts, lists and texts. Raises Malformed."""
        try:
            found: T = msgspec.convert(value, self._kind)
        except (msgspec.ValidationError, RecursionError) as error:
            raise Malformed(str(error)) from error
        return found


JSON_OBJECT: Shape[dict[str, Any]] = Shape(dict[str, Any])
