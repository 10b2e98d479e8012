"""Many Slack workspaces: speaking in each by its own token, and leaving, over real HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import app
from bot.listener.wsgi import wsgi
from chalicelib import wiring
from chalicelib.edges import StoreUnavailable
from practice import server
from practice.carpark import CarPark
from practice.common.clock import ClockControl
from practice.common.free_port import free_port
from practice.common.people import CHANNEL, WORKSPACE
from practice.slack.app import sign
from practice.slack.oauth import OAuth
from practice.slack.workspace_peer import Slack
from practice.world import answers
from tests.chat.slack.oauth_kit import CLIENT, HOME, HUSH, ORG, TWO, Street, install, street
from tests.practice_world import MONDAY, SECRET, request
from tests.waiting import within

ROOT = Path(__file__).parents[3]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Street]:
    with street(tmp_path) as here:
        yield here


class TestTokens:
    def test_nothing_is_asked_per_request(self, here: Street) -> None:
        """Slack is asked who we are once, when the app is installed, and never per request."""
        here.install(TWO)
        here.site("two", TWO)
        before = here.slacks[TWO].api.calls.copy()
        assert before["auth.test"] == 1
        for _ in range(5):
            here.ask(TWO, "ana", "/ev list")
        assert here.slacks[TWO].api.calls == before

    def test_the_store_is_read_once_a_minute(
        self, here: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Twenty messages read the installation once."""
        here.install(TWO)
        tokens = wiring.slack.tokens_of(here.settings)
        reads: list[str] = []
        installs = tokens._installs  # type: ignore[attr-defined]  # counted
        find = installs.find

        def counted(team: str) -> object:
            reads.append(team)
            return find(team)

        monkeypatch.setattr(installs, "find", counted)
        assert len({tokens.of(TWO) for _ in range(20)}) == 1
        assert reads == [TWO]

    def test_where_it_is_not_installed(self, here: Street) -> None:
        """A message for such a workspace is refused once and not kept; others are not held up."""
        here.site("two", TWO)
        here.ask(TWO, "ana", "/ev add")
        here.deliver("two")
        site = here.concierge.store.load("two")
        assert site is not None
        assert site.outbox == ()
        assert set(site.refused.values()) == {"not_installed"}
        assert here.heard(TWO) == []

    def test_a_workspace_with_a_token_of_its_own(self, tmp_path: Path) -> None:
        """SLACK_BOT_TOKEN speaks where it belongs, and nowhere else."""
        with street(tmp_path, slack_bot_token=HOME) as here:
            here.site("one", WORKSPACE)
            here.site("two", TWO)
            for team, name in ((WORKSPACE, "one"), (TWO, "two")):
                here.ask(team, "ana", "/ev add")
                here.deliver(name)
            assert any("Ana" in text for text in here.heard(WORKSPACE))
            assert here.heard(TWO) == []
            site = here.concierge.store.load("two")
            assert site is not None
            assert set(site.refused.values()) == {"not_installed"}
            assert here.slacks[WORKSPACE].api.calls["auth.test"] == 1

    def test_names(self, here: Street) -> None:
        """Nobody's name is given up because the app wasn't installed yet."""
        here.site("two", TWO)
        here.concierge.introduce("two")
        here.install(TWO)
        here.concierge.introduce("two")
        site = here.concierge.store.load("two")
        assert site is not None
        assert site.people[f"slack:{TWO}:U0DAVE"].name == "dave"


