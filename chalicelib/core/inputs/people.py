"""Wishes about oneself, an admin's, and what is no wish."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.acts import Act
from chalicelib.core.answers import Courtesy, NotUnderstood


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
    """`notify sms`, `notify chat`: where I want to be told."""

    platform: str  # "": where I am at home
