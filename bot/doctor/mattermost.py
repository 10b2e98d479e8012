"""The check-up of Mattermost: what is set, who we are there, where we may speak, and to whom."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from chalicelib.chat.mattermost.messenger import MattermostMessenger
from chalicelib.core.inputs import Sort
from chalicelib.core.model import Site
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.settings import given, lacking
from chalicelib.wiring import mattermost

from .result import CheckResult, Patient, change, failed, ok, warning

IN, OUT = "Mattermost, coming in", "Mattermost, going out"


def check_mattermost(patient: Patient) -> Iterator[CheckResult]:
    """The token for what comes in, the bot for what goes out, and its channels."""
    settings = patient.settings
    missing = lacking("mattermost", given(settings))
    yield from (failed(one.what, one, one.todo) for one in missing)
    if not settings.public_url:
        yield warning(IN, "PUBLIC_URL is not set: messages have no buttons, and say what to type", "set it to where Mattermost reaches this machine")  # fmt: skip
    elif settings.mattermost_command_token:
        yield ok(IN, f"the command's request URL is {settings.public_url.rstrip('/')}/mattermost/command")  # fmt: skip
    if settings.mattermost_url and settings.mattermost_bot_token:
        yield from check_bot(patient)


def check_bot(patient: Patient) -> Iterator[CheckResult]:
    """Who our token says we are, whether we may post in the sites' channels, who their admins are."""
    host = urlsplit(patient.settings.mattermost_url).hostname
    messenger = mattermost.messenger(patient.settings)
    try:
        us = messenger.who_we_are()
    except (MessengerUnavailable, MessageRefused) as fault:
        yield failed(OUT, fault, "check MATTERMOST_URL, MATTERMOST_BOT_TOKEN and the way out")
        return
    yield ok(OUT, f"we are @{us} at {host}")
    for site, tenant, channel in patient.channels("mattermost"):
        if tenant != host:
            yield failed(site.id, f"its channel is at {tenant}, MATTERMOST_URL at {host}", change(site, "channel", f"mattermost:{host}:…"))  # fmt: skip
        else:
            yield check_membership(messenger, site, channel, us)
    for site, tenant, user in patient.admins("mattermost"):
        if tenant != host:
            yield failed(site.id, f"its admin {user} is at {tenant}, MATTERMOST_URL at {host}", change(site, "admin", f"mattermost:{host}:…"))  # fmt: skip
        else:
            yield from check_admin(messenger, site, tenant, user)


def check_membership(
    messenger: MattermostMessenger, site: Site, channel: str, us: str
) -> CheckResult:
    try:
        messenger.check_channel(channel)
    except MessageRefused as refused:
        return failed(site.id, f"we are not in its Mattermost channel: {refused.reason}", f"add @{us} to the channel, or see that the channel's id is right")  # fmt: skip
    except MessengerUnavailable as fault:
        return warning(site.id, f"its Mattermost channel can't be looked at: {fault}")
    return ok(site.id, "we are in its Mattermost channel")


def check_admin(
    messenger: MattermostMessenger, site: Site, tenant: str, user: str
) -> Iterator[CheckResult]:
    """Nothing is said of one who is there."""
    try:
        sort = messenger.profile(f"mattermost:{tenant}:{user}").sort
        if sort is not Sort.PERSON:
            yield failed(site.id, f"its admin {user} isn't known there: {sort}", change(site, "admin", f"mattermost:{tenant}:…"))  # fmt: skip
    except MessengerUnavailable as fault:
        yield warning(site.id, f"its admin {user} can't be looked up: {fault}")
