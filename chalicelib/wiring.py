"""The composition root: the only place that knows which parts there are.

Slack's parts are imported with this module. Those of the other platforms are imported
where they are set up: nobody waits for what they don't use.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from . import settings as reading
from . import telemetry
from .chat.handler import CommandHandler
from .chat.http import Reply
from .chat.slack.installations import Installs as SlackInstalls
from .chat.slack.markup import SlackMarkup
from .chat.slack.messenger import SlackMessenger
from .chat.slack.tokens import Client, OneToken, TeamTokens, Tokens
from .chat.slack.webhook import SlackWebhook
from .chat.text.wording import Markup
from .clock import PracticeClock, SystemClock
from .concierge import Concierge
from .edges import (
    ChargingNetwork,
    Clock,
    Fault,
    Messenger,
    Records,
    Series,
    SiteStore,
    StayLog,
    StoreUnavailable,
)
from .endpoints import Endpoints, Webhook
from .meters.keys import Meters
from .meters.power import PowerTeller
from .meters.watch import MeterWatch
from .meters.webhook import MeterWebhook
from .settings import BadSettings, Settings
from .stores import open_store
from .stores.aws.signature import signer
from .stores.series import Kept, open_series

if TYPE_CHECKING:
    from .chat.hipchat.hosts import AllowedHosts
    from .chat.hipchat.installations import Installs
    from .chat.mattermost.markup import MattermostRenderer
    from .chat.mattermost.messenger import MattermostMessenger
    from .chat.slack.socket import SlackSocket
    from .chat.sms.ledger import Ledger
    from .chat.sms.messenger import SmsMessenger
    from .stores.dynamodb import DynamoDBStore
    from .stores.sqlite import SQLiteStore

log = logging.getLogger(__name__)

ELSEWHERE = ("ssm:", "secretsmanager:")  # where the secret of a setting may be kept
REMEMBER_KEYS = 10  # seconds that a meter's right key is believed without asking DynamoDB
SMS = "/sms/webhook"
MAYBE = "?"  # at the end: it need not be there (no name of AWS's has one)


def begin_log(environ: Mapping[str, str]) -> None:
    """Write the log as EV_LOG says, before anything can go wrong."""
    telemetry.begin(reading.log_form(environ), environ.get("EV_STORE", "").partition(":")[2])


def see_inside(settings: Settings) -> None:
    """Keep secrets out of the log, and trace if EV_TRACE says so."""
    telemetry.hide(settings.secrets())
    if settings.trace:
        telemetry.begin_trace(settings.trace, settings.store.partition(":")[2], signer)


def settings_of(environ: Mapping[str, str], needed: Iterable[str] = ()) -> Settings:
    """The settings, their secrets fetched. Raises BadSettings and StoreUnavailable."""
    return reading.read(revealed(environ), needed)


def revealed(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, with secrets in the place of what refers to them.

    One that may be missing (`ssm:NAME?`) and is, is a setting that was not given.
    Raises BadSettings and StoreUnavailable.
    """
    given = {name: environ.get(name, "").strip() for name in reading.KNOWN}
    kept = {name: text for name, text in given.items() if text.startswith(ELSEWHERE)}
    if not kept:
        return {**environ}
    from .stores.aws import secrets as vault  # boto3 is slow to import, and not always there

    found = vault.fetch(text.removesuffix(MAYBE) for text in kept.values())
    missing = [
        f"{name}: there is no {text}"
        for name, text in kept.items()
        if text not in found and not text.endswith(MAYBE)
    ]
    if missing:
        raise BadSettings(missing)
    secrets = {name: found.get(text.removesuffix(MAYBE), "") for name, text in kept.items()}
    return {**environ, **secrets}


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


def clock_of(settings: Settings) -> Clock:
    """The clock on the wall. Raises BadSettings."""
    if not settings.clock:
        return SystemClock()
    try:
        return PracticeClock(settings.clock)
    except ValueError as error:
        raise BadSettings([f"EV_CLOCK: {error}"]) from error


_open: WeakValueDictionary[tuple[str, ...], SQLiteStore | DynamoDBStore] = WeakValueDictionary()
_opening = threading.Lock()


def opened(settings: Settings) -> SQLiteStore | DynamoDBStore:
    """The store and all that is kept in it, opened once for all who use it at a time: its
    connections, and the client of a table, are shared.
    """
    names = ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION")
    key = (settings.store, *(os.environ.get(name, "") for name in names))
    with _opening:
        found = _open.get(key)
        if found is None:
            found = _open[key] = open_store(settings.store)
        return found


def store_of(settings: Settings) -> SiteStore:
    return opened(settings)


def records_of(settings: Settings) -> Records:
    """The small things kept beside the sites."""
    return opened(settings).records


def stays_of(settings: Settings) -> StayLog:
    """What is kept of the cars that have left."""
    return opened(settings).stays


def kept_of(settings: Settings) -> Kept:
    """How long readings are kept."""
    return Kept(timedelta(hours=settings.readings_hours), timedelta(days=settings.energy_days))


