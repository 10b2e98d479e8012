"""Many Slack workspaces: installing, speaking in each, leaving, over real HTTP."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import app
from bot.web import wsgi
from chalicelib import wiring
from chalicelib.chat.slack_oauth import ISSUED, KIND
from chalicelib.chat.slack_probe import NEEDED
from chalicelib.core.model import What
from chalicelib.edges import StoreUnavailable
from practice import server
from practice.carpark import CarPark
from practice.clock import ClockControl
from practice.people import CHANNEL, WORKSPACE
from practice.slack import Slack
from practice.slack_app import sign
from practice.slack_oauth import OAuth
from practice.world import answers, free_port
from tests.practice_world import MONDAY, SECRET, request
from tests.slack_oauth_kit import (
    CLIENT,
    HOME,
    HUSH,
    ORG,
    THREE,
    TWO,
    Browser,
    Street,
    decide,
    install,
    street,
    to_slack,
)
from tests.waiting import within

ROOT = Path(__file__).parent.parent
COOKIE = "slack-app-oauth-state"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Street]:
    with street(tmp_path) as here:
        yield here


def state_of(url: str) -> str:
    return dict(parse_qsl(urlsplit(url).query))["state"]


class TestInstall:
    def test_two_workspaces(self, here: Street) -> None:
        """Each has its own site and token, and hears its own posts, and no other's."""
        for name, team in (("one", WORKSPACE), ("two", TWO)):
            page = here.install(team)
            assert page.status == 200
            assert f"installed in Team {team}" in page.body.decode()
            assert f"site add … --channel slack:{team}:CHANNEL" in page.body.decode()
            here.site(name, team)
        here.ask(WORKSPACE, "ana", "/ev add")
        here.ask(TWO, "bob", "/ev add")
        for name in ("one", "two"):
            here.concierge.deliver(name)
        first, second = here.heard(WORKSPACE), here.heard(TWO)
        assert any("Ana" in text for text in first)
        assert any("Bob" in text for text in second)
        assert not any("Bob" in text for text in first)
        assert not any("Ana" in text for text in second)

    def test_the_way_to_slack(self, here: Street) -> None:
        """The link asks for three scopes, as no person, and binds the browser by a cookie."""
        browser = Browser()
        answer = browser.get(f"{here.address}/slack/install")
        to = urlsplit(answer.headers["Location"])
        assert f"{to.scheme}://{to.netloc}{to.path}" == f"{here.url}/oauth/v2/authorize"
        query = dict(parse_qsl(to.query))
        assert query == {
            "client_id": CLIENT,
            "scope": ",".join(NEEDED),
            "state": browser.cookies[COOKIE],
            "redirect_uri": f"{here.address}/slack/oauth_redirect",
        }
        cookie = answer.headers["Set-Cookie"]
        for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"):
            assert word in cookie

    @pytest.mark.parametrize("name", ["redirect_uri", "url", "next", "team", "state", "code"])
    def test_no_open_redirect(self, here: Street, name: str) -> None:
        """Nothing in the address decides where the browser is sent."""
        evil = urlencode({name: "https://evil.example/%0d%0aSet-Cookie: x=y"})
        for path in ("install", "oauth_redirect"):
            answer = request("GET", f"{here.address}/slack/{path}?{evil}")
            assert "evil" not in "".join(answer.headers.values())
            assert b"evil" not in answer.body
            assert answer.headers.get("Location", here.url).startswith(here.url)

    def test_no(self, here: Street) -> None:
        """Who says no at Slack reads a kind page, and nothing is kept."""
        page = here.install(WORKSPACE, "cancel")
        assert page.status == 200
        assert "You said no, and that is fine" in page.body.decode()
        assert here.installed() == []
        assert here.oauth.tokens == {}

    def test_an_organization(self, here: Street) -> None:
        """The app in a whole organization: a workspace of it is spoken in by its token."""
        page = here.install(ORG)
        assert f"installed in Org {ORG}" in page.body.decode()
        assert "adds the app to the workspaces" in page.body.decode()
        here.site("three", THREE)
        here.ask(THREE, "cleo", "/ev add")
        here.concierge.deliver("three")
        assert any("Cleo" in text for text in here.heard(THREE))
        (kept,) = here.installed()
        assert kept.team == ORG

    def test_a_click_in_an_organization(self, here: Street) -> None:
        """The buttons work there, too."""
        here.install(ORG)
        here.site("three", THREE)
        here.ask(THREE, "cleo", "/ev add")
        here.concierge.deliver("three")
        posts = here.slacks[THREE].workspace.feed.after(0)
        call = next(post for post in posts if post["to"] == "cleo" and post["blocks"])
        here.slacks[THREE].press("cleo", int(call["n"]), "on_my_way")
        here.concierge.deliver("three")
        assert any("on her way" in text or "on the way" in text for text in here.heard(THREE)), here.heard(THREE)  # fmt: skip

    def test_pages_are_only_text(self, here: Street) -> None:
        """What Slack or the address says is shown as text; no script could run anyhow."""
        evil = urlencode({"error": "<script>alert(1)</script>"})
        page = request("GET", f"{here.address}/slack/oauth_redirect?{evil}")
        assert page.status == 400
        assert b"<script" not in page.body
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"

    def test_installed_twice(self, here: Street) -> None:
        """The second time has a token of its own, which counts from then on."""
        here.install(TWO)
        here.site("two", TWO)
        here.ask(TWO, "ana", "/ev add")
        here.concierge.deliver("two")
        here.oauth.revoke(TWO)
        here.install(TWO)
        here.clock.advance(60)
        here.ask(TWO, "bob", "/ev add")
        here.concierge.deliver("two")
        assert any("Bob" in text for text in here.heard(TWO))
        assert len(here.installed()) == 1
        site = here.concierge.store.load("two")
        assert site is not None
        assert not [note for note in site.trail if note.what is What.UNDELIVERABLE]


