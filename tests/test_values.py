"""Values are what the standard library would have made of them, as far as we use it."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.core.inputs import MailMe
from chalicelib.values import dataclass, field, names, replace

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Inner:
    """One field."""

    x: int


@dataclass(frozen=True, slots=True)
class Ours:
    """A bit of everything."""

    name: str
    place: int = 1
    ports: dict[str, int] = field(default_factory=dict)
    inner: Inner = Inner(7)

    @property
    def is_first(self) -> bool:
        return self.place == 1


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """The same, by the standard library."""

    name: str
    place: int = 1
    ports: dict[str, int] = dataclasses.field(default_factory=dict)
    inner: Inner = Inner(7)  # noqa: RUF009 — frozen


@dataclass(frozen=True, slots=True)
class More(Inner):
    """A field besides those of another value."""

    y: int = 2


CALLS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("ana",), {}),
    (("ana", 2), {}),
    (("ana",), {"ports": {"1": 1}}),
    ((), {"place": 3, "name": "bob"}),
    (("ana", 2, {}, Inner(8)), {}),
]


@pytest.mark.parametrize(("given", "named"), CALLS)
def test_made_and_shown_alike(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    """The same fields, in the same words."""
    ours, theirs = Ours(*given, **named), Theirs(*given, **named)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert names(Ours) == names(ours) == tuple(one.name for one in dataclasses.fields(Theirs))
    assert Ours.__match_args__ == Theirs.__match_args__


@pytest.mark.parametrize(
    ("given", "named"),
    [((), {}), (("ana", 1, {}, Inner(7), 5), {}), (("ana",), {"name": "bob"}), (("ana",), {"x": 1})],
)  # fmt: skip
def test_made_wrongly(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    """What the standard library refuses is refused."""
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            kind(*given, **named)
    with pytest.raises(TypeError):
        replace(Ours("ana"), x=1)  # type: ignore[call-arg]  # that is the point: mypy sees it


def test_equal_by_value() -> None:
    """Of one class, with equal fields; and a hash where the fields have one."""
    assert Ours("ana") == Ours("ana")
    assert Ours("ana") != Ours("bob")
    assert Ours("ana") != Theirs("ana")  # type: ignore[comparison-overlap]  # that is asked
    assert More(1) != Inner(1)
    assert {Inner(1), Inner(1), Inner(2)} == {Inner(2), Inner(1)}
    with pytest.raises(TypeError):
        hash(Ours("ana"))


def test_never_changed() -> None:
    """No field is set, or deleted, nor is one added."""
    ours = Ours("ana")
    for name in ("name", "other"):
        with pytest.raises(AttributeError):
            setattr(ours, name, 1)
        with pytest.raises(AttributeError):
            delattr(ours, name)
    assert not hasattr(ours, "__dict__")


def test_copied_and_matched() -> None:
    """`replace`, copies and `match` work as with any dataclass; each has its own default dict."""
    ours = Ours("ana", ports={"1": 1})
    assert replace(ours, place=2) == Ours("ana", 2, {"1": 1})
    assert replace(More(1), x=3) == More(3, 2)
    for same in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert same == ours
    assert Ours("ana").ports is not Ours("ana").ports
    assert Ours("ana").is_first
    match ours:
        case Ours(name, place=1):
            assert name == "ana"
        case _:
            pytest.fail("it doesn't match")


def test_written_without_what_goes_without_saying() -> None:
    """What has its default isn't encoded; what hasn't, is."""
    assert msgspec.json.encode(Ours("ana")) == b'{"name":"ana"}'
    assert msgspec.json.encode(Ours("ana", 2, {"1": 1}, Inner(8))) == (
        b'{"name":"ana","place":2,"ports":{"1":1},"inner":{"x":8}}'
    )


def test_what_it_is_not_for() -> None:
    """A class that changes, or has no slots, is an ordinary dataclass."""
    with pytest.raises(TypeError, match="frozen"):
        dataclass(frozen=False, slots=True)(Inner)


def test_an_address_is_not_shown() -> None:
    """Where somebody has mail is in no log, though the wish is."""
    assert "example.com" not in repr(MailMe("ana@example.com", "Ana"))


def test_all_of_ours_are_such() -> None:
    """A value of the standard library's is one that hides a secret, which a struct's repr can't."""
    theirs = re.compile(r"^from dataclasses import .*\bdataclass\b", re.MULTILINE)
    texts = {path: path.read_text() for path in (ROOT / "chalicelib").rglob("*.py")}
    ordinary = [
        path for path, text in texts.items()
        if "@dataclass(frozen=True, slots=True)" in text and theirs.search(text)
    ]  # fmt: skip
    assert [path for path in ordinary if "repr=False" not in texts[path]] == []