def series_of(settings: Settings) -> Series:
    """The readings of meters. Raises BadSettings."""
    return open_series(settings.store, clock_of(settings).now, kept_of(settings))


def meters_of(settings: Settings) -> Meters:
    """The meters and their keys."""
    is_local = settings.store.startswith("sqlite:")  # where asking the store costs nothing
    return Meters(records_of(settings), timedelta(seconds=0 if is_local else REMEMBER_KEYS))


def messengers_of(settings: Settings) -> dict[str, Messenger]:
    """Who speaks where, by platform."""
    found: dict[str, Messenger] = {}
    if settings.slack_bot_token or settings.slack_client_id:
        found["slack"] = SlackMessenger(slack_tokens_of(settings), settings.slack_api_url)
    if settings.mattermost_url and settings.mattermost_bot_token:
        found["mattermost"] = mattermost_messenger(settings)
    if settings.hipchat_allowed_hosts:
        found["hipchat"] = hipchat_messenger(settings)
    if settings.twilio_from:
        found["sms"] = sms_messenger(settings)
    return found


def sms_messenger(settings: Settings) -> SmsMessenger:
    from .chat.sms.messenger import SmsMessenger

    report_to = f"{settings.public_url.rstrip('/')}{SMS}" if settings.public_url else ""
    return SmsMessenger(
        settings.twilio_api_url, settings.twilio_account_sid, settings.twilio_auth_token,
        settings.twilio_from, ledger_of(settings, clock_of(settings)), report_to,
    )  # fmt: skip


def ledger_of(settings: Settings, clock: Clock) -> Ledger:
    """What is counted of texts."""
    from .chat.sms.ledger import Ledger

    return Ledger(records_of(settings), clock, settings.twilio_daily)


def sms_doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    from .chat.sms.signature import Signatures
    from .chat.sms.webhook import SmsWebhook

    url = f"{settings.public_url.rstrip('/')}{SMS}"
    keys = settings.twilio_auth_token, settings.twilio_shared_key
    door = SmsWebhook(
        settings.twilio_from, Signatures(url, *keys), concierge, ledger_of(settings, concierge.clock)
    )  # fmt: skip
    return {SMS: door.webhook}


def slack_tokens_of(settings: Settings) -> Tokens:
    """One token, or one for each workspace that has installed the app."""
    if not settings.slack_client_id:
        return OneToken(settings.slack_bot_token)
    return TeamTokens(slack_client_of(settings), SlackInstalls(records_of(settings)))


def slack_client_of(settings: Settings) -> Client:
    client_id, secret = settings.slack_client_id, settings.slack_client_secret
    return Client(client_id, secret, settings.slack_api_url, settings.slack_bot_token)


def slack_installs_of(settings: Settings) -> SlackInstalls | None:
    """Where the Slack app is installed, if many workspaces may."""
    return SlackInstalls(records_of(settings)) if settings.slack_client_id else None


def mattermost_messenger(settings: Settings) -> MattermostMessenger:
    from .chat.mattermost.messenger import MattermostMessenger

    url, token = settings.mattermost_url, settings.mattermost_bot_token
    return MattermostMessenger(url, token, paper_of(settings))


def hipchat_messenger(settings: Settings) -> Messenger:
    from .chat.hipchat.messenger import HipChatMessenger

    return HipChatMessenger(installs_of(settings))


def installs_of(settings: Settings) -> Installs:
    """Where the HipChat add-on is installed."""
    from .chat.hipchat.installations import Installs

    return Installs(records_of(settings), hosts_of(settings))


def hosts_of(settings: Settings) -> AllowedHosts:
    """The HipChat servers that may be called. Raises BadSettings."""
    from .chat.hipchat.hosts import AllowedHosts, read_host

    try:
        return AllowedHosts([read_host(entry) for entry in settings.hipchat_allowed_hosts])
    except ValueError as error:
        raise BadSettings([f"HIPCHAT_ALLOWED_HOSTS: {error}"]) from error


def forget_tenant(settings: Settings, tenant: str) -> bool:
    """Forget the installations of a workspace (`platform:tenant`); whether there were any.

    Raises StoreUnavailable.
    """
    platform, _, where = tenant.partition(":")
    if platform == "slack":
        return SlackInstalls(records_of(settings)).forget(where)
    return platform == "hipchat" and installs_of(settings).forget(where)


def paper_of(settings: Settings) -> MattermostRenderer:
    """What messages with buttons are written on for Mattermost."""
    from .chat.mattermost.markup import MattermostRenderer

    return MattermostRenderer(settings.public_url, settings.mattermost_command_token)


def handler_of(settings: Settings, concierge: Concierge, markup: Markup) -> CommandHandler:
    """Who answers people of one platform."""
    teller = PowerTeller(
        concierge.store,
        meters_of(settings),
        series_of(settings),
        concierge.clock,
        settings.public_url,
    )
    return CommandHandler(concierge, markup, teller.tell)


