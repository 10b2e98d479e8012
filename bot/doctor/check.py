"""`python -m bot check`: a doctor. What is configured, reachable and permitted; what to fix."""

from __future__ import annotations

from collections.abc import Iterator

from bot.listener.event_feed import account_of, subscription_of
from bot.listener.run import client_of, network_of
from bot.networks.chargepoint import ChargePoint, ChargePointClient
from bot.networks.chargepoint.subscription import Subscription
from chalicelib import wiring
from chalicelib.chat.slack.probe import ProbeFailed, probe
from chalicelib.clock import SystemClock
from chalicelib.core.model import Site, Stations
from chalicelib.edges import (
    Clock,
    MessengerUnavailable,
    NetworkRefused,
    NetworkUnavailable,
    NewerFormat,
    SiteStore,
    StoreUnavailable,
)
from chalicelib.settings import FEED, BadSettings, Settings

from .chat import PLATFORMS, check_hipchat, check_mattermost, used
from .result import CheckResult, Level
from .slack import check_clock, check_workspaces


def run(settings: Settings, clock: Clock | None = None) -> int:
    """Print the findings as they come. The exit code: 1 when something failed."""
    failed = False
    for finding in findings(settings, clock or SystemClock()):
        print(finding, flush=True)
        failed = failed or finding.level is Level.FAILED
    return int(failed)


def findings(settings: Settings, clock: Clock) -> Iterator[CheckResult]:
    """Every check, the cheap ones first."""
    yield CheckResult(Level.OK, "settings", "all that are given are well formed")
    store = wiring.store_of(settings)
    sites: list[Site] = []
    yield from check_store(store, settings.store, sites)
    yield from check_chat(settings, sites, clock)
    yield from check_web(settings)
    network = network_of(settings, clock)
    yield from check_network(network, settings, sites)
    if network is not None:
        yield from check_feed(settings, client_of(settings, clock))


def check_store(store: SiteStore, spec: str, sites: list[Site]) -> Iterator[CheckResult]:
    """Reachable, readable, and with sites in it; they are put into `sites`."""
    try:
        found = [store.load(name) for name in store.sites()]
    except StoreUnavailable as fault:
        yield CheckResult(
            Level.FAILED, "store", f"{spec}: {fault}", "check EV_STORE, and the rights to it"
        )
        return
    except NewerFormat as fault:
        yield CheckResult(
            Level.FAILED, "store", str(fault), "run the newer version of this program"
        )
        return
    sites += [site for site in found if site is not None]
    if not sites:
        yield CheckResult(
            Level.WARNING, "store", f"{spec}: no site yet", "python -m bot site add --help"
        )
        return
    yield CheckResult(Level.OK, "store", f"{spec}: {', '.join(site.id for site in sites)}")
    for site in sites:
        if not site.admins:
            yield CheckResult(Level.WARNING, site.id, "nobody is its admin", f"python -m bot site set {site.id} --admin …")  # fmt: skip


def check_chat(settings: Settings, sites: list[Site], clock: Clock) -> Iterator[CheckResult]:
    """The platforms that are in use; Slack, where none is."""
    platforms = used(settings, sites) or {"slack"}
    if "slack" in platforms:
        yield from check_slack(settings, clock)
        if settings.slack_client_id:
            yield from check_workspaces(settings, sites, clock)
    if "mattermost" in platforms:
        yield from check_mattermost(settings, sites)
    if "hipchat" in platforms:
        yield from check_hipchat(settings, sites)
    for strange in sorted(platforms.difference(PLATFORMS)):
        yield CheckResult(Level.FAILED, strange, "a site has a channel there, and nobody speaks there", f"channels begin with {', '.join(PLATFORMS)}")  # fmt: skip


