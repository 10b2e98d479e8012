"""A site without what goes without saying: fields that have their default are not written.

Most fields of most entries, ports and stays are at their default, and an item is paid for
by the kilobyte. The classes here are made from the model's own. A setting of the house that
nobody has touched follows the default of the program that reads it. Effects are written whole,
beside their names.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, is_dataclass
from functools import reduce
from operator import or_
from types import GenericAlias, NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from chalicelib.core.model import Pending, Site

_made: dict[type, type[msgspec.Struct]] = {}


def lean(kind: type[Any]) -> type[msgspec.Struct]:
    """The same fields in the same order, those with their default left out when encoded."""
    if kind not in _made:
        hints = get_type_hints(kind)
        shape: list[Any] = []
        for one in fields(kind):
            leaned = Any if (kind, one.name) == (Pending, "effect") else leaner(hints[one.name])
            shape.append((one.name, leaned, *default(one)))
        _made[kind] = msgspec.defstruct(kind.__name__, shape, omit_defaults=True, kw_only=True)
    return _made[kind]


def default(field: Field[Any]) -> tuple[Any, ...]:
    if field.default_factory is not MISSING:
        return (msgspec.field(default_factory=field.default_factory),)
    return () if field.default is MISSING else (field.default,)


def leaner(hint: Any) -> Any:
    """A type with its dataclasses made lean; Any where there are none inside."""
    origin, args = get_origin(hint), get_args(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return lean(hint)
    inside = [leaner(arg) for arg in args if arg not in (..., NoneType)]
    if all(one is Any for one in inside):
        return Any
    if origin in (Union, UnionType):
        return reduce(or_, inside) | None if NoneType in args else Any
    return GenericAlias(origin, tuple(... if arg is ... else leaner(arg) for arg in args))


SITE = lean(Site)
