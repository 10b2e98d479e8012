"""What somebody wants to see."""

from __future__ import annotations

from chalicelib.core.answers import FormName
from chalicelib.core.card import ReportCard, Span
from chalicelib.energy.report import PowerReport
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class ShowLine:
    """`list`: the whole line and every port."""


@dataclass(frozen=True, slots=True)
class ShowBoard:
    """`board`: what stands on it."""


@dataclass(frozen=True, slots=True)
class ShowStatus:
    """`status`: every port, and where I stand."""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """`help`, or nothing: all commands; with a `topic`, that one command. Whoever reads the
    wish adds whether there is mail here.
    """

    topic: str = ""
    mail: bool = True


@dataclass(frozen=True, slots=True)
class AskWhy:
    """`why`: what happened to my place."""


@dataclass(frozen=True, slots=True)
class ShowPort:
    """`who is on 2`: one port (its label or id)."""

    port: str


@dataclass(frozen=True, slots=True)
class ShowPower:
    """`power`: the building's. Whoever reads the wish adds what the meter says."""

    week: bool = False
    report: PowerReport | None = None


@dataclass(frozen=True, slots=True)
class OpenForm:
    """A button or a shortcut: a form, to fill in what could be typed."""

    form: FormName


@dataclass(frozen=True, slots=True)
class ShowReport:
    """`report [week|month]`: for everybody's eyes. Whoever reads the wish adds what the log of
    stays says, a link to more, and whether the asker's platform shows a picture (`draws`).
    """

    span: Span = Span.WEEK
    csv: bool = False
    card: ReportCard | None = None
    link: str = ""
    draws: bool = False


@dataclass(frozen=True, slots=True)
class OpenHome:
    """I look at my Home tab now; `others` are sites that I could look at there instead."""

    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaveHome:
    """I look at another site there."""
