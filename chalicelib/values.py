"""Frozen dataclasses that cost little to define: each method is written at its first use.

The standard library writes and compiles six methods for each, 0.34 ms; with two hundred of
them that is a third of what importing the app takes, and one command uses a few dozen (ADR 52).
Everything else is the standard library's: `fields`, `replace`, `match`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass as ordinary, fields
from typing import TYPE_CHECKING, Any, NoReturn

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass  # what type checkers know
else:

    def dataclass(*, frozen: bool, slots: bool) -> Callable[[type], type]:
        """As of the standard library, for values that never change."""
        if not (frozen and slots):
            raise TypeError("a value is frozen, and has slots")
        return value


def value(cls: type) -> type:
    cls.__doc__ = cls.__doc__ or cls.__name__  # or the signature would be written there
    made: type = ordinary(cls, init=False, repr=False, eq=False, slots=True)

    for name, write in WRITERS.items():
        if name not in cls.__dict__:
            setattr(made, name, at_first_use(made, name, write))
    made.__setattr__ = made.__delattr__ = frozen  # type: ignore[assignment,method-assign]  # that is the point
    made.__reduce__ = reduced  # type: ignore[assignment,method-assign]  # copies don't set fields one by one
    return made


def at_first_use(cls: type, name: str, write: Callable[[type], Any]) -> Callable[..., Any]:
    """A method that puts the written one in its place, and passes on the first call."""

    def method(self: object, *given: Any, **named: Any) -> Any:
        written = write(cls)
        written.__qualname__ = f"{cls.__qualname__}.{name}"
        setattr(cls, name, written)
        return written(self, *given, **named)

    return method


def write_init(cls: type) -> Any:
    known: dict[str, Any] = {"MISSING": MISSING}
    takes, does = ["self"], []
    for one in fields(cls):
        name, given = one.name, one.name
        known[f"set_{name}"] = getattr(cls, name).__set__
        if one.default is not MISSING:
            known[f"default_{name}"] = one.default
            takes.append(f"{name}=default_{name}")
        elif one.default_factory is not MISSING:
            known[f"make_{name}"] = one.default_factory
            takes.append(f"{name}=MISSING")
            given = f"make_{name}() if {name} is MISSING else {name}"
        else:
            takes.append(name)
        does.append(f"set_{name}(self, {given})")
    return compiled(f"def method({', '.join(takes)}):\n " + ("\n ".join(does) or "pass"), known)


def write_eq(cls: type) -> Any:
    mine, other = members(cls, "self"), members(cls, "other")
    text = f"def method(self, other):\n if other.__class__ is self.__class__:\n  return {mine} == {other}\n return NotImplemented"
    return compiled(text, {})


def write_hash(cls: type) -> Any:
    return compiled(f"def method(self):\n return hash({members(cls, 'self')})", {})


def write_repr(cls: type) -> Any:
    shown = ", ".join(f"{one.name}={{self.{one.name}!r}}" for one in fields(cls) if one.repr)
    text = f"def method(self):\n return f'{{self.__class__.__qualname__}}({shown})'"
    return compiled(text, {})


def members(cls: type, of: str) -> str:
    return "(" + "".join(f"{of}.{one.name}, " for one in fields(cls)) + ")"


def compiled(text: str, known: dict[str, Any]) -> Any:
    exec(text, known)  # noqa: S102 — the names are of our own classes
    return known.pop("method")


WRITERS: dict[str, Callable[[type], Any]] = {
    "__init__": write_init,
    "__eq__": write_eq,
    "__hash__": write_hash,
    "__repr__": write_repr,
}


def frozen(self: object, name: str, *_: object) -> NoReturn:
    raise FrozenInstanceError(f"can't change {name!r} of a {type(self).__name__}")


def reduced(self: Any) -> tuple[type, tuple[Any, ...]]:
    return type(self), tuple(getattr(self, one.name) for one in fields(self))
