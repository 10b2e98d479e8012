"""The settings: the environment, read once into a frozen value."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, tzinfo
from ipaddress import ip_network
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .edges import Fault

SLACK_API = "https://slack.com/api/"
FORMS = ("text", "json", "cloudwatch")  # of the log
NEEDS = {  # who gives one must give the others
    "CHARGEPOINT_API_KEY": ("CHARGEPOINT_API_PASSWORD",),
    "CHARGEPOINT_API_PASSWORD": ("CHARGEPOINT_API_KEY",),
    "TWILIO_ACCOUNT_SID": ("TWILIO_AUTH_TOKEN", "TWILIO_FROM"),
    "TWILIO_AUTH_TOKEN": ("TWILIO_ACCOUNT_SID", "TWILIO_FROM"),
    "TWILIO_FROM": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    "EV_MAIL_FROM": ("EV_MAIL_TOPIC",),
    "SLACK_CLIENT_ID": ("SLACK_CLIENT_SECRET", "PUBLIC_URL"),
    "SLACK_CLIENT_SECRET": ("SLACK_CLIENT_ID", "PUBLIC_URL"),
}
CHARGEPOINT = "https://webservices.chargepoint.com"  # North America (API guide: endpoints)
TWILIO = "https://api.twilio.com"
TIBBER = "https://api.tibber.com/v1-beta/gql"
FEED = "webservice.chargepointportal.net"  # its host and domain, seen in 2019


class BadSettings(Fault):
    """Settings are missing or malformed; `problems` names every one."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "\n".join(["These settings need attention (see docs/settings.md):", *problems])
        )
        self.problems = problems


def secret() -> str:
    """A field that no repr shows."""
    text: str = field(default="", repr=False)
    return text


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, checked. An empty text means that it was not given."""

    store: str = "sqlite:ev-concierge.sqlite"
    http: tuple[str, int] | None = None
    deliver: str = "pump"
    clock: str = ""
    log: str = "text"
    trace: str = ""  # where traces are sent
    energy_days: int = 730  # how long five minutes of a meter are kept …
    readings_hours: int = 48  # … and how long each reading is
    slack_signing_secret: str = secret()
    slack_bot_token: str = secret()
    slack_app_token: str = secret()  # Socket Mode: commands come in without an address
    slack_client_id: str = ""
    slack_client_secret: str = secret()
    slack_api_url: str = SLACK_API
    public_url: str = ""  # where the chat platforms reach us
    hipchat_allowed_hosts: tuple[str, ...] = ()
    mattermost_url: str = ""
    mattermost_bot_token: str = secret()
    mattermost_command_token: str = secret()
    twilio_account_sid: str = ""
    twilio_auth_token: str = secret()
    twilio_shared_key: str = secret()  # of a webhook rule, which signs by SHA-256
    twilio_from: str = ""  # our number
    twilio_api_url: str = TWILIO
    twilio_daily: int = 300  # parts of texts that a site may send in a day
    mail_topic: str = ""  # of Amazon SNS, by its ARN
    mail_from: str = ""  # who sends mail with pictures, by Amazon SES
    tibber_token: str = secret()
    tibber_home: str = ""  # which, where there are several
    tibber_api_url: str = TIBBER
    chargepoint_api_key: str = secret()
    chargepoint_api_password: str = secret()
    chargepoint_url: str = CHARGEPOINT
    chargepoint_api_version: str = "5.1"
    chargepoint_wsdl: str = ""
    chargepoint_poll_seconds: float = 60.0
    chargepoint_xmpp: tuple[str, int] | None = (FEED, 5222)  # None: no event feed
    chargepoint_xmpp_tls: Literal["starttls", "direct", "none"] = "starttls"
    chargepoint_xmpp_ca: str = ""
    chargepoint_xmpp_domain: str = FEED
    chargepoint_xmpp_zone: tzinfo = UTC  # of times in events that don't say theirs

    def secrets(self) -> list[str]:
        """What no log may hold."""
        return [str(getattr(self, one.name)) for one in fields(self) if not one.repr]


def read(environ: Mapping[str, str], needed: Iterable[str] = ()) -> Settings:
    """The settings in `environ`. Raises BadSettings with all that is missing or malformed."""
    given = {name for name in KNOWN if environ.get(name, "").strip()}
    asked = [*needed, *(other for name in NEEDS if name in given for other in NEEDS[name])]
    problems = [f"{name} is not set" for name in dict.fromkeys(asked) if name not in given]
    found: dict[str, object] = {}
    for name, (attribute, convert) in KNOWN.items():
        text = environ.get(name, "").strip()
        if not text:
            continue
        try:
            found[attribute] = convert(text)
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if problems:
        raise BadSettings(problems)
    found["log"] = log_form(environ)
    if "deliver" not in found and str(found.get("store", "")).startswith("dynamodb:"):
        found["deliver"] = "stream"
    return Settings(**found)  # type: ignore[arg-type]  # KNOWN pairs each with its converter


def log_form(environ: Mapping[str, str]) -> str:
    """EV_LOG, before anything can go wrong and want to be logged; a wrong one is `read`'s to say."""
    default = "cloudwatch" if environ.get("AWS_LAMBDA_FUNCTION_NAME") else "text"
    found = environ.get("EV_LOG", "").strip()
    return found if found in FORMS else default


