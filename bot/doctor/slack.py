"""The check-up of Slack where many workspaces may install the app."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chalicelib import wiring
from chalicelib.chat.slack.installations import Installation, Installs
from chalicelib.chat.slack.probe import ProbeFailed, probe
from chalicelib.core.model import Site
from chalicelib.edges import Clock, StoreUnavailable
from chalicelib.settings import Settings

from .chat import channels
from .result import CheckResult, Level

WHAT = "Slack, going out"
SKEW = timedelta(minutes=1)  # Slack's signatures are void after five


def check_workspaces(settings: Settings, sites: list[Site], clock: Clock) -> Iterator[CheckResult]:
    """Where the app is installed, whether each token works, and whether each site has one."""
    installs = Installs(wiring.records_of(settings))
    link = f"{settings.public_url.rstrip('/')}/slack/install"
    try:
        known = installs.all()
        lost = [
            (site_id, team)
            for site_id, team, _ in channels(sites, "slack")
            if installs.find(team) is None and not settings.slack_bot_token
        ]
    except StoreUnavailable:
        return  # the store has a line of its own
    if not known:
        yield CheckResult(Level.WARNING, WHAT, "installed in no workspace yet", f"open {link}")
    looked = [check_workspace(one, settings, clock, link) for one in known]
    yield from (finding for finding, _ in looked)
    yield from [check_clock(at, clock) for _, at in looked if at is not None][:1]
    for site_id, team in lost:
        yield CheckResult(Level.FAILED, site_id, f"Slack: not installed in its workspace, {team}", f"somebody there opens {link}")  # fmt: skip


def check_workspace(
    one: Installation, settings: Settings, clock: Clock, link: str
) -> tuple[CheckResult, datetime | None]:
    """Whether its token works, and Slack's time. A token that has ended isn't renewed here."""
    where = f"{one.name or 'a workspace'} ({one.team})"
    if one.expires_at is not None and one.expires_at <= clock.now().timestamp():
        return CheckResult(Level.OK, WHAT, f"{where}: the token has ended, and is renewed when there is something to say"), None  # fmt: skip
    try:
        us = probe(one.token, settings.slack_api_url)
    except ProbeFailed as why:
        return CheckResult(Level.FAILED, WHAT, f"{where}: {why}", f"check the way out, or install it there again: {link}"), None  # fmt: skip
    if us.missing:
        return CheckResult(Level.FAILED, WHAT, f"{where}: missing {', '.join(us.missing)}", f"install it there again: {link}"), us.at  # fmt: skip
    return CheckResult(Level.OK, WHAT, f"installed in {where}"), us.at


def check_clock(at: datetime, clock: Clock) -> CheckResult:
    """This machine's clock against Slack's."""
    skew = abs(clock.now() - at.astimezone(UTC))
    if skew > SKEW:
        return CheckResult(Level.FAILED, "clock", f"{skew.total_seconds():.0f} s off Slack's", "set this machine's clock by NTP")  # fmt: skip
    return CheckResult(Level.OK, "clock", "agrees with Slack's")
