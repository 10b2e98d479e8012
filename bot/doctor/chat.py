"""The check-up of Mattermost and HipChat: what is set, who we are there, where we may speak."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from urllib.parse import urlsplit

from chalicelib import wiring
from chalicelib.chat.hipchat.hosts import NotAllowed
from chalicelib.chat.hipchat.installations import Installation, Installs
from chalicelib.chat.mattermost.messenger import MattermostMessenger
from chalicelib.core.model import Site
from chalicelib.edges import MessageRefused, MessengerUnavailable, StoreUnavailable
from chalicelib.settings import Settings

from .result import CheckResult, Level

PLATFORMS = ("slack", "mattermost", "hipchat")
HIPCHAT_ADDRESS = "the add-on's descriptor needs it: https:// and the name under which HipChat reaches this machine"  # fmt: skip


def used(settings: Settings, sites: Iterable[Site]) -> set[str]:
    """The platforms that something is set for, or that a site has a channel on."""
    given = {
        platform
        for platform in PLATFORMS
        for one in fields(settings)
        if one.name.startswith(f"{platform}_") and getattr(settings, one.name) != one.default
    }
    return given | {channel.partition(":")[0] for site in sites for channel in site.channels}


def channels(sites: Iterable[Site], platform: str) -> Iterator[tuple[str, str, str]]:
    """Site, tenant and last part of each channel on a platform."""
    for site in sites:
        for channel in site.channels:
            here, tenant, last = channel.split(":", 2)
            if here == platform:
                yield site.id, tenant, last


def check_mattermost(settings: Settings, sites: list[Site]) -> Iterator[CheckResult]:
    """The token for what comes in, the bot for what goes out, and its channels."""
    what = "Mattermost, coming in"
    if not settings.mattermost_command_token:
        yield CheckResult(Level.FAILED, what, "MATTERMOST_COMMAND_TOKEN is not set", "see Integrations → Slash Commands in Mattermost")  # fmt: skip
    elif not settings.public_url:
        yield CheckResult(Level.WARNING, what, "PUBLIC_URL is not set: messages have no buttons, and say what to type", "set it to where Mattermost reaches this machine")  # fmt: skip
    else:
        here = settings.public_url.rstrip("/")
        yield CheckResult(
            Level.OK, what, f"the command's request URL is {here}/mattermost/command"
        )
    what = "Mattermost, going out"
    for name, value, todo in (
        ("MATTERMOST_URL", settings.mattermost_url, "set it to the server's address"),
        ("MATTERMOST_BOT_TOKEN", settings.mattermost_bot_token, "see Integrations → Bot Accounts in Mattermost"),
    ):  # fmt: skip
        if not value:
            yield CheckResult(Level.FAILED, what, f"{name} is not set", todo)
    if settings.mattermost_url and settings.mattermost_bot_token:
        yield from check_bot(settings, sites)


def check_bot(settings: Settings, sites: list[Site]) -> Iterator[CheckResult]:
    """Who our token says we are, and whether we may post where the sites' channels are."""
    what, host = "Mattermost, going out", urlsplit(settings.mattermost_url).hostname
    messenger = wiring.mattermost_messenger(settings)
    try:
        us = messenger.who_we_are()
    except (MessengerUnavailable, MessageRefused) as fault:
        yield CheckResult(Level.FAILED, what, str(fault), "check MATTERMOST_URL, MATTERMOST_BOT_TOKEN and the way out")  # fmt: skip
        return
    yield CheckResult(Level.OK, what, f"we are @{us} at {host}")
    for site_id, tenant, channel in channels(sites, "mattermost"):
        if tenant != host:
            yield CheckResult(Level.FAILED, site_id, f"its channel is at {tenant}, MATTERMOST_URL at {host}", f"python -m bot site set {site_id} --channel mattermost:{host}:…")  # fmt: skip
        else:
            yield check_membership(messenger, site_id, channel, us)


