"""The check-up of ChargePoint: login, region, plan, the stations of every site, the event feed."""

from __future__ import annotations

from collections.abc import Iterator

from bot.listener.event_feed import account_of, subscription_of
from bot.listener.run import client_of, network_of
from bot.networks.chargepoint import ChargePoint, ChargePointClient, StationGroup
from bot.networks.chargepoint.subscription import Subscription
from chalicelib.core.model import Site, Stations
from chalicelib.edges import NetworkRefused, NetworkUnavailable, StoreUnavailable
from chalicelib.settings import FEED, BadSettings, Settings, given, lacking

from .result import CheckResult, Patient, failed, ok, warning

WHAT, PLAN, FEED_LINE = "ChargePoint", "ChargePoint's plan", "event feed"
MOST_GROUPS = 12
FAULTS = (NetworkRefused, NetworkUnavailable)


def check_network(patient: Patient) -> Iterator[CheckResult]:
    """Login, region, plan, and the stations of every site."""
    settings = patient.settings
    network = network_of(settings, patient.clock)
    watched = [site for site in patient.sites if not site.stations.is_manual]
    if network is None:
        missing = " and ".join(one.names[0] for one in lacking("chargepoint", given(settings)))
        yield failed(WHAT, "no account is set", f"set {missing}") if watched else ok(WHAT, "no account is set")  # fmt: skip
        return
    if not watched:
        yield from check_reach(network, settings, watched)
    names = {one.id: f', group "{one.name}"' for one in groups_of(network)} if watched else {}
    seen: list[Site] = []
    unanswered: list[Site] = []
    for site in watched:
        name = names.get(site.stations.group or 0, "")
        yield from check_site(
            network, site, name, settings.chargepoint_api_version, seen, unanswered
        )
    if seen:  # where nothing was answered, nothing is known of the plan
        yield from check_plan(network, is_whole=not unanswered)


def check_reach(
    network: ChargePoint, settings: Settings, watched: list[Site]
) -> Iterator[CheckResult]:
    """Before a site has stations: what the key may see. One of them, as a site on trial, is put
    into `watched`.
    """
    url = settings.chargepoint_url
    try:
        ids = network.reach()
    except FAULTS as fault:
        yield lost(WHAT, fault)
        return
    if not ids:
        yield warning(WHAT, f"{url} lets us in, but shows no station", "ask for rights to the stations")  # fmt: skip
        return
    yield ok(WHAT, f"{url} lets us in, and shows {len(ids)} stations, {ids[0]} among them")
    named = [f'{one.id} "{one.name}" ({len(one.stations)} stations)' for one in groups_of(network)]
    if named:
        most = ", ".join(named[:MOST_GROUPS]) + (" …" if len(named) > MOST_GROUPS else "")
        yield ok(WHAT, f"station groups: {most}; choose one: site add … --station-group NUMBER")
    watched.append(Site(ids[0], "on trial", stations=Stations(ids=ids[:1])))


def groups_of(network: ChargePoint) -> tuple[StationGroup, ...]:
    """The station groups by name; none where they aren't told."""
    try:
        return network.groups()
    except FAULTS:
        return ()


def lost(what: str, fault: NetworkRefused | NetworkUnavailable) -> CheckResult:
    """Why nothing is seen, and what to look at."""
    if isinstance(fault, NetworkRefused):
        return failed(what, fault, "check the key, the password and the region")
    return failed(what, fault, "check CHARGEPOINT_URL and the way out")


