"""`python -m bot site board`: a link for a screen in the lobby."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.__main__ import main
from chalicelib.chat.lobby.links import BadLink, BoardLinks
from chalicelib.clock import SystemClock
from chalicelib.stores.sqlite import SQLiteStore

HQ = ["add", "hq", "--channel", "slack:T0HQ:C0EV", "--manual", "2"]


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BoardLinks:
    """Of a store in which there is a site."""
    path = tmp_path / "ev.db"
    monkeypatch.setenv("EV_STORE", f"sqlite:{path}")
    monkeypatch.setenv("PUBLIC_URL", "https://ev.example.org")
    assert main(["site", *HQ]) == 0
    return BoardLinks(SQLiteStore(str(path)).records, SystemClock(), "https://ev.example.org")


def test_a_link(links: BoardLinks, capsys: pytest.CaptureFixture[str]) -> None:
    """It stands alone on the last line, and is good."""
    assert main(["site", "board", "hq", "--days", "2"]) == 0
    link = capsys.readouterr().out.splitlines()[-1]
    assert link.startswith("https://ev.example.org/board/hq.")
    assert links.site_of(link.rpartition("/")[2]) == "hq"


def test_revoked(links: BoardLinks, capsys: pytest.CaptureFixture[str]) -> None:
    """No link is good any more, and it is said whether there was one."""
    main(["site", "board", "hq"])
    link = capsys.readouterr().out.splitlines()[-1]
    assert main(["site", "board", "hq", "--revoke"]) == 0
    assert "any more" in capsys.readouterr().out
    assert links.site_of(link.rpartition("/")[2]) is BadLink.UNKNOWN
    assert main(["site", "board", "hq", "--revoke"]) == 0
    assert "had no link" in capsys.readouterr().out


def test_a_removed_site(links: BoardLinks, capsys: pytest.CaptureFixture[str]) -> None:
    """Its links go with it, also for a later one of the same name."""
    main(["site", "board", "hq"])
    link = capsys.readouterr().out.splitlines()[-1]
    assert main(["site", "remove", "hq"]) == 0
    assert main(["site", *HQ]) == 0
    assert links.site_of(link.rpartition("/")[2]) is BadLink.UNKNOWN


@pytest.mark.parametrize("days", ["0", "-1", "9999999", "soon", "1.5"])
def test_bad_days(links: BoardLinks, days: str) -> None:
    """A number of days, and not for ever."""
    with pytest.raises(SystemExit):
        main(["site", "board", "hq", f"--days={days}"])
    assert links.make("hq")


def test_without_an_address(
    links: BoardLinks, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what is missing; and a site that isn't there has no board."""
    monkeypatch.delenv("PUBLIC_URL")
    assert main(["site", "board", "hq"]) == 1
    assert "PUBLIC_URL" in capsys.readouterr().err
    assert main(["site", "board", "nowhere"]) == 1
    assert links.make("hq")