class TestLeaving:
    def test_uninstalled(self, here: Street) -> None:
        """The installation goes; messages are refused, not tried for ever; re-installing heals."""
        here.install(TWO)
        here.site("two", TWO)
        here.ask(TWO, "ana", "/ev add")
        here.deliver("two")
        assert here.oauth.uninstall(TWO)
        assert here.installed() == []
        heard = len(here.heard(TWO))
        self.say(here, "bob")
        assert len(here.heard(TWO)) == heard
        here.install(TWO)
        self.say(here, "cleo")
        assert len(here.heard(TWO)) > heard
        site = here.concierge.store.load("two")
        assert site is not None
        assert f"slack:{TWO}:C0TWO" not in site.refused

    def say(self, here: Street, driver: str) -> None:
        """Somebody is first in line, as seen from another process; all is delivered."""
        here.clock.advance(60)
        here.ask(TWO, driver, "/ev add")
        here.deliver("two")
        site = here.concierge.store.load("two")
        assert site is not None
        assert site.outbox == ()

    def test_uninstalled_and_nobody_told_us(self, here: Street) -> None:
        """A token that Slack calls revoked is as good as none."""
        here.install(TWO)
        here.site("two", TWO)
        here.oauth.revoke(TWO)
        self.say(here, "ana")
        assert here.heard(TWO) == []

    def test_a_late_repetition(self, here: Street) -> None:
        """An event of an hour ago says nothing about what was installed since."""
        here.install(TWO)
        (kept,) = here.installed()
        assert here.oauth.tell(TWO, {"type": "app_uninstalled"}, at=kept.installed_at - 3600)
        assert len(here.installed()) == 1

    def test_an_organization_leaves(self, here: Street) -> None:
        """Its event has no team; its installation goes, and no other."""
        here.install(ORG)
        here.install(TWO)
        assert here.oauth.uninstall(ORG)
        assert [one.team for one in here.installed()] == [TWO]

    @pytest.mark.parametrize("headers", [{}, sign(b"other", SECRET)], ids=["unsigned", "forged"])
    def test_unsigned(self, here: Street, headers: dict[str, str]) -> None:
        """Only Slack can say that somebody left."""
        here.install(TWO)
        body = b'{"type":"event_callback","team_id":"T0TWO","event":{"type":"app_uninstalled"}}'
        sent = {**headers, "Content-Type": "application/json"}
        assert request("POST", f"{here.address}/slack/events", body, sent).status == 401
        assert len(here.installed()) == 1

    @pytest.mark.parametrize("tokens", [None, [], "bot", {"oauth": ["U0ANA"]}, {"bot": []}])
    def test_other_tokens_revoked(self, here: Street, tokens: object) -> None:
        """A person's token is none of ours."""
        here.install(TWO)
        assert here.oauth.tell(TWO, {"type": "tokens_revoked", "tokens": tokens})
        assert len(here.installed()) == 1

    def test_repeated_until_it_is_taken(
        self, here: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While the store is down Slack is told to come again, and does."""
        here.install(TWO)
        from chalicelib.stores.database import SQLiteFile

        write, tries = SQLiteFile.write, [1, 2]

        def flaky(file: SQLiteFile, sql: str, *values: object) -> int:
            if tries and sql.startswith("DELETE FROM records WHERE kind"):
                tries.pop()
                raise StoreUnavailable
            return write(file, sql, *values)

        monkeypatch.setattr(SQLiteFile, "write", flaky)
        assert here.oauth.tell(TWO, {"type": "app_uninstalled"})
        assert tries == []
        assert len(here.slacks[WORKSPACE].violations) == 2, "each 503 is noted"
        here.slacks[WORKSPACE].violations.clear()
        assert here.installed() == []


def test_one_process(tmp_path: Path) -> None:
    """`python -m bot run` with no bot token: installed, spoken in, uninstalled, installed again."""
    clock = ClockControl(tmp_path / "clock", 1.0, MONDAY)
    here = server.listen(0)
    address, url = f"http://127.0.0.1:{free_port()}", server.address(here)
    slack = Slack(clock, signing_secret=SECRET, bot_token="", app=address, url=url)
    oauth = OAuth(clock, CLIENT, HUSH, (f"{address}/slack/oauth_redirect",), rotates=True)
    oauth.admit(slack)
    pages = server.build(slack=slack, carpark=CarPark(clock), clock=clock, chargepoint=wsgi(app), line=list)  # fmt: skip
    environ = {
        **{name: text for name, text in os.environ.items() if not name.startswith("SLACK_")},
        "EV_STORE": f"sqlite:{tmp_path / 'ev.db'}",
        "EV_HTTP": address.removeprefix("http://"),
        "EV_CLOCK": clock.origin,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_CLIENT_ID": CLIENT,
        "SLACK_CLIENT_SECRET": HUSH,
        "SLACK_API_URL": f"{url}/api/",
        "PUBLIC_URL": address,
    }
    command = [sys.executable, "-m", "bot"]
    site = [
        "site", "add", "hq", "--manual", "2", "--channel", f"slack:{WORKSPACE}:{CHANNEL}",
        "--admin", f"slack:{WORKSPACE}:U0DAVE",
    ]  # fmt: skip
    subprocess.run([*command, *site], env=environ, cwd=ROOT, check=True)

    def heard() -> int:
        posts = slack.workspace.feed.after(0)
        return sum(post["by"] == "bot" and not post["ephemeral"] for post in posts)

    with server.serving(pages, here):
        bot = subprocess.Popen([*command, "run"], env=environ, cwd=ROOT)
        try:
            within(20, lambda: answers(f"{address}/health"))
            assert install(address, WORKSPACE).status == 200
            slack.say("ana", "/ev add")
            within(20, lambda: heard() >= 3)  # the answer, the call, and the port's post
            clock.advance(24 * 60)  # the token has ended
            slack.say("bob", "/ev add")
            within(20, lambda: oauth.renewals)
            assert oauth.uninstall(WORKSPACE)
            assert install(address, WORKSPACE).status == 200
            before = heard()
            slack.say("cleo", "/ev add")
            within(20, lambda: heard() > before + 1)
        finally:
            bot.terminate()
            assert bot.wait(20) == 0
    assert slack.violations == []
    assert slack.api.calls["auth.test"] == 2, "once for each installation"
