"""Pictures and files in Mattermost, against the stand-in."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from chalicelib.chat.mattermost.messenger import MattermostMessenger
from chalicelib.core.effects import ReportPicture, ReportTable, WeeklyReport
from practice.common.posts import Post
from practice.mattermost.server import CHANNEL, id_of
from tests.cards import CARDS, WEEK
from tests.chat.mattermost.test_contract import BOT_TOKEN, MattermostStand
from tests.contracts.chat_stage import street
from tests.fakes import FakeClock, site_of

HQ = f"mattermost:127.0.0.1:{CHANNEL}"
ANA = f"mattermost:127.0.0.1:{id_of('ana')}"
SITE = site_of(HQ)
PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def stand() -> Iterator[MattermostStand]:
    with street() as town:
        stand = MattermostStand(town, FakeClock())
        yield stand
        assert stand.violations == []


def messenger(stand: MattermostStand, body: bytes | None = PNG) -> MattermostMessenger:
    from chalicelib.wiring.mattermost import paper_of

    url = stand.settings.mattermost_url
    return MattermostMessenger(url, BOT_TOKEN, paper_of(stand.settings), lambda _: body)


def posts(stand: MattermostStand) -> list[Post]:
    return stand.server.peer.feed.after(0)


@pytest.mark.parametrize("card", [card for card in CARDS if not card.is_empty])
def test_one_post(stand: MattermostStand, card: object) -> None:
    """Words, a table in Markdown, and the picture."""
    messenger(stand).send(HQ, WeeklyReport(card), SITE, None)  # type: ignore[arg-type]  # there is a card
    (post,) = posts(stand)
    assert post["text"].startswith("**HQ garage, the last ")
    assert "| Figure | Value |\n|:--|:--|\n| Cars | " in post["text"]
    assert [file["kind"] for file in post["files"]] == ["image/png"]


def test_to_a_person(stand: MattermostStand) -> None:
    """Who asked sees it directly: a file belongs to the conversation that it was sent to."""
    messenger(stand).send(ANA, ReportPicture(WEEK), SITE, None)
    (post,) = posts(stand)
    assert (post["to"], len(post["files"])) == ("ana", 1)


def test_no_files_here(stand: MattermostStand, caplog: pytest.LogCaptureFixture) -> None:
    """A server that takes no files gets the words and the table."""
    stand.server.files.allowed = False
    with caplog.at_level(logging.WARNING):
        messenger(stand).send(HQ, WeeklyReport(WEEK), SITE, None)
    (post,) = posts(stand)
    assert "| Cars | 38 |" in post["text"]
    assert "files" not in post
    assert sum("a file was not sent" in line for line in caplog.messages) == 1


def test_nobody_draws(stand: MattermostStand) -> None:
    """Where the libraries aren't, nothing is sent but words."""
    messenger(stand, None).send(HQ, WeeklyReport(WEEK), SITE, None)
    assert "files" not in posts(stand)[0]


def test_a_table(stand: MattermostStand) -> None:
    """A line a day, as a file; where none is taken, it is said who has it."""
    told = messenger(stand)
    told.send(ANA, ReportTable(WEEK), SITE, None)
    stand.server.files.allowed = False
    told.send(ANA, ReportTable(WEEK), SITE, None)
    sent, said = posts(stand)
    assert [file["name"] for file in sent["files"]] == ["hq-week-2031-03-02.csv"]
    assert "python -m bot report csv hq" in said["text"]
