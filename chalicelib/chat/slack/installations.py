"""Where the Slack app is installed: a record for each workspace, or for a whole organization."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from chalicelib.edges import Record, Records
from chalicelib.shapes import Shape

KIND, ORGS, RENEWING = "slack-install", "slack-org", "slack-renewing"
ID = re.compile(r"[A-Z0-9]{1,32}")
LEASE = timedelta(seconds=30)  # outlasts the one call that it is for


@dataclass(frozen=True, slots=True)
class Installation:
    """The app in one workspace, or in an organization (then `team` is the organization's E…)."""

    team: str
    name: str = ""
    token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: float | None = None  # seconds since 1970; None: never
    bot_user: str = ""
    installed_at: float = 0.0  # seconds since 1970


INSTALLATION: Shape[Installation] = Shape(Installation)


class Installs:
    """Keeps installations among the records. Every method may raise StoreUnavailable."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._noted: set[tuple[str, str]] = set()

    def find(self, team: str) -> Installation | None:
        """The workspace's own installation, or else that of its organization."""
        found = self._records.get(KIND, team)
        if found is None and (org := self._records.get(ORGS, team)) is not None:
            found = self._records.get(KIND, str(org.get("org")))
        return read(found) if found is not None else None

    def all(self) -> list[Installation]:
        found = (self._records.get(KIND, team) for team in self._records.keys(KIND))
        return [read(record) for record in found if record is not None]

    def keep(self, installation: Installation) -> None:
        """Installed, perhaps once more."""
        self._records.put(KIND, installation.team, asdict(installation))

    def compare_and_set(self, old: Installation, new: Installation) -> bool:
        """Put `new` if `old` is what is there."""
        record = self._records.get(KIND, old.team)
        if record is None or read(record) != old:
            return False
        return self._records.compare_and_set(KIND, old.team, record, {**record, **asdict(new)})

    def note_org(self, team: str, org: str) -> None:
        """This workspace has the app from its organization. Costs nothing when it is known."""
        if (team, org) in self._noted or not (ID.fullmatch(team) and ID.fullmatch(org)):
            return
        if self._records.get(ORGS, team) != {"org": org}:
            self._records.put(ORGS, team, {"org": org})
        self._noted.add((team, org))

    def forget(self, team: str, left_at: float | None = None) -> bool:
        """Forget what is kept of a workspace or organization; whether there was anything.

        `left_at`, in seconds since 1970: what was installed later stays. Slack repeats its
        events, for hours if need be, and somebody may have installed the app anew meanwhile.
        """
        gone = False
        if not ID.fullmatch(team):
            return gone
        while (record := self._records.get(KIND, team)) is not None:
            if left_at is not None and int(read(record).installed_at) > left_at:
                break
            self._records.delete(KIND, team, only=record)
            gone = True
        if left_at is None and self._records.get(ORGS, team) is not None:
            self._records.delete(ORGS, team)
            gone = True
        self._noted = {one for one in self._noted if one[0] != team}
        return gone

    @contextmanager
    def renewing(self, team: str) -> Iterator[bool]:
        """Whether it is for us to renew the token: only one process at a time may."""
        mine: Record = {"by": uuid.uuid4().hex}
        is_ours = self._records.compare_and_set(RENEWING, team, None, mine, LEASE)
        try:
            yield is_ours
        finally:
            if is_ours:
                self._records.delete(RENEWING, team, only=mine)


def read(record: Record) -> Installation:
    """A newer version's record may have more in it."""
    return INSTALLATION.of(record)
