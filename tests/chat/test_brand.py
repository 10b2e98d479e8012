"""A site's own name and icon, where a platform allows it; elsewhere the app's, and no message lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main
from chalicelib.chat.mattermost.messenger import brand
from chalicelib.chat.slack.messenger import SlackMessenger
from chalicelib.core.effects import News, PortPost, WeeklyReport
from chalicelib.stores import open_store
from chalicelib.values import replace
from tests.cards import WEEK
from tests.fakes import site_of
from tests.practice_world import World

CHANNEL = "slack:T0HQ:C0EV"
POST = PortPost(3, "1:900001/1", News.FREE)
SITE = site_of(icon=":zap:")


class TestSlack:
    """It takes chat:write.customize, which is optional."""

    @pytest.mark.parametrize(("icon", "key"), [(":zap:", "icon_emoji"), ("https://ev.example.org/a.png", "icon_url")])  # fmt: skip
    def test_allowed(self, world: World, slack: SlackMessenger, icon: str, key: str) -> None:
        """On posts, reports too; an edit stays as it was posted."""
        world.slack.api.scopes.add("chat:write.customize")
        site = replace(SITE, icon=icon)
        ref = slack.send(CHANNEL, POST, site, None)
        slack.send(CHANNEL, replace(POST, news=News.DARK), site, ref)
        world.clock.advance(2)
        slack.send(CHANNEL, WeeklyReport(WEEK), site, None)
        posted, _, report = world.slack.workspace.feed.after(0)
        assert posted["author"] == report["author"] == {"username": "HQ garage", key: icon}

    def test_not_allowed(self, world: World, slack: SlackMessenger) -> None:
        """Slack refuses the message once; it is said under the app's name, and so is the next."""
        for _ in range(2):
            slack.send(CHANNEL, POST, SITE, None)
            world.clock.advance(2)
        assert ["author" in post for post in world.slack.workspace.feed.after(0)] == [False, False]
        assert world.slack.api.calls["chat.postMessage"] == 3

    def test_none(self, world: World, slack: SlackMessenger) -> None:
        """Without an icon we speak as the app."""
        world.slack.api.scopes.add("chat:write.customize")
        slack.send(CHANNEL, POST, site_of(), None)
        assert "author" not in world.slack.workspace.feed.after(0)[0]


def test_mattermost() -> None:
    """As properties of the post, which a server that doesn't allow it leaves alone."""
    assert brand(SITE) == {
        "from_webhook": "true", "override_username": "HQ garage", "override_icon_emoji": "zap",
    }  # fmt: skip
    assert brand(replace(SITE, icon="https://x.org/a.png"))["override_icon_url"] == "https://x.org/a.png"  # fmt: skip
    assert brand(site_of()) == {}


class TestCommand:
    """`python -m bot site set hq --icon`"""

    @pytest.fixture(autouse=True)
    def store(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.spec = f"sqlite:{tmp_path / 'sites.sqlite'}"
        open_store(self.spec).save(site_of(), None)
        monkeypatch.setenv("EV_STORE", self.spec)

    def icon(self) -> str:
        site = open_store(self.spec).load("hq")
        assert site is not None
        return site.icon

    def test_set(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Set, shown, left alone by other changes, and taken off."""
        for icon in (":zap:", "https://ev.example.org/zap.png"):
            assert main(["site", "set", "hq", "--icon", icon]) == 0
            assert main(["site", "set", "hq", "--name", "Garage West"]) == 0
            assert self.icon() == icon
        main(["site", "show", "hq"])
        assert "icon:     https://ev.example.org/zap.png" in capsys.readouterr().out
        assert main(["site", "set", "hq", "--icon", "none"]) == 0
        assert self.icon() == ""

    @pytest.mark.parametrize(
        "icon",
        ["zap", ":", ":ZAP!:", "http://x.org/a.png", "https://x.org", "https://x.org/a b", "https://x.org/" + "a" * 500, "<!channel>"],
    )  # fmt: skip
    def test_no_icon(self, icon: str) -> None:
        """Neither an emoji's name nor a picture's address."""
        with pytest.raises(SystemExit):
            main(["site", "set", "hq", "--icon", icon])
        assert self.icon() == ""