def store(text: str) -> str:
    kind, _, where = text.partition(":")
    if kind not in ("sqlite", "dynamodb") or not where:
        raise ValueError("must be sqlite:PATH or dynamodb:TABLE")
    return text


def host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def feed(text: str) -> tuple[str, int] | None:
    return None if text == "off" else host_and_port(text)


def zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError("must be a time zone such as America/Los_Angeles") from error


def bot_token(text: str) -> str:
    if plain(text).startswith(("xapp-", "xoxp-")):
        raise ValueError("must be the bot's token, which begins with xoxb-")
    return text


def app_token(text: str) -> str:
    if not plain(text).startswith("xapp-"):
        raise ValueError("must begin with xapp-: the app-level token, not the bot's")
    return text


def url(text: str) -> str:
    parts = urlsplit(plain(text))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must begin with https:// (or http:// in practice)")
    if parts.port == 0:  # reading it raises ValueError when it is none
        raise ValueError("there is no port 0")
    return text


def plain(text: str) -> str:
    """What goes into a header or an address as it is."""
    if not re.fullmatch("[!-~]+", text):
        raise ValueError("must be plain ASCII without blanks (of a host with others: xn--…)")
    return text


def account(text: str) -> str:
    if not re.fullmatch("AC[0-9a-f]{32}", text):
        raise ValueError("must be AC and 32 hexadecimal digits: the account's SID")
    return text


