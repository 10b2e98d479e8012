"""Who people are, as Slack knows them: names, whether they are there, and what their status says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from chalicelib.core.inputs import Availability, Profile, Sort

LATEST = 4_102_444_800  # the end of the century: no status lasts so long
# What calendars and people write, and the signs that the calendar apps set.
MEETING = re.compile(
    r"\b(?:meeting|meet|huddle|interview(?:ing)?|presenting|presentation|1:1|one[- ]on[- ]one|"
    r"stand-?up|workshop|conference|busy|(?:on|in) a (?:\w+ )?call|do not disturb|"
    r"besprechung|r[ée]uni[oó]n|riunione|vergadering)\b",
    re.IGNORECASE,
)
SIGNS = (":calendar:", ":spiral_calendar_pad:", ":date:")


def availability(profile: dict[str, Any]) -> Availability:
    """Until when a status says that somebody is in a meeting. One without an end says nothing: it
    is left standing for days (Slack docs: users.profile.set, status_expiration).
    """
    ends, text = profile.get("status_expiration"), profile.get("status_text")
    if isinstance(ends, bool) or not isinstance(ends, int | float) or not 0 < ends < LATEST:
        return Availability()
    says = isinstance(text, str) and MEETING.search(text) is not None
    if not says and profile.get("status_emoji") not in SIGNS:
        return Availability()
    return Availability(datetime.fromtimestamp(ends, UTC))


def profile_of(driver: str, user: dict[str, Any]) -> Profile:
    """A user as Slack knows them. Its own bot has no `is_bot`."""
    profile = user.get("profile") or {}
    shown = profile.get("display_name") or profile.get("real_name") or user.get("real_name")
    handle = str(user.get("name") or "")
    is_bot = bool(user.get("is_bot")) or user.get("id") == "USLACKBOT"
    sort = Sort.BOT if is_bot else Sort.GONE if user.get("deleted") else Sort.PERSON
    return Profile(driver, str(shown or handle), handle, sort, availability(profile))
