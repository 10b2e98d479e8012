"""Answers to admins."""

from __future__ import annotations

from enum import StrEnum

from chalicelib.energy.needs import Need
from chalicelib.values import dataclass


class Deed(StrEnum):
    """What an admin did."""

    RESET = "reset"
    ADD = "add"
    REMOVE = "remove"
    MOVE = "move"
    LINK = "link"
    CLOSE = "close"
    OPEN = "open"
    SET = "set"
    GRANT = "grant"
    REVOKE = "revoke"
    UNDO = "undo"
    CAP = "cap"
    FREE = "free"
    UNLINK = "unlink"
    IN = "in"
    OUT = "out"
    SUSPEND = "suspend"
    RESUME = "resume"
    NEED = "need"


@dataclass(frozen=True, slots=True)
class Did:
    """An admin did something. Public. `detail`: the place, the setting, the count, the deed, the
    ids; `before`: what a setting was; `need`, `old`: what somebody needs, and did before.
    """

    by: str
    deed: Deed
    who: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    detail: str = ""
    before: str = ""
    need: Need | None = None
    old: Need | None = None


@dataclass(frozen=True, slots=True)
class CannotUndo:
    """The last act isn't one that `undo` takes back."""

    by: str
    did: Did


@dataclass(frozen=True, slots=True)
class Unchanged:
    """An admin's act that changes nothing: said to them only. As in `Did`."""

    by: str
    deed: Deed
    who: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AskReset:
    """Reset empties the line; really?"""

    by: str
    waiting: int


@dataclass(frozen=True, slots=True)
class AdminHelp:
    """What admins can do; with a `topic`, how one of it is done."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """`admin show`: the site's settings, people and ports."""

    by: str


@dataclass(frozen=True, slots=True)
class Log:
    """`admin log`: what admins, and hands, have done in the last day."""

    by: str


class SetupStep(StrEnum):
    """What an admin looks through, in this order."""

    CHARGERS = "chargers"
    CLOCK = "clock"
    HOURS = "hours"
    ORDER = "order"
    TEST = "test"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class SetupShown:
    """One step of `admin setup`; `tested`: the test was just sent."""

    by: str
    step: SetupStep
    tested: bool = False


class Missing(StrEnum):
    """What keeps a site from working as it should."""

    ADMINS = "admins"
    PORTS = "ports"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Welcome:
    """To a channel that we were invited to: what we do, and what is missing."""

    driver: str  # who invited us; "": nobody knows
    missing: tuple[Missing, ...] = ()


AdminAnswer = (
    Did | CannotUndo | Unchanged | AskReset | AdminHelp | Shown | Log | SetupShown | Welcome
)  # fmt: skip
