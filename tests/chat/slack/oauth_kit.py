"""Two workspaces and an organization in the make-believe Slack, our app, and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from app import app as chalice_app
from bot.__main__ import parser
from bot.cli import sites
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.chat.slack.installations import Installation, Installs
from chalicelib.concierge import Concierge
from chalicelib.settings import Settings
from practice import server
from practice.carpark import CarPark
from practice.common.clock import ClockControl
from practice.common.people import CHANNEL, WORKSPACE
from practice.slack.oauth import OAuth
from practice.slack.workspace_peer import Slack
from tests.practice_world import MONDAY, SECRET, Answer, request

CLIENT, HUSH = "1234.5678", "a-made-up-client-secret"
TWO, ORG, THREE = "T0TWO", "E0ORG", "T0THREE"
CHANNELS = {WORKSPACE: CHANNEL, TWO: "C0TWO", THREE: "C0THREE"}
HOME = "xoxb-home"  # a token that needs no installation
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Browser:
    """Keeps cookies and follows nobody by itself."""

    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, url: str) -> Answer:
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        answer = request("GET", url, None, sent if self.cookies else {})
        if "Set-Cookie" in answer.headers:
            name, _, value = answer.headers["Set-Cookie"].partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


def to_slack(address: str, browser: Browser) -> str:
    """Where the app's link to install leads."""
    answer = browser.get(f"{address}/slack/install")
    assert answer.status == 302, answer.body
    return answer.headers["Location"]


def decide(at: str, team: str, decision: str = "allow") -> str:
    """What is chosen on Slack's page; where the browser is sent then."""
    assert request("GET", at).status == 200
    query = dict(parse_qsl(urlsplit(at).query))
    form = {**query, "team": team, "decision": decision}
    chosen = request("POST", at.partition("?")[0], urlencode(form).encode(), FORM)
    assert chosen.status == 302, chosen.body
    return chosen.headers["Location"]


def install(address: str, team: str, decision: str = "allow") -> Answer:
    """From the link of the app at an address to the last page."""
    browser = Browser()
    return browser.get(decide(to_slack(address, browser), team, decision))


@dataclass
class Street:
    """Everything on loopback addresses. `slacks` are by team."""

    url: str
    address: str
    oauth: OAuth
    slacks: dict[str, Slack]
    clock: ClockControl
    settings: Settings
    concierge: Concierge
    answers: set[tuple[str, object]] = field(default_factory=set)

    def install(self, team: str, decision: str = "allow") -> Answer:
        return install(self.address, team, decision)

    def installed(self) -> list[Installation]:
        """What is kept."""
        return Installs(wiring.records_of(self.settings)).all()

    def site(self, name: str, team: str) -> None:
        """A manual site in a workspace's channel."""
        self.command("site", "add", name, "--manual", "2", "--channel", f"slack:{team}:{CHANNELS[team]}", "--admin", f"slack:{team}:U0DAVE")  # fmt: skip

    def command(self, *words: str) -> None:
        sites.run(parser().parse_args(words), self.settings)

    def ask(self, team: str, driver: str, text: str) -> str:
        """A command, and its answer in the HTTP reply."""
        post = self.slacks[team].say(driver, text)
        self.answers.add((team, post["n"]))
        return str(post["text"])

    def deliver(self, name: str) -> None:
        """All that is to be said; Slack takes one message a second for each person."""
        for _ in range(4):
            self.concierge.deliver(name)
            self.clock.advance(2 / 60)

    def heard(self, team: str) -> list[str]:
        """What the app said there by its token."""
        return [
            str(post["text"])
            for post in self.slacks[team].workspace.feed.after(0)
            if post["by"] == "bot" and (team, post["n"]) not in self.answers
        ]


@contextmanager
def street(folder: Path, store: str = "", **more: str) -> Iterator[Street]:
    clock = ClockControl(folder / "clock", 1.0, MONDAY)
    here, there = server.listen(0), server.listen(0)
    url, address = server.address(here), server.address(there)
    settings = Settings(
        store=store or f"sqlite:{folder / 'ev.db'}",
        clock=clock.origin,
        slack_signing_secret=SECRET,
        slack_client_id=CLIENT,
        slack_client_secret=HUSH,
        slack_api_url=f"{url}/api/",
        public_url=address,
        **more,  # type: ignore[arg-type]  # texts only
    )
    oauth = OAuth(clock, CLIENT, HUSH, (f"{address}/slack/oauth_redirect",))
    slacks: dict[str, Slack] = {}
    for team, channel in CHANNELS.items():
        slacks[team] = Slack(clock, signing_secret=SECRET, bot_token=HOME, app=address, url=url, team=team, channel=channel)  # fmt: skip
    for team, slack in slacks.items():
        oauth.admit(slack, ORG if team == THREE else "")
    concierge = wiring.build(settings)
    pages = server.build(slack=slacks[WORKSPACE], carpark=CarPark(clock), clock=clock, chargepoint=wsgi(chalice_app), line=list)  # fmt: skip
    wiring.use(wiring.open_endpoints(settings, concierge))
    try:
        with server.serving(wsgi(chalice_app), there, threads=4), server.serving(pages, here):
            yield Street(url, address, oauth, slacks, clock, settings, concierge)
    finally:
        wiring.use(None)
        for slack in slacks.values():
            slack.api.over.set()
            assert slack.violations == []
