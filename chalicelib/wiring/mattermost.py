"""Mattermost's parts."""

from __future__ import annotations

from chalicelib.chat.mattermost.markup import MattermostMarkup, MattermostRenderer
from chalicelib.chat.mattermost.messenger import MattermostMessenger
from chalicelib.chat.mattermost.webhook import MattermostWebhook
from chalicelib.concierge import Concierge
from chalicelib.endpoints import Webhook
from chalicelib.settings import Settings

from .answering import handler_of, pictures_of


def messenger(settings: Settings) -> MattermostMessenger:
    url, token = settings.mattermost_url, settings.mattermost_bot_token
    return MattermostMessenger(url, token, paper_of(settings), pictures_of(settings).draw)


def doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    url, token = settings.mattermost_url, settings.mattermost_command_token
    speaks = concierge.messengers.get("mattermost")
    desk = speaks if isinstance(speaks, MattermostMessenger) else None
    handler = handler_of(settings, concierge, MattermostMarkup())
    door = MattermostWebhook(url, token, handler, paper_of(settings), desk)
    return {
        "/mattermost/command": door.command,
        "/mattermost/action": door.action,
        "/mattermost/dialog": door.dialog,
    }


def paper_of(settings: Settings) -> MattermostRenderer:
    """What messages with buttons are written on for Mattermost."""
    return MattermostRenderer(settings.public_url, settings.mattermost_command_token)
