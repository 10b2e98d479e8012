"""The check-up of Slack: the way in, each workspace's token, the sites' channels and admins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chalicelib import wiring
from chalicelib.chat.slack.installations import Installation, Installs
from chalicelib.chat.slack.manifest import OPTIONAL
from chalicelib.chat.slack.probe import Probe, ProbeFailed, channel_trouble, person_trouble, probe
from chalicelib.edges import Clock, MessengerUnavailable, StoreUnavailable
from chalicelib.settings import Settings, given, lacking

from .result import CheckResult, Level, Patient, change, failed, ok, warning
from .slack_blocks import check_blocks

IN, OUT = "Slack, coming in", "Slack, going out"
MOST_ASKED = 3  # workspaces whose validator is asked: they differ in little
SKEW = timedelta(minutes=1)  # Slack's signatures are void after five


class Key(NamedTuple):
    """A token that works, and the ids under which sites name its workspace or organization."""

    token: str
    teams: frozenset[str]
    where: str = "Slack"  # the workspace's name


def check_slack(patient: Patient) -> Iterator[CheckResult]:
    """How commands come in, the tokens for what goes out, and what they let us see."""
    settings, keys = patient.settings, list[Key]()
    missing = lacking("slack", given(settings))
    yield from (failed(one.what, one, one.todo) for one in missing)
    if IN not in [one.what for one in missing]:
        yield check_way_in(settings)
    if settings.slack_bot_token:
        yield from check_token(patient, keys)
    if settings.slack_client_id:
        yield from check_workspaces(patient, keys)
    elif keys:
        yield from check_teams(patient, keys[0])
    for key_ in keys[:MOST_ASKED]:
        yield from check_blocks(key_.token, settings.slack_api_url, key_.where)
    if keys:
        yield from check_channels(patient, keys)
        yield from check_admins(patient, keys)


def check_way_in(settings: Settings) -> CheckResult:
    """Socket Mode, or requests to our address. No socket is opened: Slack would talk to it."""
    if not settings.slack_app_token:
        return ok(IN, "commands come to our address, /slack/events")
    from chalicelib.chat.slack.socket import TokenRefused, socket_url

    try:
        socket_url(settings.slack_app_token, settings.slack_api_url)
    except TokenRefused as refused:
        return failed(IN, refused, "it must be an app-level token with connections:write, and Socket Mode on in the app's settings")  # fmt: skip
    except MessengerUnavailable as fault:
        return failed(IN, fault, "check the way out, and try again")
    return ok(IN, "commands come by Socket Mode")


def check_token(patient: Patient, keys: list[Key]) -> Iterator[CheckResult]:
    """The token that the settings give: who we are by it, its scopes, and the clock."""
    settings = patient.settings
    try:
        us = probe(settings.slack_bot_token, settings.slack_api_url)
    except ProbeFailed as why:
        yield failed(OUT, why, "check SLACK_BOT_TOKEN and the way out")
        return
    keys.append(key(settings.slack_bot_token, us))
    if us.missing:
        yield failed("Slack's scopes", f"missing {', '.join(us.missing)}", "add them to the app, and install it again")  # fmt: skip
    else:
        yield ok(OUT, f"we are {us.user} in {us.team}")
    yield from check_optional(us)
    if us.at is not None:
        yield check_clock(us.at, patient.clock)


def key(token: str, us: Probe) -> Key:
    return Key(token, frozenset({us.team_id, us.enterprise_id} - {""}), us.team)


def check_optional(us: Probe) -> Iterator[CheckResult]:
    """What is off since its scope wasn't granted: that may be meant."""
    lacks = [scope for scope in OPTIONAL if us.granted and scope not in us.granted]
    if lacks:
        off = "; ".join(f"{OPTIONAL[scope]} ({scope})" for scope in lacks)
        yield CheckResult(Level.OK, "Slack's scopes", f"off in {us.team}: {off}", "to have one, add its scope to the app, and install it again")  # fmt: skip


def check_clock(at: datetime, clock: Clock) -> CheckResult:
    """This machine's clock against Slack's."""
    skew = abs(clock.now() - at.astimezone(UTC))
    if skew > SKEW:
        return failed("clock", f"{skew.total_seconds():.0f} s off Slack's", "set this machine's clock by NTP")  # fmt: skip
    return ok("clock", "agrees with Slack's")


