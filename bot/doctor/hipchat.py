"""The check-up of HipChat: its servers, the add-on's installations, the sites' rooms and admins."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.chat.hipchat.hosts import NotAllowed
from chalicelib.chat.hipchat.installations import Installation, Installs
from chalicelib.core.inputs import Sort
from chalicelib.edges import MessengerUnavailable, StoreUnavailable
from chalicelib.settings import Settings, given, lacking
from chalicelib.wiring import hipchat

from .result import CheckResult, Patient, change, failed, ok, warning

IN, SERVERS, OUT = "HipChat, coming in", "HipChat, servers", "HipChat, going out"


def check_hipchat(patient: Patient) -> Iterator[CheckResult]:
    """What an admin needs to install the add-on, and every installation there is."""
    settings = patient.settings
    yield from (failed(one.what, one, one.todo) for one in lacking("hipchat", given(settings)))
    if settings.public_url:
        yield ok(IN, f"install the add-on from {settings.public_url.rstrip('/')}/hipchat/descriptor")  # fmt: skip
    if settings.hipchat_allowed_hosts:
        for entry in settings.hipchat_allowed_hosts:
            yield check_host(settings, entry)
        yield from check_installs(hipchat.installs_of(settings), patient)


def check_host(settings: Settings, entry: str) -> CheckResult:
    """Whether a server's name leads where it may."""
    name = entry.partition("=")[0]
    try:
        hipchat.hosts_of(settings).check(f"https://{name}/")
    except NotAllowed:
        return failed(SERVERS, f"{name} leads inside a network", f"if it should, say where: HIPCHAT_ALLOWED_HOSTS={name}=NETWORK, such as 10.0.0.0/8")  # fmt: skip
    except MessengerUnavailable as fault:
        return failed(SERVERS, fault, "check HIPCHAT_ALLOWED_HOSTS and this machine's DNS")
    return ok(SERVERS, f"{name} is allowed")


def check_installs(installs: Installs, patient: Patient) -> Iterator[CheckResult]:
    """Whether each installation still gets a token, and each site's room has one."""
    try:
        known = installs.all()
    except StoreUnavailable:
        return  # the store has a line of its own
    if not known:
        yield warning(OUT, "not installed yet", "a HipChat admin installs it from the descriptor")
    working = []
    for one in known:
        found = check_install(installs, one)
        working += [one] if found.todo == "" else []
        yield found
    for site, tenant, room in patient.channels("hipchat"):
        if not any(one.tenant == tenant and one.room in ("", room) for one in known):
            yield failed(site.id, f"HipChat: not installed in its room, {room} of {tenant}", "install the add-on there, or see that the channel is as an installation says")  # fmt: skip
    yield from check_admins(
        patient, {one.tenant for one in working}, {one.tenant for one in known}
    )


def check_install(installs: Installs, one: Installation) -> CheckResult:
    """Whether its server still gives us a token."""
    where = f"hipchat:{one.tenant}:{one.room or 'ROOM'}"
    try:
        if installs.is_known(one):
            return ok(OUT, f"installed; channels are {where}")
    except NotAllowed:
        return failed(OUT, f"{where}: its server is not allowed (any more)", "see HIPCHAT_ALLOWED_HOSTS")  # fmt: skip
    except MessengerUnavailable as fault:
        return failed(OUT, f"{where}: no token: {fault}", "check the server, its certificate and the way out")  # fmt: skip
    return failed(OUT, f"{where}: its server refuses our secret", "install the add-on again")


def check_admins(patient: Patient, working: set[str], known: set[str]) -> Iterator[CheckResult]:
    """Whether the server knows each. Nothing is said of one who is there, nor where nobody answers."""
    messenger = hipchat.messenger(patient.settings)
    for site, tenant, user in patient.admins("hipchat"):
        who, todo = f"its admin {user} of {tenant}", change(site, "admin", f"hipchat:{tenant}:…")
        if tenant not in known:
            yield failed(site.id, f"{who}: the add-on isn't installed there", todo)
        elif tenant in working:
            try:
                sort = messenger.profile(f"hipchat:{tenant}:{user}").sort
                if sort is not Sort.PERSON:
                    yield failed(site.id, f"{who} isn't known there: {sort}", todo)
            except MessengerUnavailable as fault:
                yield warning(site.id, f"{who} can't be looked up: {fault}")
