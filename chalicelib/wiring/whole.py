"""The whole concierge, as the settings describe it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from chalicelib.chat.http import Reply
from chalicelib.chat.slack.installations import Installs
from chalicelib.concierge import Concierge
from chalicelib.core.effects import Effect
from chalicelib.core.inputs import Profile
from chalicelib.core.model import Site
from chalicelib.edges import ChargingNetwork, Messenger
from chalicelib.endpoints import Endpoints, Webhook
from chalicelib.meters.events import Sensors
from chalicelib.meters.webhook import MeterWebhook
from chalicelib.settings import Settings

from . import slack
from .answering import board_links_of, report_doors
from .keeping import (
    clock_of,
    kept_of,
    meters_of,
    opened,
    records_of,
    series_of,
    store_of,
    watch_of,
)

if TYPE_CHECKING:
    from chalicelib.chat.lobby.webhook import LobbyWebhook
    from chalicelib.chat.mail.watch import MailWatch


def build(
    settings: Settings,
    network: ChargingNetwork | None = None,
    woken: Callable[[str], None] | None = None,
) -> Concierge:
    """The concierge that the settings describe. Opens nothing yet."""
    store = opened(settings)
    return Concierge(
        store, messengers_of(settings), clock_of(settings), network, woken, store.stays
    )


def messengers_of(settings: Settings) -> dict[str, Messenger]:
    """Who speaks where, by platform."""
    found: dict[str, Messenger] = {}
    if (slacks := slack.messenger(settings)) is not None:
        found["slack"] = slacks
    if settings.mattermost_url and settings.mattermost_bot_token:
        from . import mattermost

        found["mattermost"] = mattermost.messenger(settings)
    if settings.hipchat_allowed_hosts:
        from . import hipchat

        found["hipchat"] = hipchat.messenger(settings)
    if settings.twilio_from:
        from . import sms

        found["sms"] = sms.messenger(settings)
    if settings.mail_topic:
        found["mail"] = Later(partial(mail_messenger, settings))
    return found


def open_endpoints(settings: Settings, concierge: Concierge) -> Endpoints:
    """The webhooks for this concierge."""
    webhooks = slack.doors(settings, concierge)
    if settings.mattermost_url and settings.mattermost_command_token:
        from . import mattermost

        webhooks |= mattermost.doors(settings, concierge)
    if settings.hipchat_allowed_hosts and settings.public_url:
        from . import hipchat

        webhooks |= hipchat.doors(settings, concierge)
    if settings.twilio_from and settings.public_url:
        from . import sms

        webhooks |= sms.doors(settings, concierge)
    webhooks |= meter_doors(settings, concierge)
    webhooks |= lobby_doors(settings)
    webhooks |= report_doors(settings, concierge)
    return Endpoints(
        concierge, webhooks, records_of(settings), watch_of(settings),
        mail_watch_of(settings, concierge),
    )  # fmt: skip


class Later:
    """A messenger that is made when it is first needed: nobody else waits for its parts."""

    def __init__(self, make: Callable[[], Messenger]) -> None:
        self._make = cache(make)

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        return self._make().send(to, effect, site, edits)

    def profile(self, driver: str) -> Profile:
        return self._make().profile(driver)


def mail_messenger(settings: Settings) -> Messenger:
    from . import mail

    return mail.messenger(settings)


def mail_watch_of(settings: Settings, concierge: Concierge) -> Callable[[], None] | None:
    """Looks who has agreed to mail meanwhile; None: there is no mail."""
    if not settings.mail_topic:
        return None

    @cache
    def watch() -> MailWatch:
        from . import mail

        return mail.watch_of(settings, concierge)

    return lambda: watch().look()


def meter_doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    door = MeterWebhook(
        meters_of(settings), series_of(settings), clock_of(settings), kept_of(settings).slots,
        sensors=Sensors(concierge),
    )  # fmt: skip
    return {"/meters/{meter}/readings": door.readings, "/energy": door.energy}


def lobby_doors(settings: Settings) -> dict[str, Webhook]:
    """The page for a screen; made where it is first looked at."""

    @cache
    def door() -> LobbyWebhook:
        from chalicelib.chat.lobby.webhook import LobbyWebhook

        return LobbyWebhook(board_links_of(settings), store_of(settings))

    def show(headers: Mapping[str, str], body: bytes, /, *, link: str) -> Reply:
        return door().show(headers, body, link=link)

    return {"/board/{link}": show}


def forget_tenant(settings: Settings, tenant: str) -> bool:
    """Forget the installations of a workspace (`platform:tenant`); whether there were any.

    Raises StoreUnavailable.
    """
    platform, _, where = tenant.partition(":")
    if platform == "slack":
        return Installs(records_of(settings)).forget(where)
    if platform != "hipchat":
        return False
    from . import hipchat

    return hipchat.installs_of(settings).forget(where)
