"""`python -m bot check` on Mattermost and HipChat: what it finds, what it advises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.doctor import check
from chalicelib.clock import SystemClock
from chalicelib.core.model import Stations
from chalicelib.settings import Settings
from chalicelib.stores.sqlite import SQLiteStore
from chalicelib.values import replace as changed
from practice.mattermost.server import BOT, CHANNEL
from tests.chat.hipchat.kit import watch
from tests.chat.hipchat.test_contract import TENANT, HipChatStand
from tests.chat.mattermost.test_contract import BOT_TOKEN, TOKEN, MattermostStand
from tests.contracts.chat_stage import Street, hall_of, street
from tests.fakes import FakeClock, site_of


@pytest.fixture(scope="module")
def here() -> Iterator[Street]:
    with street() as found:
        yield found


@pytest.fixture
def mattermost(here: Street) -> MattermostStand:
    return MattermostStand(here, FakeClock())


@pytest.fixture
def hipchat(here: Street, tmp_path: Path) -> HipChatStand:
    """With the add-on installed."""
    stand = HipChatStand(here, FakeClock(), tmp_path)
    hall_of(stand, FakeClock())
    return stand


def said(
    settings: Settings, folder: Path, *channels: str, admins: tuple[str, ...] = ()
) -> list[str]:
    """The lines about chat, with a site that has these channels. No secret is in them."""
    spec = settings.store if settings.hipchat_allowed_hosts else f"sqlite:{folder / 'ev.sqlite'}"
    store = SQLiteStore(spec.removeprefix("sqlite:"))
    old = store.load("hq")
    site = changed(
        site_of(*channels, stations=Stations(manual=("1", "2")), admins=admins),
        version=old.version if old else 0,
    )
    store.save(site, None)
    found = [str(one) for one in check.findings(replace(settings, store=spec), SystemClock())]
    for secret in (TOKEN, BOT_TOKEN, settings.mattermost_command_token or TOKEN):
        assert secret not in "\n".join(found)
    others = (
        "settings:",
        "store:",
        "web:",
        "ChargePoint:",
        "hq: policy",
        "hq: nobody is its admin",
    )
    return [line for line in found if not line.split(maxsplit=1)[1].startswith(others)]


class TestMattermost:
    """Mattermost alone, without any of Slack's settings."""

    def test_well(self, mattermost: MattermostStand, tmp_path: Path) -> None:
        """Who we are, what to enter there, and that we are in the channel; no word of Slack."""
        assert said(mattermost.settings, tmp_path, mattermost.channel) == [
            f"ok       Mattermost, coming in: the command's request URL is {mattermost.street.app}/mattermost/command",
            "ok       Mattermost, going out: we are @concierge at 127.0.0.1",
            "ok       hq: we are in its Mattermost channel",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("lacking", "line"),
        [
            ("mattermost_command_token", "failed   Mattermost, coming in: MATTERMOST_COMMAND_TOKEN is not set — see Integrations"),
            ("public_url", "warning  Mattermost, coming in: PUBLIC_URL is not set: messages have no buttons"),
            ("mattermost_url", "failed   Mattermost, going out: MATTERMOST_URL is not set — set it"),
            ("mattermost_bot_token", "failed   Mattermost, going out: MATTERMOST_BOT_TOKEN is not set — see Integrations"),
        ],
    )  # fmt: skip
    def test_what_is_not_set(
        self, mattermost: MattermostStand, tmp_path: Path, lacking: str, line: str
    ) -> None:
        """Each setting that lacks has one line that says what it is for and where it is."""
        settings = replace(mattermost.settings, **{lacking: ""})  # type: ignore[arg-type]  # all texts
        found = said(settings, tmp_path, mattermost.channel)
        assert [one.startswith(line) for one in found].count(True) == 1, found
        assert len([one for one in found if not one.startswith("ok ")]) == 1, found

    def test_nothing_is_set(self, tmp_path: Path) -> None:
        """A site with a channel in Mattermost, and no setting: all of them are named."""
        found = " ".join(said(Settings(store=""), tmp_path, "mattermost:mm.example:x"))
        for name in ("MATTERMOST_COMMAND_TOKEN", "MATTERMOST_URL", "MATTERMOST_BOT_TOKEN"):
            assert f"{name} is not set" in found
        assert "SLACK" not in found

    def test_a_wrong_token(self, mattermost: MattermostStand, tmp_path: Path) -> None:
        """The server's own word for it, and which setting to look at."""
        settings = replace(mattermost.settings, mattermost_bot_token="another")
        (line,) = [one for one in said(settings, tmp_path, mattermost.channel) if one.startswith("failed")]  # fmt: skip
        assert "session_expired" in line
        assert "— check MATTERMOST_URL, MATTERMOST_BOT_TOKEN" in line

    def test_out_of_reach(self, mattermost: MattermostStand, tmp_path: Path) -> None:
        """A server that isn't there is said to be."""
        settings = replace(mattermost.settings, mattermost_url="http://127.0.0.1:9")
        (line,) = [one for one in said(settings, tmp_path, mattermost.channel) if one.startswith("failed")]  # fmt: skip
        assert "127.0.0.1 can't be reached" in line

    def test_not_a_member(self, mattermost: MattermostStand, tmp_path: Path) -> None:
        """A bot that nobody added to the channel could say nothing there."""
        mattermost.server.members.discard(BOT)
        found = said(mattermost.settings, tmp_path, mattermost.channel)
        assert found[-1].startswith("failed   hq: we are not in its Mattermost channel")
        assert "— add @concierge to the channel" in found[-1]

    def test_admins(self, mattermost: MattermostStand, tmp_path: Path) -> None:
        """One whom the server doesn't know, one of another server; of the known nothing is said."""
        known = mattermost.address("dave")
        nobody, elsewhere = "mattermost:127.0.0.1:" + "z" * 26, "mattermost:mm.example:" + "a" * 26
        admins = (known, nobody, elsewhere)
        found = said(mattermost.settings, tmp_path, mattermost.channel, admins=admins)
        first, second = [one for one in found if not one.startswith("ok ")]
        assert f"failed   hq: its admin {'z' * 26} isn't known there: " in first
        assert (
            "is at mm.example, MATTERMOST_URL at 127.0.0.1 — python -m bot site set hq" in second
        )

    def test_another_server(self, mattermost: MattermostStand, tmp_path: Path) -> None:
        """A channel under another host's name would never hear of us."""
        found = said(mattermost.settings, tmp_path, f"mattermost:mm.example:{CHANNEL}")
        assert found[-1] == (
            "failed   hq: its channel is at mm.example, MATTERMOST_URL at 127.0.0.1"
            " — python -m bot site set hq --channel mattermost:127.0.0.1:…"
        )


