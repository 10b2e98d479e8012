"""Values are what the standard library would have made of them."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, field, fields, replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.values import dataclass, value

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
    ports: dict[str, int] = field(default_factory=dict)
    inner: Inner = Inner(7)  # noqa: RUF009 — frozen


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing."""


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
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert [one.name for one in fields(Ours)] == [one.name for one in fields(Theirs)]
    assert Ours.__match_args__ == Theirs.__match_args__
    assert Ours.__slots__ == Theirs.__slots__


@pytest.mark.parametrize(
    ("given", "named"),
    [((), {}), (("ana", 1, {}, Inner(7), 5), {}), (("ana",), {"name": "bob"}), (("ana",), {"x": 1})],
)  # fmt: skip
def test_made_wrongly(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    """What the standard library refuses is refused."""
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            kind(*given, **named)


def test_equal_by_value() -> None:
    """Of one class, with equal fields; and a hash where the fields have one."""
    assert Ours("ana") == Ours("ana")
    assert Ours("ana") != Ours("bob")
    assert Ours("ana") != Theirs("ana")  # type: ignore[comparison-overlap]  # that is asked
    assert Ours("ana").__eq__(1) is NotImplemented
    assert {Inner(1), Inner(1), Inner(2)} == {Inner(2), Inner(1)}
    assert hash(Empty()) == hash(Empty())
    assert Empty() == Empty()
    with pytest.raises(TypeError):
        hash(Ours("ana"))


def test_never_changed() -> None:
    """No field is set, or deleted, nor is one added."""
    ours = Ours("ana")
    for name in ("name", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(ours, name, 1)
        with pytest.raises(FrozenInstanceError):
            delattr(ours, name)
    assert not hasattr(ours, "__dict__")


def test_copied_and_matched() -> None:
    """`replace`, copies and `match` work as with any dataclass; each has its own default dict."""
    ours = Ours("ana", ports={"1": 1})
    assert replace(ours, place=2) == Ours("ana", 2, {"1": 1})
    for same in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert same == ours
    assert Ours("ana").ports is not Ours("ana").ports
    assert Ours("ana").is_first
    match ours:
        case Ours(name, place=1):
            assert name == "ana"
        case _:
            pytest.fail("it doesn't match")


def test_what_it_is_not_for() -> None:
    """A class that changes, or has no slots, is an ordinary dataclass."""
    with pytest.raises(TypeError, match="frozen"):
        dataclass(frozen=False, slots=True)(Inner)


def test_a_method_of_its_own_stays() -> None:
    """What the class itself says goes before what would be written."""

    class Quiet:
        """It keeps its secret."""

        secret: str

        def __repr__(self) -> str:
            return "Quiet()"

    assert repr(value(Quiet)("hush")) == "Quiet()"


@dataclass(frozen=True, slots=True)
class More(Inner):
    """A field besides those of another value."""

    y: int = 2


def test_inherited() -> None:
    """A value may add fields to another's; a plain subclass has the same."""

    class Plain(Inner):
        """Nothing more."""

    more = More(1)
    assert (more.x, more.y, repr(more)) == (1, 2, "More(x=1, y=2)")
    assert replace(more, x=3) == More(3, 2)
    assert more != Inner(1)
    assert len({more, More(1, 2), More(1, 3)}) == 2
    assert Plain(1) == Plain(1)
    assert Plain(1) != Inner(1)
    assert Inner(1) == Inner(1)


def test_all_of_ours_are_such() -> None:
    """A value of the standard library's slipped in would be paid for at each cold start."""
    theirs = re.compile(r"^from dataclasses import .*\bdataclass\b", re.MULTILINE)
    texts = {path: path.read_text() for path in (ROOT / "chalicelib").rglob("*.py")}
    values = [
        path for path, text in texts.items() if "@dataclass(frozen=True, slots=True)" in text
    ]
    assert [path for path in values if theirs.search(texts[path])] == []


def test_first_used_by_many_at_once() -> None:
    """Threads that need the same value first, at the same time, each get it."""
    code = (
        "import sys, threading\n"
        "sys.setswitchinterval(1e-6)\n"
        "from chalicelib.core.model import Site\n"
        "start, made = threading.Barrier(8), []\n"
        "def make():\n"
        "    start.wait()\n"
        "    made.append((Site('hq', 'HQ'), hash(Site('hq', 'HQ').stations)))\n"
        "every = [threading.Thread(target=make) for _ in range(8)]\n"
        "[one.start() for one in every]\n"
        "[one.join() for one in every]\n"
        "assert len(made) == 8 and all(one == made[0] for one in made), made\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
