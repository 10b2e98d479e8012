"""The accounts of a workspace: what people are called, what their status says, who is gone.

Whatever changes is told to the app by events, if it has the scope for them ("Slack docs:
user_change, user_status_changed: users:read").
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from .faults import SlackError

LONGEST_STATUS = 100  # characters (Slack docs: users.profile.set, status_text)
SCOPE = "users:read"


@dataclass(frozen=True, slots=True)
class Account:
    """One person. `expires` 0: a status that stays."""

    id: str
    handle: str
    shown: str
    text: str = ""
    emoji: str = ""
    expires: int = 0
    deleted: bool = False

    def as_slack(self, team: str) -> dict[str, Any]:
        """The user object ("Slack docs: reference/objects/user-object")."""
        real = self.handle.capitalize()
        return {
            "id": self.id,
            "team_id": team,
            "name": self.handle,
            "real_name": real,
            "deleted": self.deleted,
            "is_bot": False,
            "updated": int(time.time()),
            "profile": {
                "display_name": self.shown,
                "real_name": real,
                "status_text": self.text,
                "status_emoji": self.emoji,
                "status_expiration": self.expires,
            },
        }


class Accounts:
    """Who is who in a workspace."""

    def __init__(self, handles: dict[str, str]) -> None:
        self._known = {user: Account(user, name, name) for user, name in handles.items()}

    def of(self, user: str) -> Account:
        """Raises SlackError."""
        if user not in self._known:
            raise SlackError("user_not_found")
        return self._known[user]

    def set_status(self, user: str, text: str, until: datetime | None, emoji: str) -> Account:
        """Raises SlackError."""
        if len(text) > LONGEST_STATUS:
            raise SlackError("too_long")
        expires = int(until.timestamp()) if until is not None and (text or emoji) else 0
        return self._keep(replace(self.of(user), text=text, emoji=emoji, expires=expires))

    def rename(self, user: str, shown: str) -> Account:
        return self._keep(replace(self.of(user), shown=shown))

    def close(self, user: str) -> Account:
        """Deactivated: what they had is kept, and nobody can write to them."""
        return self._keep(replace(self.of(user), deleted=True))

    def _keep(self, account: Account) -> Account:
        self._known[account.id] = account
        return account


def events(account: Account, team: str, *, of_status: bool) -> list[dict[str, Any]]:
    """`user_change`, and of a status `user_status_changed` beside it."""
    now = time.time()
    user = account.as_slack(team)
    change = {"type": "user_change", "user": user, "cache_ts": int(now), "event_ts": f"{now:.6f}"}
    if not of_status:
        return [change]
    return [change, {**change, "type": "user_status_changed"}]