def number(text: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", text):
        raise ValueError("must be a number in full, such as +16505550100")
    return text


def topic(text: str) -> str:
    if not re.fullmatch(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}", text):
        raise ValueError("must be the ARN of a standard topic: arn:aws:sns:REGION:ACCOUNT:NAME")
    return text


def sender(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>\"]{1,64}@[A-Za-z0-9.-]{3,190}", plain(text)):
        raise ValueError("must be an address alone, such as ev@example.com")
    return text


def hosts(text: str) -> tuple[str, ...]:
    """Servers, and for names that lead inside, where: `chat.example.org=10.0.0.0/8`."""
    found = tuple(text.replace(",", " ").split())
    for entry in found:
        plain(entry)
        where, equals, network = entry.partition("=")
        name, port = urlsplit(f"//{where}").hostname, urlsplit(f"//{where}").port
        if not name or re.search(r"[/@?#\\]", where) or port == 0:
            raise ValueError(f"{entry} is not HOST, HOST:PORT or HOST=NETWORK")
        if equals:
            ip_network(network)
    return found


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 5 <= value <= 3600:
        raise ValueError("must be a number of seconds from 5 to 3600")
    return value


def whole(least: int, most: int, unit: str) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not re.fullmatch("[0-9]{1,6}", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number of {unit} from {least} to {most}")
        return int(text)

    return convert


def one_of(*allowed: str) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return convert


def clock(text: str) -> str:
    number = r"[0-9]+(\.[0-9]+)?"
    if not text.startswith("file:") and not re.fullmatch(f"{number}@{number}@{number}", text):
        raise ValueError("must be SPEED@REAL_EPOCH@SITE_EPOCH")
    return text


Converter = Callable[[str], object]
KNOWN: dict[str, tuple[str, Converter]] = {
    "EV_STORE": ("store", store),
    "EV_HTTP": ("http", host_and_port),
    "EV_DELIVER": ("deliver", one_of("stream", "pump")),
    "EV_CLOCK": ("clock", clock),
    "EV_LOG": ("log", one_of(*FORMS)),
    "EV_TRACE": ("trace", url),
    "EV_ENERGY_DAYS": ("energy_days", whole(1, 3_650, "days")),
    "EV_READINGS_HOURS": ("readings_hours", whole(1, 720, "hours")),
    "SLACK_SIGNING_SECRET": ("slack_signing_secret", str),
    "SLACK_BOT_TOKEN": ("slack_bot_token", bot_token),
    "SLACK_APP_TOKEN": ("slack_app_token", app_token),
    "SLACK_CLIENT_ID": ("slack_client_id", plain),
    "SLACK_CLIENT_SECRET": ("slack_client_secret", plain),
    "SLACK_API_URL": ("slack_api_url", url),
    "PUBLIC_URL": ("public_url", url),
    "HIPCHAT_ALLOWED_HOSTS": ("hipchat_allowed_hosts", hosts),
    "MATTERMOST_URL": ("mattermost_url", url),
    "MATTERMOST_BOT_TOKEN": ("mattermost_bot_token", plain),
    "MATTERMOST_COMMAND_TOKEN": ("mattermost_command_token", plain),
    "TWILIO_ACCOUNT_SID": ("twilio_account_sid", account),
    "TWILIO_AUTH_TOKEN": ("twilio_auth_token", plain),
    "TWILIO_SHARED_KEY": ("twilio_shared_key", plain),
    "TWILIO_FROM": ("twilio_from", number),
    "TWILIO_API_URL": ("twilio_api_url", url),
    "TWILIO_DAILY": ("twilio_daily", whole(1, 100_000, "texts")),
    "EV_MAIL_TOPIC": ("mail_topic", topic),
    "EV_MAIL_FROM": ("mail_from", sender),
    "TIBBER_TOKEN": ("tibber_token", str),
    "TIBBER_HOME": ("tibber_home", str),
    "TIBBER_API_URL": ("tibber_api_url", url),
    "CHARGEPOINT_API_KEY": ("chargepoint_api_key", str),
    "CHARGEPOINT_API_PASSWORD": ("chargepoint_api_password", str),
    "CHARGEPOINT_URL": ("chargepoint_url", url),
    "CHARGEPOINT_API_VERSION": ("chargepoint_api_version", one_of("5.1", "5.0", "4.1")),
    "CHARGEPOINT_WSDL": ("chargepoint_wsdl", str),
    "CHARGEPOINT_POLL_SECONDS": ("chargepoint_poll_seconds", seconds),
    "CHARGEPOINT_XMPP": ("chargepoint_xmpp", feed),
    "CHARGEPOINT_XMPP_TLS": ("chargepoint_xmpp_tls", one_of("starttls", "direct", "none")),
    "CHARGEPOINT_XMPP_CA": ("chargepoint_xmpp_ca", str),
    "CHARGEPOINT_XMPP_DOMAIN": ("chargepoint_xmpp_domain", str),
    "CHARGEPOINT_XMPP_ZONE": ("chargepoint_xmpp_zone", zone),
}


@dataclass(frozen=True, slots=True)
class Required:
    """A setting that a platform can't do without: any of `names`, unless another one is given."""

    what: str
    names: tuple[str, ...]
    todo: str
    unless: str = ""

    def __str__(self) -> str:
        return f"{' or '.join(self.names)} is not set"


REQUIRED = {
    "slack": (
        Required("Slack, coming in", ("SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"), "see Basic Information of the Slack app"),
        Required("Slack, going out", ("SLACK_BOT_TOKEN",), "see OAuth & Permissions of the Slack app", unless="SLACK_CLIENT_ID"),
    ),
    "mattermost": (
        Required("Mattermost, coming in", ("MATTERMOST_COMMAND_TOKEN",), "see Integrations → Slash Commands in Mattermost"),
        Required("Mattermost, going out", ("MATTERMOST_URL",), "set it to the server's address"),
        Required("Mattermost, going out", ("MATTERMOST_BOT_TOKEN",), "see Integrations → Bot Accounts in Mattermost"),
    ),
    "hipchat": (
        Required("HipChat, coming in", ("PUBLIC_URL",), "the add-on's descriptor needs it: https:// and the name under which HipChat reaches this machine"),
        Required("HipChat, servers", ("HIPCHAT_ALLOWED_HOSTS",), "name the server: nobody else's installation is believed"),
    ),
    "sms": (
        Required("SMS, coming in", ("PUBLIC_URL",), "texts are signed over it: https:// and the name under which Twilio reaches this machine"),
        Required("SMS", ("TWILIO_ACCOUNT_SID",), "see the dashboard of Twilio's console"),
        Required("SMS", ("TWILIO_AUTH_TOKEN",), "see the dashboard of Twilio's console"),
        Required("SMS", ("TWILIO_FROM",), "the number that people text, such as +16505550100"),
    ),
    "chargepoint": (
        Required("ChargePoint", ("CHARGEPOINT_API_KEY",), "it is an organization's, from ChargePoint's Web Services page"),
        Required("ChargePoint", ("CHARGEPOINT_API_PASSWORD",), "it comes with the key"),
    ),
}  # fmt: skip
CHATS = ("slack", "mattermost", "hipchat", "sms")
MADE_BY = {"twilio": "sms"}  # whose settings they are


def lacking(platform: str, given: Collection[str]) -> list[Required]:
    """What a platform can't do without and isn't among the settings that are given."""
    return [
        one
        for one in REQUIRED[platform]
        if one.unless not in given and not any(name in given for name in one.names)
    ]


def given(settings: Settings) -> set[str]:
    """The names of the settings that are other than by default."""
    defaults = Settings()
    return {
        name
        for name, (attribute, _) in KNOWN.items()
        if getattr(settings, attribute) != getattr(defaults, attribute)
    }


def chats(given: Iterable[str]) -> set[str]:
    """The chat platforms that these settings are for; Slack's address alone is for practice."""
    makers = {name.partition("_")[0].lower() for name in given if name != "SLACK_API_URL"}
    named = {MADE_BY.get(one, one) for one in makers}
    return named.intersection(CHATS)