class TestHipChat:
    """HipChat alone."""

    def test_well(self, hipchat: HipChatStand, tmp_path: Path) -> None:
        """The descriptor to give, the servers, and the installation with its channels."""
        host = hipchat.settings.hipchat_allowed_hosts[0]
        assert said(hipchat.settings, tmp_path, hipchat.channel) == [
            f"ok       HipChat, coming in: install the add-on from {hipchat.street.app}/hipchat/descriptor",
            f"ok       HipChat, servers: {host} is allowed",
            f"ok       HipChat, going out: installed; channels are {TENANT}:ROOM",
        ]  # fmt: skip

    def test_what_is_not_set(self, hipchat: HipChatStand, tmp_path: Path) -> None:
        """Both settings, each with what it is for."""
        settings = replace(hipchat.settings, public_url="")
        assert said(settings, tmp_path, hipchat.channel)[0].startswith(
            "failed   HipChat, coming in: PUBLIC_URL is not set — the add-on's descriptor needs it"
        )
        found = said(Settings(store=""), tmp_path, hipchat.channel)
        assert found[-1].startswith("failed   HipChat, servers: HIPCHAT_ALLOWED_HOSTS is not set")

    def test_admins(self, hipchat: HipChatStand, tmp_path: Path) -> None:
        """One whom the server doesn't know; of the known nothing is said."""
        admins = (hipchat.address("dave"), f"{TENANT}:999999")
        found = said(hipchat.settings, tmp_path, hipchat.channel, admins=admins)
        (line,) = [one for one in found if not one.startswith("ok ")]
        assert "failed   hq: its admin 999999 of " in line
        assert "isn't known there: " in line

    def test_not_installed(self, hipchat: HipChatStand, tmp_path: Path) -> None:
        """Before the add-on is installed: how, and which site waits for it."""
        settings = replace(hipchat.settings, store=f"sqlite:{tmp_path / 'fresh.sqlite'}")
        found = said(settings, tmp_path, hipchat.channel)
        assert any("warning  HipChat, going out: not installed yet" in one for one in found)
        assert found[-1].startswith("failed   hq: HipChat: not installed in its room, 42 of ")

    def test_removed(self, hipchat: HipChatStand, tmp_path: Path) -> None:
        """A server that refuses our secret by now, whether it told us or not."""
        hipchat.server.addon = None
        found = said(hipchat.settings, tmp_path, hipchat.channel)
        assert found[-1].endswith("its server refuses our secret — install the add-on again")

    def test_installed_anew(self, hipchat: HipChatStand, tmp_path: Path) -> None:
        """The installation that was replaced is not asked about."""
        assert hipchat.server.install() == 204
        found = said(hipchat.settings, tmp_path, hipchat.channel)
        assert [one for one in found if "going out" in one] == found[-1:]
        assert found[-1].startswith("ok ")

    def test_out_of_reach(self, hipchat: HipChatStand, tmp_path: Path) -> None:
        """A server that answers something else gave no token; that is said, and the rest too."""
        watch(hipchat, 502, b"<html>")
        found = said(hipchat.settings, tmp_path, hipchat.channel)
        assert "no token: HipChat answers HTTP 502" in found[-1]

    def test_not_allowed_any_more(self, hipchat: HipChatStand, tmp_path: Path) -> None:
        """An installation on a server that is not on the list any more isn't called."""
        called = watch(hipchat)
        settings = replace(hipchat.settings, hipchat_allowed_hosts=("127.0.0.2:8443",))
        found = said(settings, tmp_path, hipchat.channel)
        assert "its server is not allowed (any more)" in found[-1]
        assert called == []

    @pytest.mark.parametrize(
        ("leads_to", "line"),
        [
            ("10.1.2.3", "leads inside a network — if it should, say where: HIPCHAT_ALLOWED_HOSTS=chat.example=NETWORK"),
            (None, "chat.example can't be found — check HIPCHAT_ALLOWED_HOSTS"),
        ],
        ids=["inside", "nowhere"],
    )  # fmt: skip
    def test_where_a_name_leads(
        self,
        hipchat: HipChatStand,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        leads_to: str | None,
        line: str,
    ) -> None:
        """A name that leads inside, or nowhere, is found out before anybody installs."""

        def resolve(name: str, port: int, **_: Any) -> list[Any]:
            if leads_to is None:
                raise OSError
            return [(0, 0, 0, "", (leads_to, port))]

        monkeypatch.setattr("chalicelib.chat.hipchat.hosts.socket.getaddrinfo", resolve)
        settings = replace(hipchat.settings, hipchat_allowed_hosts=("chat.example",))
        found = said(settings, tmp_path, hipchat.channel)
        assert any(line in one for one in found), found


def test_both(mattermost: MattermostStand, tmp_path: Path) -> None:
    """A site with channels on two platforms: both are looked at."""
    found = said(mattermost.settings, tmp_path, mattermost.channel, "slack:T0HQ:C0EV")
    assert any("SLACK_BOT_TOKEN is not set" in one for one in found)
    assert any("we are @concierge" in one for one in found)


def test_a_platform_that_is_none(tmp_path: Path) -> None:
    """A slip of the pen in a channel's address is found."""
    found = said(Settings(store=""), tmp_path, "slak:T0HQ:C0EV")
    advice = "channels begin with slack, mattermost, hipchat, sms"
    assert found == [
        f"failed   slak: a site has a channel there, and nobody speaks there — {advice}"
    ]
