"""`python -m bot check` where many Slack workspaces may install the app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import time

import pytest

from bot.__main__ import needed
from bot.doctor import check
from chalicelib import wiring
from chalicelib.chat.slack.installations import Installs
from chalicelib.clock import SystemClock
from practice.common.people import WORKSPACE
from tests.chat.slack.oauth_kit import HOME, ORG, THREE, TWO, Street, street


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Street]:
    with street(tmp_path) as here:
        yield here


def said(here: Street, **more: str) -> str:
    found = check.findings(replace(here.settings, **more), SystemClock())  # type: ignore[arg-type]  # texts only
    text = "\n".join(str(finding) for finding in found)
    for one in here.installed():
        assert one.token not in text
    return text


def test_where_it_is_installed(here: Street) -> None:
    """A line for each workspace, and for each organization; each token is tried."""
    here.oauth.rotates = True
    for team in (WORKSPACE, ORG):
        here.install(team)
    here.site("hq", WORKSPACE)
    text = said(here)
    assert f"ok       Slack, going out: installed in Team {WORKSPACE} ({WORKSPACE})" in text
    assert f"ok       Slack, going out: installed in Org {ORG} ({ORG})" in text
    assert "SLACK_BOT_TOKEN" not in text
    assert text.count("clock: agrees with Slack's") == 1
    assert "failed" not in text
    assert here.oauth.renewals == []


def test_a_workspace_with_a_strange_name(here: Street) -> None:
    """Whoever names a workspace can't write on the operator's terminal."""
    here.install(TWO)
    installs = Installs(wiring.records_of(here.settings))
    (kept,) = installs.all()
    installs.keep(replace(kept, name="Two\x1b[2J\nok       store: all is well"))
    text = said(here)
    assert "\x1b" not in text
    assert "\nok       store: all is well" not in text


def test_nowhere(here: Street) -> None:
    """The link to install is named."""
    assert f"installed in no workspace yet — open {here.address}/slack/install" in said(here)


def test_a_token_that_works_no_more(here: Street) -> None:
    """Slack's reason, and the link to install it again."""
    here.install(TWO)
    here.oauth.revoke(TWO)
    text = said(here)
    assert f"failed   Slack, going out: Team {TWO} ({TWO}): Slack says token_revoked" in text
    assert f"again: {here.address}/slack/install" in text


def test_a_token_that_ended(here: Street) -> None:
    """Nothing is renewed by looking."""
    here.oauth.rotates = True
    here.install(TWO)
    (kept,) = here.installed()
    Installs(wiring.records_of(here.settings)).keep(replace(kept, expires_at=time() - 1))
    assert "is renewed when there is something to say" in said(here)
    assert here.oauth.renewals == []


def test_a_site_without(here: Street) -> None:
    """A site in a workspace where it isn't installed speaks to nobody; in an organization it does."""
    here.install(ORG)
    here.site("two", TWO)
    here.site("three", THREE)
    here.ask(THREE, "ana", "/ev list")
    text = said(here)
    assert f"failed   two: Slack: not installed in its workspace, {TWO}" in text
    assert "three: Slack" not in text
    assert "two: Slack: not installed" in said(here, slack_bot_token=HOME)  # that is another's


def test_the_workspace_of_the_token(here: Street) -> None:
    """The workspace that SLACK_BOT_TOKEN is of needs no installation."""
    here.site("hq", WORKSPACE)
    assert "hq: Slack: not installed" in said(here)
    assert "hq: Slack: not installed" not in said(here, slack_bot_token=HOME)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"SLACK_SIGNING_SECRET": "x"}, ("SLACK_BOT_TOKEN",)),
        ({"SLACK_SIGNING_SECRET": "x", "SLACK_CLIENT_ID": "1.2"}, ()),
        ({"SLACK_APP_TOKEN": "xapp-1", "SLACK_CLIENT_ID": "1.2"}, ()),
        (
            {"SLACK_CLIENT_ID": "1.2", "MATTERMOST_URL": "x"},
            (
                "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET",
                "MATTERMOST_COMMAND_TOKEN",
                "MATTERMOST_BOT_TOKEN",
            ),
        ),
        ({"SLACK_API_URL": "x", "HIPCHAT_ALLOWED_HOSTS": "x", "PUBLIC_URL": "x"}, ()),
    ],
)
def test_what_run_needs(given: dict[str, str], wanted: tuple[str, ...]) -> None:
    """A token for one workspace, or the app's own id for many."""
    assert needed("run", given) == wanted
