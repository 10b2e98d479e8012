"""One line of the check-up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.chat.text.plain import TerminalMarkup


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`todo` says what to do about it. Never a secret."""

    level: Level
    what: str
    said: str
    todo: str = ""

    def __str__(self) -> str:
        advice = f" — {self.todo}" if self.todo else ""
        return TerminalMarkup().escape(f"{self.level:<8} {self.what}: {self.said}{advice}")
