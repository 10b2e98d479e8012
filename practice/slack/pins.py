"""Pins, as Slack takes them ("Slack docs: pins.add, pins.remove")."""

from __future__ import annotations

from typing import Any

from practice.common.posts import Message

from .faults import SlackError
from .workspace import Workspace

Args = dict[str, Any]
MOST = 100  # of a channel


def add_pin(workspace: Workspace, args: Args) -> Args:
    """A message of the channel, once; what one person sees can't be pinned."""
    message = pinnable(workspace, args)
    if message.ephemeral:
        raise SlackError("not_pinnable")
    if message.pinned:
        raise SlackError("already_pinned")
    if len(workspace.feed.pinned(message.channel)) >= MOST:
        raise SlackError("permission_denied")
    message.pinned = True
    return {}


def remove_pin(workspace: Workspace, args: Args) -> Args:
    message = pinnable(workspace, args)
    if not message.pinned:
        raise SlackError("no_pin")
    message.pinned = False
    return {}


def pinnable(workspace: Workspace, args: Args) -> Message:
    """The message that is meant. Raises SlackError."""
    channel, ts = args.get("channel"), args.get("timestamp")
    if not isinstance(channel, str) or not channel:
        raise SlackError("channel_not_found")
    if not isinstance(ts, str) or not ts:
        raise SlackError("no_item_specified")
    if workspace.seen_in(channel) == "channel":
        workspace.check_writable()
    message = workspace.feed.find(channel, ts)
    if message is None or message.deleted:
        raise SlackError("message_not_found")
    return message
