"""Many Slack workspaces: installing the app, over real HTTP."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from chalicelib import wiring
from chalicelib.chat.slack import oauth
from chalicelib.chat.slack.oauth import ISSUED, KIND
from chalicelib.chat.slack.probe import NEEDED
from chalicelib.core.model import What
from chalicelib.edges import StoreUnavailable
from practice.common.people import WORKSPACE
from tests.chat.slack.oauth_kit import (
    CLIENT,
    HUSH,
    ORG,
    THREE,
    TWO,
    Browser,
    Street,
    decide,
    street,
    to_slack,
)
from tests.practice_world import request

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
            here.deliver(name)
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
        here.deliver("three")
        assert any("Cleo" in text for text in here.heard(THREE))
        (kept,) = here.installed()
        assert kept.team == ORG

    def test_a_click_in_an_organization(self, here: Street) -> None:
        """The buttons work there, too."""
        here.install(ORG)
        here.site("three", THREE)
        here.ask(THREE, "cleo", "/ev add")
        here.deliver("three")
        posts = here.slacks[THREE].workspace.feed.after(0)
        call = next(post for post in posts if post["to"] == "cleo" and post["blocks"])
        here.slacks[THREE].press("cleo", int(call["n"]), "on_my_way")
        here.deliver("three")
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
        here.deliver("two")
        here.oauth.revoke(TWO)
        here.install(TWO)
        here.clock.advance(60)
        here.ask(TWO, "bob", "/ev add")
        here.deliver("two")
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
        assert records.compare_and_set(KIND, state, ISSUED, ISSUED, timedelta(seconds=600))

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
        door = wiring.webhook("/slack/oauth_redirect")
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

    def test_a_silent_slack_holds_few_threads(
        self, here: Street, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While as many as may ask Slack, who else comes back is told to come again."""
        browser = Browser()
        back = decide(to_slack(here.address, browser), TWO)
        monkeypatch.setattr(oauth, "AT_ONCE", 0)
        door = wiring.slack.oauth_doors(here.settings)["/slack/oauth_redirect"]
        query = dict(parse_qsl(urlsplit(back).query))
        assert door({}, b"", code=query["code"], state=query["state"], error="")[0] == 503

    def test_the_store_is_down(self, here: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        """A page that says to come back."""
        browser = Browser()
        back = decide(to_slack(here.address, browser), TWO)
        monkeypatch.setattr("chalicelib.stores.database.SQLiteFile.write_all", broken)
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
            assert hush not in repr(wiring.slack.client_of(here.settings))


def broken(*_: object) -> int:
    raise StoreUnavailable
