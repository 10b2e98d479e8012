"""Slack's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.chat.slack.installations import Installs
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.chat.slack.tokens import Client, OneToken, TeamTokens, Tokens
from chalicelib.chat.slack.webhook import SlackWebhook
from chalicelib.concierge import Concierge
from chalicelib.endpoints import Webhook
from chalicelib.settings import Settings

from .answering import handler_of, pictures_of
from .keeping import records_of

if TYPE_CHECKING:
    from chalicelib.chat.slack.socket import SlackSocket


def messenger(settings: Settings) -> SlackMessenger | None:
    """Who speaks there."""
    if not (settings.slack_bot_token or settings.slack_client_id):
        return None
    return SlackMessenger(tokens_of(settings), settings.slack_api_url, pictures_of(settings).draw)


def doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    """The webhooks, by route."""
    found: dict[str, Webhook] = {}
    if settings.slack_signing_secret:
        handler = handler_of(settings, concierge, SlackMarkup())
        secret, installs = settings.slack_signing_secret, installs_of(settings)
        found["/slack/events"] = SlackWebhook(secret, handler, installs, desk_of(concierge))
    if settings.slack_client_id:
        found |= oauth_doors(settings)
    return found


def tokens_of(settings: Settings) -> Tokens:
    """One token, or one for each workspace that has installed the app."""
    if not settings.slack_client_id:
        return OneToken(settings.slack_bot_token)
    return TeamTokens(client_of(settings), Installs(records_of(settings)))


def client_of(settings: Settings) -> Client:
    client_id, secret = settings.slack_client_id, settings.slack_client_secret
    return Client(client_id, secret, settings.slack_api_url, settings.slack_bot_token)


def installs_of(settings: Settings) -> Installs | None:
    """Where the Slack app is installed, if many workspaces may."""
    return Installs(records_of(settings)) if settings.slack_client_id else None


def socket(settings: Settings, concierge: Concierge) -> SlackSocket | None:
    """The way in for Slack that needs no address, where there is a token for it."""
    if not settings.slack_app_token:
        return None
    from chalicelib.chat.slack.socket import SlackSocket  # not on Lambda

    handler, installs = handler_of(settings, concierge, SlackMarkup()), installs_of(settings)
    token, api_url = settings.slack_app_token, settings.slack_api_url
    return SlackSocket(token, api_url, handler, installs=installs, desk=desk_of(concierge))


def desk_of(concierge: Concierge) -> SlackMessenger | None:
    """Who opens forms in Slack: whoever speaks there."""
    speaks = concierge.messengers.get("slack")
    return speaks if isinstance(speaks, SlackMessenger) else None


def oauth_doors(settings: Settings) -> dict[str, Webhook]:
    from chalicelib.chat.slack.oauth import OAuthWebhook

    door = OAuthWebhook(client_of(settings), settings.public_url, records_of(settings))
    return {"/slack/install": door.install, "/slack/oauth_redirect": door.redirect}
