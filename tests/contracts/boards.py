"""What a platform does that can keep a message up to date: it has a board (rule 43)."""

from __future__ import annotations

from typing import Protocol

from chalicelib.core.boards import board_of
from chalicelib.core.effects import BoardPost, SightBack
from chalicelib.core.model import Entry, Lane, Pending, Person, Port, Status
from chalicelib.values import replace
from tests.contracts.chat_stage import ADMIN, Hall, Seen, Stand
from tests.fakes import MONDAY, STATION


class BoardStand(Stand, Protocol):
    """A platform on which messages can be edited, and pinned."""

    def boards(self) -> list[str]:
        """The texts of the messages that stand in the channel and are a board, the oldest first."""

    def pinned(self) -> list[str]:
        """The texts that are pinned in the channel."""

    def delete_boards(self) -> None:
        """Somebody deletes every board."""

    def may_pin(self, *, it_may: bool) -> None:
        """Whether we may pin."""

    def close(self, *, it_is: bool) -> None:
        """The channel is archived, or ours to write in again."""


def board(hall: Hall) -> str:
    """The only board that stands in the channel."""
    stand: BoardStand = hall.stand  # type: ignore[assignment]  # whose contract this is
    (text,) = stand.boards()
    return text


def stand_of(hall: Hall) -> BoardStand:
    stand: BoardStand = hall.stand  # type: ignore[assignment]  # as above
    return stand


def in_channel(seen: list[Seen]) -> list[str]:
    return [one.text for one in seen if one.to == "channel"]


class BoardContract:
    """Beside `ChatPlatformContract`, whose `hall` it uses."""

    def test_a_board_is_made_and_pinned(self, hall: Hall) -> None:
        """An admin's word, and it stands there with every port, pinned."""
        hall.say(ADMIN, "admin board on")
        text = board(hall)
        assert "Port 1: Dave since" in text
        assert "Nobody is waiting." in text
        assert stand_of(hall).pinned() == [text]

    def test_it_is_edited_in_place(self, hall: Hall) -> None:
        """What ports do and who joins isn't said in the channel: the board shows it."""
        hall.say(ADMIN, "admin board on")
        hall.later(seconds=30)
        seen = hall.say("ana", "add")
        assert [one.text for one in seen if one.to == "ana" and "number 1" in one.text]
        seen += hall.later(seconds=30)
        assert in_channel(seen)[-1] == board(hall)
        assert all("HQ garage" in text for text in in_channel(seen)), seen
        assert "1. Ana" in board(hall)
        hall.say("ana", "remove")
        hall.park(p1=None)
        hall.later(seconds=30)
        assert "Port 1: free" in board(hall)

    def test_a_call_is_said_besides(self, hall: Hall) -> None:
        """In the channel, for all to know whose port it is."""
        hall.say(ADMIN, "admin board on")
        hall.say("ana", "add")
        seen = in_channel(hall.park(p1=None))
        assert any("Ana" in text and "HQ garage" not in text for text in seen)

    def test_at_most_one_edit_in_ten_seconds(self, hall: Hall) -> None:
        """However much happens: what is shown then is the newest."""
        hall.say(ADMIN, "admin board on")
        hall.later(seconds=30)
        for n in range(5):
            hall.say("ana", ("add", "remove")[n % 2])
            hall.clock.advance(seconds=1)
        assert "1. Ana" in board(hall)
        hall.say("bob", "add")
        hall.clock.advance(seconds=1)
        seen = in_channel(hall.later(seconds=12))
        assert len(seen) == 1
        assert "2. Bob" in board(hall)

    def test_a_deleted_one_is_made_anew(self, hall: Hall) -> None:
        """And pinned; nobody is troubled by it."""
        hall.say(ADMIN, "admin board on")
        hall.later(minutes=2)
        stand_of(hall).delete_boards()
        assert stand_of(hall).boards() == []
        hall.say("ana", "add")
        seen = hall.later(minutes=2)
        assert "1. Ana" in board(hall)
        assert stand_of(hall).pinned() == [board(hall)]
        assert [one.to for one in seen if one.to != "channel"] == []

    def test_without_the_right_to_pin(self, hall: Hall) -> None:
        """It stands in the channel, once, all the same."""
        stand_of(hall).may_pin(it_may=False)
        hall.say(ADMIN, "admin board on")
        hall.say("ana", "add")
        hall.later(minutes=2)
        assert "1. Ana" in board(hall)
        assert stand_of(hall).pinned() == []
        hall.say(ADMIN, "admin board off")
        assert "no board here any more" in board(hall)

    def test_an_archived_channel(self, hall: Hall) -> None:
        """The admins hear it, and `admin board on` tries again once it is ours to write in."""
        hall.say(ADMIN, "admin board on")
        hall.later(minutes=2)
        stand_of(hall).close(it_is=True)
        seen = [*hall.say("ana", "add"), *hall.later(minutes=5)]
        assert [one.text for one in seen if "the board" in one.text and one.to == ADMIN]
        stand_of(hall).close(it_is=False)
        stand_of(hall).delete_boards()
        hall.say(ADMIN, "admin board on")
        assert "1. Ana" in board(hall)

    def test_switched_off(self, hall: Hall) -> None:
        """What stands there says so, pinned no more; a port that is free is posted again."""
        hall.say(ADMIN, "admin board on")
        hall.later(minutes=2)
        hall.say(ADMIN, "admin board off")
        assert board(hall) == "There is no board here any more. `/ev list` shows the chargers and the line."  # fmt: skip
        assert stand_of(hall).pinned() == []
        assert any("Port 1 is free" in text for text in in_channel(hall.park(p1=None)))

    def test_a_long_board(self, hall: Hall) -> None:
        """Many ports, and a long line of long names, are cut to what the platform takes."""
        at, site = hall.stand.address("ana"), hall.store.site()
        people = {f"{at}{n}": Person(f"{n} {'&<_`' * 20}") for n in range(200)}
        every = [f"{STATION}/{n}" for n in range(1, 101)]
        ports = {one: Port(one, str(n), Status.AVAILABLE) for n, one in enumerate(every, 1)}
        long = replace(
            site, people=people, ports=ports, queue=tuple(Entry(who, MONDAY) for who in people)
        )
        hall.stand.messenger.send(board_of(hall.stand.channel), BoardPost(), long, None)
        text = board(hall)
        assert "Port 20: free" in text
        assert "… and 180 more." in text

    def test_nothing_waits_for_a_board(self, hall: Hall) -> None:
        """While its board isn't taken, the channel hears everything else."""
        hall.say(ADMIN, "admin board on")
        hall.later(minutes=2)
        site = hall.store.site()
        stuck = Pending(9_000, Lane.CHAT, board_of(hall.stand.channel), BoardPost(), MONDAY, not_before=MONDAY.replace(year=2040))  # fmt: skip
        word = Pending(9_001, Lane.CHAT, hall.stand.channel, SightBack(), MONDAY)
        hall.store.save(replace(site, outbox=(stuck, word)), None)
        hall.concierge.deliver("hq")
        assert "I can see the chargers again" in hall.stand.seen()[0].text
