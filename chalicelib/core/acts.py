"""What admins may wish for (rule 26): one class for each act, with everything it needs.

`who` is an address (`platform:tenant:id`), or `@name` as the site knows people.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.values import dataclass

from .card import PersonTotal, Span
from .hours import ClockTime
from .policy import Value

if TYPE_CHECKING:
    from .inputs import In, NoNeed, Out, Resume, SayNeed, Suspend


@dataclass(frozen=True, slots=True)
class ShowActs:
    """`admin`: what admins can do; with a `topic`, how one of it is done."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class ShowSite:
    """`admin show`: settings, people and ports."""


@dataclass(frozen=True, slots=True)
class ShowTotals:
    """`admin report`: by person, where the operator allows it; whoever reads the act adds them."""

    span: Span = Span.WEEK
    people: tuple[PersonTotal, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkBoard:
    """`admin board link`: for a screen in the lobby; whoever reads the act adds the link."""

    link: str = ""


@dataclass(frozen=True, slots=True)
class Reset:
    """`admin reset`: empty the line; not confirmed, it asks first."""

    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Put:
    """`admin add`: put somebody in line, at the end or at a place."""

    who: str
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """`admin remove`: take somebody off the line."""

    who: str


@dataclass(frozen=True, slots=True)
class Move:
    """`admin move`: to a place, as `list` counts."""

    who: str
    place: int


@dataclass(frozen=True, slots=True)
class Link:
    """`admin link`: pairs of who and an id of the charging network."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Close:
    """`admin close`: nobody is called to these ports (a label, an id, or a station's id)."""

    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """`admin open`: people are called there again."""

    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """`admin set`: a setting of the house, with a value of its kind."""

    key: str
    value: Value


@dataclass(frozen=True, slots=True)
class SetPolicies:
    """A form of settings: all of them, or none."""

    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """`admin grant`: one more admin."""

    who: str


@dataclass(frozen=True, slots=True)
class Revoke:
    """`admin revoke`: one less."""

    who: str


@dataclass(frozen=True, slots=True)
class UndoLast:
    """`admin undo`: take the last act back."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`admin cap`: limit each port to so many kW, or to such a share (0 to 1) of what it can
    give, for a while or until it is lifted.
    """

    kw: float | None = None
    share: float | None = None
    length: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Lift:
    """`admin cap off`: end the limit that was set here."""


@dataclass(frozen=True, slots=True)
class ShowLog:
    """`admin log`: what was done in the last day, and by whom."""


@dataclass(frozen=True, slots=True)
class Free:
    """`admin free`: no car is there, whatever the network shows."""

    port: str


@dataclass(frozen=True, slots=True)
class Unlink:
    """`admin unlink`: ids of the charging network that are nobody's any more: these, or all of a
    person's; without a person, of whoever has them.
    """

    who: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """`admin in @ana 2`: what somebody could wish for themselves."""

    who: str
    wish: In | Out | Suspend | Resume | SayNeed | NoNeed


@dataclass(frozen=True, slots=True)
class Guest:
    """`admin guest Zoe 3 days`: a visitor's code. Without a length it is for today."""

    name: str = ""
    length: timedelta | None = None
    until: ClockTime | None = None
    code: str = ""  # drawn where the wish is heard


class Go(StrEnum):
    """Where to go in `admin setup`."""

    SHOW = "show"
    NEXT = "next"
    TEST = "test"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Setup:
    """`admin setup`: what the operator granted, one step at a time."""

    go: Go = Go.SHOW


OnPerson = Put | Take | Move | Grant | Revoke | OnBehalf
Act = (
    ShowActs | ShowSite | ShowLog | ShowTotals | LinkBoard | Reset | OnPerson | Link | Unlink | Close | Open | Free
    | SetPolicy | SetPolicies | UndoLast | Limit | Lift | Guest | Setup
)  # fmt: skip
