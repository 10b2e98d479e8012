"""One line of the check-up, and what every check may look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.core.model import Site
from chalicelib.edges import Clock
from chalicelib.settings import Settings


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


def ok(what: str, said: str) -> CheckResult:
    return CheckResult(Level.OK, what, said)


def warning(what: str, said: str, todo: str = "") -> CheckResult:
    return CheckResult(Level.WARNING, what, said, todo)


def failed(what: str, said: object, todo: str = "") -> CheckResult:
    return CheckResult(Level.FAILED, what, str(said), todo)


@dataclass(frozen=True, slots=True)
class Patient:
    """What is checked. `sites` are those that could be read; the store's check fills them in."""

    settings: Settings
    clock: Clock
    sites: list[Site] = field(default_factory=list)

    def channels(self, platform: str) -> Iterator[tuple[Site, str, str]]:
        """Site, tenant and last part of each channel on a platform."""
        yield from self._addresses(platform, [(site, site.channels) for site in self.sites])

    def admins(self, platform: str) -> Iterator[tuple[Site, str, str]]:
        """The same of each admin."""
        yield from self._addresses(platform, [(site, site.admins) for site in self.sites])

    @staticmethod
    def _addresses(
        platform: str, named: list[tuple[Site, tuple[str, ...]]]
    ) -> Iterator[tuple[Site, str, str]]:
        for site, addresses in named:
            for address in addresses:
                here, tenant, last = address.split(":", 2)
                if here == platform:
                    yield site, tenant, last


def change(site: Site, option: str, example: str) -> str:
    """The command that sets it right."""
    return f"python -m bot site set {site.id} --{option} {example}"
