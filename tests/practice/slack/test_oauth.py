"""The practice Slack's OAuth: it forgives nothing that Slack would not."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from chalicelib.chat.slack.probe import NEEDED
from practice.common.people import WORKSPACE
from tests.chat.slack.oauth_kit import (
    CLIENT,
    FORM,
    HOME,
    HUSH,
    ORG,
    THREE,
    TWO,
    Street,
    decide,
    street,
)
from tests.practice_world import post_json, request


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Street]:
    with street(tmp_path) as here:
        yield here


def link(here: Street, **more: str) -> str:
    """The address of Slack's page, as an app makes it."""
    query = {
        "client_id": CLIENT,
        "scope": ",".join(NEEDED),
        "state": "a-state",
        "redirect_uri": f"{here.address}/slack/oauth_redirect",
        **more,
    }
    return f"{here.url}/oauth/v2/authorize?{urlencode(query)}"


def code(here: Street, team: str = TWO) -> str:
    return dict(parse_qsl(urlsplit(decide(link(here), team)).query))["code"]


def access(here: Street, client: str = CLIENT, secret: str = HUSH, **args: str) -> dict[str, Any]:
    """oauth.v2.access; its answer."""
    pair = base64.b64encode(f"{client}:{secret}".encode()).decode()
    given = {"redirect_uri": f"{here.address}/slack/oauth_redirect", **args}
    headers = {**FORM, "Authorization": f"Basic {pair}"}
    answer = request("POST", f"{here.url}/api/oauth.v2.access", urlencode(given).encode(), headers)
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


def api(here: Street, method: str, token: str, **args: str) -> dict[str, Any]:
    found: dict[str, Any] = post_json(
        f"{here.url}/api/{method}", args, Authorization=f"Bearer {token}"
    ).json()
    return found


class TestPage:
    def test_yes_and_no(self, here: Street) -> None:
        """The browser goes back with the state, and a code or an error."""
        yes = dict(parse_qsl(urlsplit(decide(link(here), TWO)).query))
        no = dict(parse_qsl(urlsplit(decide(link(here), TWO, "cancel")).query))
        assert yes.keys() == {"state", "code"}
        assert no == {"state": "a-state", "error": "access_denied"}

    @pytest.mark.parametrize(
        ("name", "value", "why"),
        [
            ("client_id", "other", "invalid_client_id"),
            ("redirect_uri", "https://evil.example/", "bad_redirect_uri"),
            ("scope", "", "invalid_scope"),
            ("scope", "admin", "invalid_scope"),
            ("user_scope", "chat:write", "never speak as a person"),
        ],
    )
    def test_refused(self, here: Street, name: str, value: str, why: str) -> None:
        """What the app's settings don't have is refused before anybody is asked."""
        answer = request("GET", link(here, **{name: value}))
        assert answer.status == 400
        assert why in answer.body.decode()


class TestAccess:
    def test_a_code_is_good_once(self, here: Street) -> None:
        """The token that it gives works in its own workspace."""
        mine = code(here)
        given = access(here, code=mine)
        assert given["team"] == {"id": TWO, "name": f"Team {TWO}"}
        assert given["scope"] == ",".join(NEEDED)
        assert "refresh_token" not in given
        assert api(here, "auth.test", given["access_token"])["team_id"] == TWO
        assert access(here, code=mine)["error"] == "code_already_used"

    def test_refused(self, here: Street) -> None:
        """Another client, secret or address, a made-up code, and one of ten minutes ago."""
        mine = code(here)
        assert access(here, client="other", code=mine)["error"] == "invalid_client_id"
        assert access(here, secret="wrong", code=mine)["error"] == "bad_client_secret"
        other = f"{here.address}/other"
        assert access(here, redirect_uri=other, code=mine)["error"] == "bad_redirect_uri"
        assert access(here, code="made-up")["error"] == "invalid_code"
        here.clock.advance(11)
        assert access(here, code=mine)["error"] == "invalid_code"

    def test_an_organization(self, here: Street) -> None:
        """It has no team; its token works in the organization's workspaces alone."""
        given = access(here, code=code(here, ORG))
        assert given["team"] is None
        assert given["enterprise"]["id"] == ORG
        assert given["is_enterprise_install"] is True
        token = given["access_token"]
        assert api(here, "chat.postMessage", token, channel="C0THREE", text="x")["ok"]
        refused = api(here, "chat.postMessage", token, channel="C0TWO", text="x")
        assert refused["error"] == "channel_not_found"

    def test_rotation(self, here: Street) -> None:
        """Twelve hours, then a refresh token gives the next; each of those once."""
        here.oauth.rotates = True
        first = access(here, code=code(here))
        assert first["expires_in"] == 12 * 3600
        here.clock.advance(12 * 60)
        assert api(here, "auth.test", first["access_token"])["error"] == "token_expired"
        again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = access(here, **again)
        assert api(here, "auth.test", second["access_token"])["ok"]
        assert access(here, **again)["error"] == "invalid_refresh_token"


class TestTokens:
    def test_foreign_ones(self, here: Street) -> None:
        """A token of one workspace finds no channel of another, and no person but its own."""
        token = access(here, code=code(here))["access_token"]
        for channel in ("C0EV", "C0THREE"):
            refused = api(here, "chat.postMessage", token, channel=channel, text="x")
            assert refused["error"] == "channel_not_found"
        assert here.heard(WORKSPACE) == here.heard(THREE) == []
        assert api(here, "chat.postMessage", HOME, channel="C0TWO", text="x")["ok"] is False

    def test_scopes_are_those_that_were_allowed(self, here: Street) -> None:
        """What was not asked for is not given."""
        token = access(here, code=code(here))["access_token"]
        assert api(here, "conversations.open", token, users="U0ANA")["error"] == "missing_scope"

    def test_uninstalled(self, here: Street) -> None:
        """The token ends at once, whether or not the app takes the event."""
        token = access(here, code=code(here))["access_token"]
        here.oauth.uninstall(TWO)
        assert api(here, "auth.test", token)["error"] == "account_inactive"
