"""Tokens that end: renewed in time, by one process at a time, against the strict Slack."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from time import time

import pytest

from chalicelib import wiring
from chalicelib.chat.slack.installations import KIND, RENEWING, Installation, Installs
from chalicelib.chat.slack.tokens import EARLY, TeamTokens
from chalicelib.core.effects import News, PortPost
from chalicelib.edges import MessageRefused, MessengerUnavailable
from practice.slack.oauth import TOKEN_LIVES
from tests.chat.slack.oauth_kit import TWO, Street, street
from tests.fakes import site_of

POST = PortPost(3, "1:900001/1", News.FREE)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Street]:
    """The app in one workspace, its token good for twelve hours."""
    with street(tmp_path) as here:
        here.oauth.rotates = True
        here.install(TWO)
        yield here


def tokens(here: Street) -> TeamTokens:
    """Those of a process that knows nothing yet."""
    found = wiring.slack.tokens_of(here.settings)
    assert isinstance(found, TeamTokens)
    return found


def age(here: Street, minutes: float) -> None:
    """The token has so many minutes left, by our clock."""
    (kept,) = here.installed()
    Installs(wiring.records_of(here.settings)).keep(
        replace(kept, expires_at=time() + minutes * 60)
    )


def is_good(here: Street, token: str) -> bool:
    return bool(here.slacks[TWO].api.call("auth.test", token, {})["ok"])


def test_three_days(here: Street) -> None:
    """On a clock that is ahead of ours: every message arrives, whatever ended meanwhile."""
    slack = here.concierge.messengers["slack"]
    for told in range(1, 10):
        slack.send(f"slack:{TWO}:C0TWO", POST, site_of(), None)
        assert len(here.heard(TWO)) == told
        here.clock.advance(8 * 60)
    assert set(here.oauth.renewals) == {TWO}
    assert 3 <= len(here.oauth.renewals) <= 72 / 12
    assert here.oauth.refused == []
    assert here.slacks[TWO].api.calls["auth.test"] == 1, "at the installation"


def test_early(here: Street) -> None:
    """Two hours before its end the token is renewed, and what comes is saved."""
    (first,) = here.installed()
    assert first.expires_at is not None
    assert abs(first.expires_at - time() - TOKEN_LIVES.total_seconds()) < 60
    age(here, EARLY + 1)
    assert tokens(here).of(TWO) == first.token
    age(here, EARLY - 1)
    second = tokens(here).of(TWO)
    assert second != first.token
    assert is_good(here, second)
    (kept,) = here.installed()
    assert (kept.token, kept.refresh_token != first.refresh_token) == (second, True)
    assert tokens(here).of(TWO) == second
    assert here.oauth.renewals == [TWO]


@pytest.mark.parametrize("left", [60, -60], ids=["early", "too late"])
def test_many_processes_at_once(here: Street, left: float) -> None:
    """One of them uses the refresh token. The others go on, or try again in a moment."""
    (first,) = here.installed()
    age(here, left)
    many = [tokens(here) for _ in range(12)]

    def ask(one: TeamTokens) -> str:
        try:
            return one.of(TWO)
        except MessengerUnavailable as fault:
            return f"later: {fault.retry_after}"

    with ThreadPoolExecutor(12) as pool:
        got = list(pool.map(ask, many))
    (kept,) = here.installed()
    assert here.oauth.renewals == [TWO]
    assert here.oauth.refused == []
    assert set(got) <= {kept.token, first.token if left > 0 else "later: 0:00:02"}
    assert kept.token in got
    assert tokens(here).of(TWO) == kept.token


def test_what_another_process_renewed(here: Street) -> None:
    """A remembered token that has ended is looked up again, and not renewed twice."""
    (first,) = here.installed()
    ours = tokens(here)
    assert ours.of(TWO) == first.token
    age(here, -1)
    second = tokens(here).of(TWO)
    assert ours.instead(TWO, first.token, "token_expired") == second
    assert ours.of(TWO) == second
    assert here.oauth.renewals == [TWO]


def test_who_dies_while_renewing(here: Street) -> None:
    """Its lease ends by itself; until then a token that still works is used."""
    records = wiring.records_of(here.settings)
    (first,) = here.installed()
    records.put(RENEWING, TWO, {"by": "the dead"}, timedelta(seconds=30))
    age(here, 60)
    assert tokens(here).of(TWO) == first.token
    age(here, -1)
    with pytest.raises(MessengerUnavailable):
        tokens(here).of(TWO)
    records.put(RENEWING, TWO, {"by": "the dead"}, timedelta(seconds=-1))
    assert is_good(here, tokens(here).of(TWO))


def renew_slowly(
    ours: TeamTokens, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]
) -> None:
    """Something happens between Slack's answer and our save."""
    rotated = ours._rotated

    def slowly(old: Installation) -> Installation:
        new = rotated(old)
        meanwhile()
        return new

    monkeypatch.setattr(ours, "_rotated", slowly)