def check_membership(
    messenger: MattermostMessenger, site_id: str, channel: str, us: str
) -> CheckResult:
    try:
        messenger.check_channel(channel)
    except MessageRefused as refused:
        return CheckResult(Level.FAILED, site_id, f"we are not in its Mattermost channel: {refused.reason}", f"add @{us} to the channel, or see that the channel's id is right")  # fmt: skip
    except MessengerUnavailable as fault:
        return CheckResult(Level.WARNING, site_id, f"its Mattermost channel can't be looked at: {fault}")  # fmt: skip
    return CheckResult(Level.OK, site_id, "we are in its Mattermost channel")


def check_hipchat(settings: Settings, sites: list[Site]) -> Iterator[CheckResult]:
    """What an admin needs to install the add-on, and every installation there is."""
    what = "HipChat, coming in"
    if not settings.public_url:
        yield CheckResult(Level.FAILED, what, "PUBLIC_URL is not set", HIPCHAT_ADDRESS)
    else:
        here = settings.public_url.rstrip("/")
        yield CheckResult(Level.OK, what, f"install the add-on from {here}/hipchat/descriptor")
    if not settings.hipchat_allowed_hosts:
        yield CheckResult(Level.FAILED, "HipChat, servers", "HIPCHAT_ALLOWED_HOSTS is not set", "name the server: nobody else's installation is believed")  # fmt: skip
        return
    for entry in settings.hipchat_allowed_hosts:
        yield check_host(settings, entry)
    yield from check_installs(wiring.installs_of(settings), sites)


def check_host(settings: Settings, entry: str) -> CheckResult:
    """Whether a server's name leads where it may."""
    what, name = "HipChat, servers", entry.partition("=")[0]
    try:
        wiring.hosts_of(settings).check(f"https://{name}/")
    except NotAllowed:
        return CheckResult(Level.FAILED, what, f"{name} leads inside a network", f"if it should, say where: HIPCHAT_ALLOWED_HOSTS={name}=NETWORK, such as 10.0.0.0/8")  # fmt: skip
    except MessengerUnavailable as fault:
        return CheckResult(Level.FAILED, what, str(fault), "check HIPCHAT_ALLOWED_HOSTS and this machine's DNS")  # fmt: skip
    return CheckResult(Level.OK, what, f"{name} is allowed")


def check_installs(installs: Installs, sites: list[Site]) -> Iterator[CheckResult]:
    """Whether each installation still gets a token, and each site's room has one."""
    what = "HipChat, going out"
    try:
        known = installs.all()
    except StoreUnavailable:
        return  # the store has a line of its own
    if not known:
        yield CheckResult(Level.WARNING, what, "not installed yet", "a HipChat admin installs it from the descriptor")  # fmt: skip
    for one in known:
        yield check_install(installs, one)
    for site_id, tenant, room in channels(sites, "hipchat"):
        if not any(one.tenant == tenant and one.room in ("", room) for one in known):
            yield CheckResult(Level.FAILED, site_id, f"HipChat: not installed in its room, {room} of {tenant}", "install the add-on there, or see that the channel is as an installation says")  # fmt: skip


def check_install(installs: Installs, one: Installation) -> CheckResult:
    """Whether its server still gives us a token."""
    what = "HipChat, going out"
    where = f"hipchat:{one.tenant}:{one.room or 'ROOM'}"
    try:
        if installs.is_known(one):
            return CheckResult(Level.OK, what, f"installed; channels are {where}")
    except NotAllowed:
        return CheckResult(Level.FAILED, what, f"{where}: its server is not allowed (any more)", "see HIPCHAT_ALLOWED_HOSTS")  # fmt: skip
    except MessengerUnavailable as fault:
        return CheckResult(Level.FAILED, what, f"{where}: no token: {fault}", "check the server, its certificate and the way out")  # fmt: skip
    return CheckResult(Level.FAILED, what, f"{where}: its server refuses our secret", "install the add-on again")  # fmt: skip
