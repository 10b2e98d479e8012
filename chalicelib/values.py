"""Values that never change: dataclasses to whoever checks types, msgspec's structs when they run.

A struct is defined, made, compared and replaced in C; the standard library writes and compiles
its methods in Python, which was a third of importing the app and of every step (ADR 52).
Type checkers see the standard library's, since they check the names and types given to
`dataclasses.replace`, and take anything for msgspec's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

__all__ = ["dataclass", "field", "names", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    from msgspec import field
    from msgspec.structs import replace

    def dataclass(*, frozen: bool, slots: bool) -> Callable[[type], type[msgspec.Struct]]:
        """A value of this class. What has its default isn't written when it is encoded."""
        if not (frozen and slots):
            raise TypeError("a value is frozen, and has slots")
        return struct

    def struct(cls: type) -> type[msgspec.Struct]:
        if issubclass(cls, msgspec.Struct):  # it adds fields to another value
            return cls
        body = {name: one for name, one in cls.__dict__.items() if name not in BY_ITSELF}
        bases = (*(base for base in cls.__bases__ if base is not object), msgspec.Struct)
        return type(msgspec.Struct)(cls.__name__, bases, body, frozen=True, omit_defaults=True)

    BY_ITSELF = ("__dict__", "__weakref__")


def names(value: object) -> tuple[str, ...]:
    """What a value, or a class of them, holds, in its order."""
    found: tuple[str, ...] = getattr(value, "__struct_fields__", ())
    return found
