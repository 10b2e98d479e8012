"""The Slack app's manifest: what the app is, hears and may (Slack docs: reference/app-manifest).

Made here, so that it can't say less than the code needs, nor more: the tests compare both.
"""

from __future__ import annotations

from typing import Any

from .markup import SlackMarkup
from .probe import NEEDED
from .views import JOIN_LINE

# Scopes that a workspace needn't grant: what is off without them, and the events that need them.
OPTIONAL: dict[str, str] = {
    "app_mentions:read": "mentions of me in a channel",
    "channels:history": "plain `ev add` in public channels",
    "channels:read": "this check of whether I am in the channel",
    "chat:write.customize": "a site's own icon and name",
    "files:write": "pictures and tables as files, where charts aren't drawn by Slack",
    "groups:history": "plain `ev add` in private channels",
    "groups:read": "the same check of private channels",
    "im:history": "what people write to me directly",
    "pins:write": "pinning the board",
}
HEARD = {  # events, and the scope that each takes; "": none
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "member_joined_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "user_change": "users:read",
    "user_status_changed": "users:read",
}
FAREWELLS = ("app_uninstalled", "tokens_revoked")  # where many workspaces install the app
EVENTS, OAUTH = "/slack/events", "/slack/oauth_redirect"


def manifest(url: str = "", *, many: bool = False) -> dict[str, Any]:
    """By Socket Mode; with `url`, by that address. `many` workspaces may install it."""
    base = url.rstrip("/")
    address = {"request_url": f"{base}{EVENTS}"} if base else {}
    command = {
        "command": SlackMarkup.command,
        **({"url": f"{base}{EVENTS}"} if base else {}),
        "description": "The line for the chargers",
        "usage_hint": "add | remove | list | status | suspend 45m | help",
        "should_escape": True,
    }
    join = {
        "name": "Join the line",
        "type": "global",
        "callback_id": JOIN_LINE,
        "description": "Stand in line for a charger",
    }
    bot = sorted(NEEDED) if many else sorted({*NEEDED, *OPTIONAL})
    scopes = {"bot": bot} | ({} if many else {"bot_optional": sorted(OPTIONAL)})
    back = {"redirect_urls": [f"{base}{OAUTH}"]} if many else {}
    return {
        "display_information": {
            "name": "EV Concierge",
            "description": "Keeps the line for the EV chargers",
            "background_color": "#107a5b",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "concierge", "always_online": True},
            "shortcuts": [join],
            "slash_commands": [command],
        },
        "oauth_config": {**back, "scopes": scopes},
        "settings": {
            "event_subscriptions": {**address, "bot_events": events(many=many)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not base,
            "token_rotation_enabled": many,
        },
    }


def events(*, many: bool) -> list[str]:
    """Those that the scopes let us hear."""
    if not many:
        return sorted(HEARD)
    allowed = {"", *NEEDED}
    return sorted([*(one for one, scope in HEARD.items() if scope in allowed), *FAREWELLS])
