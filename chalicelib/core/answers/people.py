"""Answers to people as such: who they are, where they are told, and small talk."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from chalicelib.values import dataclass


class Courtesy(StrEnum):
    """Small talk that is answered in a line."""

    HELLO = "hello"
    THANKS = "thanks"
    BYE = "bye"


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """Thanked, or greeted."""

    what: Courtesy


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same request came twice; it was done once."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What the house knew of you is forgotten."""

    driver: str


@dataclass(frozen=True, slots=True)
class Coded:
    """A code, to be sent from the number that should join; a visitor's, if there is a name."""

    driver: str
    code: str
    number: str  # ours
    until: datetime
    guest: str = ""
    stays: datetime | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The number that this came from is known now."""

    driver: str
    guest: bool = False


@dataclass(frozen=True, slots=True)
class WrongCode:
    """No such code; after `left` more the number isn't listened to for a while."""

    driver: str
    left: int


@dataclass(frozen=True, slots=True)
class Notified:
    """Where you are told from now on: the platform."""

    driver: str
    platform: str
    pending: bool = False  # the mailbox isn't confirmed yet: until then in chat


class Changed(StrEnum):
    """What of somebody's settings was changed."""

    TOLD = "told"
    HOURS = "hours"
    CLOCK = "clock"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Settings:
    """All of your settings; where some were just `changed`, these."""

    driver: str
    changed: tuple[Changed, ...] = ()


@dataclass(frozen=True, slots=True)
class InMeeting:
    """You aren't called before then; `until` None: the meeting is over, and you can be."""

    driver: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class MailState:
    """Whether you have mail (`pending`: not confirmed yet), and what comes there."""

    driver: str
    has: bool
    pending: bool = False
    all_of_it: bool = False  # you are told there, and not only of alarms
    asked: bool = False  # you gave the address just now


@dataclass(frozen=True, slots=True)
class MailEnded:
    """No mail to you any more."""

    driver: str


@dataclass(frozen=True, slots=True)
class AlarmsSet:
    """Whether you hear of what is broken here; `admin`: you do anyway."""

    driver: str
    on: bool
    admin: bool = False


PeopleAnswer = (
    SmallTalk | Repeated | Forgotten | Coded | Joined | WrongCode | Notified | Settings
    | InMeeting | MailState | MailEnded | AlarmsSet
)  # fmt: skip
