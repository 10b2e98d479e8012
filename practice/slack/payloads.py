"""What Slack sends the app, as it looks on the wire. Where it goes: `workspace_peer`."""

from __future__ import annotations

import secrets
import time
from typing import Any

from practice.common.people import Driver
from practice.common.posts import Message

from .api import as_slack
from .blocks import Block
from .workspace import APP_ID, BOT_USER, CHANNEL_NAME, TEAM_DOMAIN, Workspace


def command(
    workspace: Workspace, person: Driver, typed: str, channel: str, org: str
) -> dict[str, str]:
    """The form of a slash command ("Slack docs: implementing slash commands"). `org` gave this
    workspace the app; "": it did so itself.
    """
    name, _, text = typed.partition(" ")
    return {
        "token": "deprecated",
        "team_id": workspace.team,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel,
        "channel_name": _name(workspace, channel),
        "user_id": person.slack_id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "true" if org else "false",
        **({"enterprise_id": org} if org else {}),
    }


def press(
    workspace: Workspace, person: Driver, message: Message, block: Block, button: Block, org: str
) -> dict[str, Any]:
    """A `block_actions` payload ("Slack docs: block_actions"), without an ephemeral message."""
    pressed = {key: button[key] for key in ("type", "action_id", "text")}
    pressed |= {key: button[key] for key in ("value", "style") if key in button}
    payload: dict[str, Any] = {
        "type": "block_actions",
        "token": "deprecated",
        "api_app_id": APP_ID,
        "team": {"id": workspace.team, "domain": TEAM_DOMAIN},
        "enterprise": {"id": org, "name": "Org"} if org else None,
        "is_enterprise_install": bool(org),
        "user": {
            "id": person.slack_id,
            "username": person.name,
            "name": person.name,
            "team_id": workspace.team,
        },
        "channel": {
            "id": message.channel,
            "name": _name(workspace, message.channel),
        },
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral,
        },
        "state": {"values": {}},
        "actions": [{**pressed, "block_id": block["block_id"], "action_ts": f"{time.time():.6f}"}],
    }
    if not message.ephemeral:
        payload["message"] = as_slack(message, workspace.team)
    return payload


def _name(workspace: Workspace, channel: str) -> str:
    return CHANNEL_NAME if channel == workspace.channel else "directmessage"


def written(
    workspace: Workspace, person: Driver, message: Message, thread_ts: str, subtype: str
) -> list[dict[str, Any]]:
    """The events of a message ("Slack docs: message.channels, message.im"). Who mentions the app
    makes two of it ("Slack docs: app_mention").
    """
    is_direct = message.channel.startswith("D")
    event: dict[str, Any] = {
        "type": "message",
        "channel": message.channel,
        "channel_type": "im" if is_direct else "channel",
        "user": person.slack_id,
        "team": workspace.team,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
    }
    if thread_ts:
        event["thread_ts"] = thread_ts
    if subtype == "file_share":
        event |= {"files": [{"id": "F0PIC", "mimetype": "image/png"}], "upload": False}
    if subtype:
        event["subtype"] = subtype
    if f"<@{BOT_USER}>" not in message.text or is_direct:
        return [event]
    mention = {**event, "type": "app_mention"}
    mention.pop("channel_type")
    mention.pop("subtype", None)
    return [event, mention]


def invited(workspace: Workspace, by: Driver) -> dict[str, Any]:
    """The app came into the channel ("Slack docs: member_joined_channel")."""
    return {
        "type": "member_joined_channel",
        "user": BOT_USER,
        "channel": workspace.channel,
        "channel_type": "C",
        "team": workspace.team,
        "inviter": by.slack_id,
        "event_ts": f"{time.time():.6f}",
    }


def callback(
    event: dict[str, Any], team: str | None, org: str | None, at: float | None
) -> dict[str, Any]:
    """An event in its envelope ("Slack docs: Events API"); `at` is when it happened, in seconds
    since 1970.
    """
    return {
        "token": "deprecated",
        "team_id": team,
        "enterprise_id": org,
        "api_app_id": APP_ID,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(time.time() if at is None else at),
        "event": event,
        "authorizations": [
            {"enterprise_id": org, "team_id": team, "user_id": BOT_USER, "is_bot": True}
        ],
    }