def check_slack(settings: Settings, clock: Clock) -> Iterator[CheckResult]:
    """How commands come in, the token for what goes out, scopes, and the clock."""
    yield check_way_in(settings)
    if not settings.slack_bot_token and settings.slack_client_id:
        return  # each workspace has a token of its own
    if not settings.slack_bot_token:
        yield CheckResult(Level.FAILED, "Slack, going out", "SLACK_BOT_TOKEN is not set", "see OAuth & Permissions of the Slack app")  # fmt: skip
        return
    try:
        us = probe(settings.slack_bot_token, settings.slack_api_url)
    except ProbeFailed as why:
        yield CheckResult(Level.FAILED, "Slack, going out", str(why), "check SLACK_BOT_TOKEN and the way out")  # fmt: skip
        return
    if us.missing:
        yield CheckResult(Level.FAILED, "Slack's scopes", f"missing {', '.join(us.missing)}", "add them to the app, and install it again")  # fmt: skip
    else:
        yield CheckResult(Level.OK, "Slack, going out", f"we are {us.user} in {us.team}")
    if us.at is not None:
        yield check_clock(us.at, clock)


def check_way_in(settings: Settings) -> CheckResult:
    """Socket Mode, or requests to our address. No socket is opened: Slack would talk to it."""
    what = "Slack, coming in"
    if not settings.slack_app_token:
        if settings.slack_signing_secret:
            return CheckResult(Level.OK, what, "commands come to our address, /slack/events")
        return CheckResult(Level.FAILED, what, "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set", "see Basic Information of the Slack app")  # fmt: skip
    from chalicelib.chat.slack.socket import TokenRefused, socket_url

    try:
        socket_url(settings.slack_app_token, settings.slack_api_url)
    except TokenRefused as refused:
        return CheckResult(Level.FAILED, what, str(refused), "it must be an app-level token with connections:write, and Socket Mode on in the app's settings")  # fmt: skip
    except MessengerUnavailable as fault:
        return CheckResult(Level.FAILED, what, str(fault), "check the way out, and try again")
    return CheckResult(Level.OK, what, "commands come by Socket Mode")


def check_web(settings: Settings) -> Iterator[CheckResult]:
    """Whether this machine is to be reached by the chat platforms."""
    others = settings.mattermost_command_token or settings.hipchat_allowed_hosts
    if settings.http is None and settings.slack_app_token and not others:
        yield CheckResult(Level.OK, "web", "EV_HTTP is not set, and not needed")
    elif settings.http is None:
        yield CheckResult(Level.WARNING, "web", "EV_HTTP is not set: commands must come in elsewhere", "EV_HTTP=127.0.0.1:8080 behind your HTTPS proxy, or the Chalice app on AWS")  # fmt: skip
    else:
        yield CheckResult(Level.OK, "web", f"will serve on {settings.http[0]}:{settings.http[1]}")


def check_network(
    network: ChargePoint | None, settings: Settings, sites: list[Site]
) -> Iterator[CheckResult]:
    """Login, region, plan, and the stations of every site."""
    watched = [site for site in sites if not site.stations.is_manual]
    if network is None:
        level = Level.FAILED if watched else Level.OK
        todo = "set CHARGEPOINT_API_KEY and CHARGEPOINT_API_PASSWORD" if watched else ""
        yield CheckResult(level, "ChargePoint", "no account is set", todo)
        return
    if not watched:
        yield from check_reach(network, settings, watched)
    for site in watched:
        yield from check_site(network, site, settings.chargepoint_api_version)
    if watched:
        yield from check_plan(network)


def check_reach(
    network: ChargePoint, settings: Settings, watched: list[Site]
) -> Iterator[CheckResult]:
    """Before a site has stations: what the key may see. One of them, as a site on trial, is put
    into `watched`.
    """
    what, url = "ChargePoint", settings.chargepoint_url
    try:
        ids = network.reach()
    except (NetworkRefused, NetworkUnavailable) as fault:
        yield failed(what, fault)
        return
    if not ids:
        yield CheckResult(Level.WARNING, what, f"{url} lets us in, but shows no station", "ask for rights to the stations")  # fmt: skip
        return
    yield CheckResult(Level.OK, what, f"{url} lets us in, and shows {len(ids)} stations, {ids[0]} among them")  # fmt: skip
    watched.append(Site(ids[0], "on trial", stations=Stations(ids=ids[:1])))


def failed(what: str, fault: NetworkRefused | NetworkUnavailable) -> CheckResult:
    """Why nothing is seen, and what to look at."""
    if isinstance(fault, NetworkRefused):
        todo = "check the key, the password and the region"
    else:
        todo = "check CHARGEPOINT_URL and the way out"
    return CheckResult(Level.FAILED, what, str(fault), todo)


