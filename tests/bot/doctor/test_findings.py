"""`python -m bot check`: each fault has its line, which says what to do."""

from __future__ import annotations

import pytest

from practice.common.people import ADMIN
from practice.slack.workspace import BOT_USER
from tests.bot.doctor.kit import (
    APP_TOKEN,
    DAVE,
    Clinic,
    Setup,
    lines,
    rename,
)


def blind(here: Clinic) -> None:
    """Without the scopes by which Slack shows channels."""
    here.slack.api.scopes -= {"channels:read", "groups:read"}


def both(*setups: Setup) -> Setup:
    return lambda here: [setup(here) for setup in setups]


FAILURES: dict[str, tuple[Setup, dict[str, str], str]] = {
    "a wrong key": (
        lambda _: None,
        {"CHARGEPOINT_API_KEY": "wrong-key"},
        "check the key, the password and the region",
    ),
    "a wrong password": (
        lambda _: None,
        {"CHARGEPOINT_API_PASSWORD": "wrong-password"},
        "check the key, the password and the region",
    ),
    "a wrong token": (
        lambda _: None,
        {"SLACK_BOT_TOKEN": "wrong-token"},
        "Slack says invalid_auth — check SLACK_BOT_TOKEN",
    ),
    "a revoked token": (
        lambda here: here.slack.api.revoke(),
        {},
        "Slack says token_revoked — check SLACK_BOT_TOKEN",
    ),
    "a missing scope": (
        lambda here: here.slack.api.scopes.discard("users:read"),
        {},
        "Slack's scopes: missing users:read — add them to the app, and install it again",
    ),
    "Slack out of reach": (
        lambda _: None,
        {"SLACK_API_URL": "http://127.0.0.1:9/api/"},
        "Slack can't be reached",
    ),
    "no token": (lambda _: None, {"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set — see"),
    "no signing secret": (
        lambda _: None,
        {"SLACK_SIGNING_SECRET": ""},
        "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is not set — see",
    ),
    "a wrong app token": (
        lambda _: None,
        {"SLACK_APP_TOKEN": "xapp-wrong"},
        "Slack refuses SLACK_APP_TOKEN: invalid_auth — it must be an app-level token",
    ),
    "Socket Mode switched off": (
        lambda here: setattr(here.slack.sockets, "enabled", False),
        {"SLACK_APP_TOKEN": APP_TOKEN},
        "Slack refuses SLACK_APP_TOKEN: forbidden_team",
    ),
    "Slack too busy for a socket": (
        lambda here: setattr(here.slack.sockets, "limit", 0),
        {"SLACK_APP_TOKEN": APP_TOKEN},
        "Slack, coming in: ratelimited — check the way out, and try again",
    ),
    "a channel that doesn't exist": (
        rename(channels=("slack:T0HQ:C0NONE",)),
        {},
        "hq: its Slack channel C0NONE: there is no such channel, or it is private and we",
    ),
    "one that doesn't exist, seen without scopes": (
        both(rename(channels=("slack:T0HQ:C0NONE",)), blind),
        {},
        "hq: its Slack channel C0NONE: there is no such channel",
    ),
    "a channel that nobody invited us to": (
        lambda here: here.slack.workspace.members.discard(BOT_USER),
        {},
        "hq: its Slack channel C0EV: we are not in it — /invite @concierge there",
    ),
    "an archived channel": (
        lambda here: setattr(here.slack.workspace, "archived", True),
        {},
        "hq: its Slack channel C0EV: it is archived",
    ),
    "another workspace's channel": (
        rename(channels=("slack:T0OTHER:C0EV",)),
        {},
        "its channel C0EV is in another workspace, T0OTHER: SLACK_BOT_TOKEN is of T0HQ — python",
    ),
    "another workspace's admin": (
        rename(admins=(DAVE, "slack:T0OTHER:U0BOSS")),
        {},
        "hq: its admin U0BOSS is in another workspace, T0OTHER",
    ),
    "an unknown admin": (
        rename(admins=(DAVE, "slack:T0HQ:U0NOBODY")),
        {},
        "hq: its admin U0NOBODY: Slack knows nobody by that id — python -m bot site set hq --admin",
    ),
    "an admin who has left": (
        lambda here: here.slack.workspace.refusing.update({ADMIN.slack_id: "user_disabled"}),
        {},
        "has left the workspace — python -m bot site set hq --admin",
    ),
    "an admin where we don't speak": (
        rename(admins=(DAVE, "mattermost:mm.example:x")),
        {},
        "hq: its admin mattermost:mm.example:x is where we don't speak — python",
    ),
    "a station group that is empty": (
        lambda here: setattr(here.carpark, "ports", list),
        {},
        "group 1234 has no station that this API key may see",
    ),
    "a missing store": (
        lambda _: None,
        {"EV_STORE": "sqlite:/no/such/folder/ev.db"},
        "there is no folder /no/such/folder — make it, or check EV_STORE",
    ),
    "no account": (
        lambda _: None,
        {"CHARGEPOINT_API_KEY": "", "CHARGEPOINT_API_PASSWORD": ""},
        "no account is set — set CHARGEPOINT_API_KEY and CHARGEPOINT_API_PASSWORD",
    ),
    "ChargePoint out of reach": (
        lambda _: None,
        {"CHARGEPOINT_URL": "http://127.0.0.1:9"},
        "check CHARGEPOINT_URL and the way out",
    ),
    "rubbish": (
        lambda here: setattr(here.network.fault_config, "html", True),
        {},
        "check CHARGEPOINT_URL and the way out",
    ),
    "a plan without getStationStatus": (
        lambda here: setattr(here.network.fault_config, "denied", frozenset({"getStationStatus"})),
        {},
        "getStationStatus",
    ),
    "a feed out of reach": (
        lambda _: None,
        {"CHARGEPOINT_XMPP": "127.0.0.1:9"},
        "127.0.0.1:9: ",
    ),
    "a bad CA": (
        lambda _: None,
        {"CHARGEPOINT_XMPP": "127.0.0.1:9", "CHARGEPOINT_XMPP_CA": "/no/such/file"},
        "CHARGEPOINT_XMPP_CA: can't read /no/such/file",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_fails(ours: Clinic, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """One failed line that says what to do, everything else still looked at, exit code 1."""
    setup, environ, advice = FAILURES[name]
    setup(ours)
    code, said = ours.check(capsys, **environ)
    assert code == 1, said
    failed = lines(said, "failed")
    assert len(failed) == 1, said
    assert advice in failed[0]
    assert " — " in failed[0] or name == "a bad CA", failed[0]
    assert "settings:" in said
    assert "web:" in said


Warned = tuple[Setup, dict[str, str], str]
WARNINGS: dict[str, Warned] = {
    "a plan without getLoad": (
        lambda here: setattr(here.network.fault_config, "denied", frozenset({"getLoad"})),
        {},
        "no power and no drivers seen (getLoad, API 5.1)",
    ),
    "a plan without alarms": (
        lambda here: setattr(
            here.network.fault_config, "denied", frozenset({"getAlarms", "getStationActiveFaults"})
        ),
        {},
        "ChargePoint's plan: not allowed: hq: alarms (getAlarms)",
    ),
    "a plan without getUsers": (
        lambda here: setattr(here.network.fault_config, "denied", frozenset({"getUsers"})),
        {},
        "ChargePoint's plan: not allowed: drivers (getUsers)",
    ),
    "API 4.1": (
        lambda _: None,
        {"CHARGEPOINT_API_VERSION": "4.1"},
        "no drivers seen, and the power of whole stations only (getLoad, API 4.1)",
    ),
    "a channel that can't be looked at": (
        blind,
        {},
        "hq: its Slack channel C0EV can't be looked at: Slack says missing_scope — the scopes",
    ),
    "no web address": (lambda _: None, {"EV_HTTP": ""}, "EV_HTTP is not set"),
    "no feed": (lambda _: None, {}, "event feed: off: cars are noticed by polling alone"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_only_lacks(ours: Clinic, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """What works with less gets a warning that says what is less, and exit code 0."""
    setup, environ, words = WARNINGS[name]
    setup(ours)
    code, said = ours.check(capsys, **environ)
    assert code == 0, said
    assert any(words in line for line in lines(said, "warning")), said
