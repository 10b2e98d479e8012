"""What somebody wants to see: the line, the ports, the power, the help."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.core.card import PersonTotal, ReportCard, Span
from chalicelib.energy.report import PowerReport
from chalicelib.values import dataclass

from .foresight import Expected


@dataclass(frozen=True, slots=True)
class Line:
    """The whole line and every port, as the site stands.

    `order`: the drivers as they'd be called; "()" as they stand. `ends`: when each car's stay
    should end, by port; `expected`: what can be said to each of the line.
    """

    driver: str
    order: tuple[str, ...] = ()
    ends: tuple[tuple[str, datetime], ...] = ()
    expected: tuple[tuple[str, Expected], ...] = ()


@dataclass(frozen=True, slots=True)
class BoardShown:
    """What the board shows, or would."""

    driver: str


@dataclass(frozen=True, slots=True)
class BoardLink:
    """To the board on a page of its own; "": nobody reaches us."""

    link: str


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port, and where the driver stands."""

    driver: str
    ends: tuple[tuple[str, datetime], ...] = ()
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class OnePort:
    """One port as it stands."""

    port: str


@dataclass(frozen=True, slots=True)
class Power:
    """The building's power; `report` None: it has no meter. `cars_kw`: what the ports give."""

    report: PowerReport | None
    cars_kw: float | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """What happened to my place, from the trail."""

    driver: str


@dataclass(frozen=True, slots=True)
class Help:
    """How to talk to the concierge; with a `topic`, how to use that one command."""

    topic: str = ""
    admin: bool = False  # an admin asks: there is more
    mail: bool = True  # somebody here sends mail


class FormName(StrEnum):
    """What can be filled in, where a platform has forms."""

    JOIN = "join"
    NEED = "need"
    SETTINGS = "settings"  # personal ones
    TURNS = "turns"  # the settings of the house, a chapter each
    CHARGING = "charging"
    HOURS = "hours"
    POWER = "power"


FOR_ADMINS = (FormName.TURNS, FormName.CHARGING, FormName.HOURS, FormName.POWER)


@dataclass(frozen=True, slots=True)
class FormOf:
    """A form to fill in, as the site stands; where there are none, what to type instead."""

    driver: str
    form: FormName


@dataclass(frozen=True, slots=True)
class Report:
    """What a week or four came to. `totals`: the admins of the site see these by person."""

    card: ReportCard
    link: str = ""  # to the table, or to a picture
    csv: bool = False  # the table was asked for …
    sent: bool = False  # … or a picture could be shown: it comes in a message of its own
    totals: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """For an admin alone: what each person's cars came to."""

    span: Span
    people: tuple[PersonTotal, ...]


@dataclass(frozen=True, slots=True)
class HomeTab:
    """All of a person's Home tab, as it stands when it is sent."""

    driver: str


ShownAnswer = (
    Line | BoardShown | BoardLink | Ports | OnePort | Power | Why | Help | FormOf | Report
    | Totals | HomeTab
)  # fmt: skip