def check_site(
    network: ChargePoint,
    site: Site,
    group: str,
    version: str,
    seen: list[Site],
    unanswered: list[Site],
) -> Iterator[CheckResult]:
    """What the network lets us see of one site; it is put into `seen` when that is something, and
    into `unanswered` when a call failed. `group` is the name of its group, in words.
    """
    what = f"{WHAT}, {site.id}"
    try:
        ports = network.look(site).ports
    except FAULTS as fault:
        unanswered.append(site)
        yield lost(what, fault)
        return
    seen.append(site)
    stations = len({port.station for port in ports})
    if not ports:
        yield failed(what, "no port of it is shown", f"check its stations: python -m bot site show {site.id}")  # fmt: skip
        return
    yield ok(what, f"{stations} stations, {len(ports)} ports{group}")
    if all(port.load_kw is None for port in ports):
        yield warning(what, f"no power and no drivers seen (getLoad, API {version})", "the plan or the API version lacks it: reminders about full cars and drivers' names are off")  # fmt: skip
    elif version == "4.1":
        yield warning(what, "no drivers seen, and the power of whole stations only (getLoad, API 4.1)", "CHARGEPOINT_API_VERSION=5.1 tells both for each port")  # fmt: skip
    try:
        alarms = network.alarms(site)
    except FAULTS as fault:
        unanswered.append(site)
        yield warning(what, f"no alarms to be had: {fault}")
        return
    for alarm in alarms:
        where = f"{alarm.station}/{alarm.number}".rstrip("/")
        yield warning(what, f"{where}: {alarm.kind} since {alarm.at:%Y-%m-%d %H:%MZ}")


def check_plan(network: ChargePoint, *, is_whole: bool) -> Iterator[CheckResult]:
    """Which calls the API plan and its version answer; those that look have been asked."""
    try:
        network.users()
    except FAULTS as fault:
        yield warning(PLAN, f"no drivers to be had: {fault}")
        is_whole = False
    for call in network.denied:
        yield warning(PLAN, f"not allowed: {call}", "it works without; a larger plan or a newer API version has it")  # fmt: skip
    if is_whole and not network.denied:
        yield ok(PLAN, "every call that helps is answered")


def check_feed(patient: Patient) -> Iterator[CheckResult]:
    """Whether we are let in, and whether anything will be said there."""
    settings = patient.settings
    if network_of(settings, patient.clock) is None:
        return
    if settings.chargepoint_xmpp is None:
        yield warning(FEED_LINE, "off: cars are noticed by polling alone", "CHARGEPOINT_XMPP=HOST:PORT makes that seconds")  # fmt: skip
        return
    where = "{}:{}".format(*settings.chargepoint_xmpp)
    try:
        call_feed(settings)
    except BadSettings as problem:
        yield failed(FEED_LINE, problem.problems[0])
    except FAULTS as fault:
        yield feed_lost(where, fault)
    else:
        yield ok(FEED_LINE, f"{where} lets us in")
        client: ChargePointClient = client_of(settings, patient.clock)
        yield check_subscription(subscription_of(settings, client))


def feed_lost(where: str, fault: NetworkRefused | NetworkUnavailable) -> CheckResult:
    """Where nobody said that it is, the feed's own host is a guess of ours."""
    if isinstance(fault, NetworkUnavailable) and where == f"{FEED}:5222":
        return warning(FEED_LINE, f"{where}: {fault}: cars are noticed by polling alone", "ask ChargePoint where your account's feed is; or CHARGEPOINT_XMPP=off")  # fmt: skip
    return failed(FEED_LINE, f"{where}: {fault}", "check CHARGEPOINT_XMPP, its TLS and CA; or CHARGEPOINT_XMPP=off")  # fmt: skip


def check_subscription(subscription: Subscription) -> CheckResult:
    try:
        holds = subscription.holds()
    except (*FAULTS, StoreUnavailable) as fault:
        return warning(FEED_LINE, f"no subscription to be had: {fault}", "the plan must have registerFeeds; polling goes on without")  # fmt: skip
    if holds:
        return ok(FEED_LINE, "subscribed")
    return warning(FEED_LINE, "not subscribed yet", "`python -m bot run` does it when it starts")


def call_feed(settings: Settings) -> None:
    """Log in there. Raises BadSettings, NetworkRefused or NetworkUnavailable."""
    from bot.networks.chargepoint.feed_probe import probe  # slixmpp only where there is a feed

    probe(account_of(settings))
