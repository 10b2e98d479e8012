"""HipChat's parts."""

from __future__ import annotations

from chalicelib.chat.hipchat.hosts import AllowedHosts, read_host
from chalicelib.chat.hipchat.installations import Installs
from chalicelib.chat.hipchat.markup import HipChatHtml
from chalicelib.chat.hipchat.messenger import HipChatMessenger
from chalicelib.chat.hipchat.webhook import HipChatWebhook
from chalicelib.concierge import Concierge
from chalicelib.endpoints import Webhook
from chalicelib.settings import BadSettings, Settings

from .answering import handler_of
from .keeping import records_of


def messenger(settings: Settings) -> HipChatMessenger:
    return HipChatMessenger(installs_of(settings))


def doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    handler = handler_of(settings, concierge, HipChatHtml())
    door = HipChatWebhook(settings.public_url, installs_of(settings), handler)
    return {
        "/hipchat/descriptor": door.descriptor,
        "/hipchat/icon.svg": door.icon,
        "/hipchat/installed": door.installed,
        "/hipchat/installed/{oauth_id}": door.uninstalled,
        "/hipchat/webhook": door.webhook,
        "/hipchat/glance": door.glance,
    }


def installs_of(settings: Settings) -> Installs:
    """Where the HipChat add-on is installed."""
    return Installs(records_of(settings), hosts_of(settings))


def hosts_of(settings: Settings) -> AllowedHosts:
    """The HipChat servers that may be called. Raises BadSettings."""
    try:
        return AllowedHosts([read_host(entry) for entry in settings.hipchat_allowed_hosts])
    except ValueError as error:
        raise BadSettings([f"HIPCHAT_ALLOWED_HOSTS: {error}"]) from error
