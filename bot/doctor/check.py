"""`python -m bot check`: a doctor. What is configured, reachable and permitted; what to fix."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from chalicelib.clock import SystemClock
from chalicelib.edges import Clock
from chalicelib.settings import CHATS, Settings, chats, given
from chalicelib.stores import missing_file

from .chargepoint import check_feed, check_network
from .hipchat import check_hipchat
from .mail import check_mail
from .mattermost import check_mattermost
from .meters import check_meters
from .result import CheckResult, Level, Patient, change, failed, ok, warning
from .slack import check_slack
from .sms import check_sms
from .store import check_store

Check = Callable[[Patient], Iterator[CheckResult]]


def run(settings: Settings, clock: Clock | None = None) -> int:
    """Print the findings as they come. The exit code: 1 when something failed."""
    has_failed = False
    for finding in findings(settings, clock or SystemClock()):
        print(finding, flush=True)
        has_failed = has_failed or finding.level is Level.FAILED
    return int(has_failed)


def findings(settings: Settings, clock: Clock) -> Iterator[CheckResult]:
    """Every check in its turn. None of them makes a file: where there is no store yet, the
    others look at an empty one, which is gone afterwards.
    """
    if not missing_file(settings.store):
        yield from every(Patient(settings, clock))
        return
    yield from check_settings(Patient(settings, clock))
    yield from check_store(Patient(settings, clock))
    with tempfile.TemporaryDirectory(prefix="ev-check-") as folder:
        empty = replace(settings, store=f"sqlite:{Path(folder) / 'empty.sqlite'}")
        for check in CHECKS[2:]:
            yield from check(Patient(empty, clock))


def every(patient: Patient) -> Iterator[CheckResult]:
    for check in CHECKS:
        yield from check(patient)


def check_settings(_: Patient) -> Iterator[CheckResult]:
    """They were read before we came here."""
    yield ok("settings", "all that are given are well formed")


def check_chat(patient: Patient) -> Iterator[CheckResult]:
    """The platforms that are in use; Slack, where none is."""
    named = {one.partition(":")[0] for site in patient.sites for one in site.channels}
    platforms = chats(given(patient.settings)) | named or {"slack"}
    mail = {"mail"} if patient.settings.mail_topic else set()  # one-way: no chat
    for platform, check in PLATFORMS.items():
        if platform in platforms:
            yield from check(patient)
    for strange in sorted(platforms.difference(PLATFORMS)):
        yield failed(strange, "a site has a channel there, and nobody speaks there", f"channels begin with {', '.join(CHATS)}")  # fmt: skip
    for site in patient.sites:
        for admin in site.admins:
            if admin.partition(":")[0] not in platforms | mail:
                yield failed(site.id, f"its admin {admin} is where we don't speak", change(site, "admin", "…"))  # fmt: skip


def check_web(patient: Patient) -> Iterator[CheckResult]:
    """Whether this machine is to be reached by the chat platforms."""
    settings = patient.settings
    others = settings.mattermost_command_token or settings.hipchat_allowed_hosts
    if settings.http is None and settings.slack_app_token and not others:
        yield ok("web", "EV_HTTP is not set, and not needed")
    elif settings.http is None:
        yield warning("web", "EV_HTTP is not set: commands must come in elsewhere", "EV_HTTP=127.0.0.1:8080 behind your HTTPS proxy, or the Chalice app on AWS")  # fmt: skip
    else:
        yield ok("web", f"will serve on {settings.http[0]}:{settings.http[1]}")


PLATFORMS: dict[str, Check] = {
    "slack": check_slack,
    "mattermost": check_mattermost,
    "hipchat": check_hipchat,
    "sms": check_sms,
}
# The cheap ones first; the second finds the sites that the others look at.
CHECKS: tuple[Check, ...] = (
    check_settings,
    check_store,
    check_chat,
    check_web,
    check_network,
    check_feed,
    check_meters,
    check_mail,
)