def test_installed_anew_meanwhile(here: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was installed while we renewed is not overwritten by what we got."""
    ours = tokens(here)
    age(here, -1)
    renew_slowly(ours, monkeypatch, lambda: here.install(TWO))
    token = ours.of(TWO)
    (kept,) = here.installed()
    assert token == kept.token
    assert kept.token in list(here.oauth.tokens)[-1]


def test_uninstalled_meanwhile(here: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was forgotten while we renewed stays forgotten."""
    ours = tokens(here)
    age(here, -1)
    renew_slowly(ours, monkeypatch, lambda: here.oauth.uninstall(TWO))
    with pytest.raises(MessageRefused):
        ours.of(TWO)
    assert here.installed() == []


class TestTrouble:
    def test_slack_is_down(self, here: Street, caplog: pytest.LogCaptureFixture) -> None:
        """Early, the old token goes on, and one line says so; too late, the message waits."""
        caplog.set_level(logging.WARNING)
        (first,) = here.installed()
        down = TeamTokens(
            replace(wiring.slack.client_of(here.settings), api_url="http://127.0.0.1:9/api/"),
            Installs(wiring.records_of(here.settings)),
        )
        age(here, 60)
        assert down.of(TWO) == first.token
        down._known.clear()
        assert down.of(TWO) == first.token
        assert caplog.text.count("renewing Slack's token for T0TWO: lost") == 1
        age(here, -1)
        down._known.clear()
        with pytest.raises(MessengerUnavailable):
            down.of(TWO)

    def test_our_secret_is_wrong(self, here: Street) -> None:
        """That is the operator's to repair: messages wait for it."""
        client = replace(wiring.slack.client_of(here.settings), secret="wrong")
        age(here, -1)
        with pytest.raises(MessengerUnavailable, match="bad_client_secret"):
            TeamTokens(client, Installs(wiring.records_of(here.settings))).of(TWO)

    def test_the_refresh_token_is_burnt(self, here: Street) -> None:
        """Used by somebody who lost what came: the old token to its end, then refused."""
        here.oauth._refresh.clear()
        (first,) = here.installed()
        age(here, 60)
        assert tokens(here).of(TWO) == first.token
        age(here, -1)
        with pytest.raises(MessageRefused, match="invalid_refresh_token"):
            tokens(here).of(TWO)
        here.install(TWO)
        assert is_good(here, tokens(here).of(TWO))

    def test_an_old_record(self, here: Street) -> None:
        """Records with fewer fields, or more, are read; what we don't know stays in them."""
        records = wiring.records_of(here.settings)
        (first,) = here.installed()
        records.put(KIND, "T0OLD", {"team": "T0OLD", "token": "xoxb-old"})
        assert tokens(here).of("T0OLD") == "xoxb-old"
        records.put(KIND, TWO, {**asdict(first), "expires_at": time() - 1, "new": 1})
        assert is_good(here, tokens(here).of(TWO))
        kept = records.get(KIND, TWO)
        assert kept is not None
        assert kept["new"] == 1
