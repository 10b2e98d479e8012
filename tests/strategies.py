"""Hypothesis strategies for the core's values, made from their annotations."""

from __future__ import annotations

from datetime import UTC, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from msgspec import Struct

from chalicelib.core.model import Site
from chalicelib.values import names

_LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def sites() -> st.SearchStrategy[Site]:
    """Any site that the model's types allow, sensible or not."""
    return values(Site)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that the model is built of. Datetimes are aware UTC."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in {Union, UnionType}:
        return st.one_of([values(arg) for arg in args])
    if origin is tuple and args[1:] == (...,):
        return st.lists(values(args[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, args))
    if origin is dict:
        return st.dictionaries(values(args[0]), values(args[1]), max_size=3)
    if isinstance(kind, type) and issubclass(kind, Struct):
        hints = get_type_hints(kind)
        return st.builds(kind, **{name: values(hints[name]) for name in names(kind)})
    if isinstance(kind, type) and issubclass(kind, tuple):  # a row: a NamedTuple
        return st.builds(kind, **{n: values(h) for n, h in get_type_hints(kind).items()})
    return _LEAVES[kind] if kind in _LEAVES else st.from_type(kind)
