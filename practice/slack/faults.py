"""How the stand-in says no, in Slack's own words."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A call that Slack refuses: HTTP 200, `ok` false, and this `error`.

    `more` goes into the answer beside it (`needed`, `response_metadata`).
    """

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


class TooFast(Exception):
    """HTTP 429; `retry_after` in whole seconds of site time, at least 1."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too fast, wait {retry_after} s")
        self.retry_after = retry_after


class Outage(Exception):
    """Slack is down for this call, on a test's order: "500", "timeout" or "lost"."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how