def check_site(network: ChargePoint, site: Site, version: str) -> Iterator[CheckResult]:
    """What the network lets us see of one site."""
    what = f"ChargePoint, {site.id}"
    try:
        ports = network.look(site).ports
    except (NetworkRefused, NetworkUnavailable) as fault:
        yield failed(what, fault)
        return
    stations = len({port.station for port in ports})
    yield CheckResult(Level.OK, what, f"{stations} stations, {len(ports)} ports")
    if ports and all(port.load_kw is None for port in ports):
        yield CheckResult(Level.WARNING, what, f"no power and no drivers seen (getLoad, API {version})", "the plan or the API version lacks it: reminders about full cars and drivers' names are off")  # fmt: skip
    yield from check_alarms(network, site, what)


def check_alarms(network: ChargePoint, site: Site, what: str) -> Iterator[CheckResult]:
    try:
        alarms = network.alarms(site)
    except (NetworkRefused, NetworkUnavailable) as fault:
        yield CheckResult(Level.WARNING, what, f"no alarms to be had: {fault}")
        return
    for alarm in alarms:
        where = f"{alarm.station}/{alarm.number}".rstrip("/")
        yield CheckResult(
            Level.WARNING, what, f"{where}: {alarm.kind} since {alarm.at:%Y-%m-%d %H:%MZ}"
        )


def check_plan(network: ChargePoint) -> Iterator[CheckResult]:
    """Which calls the API plan and its version answer; those that look have been asked."""
    try:
        network.users()
    except (NetworkRefused, NetworkUnavailable) as fault:
        yield CheckResult(Level.WARNING, "ChargePoint's plan", f"no drivers to be had: {fault}")
    for call in network.denied:
        yield CheckResult(Level.WARNING, "ChargePoint's plan", f"not allowed: {call}", "it works without; a larger plan or a newer API version has it")  # fmt: skip
    if not network.denied:
        yield CheckResult(Level.OK, "ChargePoint's plan", "every call that helps is answered")


def check_feed(settings: Settings, client: ChargePointClient) -> Iterator[CheckResult]:
    """Whether we are let in, and whether anything will be said there."""
    what = "event feed"
    if settings.chargepoint_xmpp is None:
        yield CheckResult(Level.WARNING, what, "off: cars are noticed by polling alone", "CHARGEPOINT_XMPP=HOST:PORT makes that seconds")  # fmt: skip
        return
    where = "{}:{}".format(*settings.chargepoint_xmpp)
    try:
        call_feed(settings)
    except BadSettings as problem:
        yield CheckResult(Level.FAILED, what, problem.problems[0])
        return
    except (NetworkRefused, NetworkUnavailable) as fault:
        if isinstance(fault, NetworkUnavailable) and where == f"{FEED}:5222":  # a guess of ours
            yield CheckResult(Level.WARNING, what, f"{where}: {fault}: cars are noticed by polling alone", "ask ChargePoint where your account's feed is; or CHARGEPOINT_XMPP=off")  # fmt: skip
        else:
            yield CheckResult(Level.FAILED, what, f"{where}: {fault}", "check CHARGEPOINT_XMPP, its TLS and CA; or CHARGEPOINT_XMPP=off")  # fmt: skip
        return
    yield CheckResult(Level.OK, what, f"{where} lets us in")
    yield from check_subscription(subscription_of(settings, client))


def check_subscription(subscription: Subscription) -> Iterator[CheckResult]:
    what = "event feed"
    try:
        holds = subscription.holds()
    except (NetworkRefused, NetworkUnavailable, StoreUnavailable) as fault:
        yield CheckResult(Level.WARNING, what, f"no subscription to be had: {fault}", "the plan must have registerFeeds; polling goes on without")  # fmt: skip
        return
    if holds:
        yield CheckResult(Level.OK, what, "subscribed")
    else:
        yield CheckResult(Level.WARNING, what, "not subscribed yet", "`python -m bot run` does it when it starts")  # fmt: skip


def call_feed(settings: Settings) -> None:
    """Log in there. Raises BadSettings, NetworkRefused or NetworkUnavailable."""
    from bot.networks.chargepoint.feed_probe import (
        probe as call,  # slixmpp only where there is a feed
    )

    call(account_of(settings))