# --- many workspaces ----------------------------------------------------------------------


def check_workspaces(patient: Patient, keys: list[Key]) -> Iterator[CheckResult]:
    """Where the app is installed, whether each token works, and whether each site has one."""
    settings = patient.settings
    installs = Installs(wiring.records_of(settings))
    link = f"{settings.public_url.rstrip('/')}/slack/install"
    home = frozenset[str]().union(*(one.teams for one in keys))
    try:
        known = installs.all()
        lost = [
            (site, team)
            for site, team, _ in patient.channels("slack")
            if installs.find(team) is None and team not in home
        ]
    except StoreUnavailable:
        return  # the store has a line of its own
    if not known:
        yield warning(OUT, "installed in no workspace yet", f"open {link}")
    for number, one in enumerate(known):
        yield from check_workspace(one, patient, link, keys, is_first=number == 0 and not home)
    for site, team in lost:
        yield failed(site.id, f"Slack: not installed in its workspace, {team}", f"somebody there opens {link}")  # fmt: skip


def check_workspace(
    one: Installation, patient: Patient, link: str, keys: list[Key], *, is_first: bool
) -> Iterator[CheckResult]:
    """Whether its token works. One that has ended isn't renewed here."""
    where = f"{one.name or 'a workspace'} ({one.team})"
    if one.expires_at is not None and one.expires_at <= patient.clock.now().timestamp():
        yield ok(OUT, f"{where}: the token has ended, and is renewed when there is something to say")  # fmt: skip
        return
    try:
        us = probe(one.token, patient.settings.slack_api_url)
    except ProbeFailed as why:
        yield failed(OUT, f"{where}: {why}", f"check the way out, or install it there again: {link}")  # fmt: skip
        return
    keys.append(Key(one.token, frozenset({one.team}), us.team))
    if us.missing:
        yield failed(OUT, f"{where}: missing {', '.join(us.missing)}", f"install it there again: {link}")  # fmt: skip
    else:
        yield ok(OUT, f"installed in {where}")
    if is_first and us.at is not None:
        yield check_clock(us.at, patient.clock)


# --- what the sites name ------------------------------------------------------------------


def check_teams(patient: Patient, only: Key) -> Iterator[CheckResult]:
    """With one token there is one workspace: what a site names elsewhere isn't reached."""
    here = min(only.teams, default="")
    for what, option, found in (
        ("channel", "channel", patient.channels("slack")),
        ("admin", "admin", patient.admins("slack")),
    ):
        for site, team, last in found:
            if team not in only.teams:
                yield failed(site.id, f"its {what} {last} is in another workspace, {team}: SLACK_BOT_TOKEN is of {here}", change(site, option, f"slack:{here}:…"))  # fmt: skip


def check_channels(patient: Patient, keys: list[Key]) -> Iterator[CheckResult]:
    """Whether each is there, and whether we are in it."""
    for site, team, channel in patient.channels("slack"):
        token = token_for(team, keys)
        if token is None:
            continue  # said already
        try:
            trouble = channel_trouble(token, patient.settings.slack_api_url, channel)
        except ProbeFailed as why:
            yield warning(site.id, f"its Slack channel {channel} can't be looked at: {why}", "the scopes channels:read and groups:read let us see whether we are in it")  # fmt: skip
            continue
        if trouble:
            yield failed(site.id, f"its Slack channel {channel}: {trouble}", f"/invite @concierge there, or correct it: {change(site, 'channel', f'slack:{team}:…')}")  # fmt: skip
        else:
            yield ok(site.id, f"we are in its Slack channel {channel}")


def check_admins(patient: Patient, keys: list[Key]) -> Iterator[CheckResult]:
    """Whether Slack knows each. Nothing is said of one who is there."""
    for site, team, user in patient.admins("slack"):
        token = token_for(team, keys)
        if token is None:
            continue
        try:
            trouble = person_trouble(token, patient.settings.slack_api_url, user)
        except ProbeFailed as why:
            yield warning(site.id, f"its admin {user} can't be looked up: {why}")
            continue
        if trouble:
            yield failed(site.id, f"its admin {user}: {trouble}", change(site, "admin", f"slack:{team}:…"))  # fmt: skip


def token_for(team: str, keys: list[Key]) -> str | None:
    return next((one.token for one in reversed(keys) if team in one.teams), None)