def open_endpoints(settings: Settings, concierge: Concierge) -> Endpoints:
    """The webhooks for this concierge."""
    webhooks: dict[str, Webhook] = {}
    if settings.slack_signing_secret:
        handler = handler_of(settings, concierge, SlackMarkup())
        secret, installs = settings.slack_signing_secret, slack_installs_of(settings)
        webhooks["/slack/events"] = SlackWebhook(secret, handler, installs)
    if settings.slack_client_id:
        webhooks |= slack_oauth_doors(settings)
    if settings.mattermost_url and settings.mattermost_command_token:
        webhooks |= mattermost_doors(settings, concierge)
    if settings.hipchat_allowed_hosts and settings.public_url:
        webhooks |= hipchat_doors(settings, concierge)
    if settings.twilio_from and settings.public_url:
        webhooks |= sms_doors(settings, concierge)
    webhooks |= meter_doors(settings)
    return Endpoints(concierge, webhooks, records_of(settings), watch_of(settings))


def watch_of(settings: Settings) -> MeterWatch:
    return MeterWatch(meters_of(settings), series_of(settings), clock_of(settings))


def slack_socket(settings: Settings, concierge: Concierge) -> SlackSocket | None:
    """The way in for Slack that needs no address, where there is a token for it."""
    if not settings.slack_app_token:
        return None
    from .chat.slack.socket import SlackSocket  # not on Lambda

    handler, installs = handler_of(settings, concierge, SlackMarkup()), slack_installs_of(settings)
    token, api_url = settings.slack_app_token, settings.slack_api_url
    return SlackSocket(token, api_url, handler, installs=installs)


def slack_oauth_doors(settings: Settings) -> dict[str, Webhook]:
    from .chat.slack.oauth import OAuthWebhook

    door = OAuthWebhook(slack_client_of(settings), settings.public_url, records_of(settings))
    return {"/slack/install": door.install, "/slack/oauth_redirect": door.redirect}


def mattermost_doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    from .chat.mattermost.markup import MattermostMarkup
    from .chat.mattermost.webhook import MattermostWebhook

    url, token = settings.mattermost_url, settings.mattermost_command_token
    door = MattermostWebhook(
        url, token, handler_of(settings, concierge, MattermostMarkup()), paper_of(settings)
    )
    return {"/mattermost/command": door.command, "/mattermost/action": door.action}


def hipchat_doors(settings: Settings, concierge: Concierge) -> dict[str, Webhook]:
    from .chat.hipchat.markup import HipChatHtml
    from .chat.hipchat.webhook import HipChatWebhook

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


def meter_doors(settings: Settings) -> dict[str, Webhook]:
    door = MeterWebhook(
        meters_of(settings), series_of(settings), clock_of(settings), kept_of(settings).slots
    )
    return {"/meters/{meter}/readings": door.readings, "/energy": door.energy}


NOT_NOW = "not now, please try again in a minute"
_lock = threading.Lock()
_endpoints: Endpoints | None = None


def endpoints() -> Endpoints:
    """This process's webhooks, made at first use: importing the app needs no setting."""
    global _endpoints  # noqa: PLW0603 — Lambda gives an app no other place to keep things
    with _lock:
        if _endpoints is None:
            begin_log(os.environ)
            environ = revealed(os.environ)
            is_mute = environ.get("SLACK_SIGNING_SECRET") and not environ.get("SLACK_CLIENT_ID")
            settings = settings_of(environ, ["SLACK_BOT_TOKEN"] if is_mute else [])
            see_inside(settings)
            _endpoints = open_endpoints(settings, build(settings))
        return _endpoints


def webhook(route: str) -> Webhook:
    """What answers there; where nothing can be made (settings, secrets), one that says so."""
    try:
        return endpoints().webhook(route)
    except Fault as fault:
        log.error("not now: %s", fault)  # noqa: TRY400 — no bug: where it was raised is no help
        return not_now


def not_now(*_: object, **__: object) -> Reply:
    return 503, {"Content-Type": "text/plain"}, NOT_NOW


def is_healthy() -> bool:
    """Whether this process is made, and reaches its store."""
    try:
        return endpoints().is_healthy()
    except Fault as fault:
        log.error("not now: %s", fault)  # noqa: TRY400 — as above
        return False


def use(endpoints: Endpoints | None) -> None:
    """Let `endpoints()` be this one: the single process has its own; tests start afresh."""
    global _endpoints  # noqa: PLW0603 — see `endpoints`
    with _lock:
        _endpoints = endpoints


def warm_up() -> None:
    """Make what the first request will need: the endpoints, its secrets, the way to the table.

    Lambda gives a start a whole processor, whatever the memory, and a request with 512 MB
    less than a third of one. What fails here is done, and told, at first use.
    """
    try:
        endpoints().concierge.site_of("nobody:is:here")
    except (BadSettings, StoreUnavailable) as fault:
        log.warning("not yet: %s", fault)


if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:  # Lambda says it, packaging doesn't
    warm_up()