class TestState:
    def refused(self, here: Street, browser: Browser, url: str, words: str) -> None:
        page = browser.get(url)
        assert page.status == 403
        assert words in page.body.decode()
        assert here.installed() == []

    def test_of_another_browser(self, here: Street) -> None:
        """A link that somebody else began with installs nothing here."""
        back = decide(to_slack(here.address, Browser()), TWO)
        self.refused(here, Browser(), back, "another browser")
        mine = Browser()
        to_slack(here.address, mine)
        self.refused(here, mine, back, "another browser")

    @pytest.mark.parametrize("state", ["f" * 32, "x", "", "é" * 40, "a" * 3000])
    def test_forged(self, here: Street, state: str) -> None:
        """A state that we never gave is refused, whatever the cookie says."""
        back = decide(to_slack(here.address, Browser()), TWO)
        code = dict(parse_qsl(urlsplit(back).query))["code"]
        forged = f"{here.address}/slack/oauth_redirect?{urlencode({'code': code, 'state': state})}"
        browser = Browser({COOKIE: urlencode({"": state})[1:]})
        self.refused(here, browser, forged, "Nothing was installed")

    def test_expired(self, here: Street) -> None:
        """After ten minutes it is too late."""
        browser = Browser()
        at = to_slack(here.address, browser)
        records = wiring.records_of(here.settings)
        records.put(KIND, state_of(at), ISSUED, timedelta(seconds=-1))
        self.refused(here, browser, decide(at, TWO), "too old")

    def test_lives_for_ten_minutes(self, here: Street) -> None:
        """The record says so itself, so that it goes by itself."""
        records = wiring.records_of(here.settings)
        state = state_of(to_slack(here.address, Browser()))
        assert records.swap(KIND, state, ISSUED, ISSUED, timedelta(seconds=600))

    def test_replayed(self, here: Street) -> None:
        """The same address a second time: the state has served, and Slack isn't asked again."""
        browser = Browser()
        back = decide(to_slack(here.address, browser), TWO)
        cookies = dict(browser.cookies)
        assert browser.get(back).status == 200
        page = Browser(cookies).get(back)
        assert page.status == 403
        assert "has been used" in page.body.decode()
        assert here.oauth.refused == []
        assert len(here.installed()) == 1

    def test_a_code_that_slack_does_not_know(self, here: Street) -> None:
        """Slack's word counts: no installation for a code that it refuses."""
        browser = Browser()
        state = state_of(to_slack(here.address, browser))
        query = urlencode({"code": "made-up", "state": state})
        page = browser.get(f"{here.address}/slack/oauth_redirect?{query}")
        assert page.status == 400
        assert "Slack did not confirm it" in page.body.decode()
        assert here.oauth.refused == ["invalid_code"]

    def test_no_code(self, here: Street) -> None:
        """Neither a code nor a no: kindly refused."""
        browser = Browser()
        state = state_of(to_slack(here.address, browser))
        page = browser.get(f"{here.address}/slack/oauth_redirect?state={state}")
        assert page.status == 400


class TestTrouble:
    @given(st.text(), st.text(max_size=40), st.text(), st.text())
    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_anything_at_all(
        self, here: Street, code: str, state: str, error: str, cookie: str
    ) -> None:
        """Whatever comes back is answered with a page, and installs nothing."""
        door = wiring.office().door("/slack/oauth_redirect")
        for sent in (cookie, f"{COOKIE}={state}"):
            status, headers, body = door(
                {"Cookie": sent}, b"", code=code, state=state, error=error
            )
            assert status in (400, 403)
            assert "<h1>" in body
            assert "Location" not in headers
        assert here.oauth.tokens == {}

    def test_slack_is_down(self, here: Street) -> None:
        """A page that says to come back; nothing is kept, nothing is a 500."""
        browser = Browser()
        back = decide(to_slack(here.address, browser), TWO)
        here.oauth.workspaces[TWO].api.fail(1, "500")
        page = browser.get(back)
        assert page.status in (400, 502)
        assert here.installed() == []

    def test_the_store_is_down(self, here: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        """A page that says to come back."""
        browser = Browser()
        back = decide(to_slack(here.address, browser), TWO)
        monkeypatch.setattr("chalicelib.stores.sqlite.SQLiteFile.write", broken)
        for url in (f"{here.address}/slack/install", back):
            page = browser.get(url)
            assert page.status == 503
            assert "try again in a few minutes" in page.body.decode()

    def test_nothing_secret_is_logged(
        self, here: Street, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither codes nor tokens nor our secret, whether it works or not."""
        caplog.set_level(logging.DEBUG)
        here.oauth.rotates = True
        browser = Browser()
        at = to_slack(here.address, browser)
        browser.get(f"{here.address}/slack/oauth_redirect?code=a-wrong-code&state={state_of(at)}")
        here.install(TWO)
        (kept,) = here.installed()
        for hush in (HUSH, "a-wrong-code", kept.token, kept.refresh_token):
            assert hush not in caplog.text
            assert hush not in repr(kept)
            assert hush not in repr(wiring.slack_client_of(here.settings))


def broken(*_: object) -> int:
    raise StoreUnavailable


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
        tokens = wiring.slack_tokens_of(here.settings)
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
        here.concierge.deliver("two")
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
                here.concierge.deliver(name)
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
        here.concierge.deliver("two")
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
        here.concierge.deliver("two")
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
        from chalicelib.stores.sqlite import SQLiteFile

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
