"""Wishes about oneself, an admin's, and what is no wish."""

from __future__ import annotations

from datetime import time, timedelta
from enum import StrEnum

from chalicelib.core.acts import Act
from chalicelib.core.answers import Courtesy, NotUnderstood
from chalicelib.core.hours import ClockTime
from chalicelib.values import dataclass


@dataclass(frozen=True, slots=True)
class ForgetMe:
    """`forget me`: know nothing of me any more."""


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Thanked, or greeted."""

    what: Courtesy


@dataclass(frozen=True, slots=True)
class Admin:
    """`admin …`: an act that is for admins only."""

    act: Act


@dataclass(frozen=True, slots=True)
class Unclear:
    """Typed, and not understood. `admin`: it was meant as an admin's command; `admins`: what an
    admin may have meant.
    """

    answer: NotUnderstood
    admin: bool = False
    admins: str = ""


@dataclass(frozen=True, slots=True)
class GetCode:
    """`phone`: a code that joins my number to me. `code` is drawn where the wish is heard."""

    code: str = ""


@dataclass(frozen=True, slots=True)
class Join:
    """A code was sent from a number."""

    code: str


@dataclass(frozen=True, slots=True)
class Notify:
    """`notify sms`, `notify mail`, `notify chat`: where I want to be told."""

    platform: str  # "": where I am at home


class Told(StrEnum):
    """How somebody wants to be told (rule 41)."""

    DM = "dm"  # directly
    HERE = "here"  # called in the channel where they say it; the rest directly
    QUIET = "quiet"  # only what can't wait


@dataclass(frozen=True, slots=True)
class Prefer:
    """`notify here`, `quiet 22:00-07:00`, `clock 12`, `meetings on`, or the form: my settings.

    None: left as it is. `no_hours`: no quiet hours any more.
    """

    told: Told | None = None
    hours: tuple[time, time] | None = None
    no_hours: bool = False
    clock: int | None = None  # 12 or 24
    heeds_status: bool | None = None


@dataclass(frozen=True, slots=True)
class Meet:
    """`meeting until 11:00`, `meeting 45m`: don't call me before. Neither: it is over."""

    length: timedelta | None = None
    until: ClockTime | None = None


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """`settings`: all of mine, and how each is changed."""


@dataclass(frozen=True, slots=True)
class MailMe:
    """`mail ana@example.com`: let me have mail there.

    Where the wish is heard the address is handed on to who keeps it, and a name stands for it
    from there on; `why` there is none.
    """

    mailbox: str = ""
    name: str = ""
    confirmed: bool = False  # its owner has agreed already
    why: str = ""

    def __repr__(self) -> str:
        return f"MailMe({self.name!r})"  # an address belongs in no log


@dataclass(frozen=True, slots=True)
class ShowMail:
    """`mail`: whether I have mail, and what comes there."""


@dataclass(frozen=True, slots=True)
class MailOff:
    """`mail off`: no mail any more."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """`alarms on`, `alarms off`: whether I hear of what is broken here, as admins do."""

    on: bool


@dataclass(frozen=True, slots=True)
class Invited:
    """Nobody typed it: we were invited to a channel."""
