"""The manifest says what the code needs, and nothing else; Slack's limits are kept."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.__main__ import main
from chalicelib.chat.slack.manifest import FAREWELLS, HEARD, OPTIONAL, manifest
from chalicelib.chat.slack.probe import NEEDED
from practice.slack import api

CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(Path("chalicelib/chat/slack").glob("*.py"))
    if path.name != "manifest.py"
)
URL = "https://ev.example.com/base"
FORMS = [manifest(), manifest(URL), manifest(URL, many=True)]
# A method of the Web API and the scope that it takes (Slack docs: methods)
METHODS = {
    "chat_postMessage": "chat:write", "chat_update": "chat:write", "chat_postEphemeral": "chat:write",
    "users_info": "users:read", "pins_add": "pins:write", "pins_remove": "pins:write",
    "files_getUploadURLExternal": "files:write", "files_completeUploadExternal": "files:write",
    "conversations_info": "channels:read", "views_open": "", "views_publish": "", "auth_test": "",
    "chat_getPermalink": "", "apps_connections_open": "", "oauth_v2_access": "",
}  # fmt: skip


def scopes(found: dict[str, Any]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = found["oauth_config"]["scopes"]
    return given


def test_scopes_of_what_is_called() -> None:
    """Every method that the code calls has its scope in the manifest, and is known here."""
    named = set(re.findall(r"\.([a-z]+_[a-zA-Z_0-9]+)\b", CODE))
    called = {name for name in named if hasattr(WebClient, name)} - {"api_call", "base_url"}
    assert called <= set(METHODS), called - set(METHODS)
    asked = {METHODS[one] for one in called} - {""}
    assert asked <= set(scopes(manifest())["bot"])


def test_events() -> None:
    """Every event that the code names is in the manifest; each has its scope there."""
    named = set(re.findall(r'"(app_mention|app_home_opened|member_joined_channel|user_change|user_status_changed|app_uninstalled|tokens_revoked|message)"', CODE))  # fmt: skip
    assert {"app_mention", "app_home_opened", "app_uninstalled"} <= named
    assert named - {"message"} <= {*HEARD, *FAREWELLS}
    for found in FORMS:
        for event in found["settings"]["event_subscriptions"]["bot_events"]:
            scope = HEARD.get(event, "")
            assert not scope or scope in scopes(found)["bot"], event


def test_optional() -> None:
    """What we can't work without isn't optional; optional scopes stand in both lists, as Slack
    wants it, and each says what is off without it.
    """
    found = scopes(manifest())
    assert found["bot_optional"] == sorted(OPTIONAL)
    assert set(found["bot_optional"]) < set(found["bot"])
    assert not set(NEEDED) & set(OPTIONAL)
    assert set(NEEDED) < set(found["bot"])
    assert all(OPTIONAL.values())
    assert "bot_optional" not in scopes(FORMS[2])
    assert scopes(FORMS[2])["bot"] == sorted(NEEDED)


def test_the_stand_in_knows_them() -> None:
    """Whatever the stand-in asks a scope for, the manifest has."""
    asked = set(
        re.findall(r'\("([a-z.]+:[a-z.]+)", ', Path(api.__file__).read_text(encoding="utf-8"))
    )
    assert asked - {"im:write"} <= set(scopes(manifest())["bot"])


@pytest.mark.parametrize("found", FORMS)
def test_limits(found: dict[str, Any]) -> None:
    """Slack's, for names and texts (Slack docs: app manifest fields)."""
    shown, features = found["display_information"], found["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(features["bot_user"]["display_name"]) <= 80
    (shortcut,) = features["shortcuts"]
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150
    assert len(shortcut["callback_id"]) <= 255
    (command,) = features["slash_commands"]
    assert len(command["usage_hint"]) <= 1000
    assert command["should_escape"] is True
    assert features["app_home"]["home_tab_enabled"] is True


def test_by_an_address() -> None:
    """It stands in each place that Slack sends to; then Socket Mode is off."""
    found = manifest(f"{URL}/")
    text = json.dumps(found)
    assert text.count(f"{URL}/slack/events") == 3
    assert found["settings"]["socket_mode_enabled"] is False
    many = manifest(URL, many=True)
    assert many["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]
    assert many["settings"]["token_rotation_enabled"] is True
    assert set(FAREWELLS) < set(many["settings"]["event_subscriptions"]["bot_events"])


class TestCommand:
    """`python -m bot slack manifest`"""

    def test_printed(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
        """JSON, and nothing else; no store is needed."""
        monkeypatch.setenv("EV_STORE", "sqlite:/nowhere/at/all.sqlite")
        assert main(["slack", "manifest", "--url", URL, "--many"]) == 0
        assert json.loads(capsys.readouterr().out) == FORMS[2]

    def test_many_by_socket(self, capsys: pytest.CaptureFixture[str]) -> None:
        """People are sent somewhere to install it."""
        assert main(["slack", "manifest", "--many"]) == 1
        assert "--many needs --url" in capsys.readouterr().err

    @pytest.mark.parametrize("url", ["http://ev.example.com", "ev.example.com", "https://", "https://x?y"])  # fmt: skip
    def test_no_address(self, url: str) -> None:
        """Slack sends to HTTPS alone."""
        with pytest.raises(SystemExit):
            main(["slack", "manifest", "--url", url])
