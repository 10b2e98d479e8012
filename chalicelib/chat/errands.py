"""What a wish needs besides the site, fetched before the core is asked: it draws and reads nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Protocol

from chalicelib.core import Outcome
from chalicelib.core.acts import Act, Guest, LinkBoard, ShowTotals
from chalicelib.core.answers import MailState
from chalicelib.core.card import PersonTotal, ReportCard, Span
from chalicelib.core.inputs import (
    Admin,
    Asked,
    GetCode,
    Input,
    MailMe,
    Notify,
    ShowHelp,
    ShowMail,
    ShowPower,
    ShowReport,
)
from chalicelib.energy.report import PowerReport
from chalicelib.values import replace

# The wishes that need one
ERRANDS = GetCode | ShowPower | ShowReport | ShowHelp | MailMe | ShowMail | Notify | Admin
DRAWING = ("slack", "mattermost")  # platforms that show pictures and take files


class Core(Protocol):
    """Who gives a site an input."""

    def handle(self, site_id: str, given: Input) -> Outcome: ...


class AskForMail(Protocol):
    """Hands a mailbox to who keeps addresses; the wish with a name in its place, or why not.
    Raises StoreUnavailable.
    """

    def __call__(self, mailbox: str, person: str) -> MailMe: ...


class TellPower(Protocol):
    """Asks the building's meter; None: the site has none."""

    def __call__(self, site_id: str, *, week: bool) -> PowerReport | None: ...


class Reporter(Protocol):
    """Reads the log of stays."""

    def card(self, site_id: str, span: Span) -> ReportCard | None:
        """None: there is no log. Raises StoreUnavailable, NewerFormat, UnknownSite."""

    def totals(self, site_id: str, span: Span) -> tuple[PersonTotal, ...]:
        """By person. Raises the same."""

    def link(self, site_id: str, span: Span, *, csv: bool) -> str:
        """To the table or a picture; "": nobody reaches us. Raises StoreUnavailable."""


class Errands:
    """Who is asked for what. What isn't there (None) is left out."""

    def __init__(
        self,
        core: Core,
        platform: str,
        power: TellPower | None = None,
        reporter: Reporter | None = None,
        board_link: Callable[[str], str] | None = None,
        mail: AskForMail | None = None,
    ) -> None:
        self._core = core
        self._draws = platform in DRAWING
        self._power = power
        self._reporter = reporter
        self._board_link = board_link
        self._mail = mail

    def run(self, site_id: str, asked: Asked) -> Asked:
        """The wish, with what it needs."""
        wish = asked.wish
        match wish:
            case GetCode():
                return replace(asked, wish=replace(wish, code=new_code()))
            case ShowPower(week=week) if self._power is not None:
                report = self._power(site_id, week=week)
                return replace(asked, wish=replace(wish, report=report))
            case ShowReport() if self._reporter is not None:
                return replace(asked, wish=self._reported(self._reporter, site_id, wish))
            case ShowHelp():
                return replace(asked, wish=replace(wish, mail=self._mail is not None))
            case MailMe() if self._mail is not None:
                return self._with_mail(self._mail, site_id, asked, wish)
            case MailMe() | ShowMail() | Notify("mail") if self._mail is None:
                return replace(asked, wish=MailMe())  # refused, in words about that
            case Admin(act):
                return replace(asked, wish=Admin(self._for_admin(site_id, act)))
            case _:
                return asked

    def _for_admin(self, site_id: str, act: Act) -> Act:
        match act:
            case Guest():
                return replace(act, code=new_code())
            case LinkBoard() if self._board_link is not None:
                return LinkBoard(self._board_link(site_id))
            case ShowTotals(span) if self._reporter is not None:
                return replace(act, people=self._reporter.totals(site_id, span))
            case _:
                return act

    def _reported(self, reporter: Reporter, site_id: str, wish: ShowReport) -> ShowReport:
        """With what the log says."""
        is_linked = wish.csv or not self._draws
        link = reporter.link(site_id, wish.span, csv=wish.csv) if is_linked else ""
        return replace(wish, card=reporter.card(site_id, wish.span), link=link, draws=self._draws)

    def _with_mail(self, ask: AskForMail, site_id: str, asked: Asked, wish: MailMe) -> Asked:
        """The address goes to who keeps it, and no further; nobody is asked to confirm for
        somebody who may not even ask here.
        """
        may = self._core.handle(site_id, replace(asked, wish=ShowMail(), request="", reply_to=None, public_to=None))  # fmt: skip
        if not isinstance(may.answer, MailState):
            return replace(asked, wish=ShowMail())
        return replace(asked, wish=ask(wish.mailbox, may.answer.driver))


def new_code() -> str:
    """One that nobody can guess."""
    return f"{secrets.randbelow(1_000_000):06d}"
