"""Cars that come and go, and the channel's posts of them: rules 13 and 15 of the house."""

from __future__ import annotations

import pytest

from chalicelib.core.effects import (
    News,
    PluggedIn,
    PortPost,
    Withdrawal,
    Withdrawn,
)
from chalicelib.core.inputs import (
    Delivered,
    OnMyWay,
    Remove,
    Suspend,
)
from chalicelib.core.outbox import edits
from tests.core.day import ONE, TWO, Day
from tests.core.mornings import (
    three_wait,
)
from tests.fakes import ANA, BOB, CHANNEL, CLEO, IDS, seen


@pytest.fixture
def day() -> Day:
    """Ana, Bob and Cleo wait."""
    return three_wait()


class TestRule13PluggingIn:
    def test_called(self, day: Day) -> None:
        """Plugging in where you were called takes you off the line, with a word."""
        day.free("p1")
        day.see(p1=ANA)
        assert day.line == [BOB, CLEO]
        assert [(one.driver, one.port) for one in day.heard(ANA, PluggedIn)] == [(ANA, ONE)]
        assert day.heard(CHANNEL, PortPost)[-1] == PortPost(
            day.heard(CHANNEL, PortPost)[0].post, ONE, News.CHARGING, ANA
        )

    def test_waiting(self, day: Day) -> None:
        """So does plugging in anywhere, wherever you were in line."""
        day.see(p2=CLEO)
        assert day.line == [ANA, BOB]
        assert [(one.driver, one.port) for one in day.heard(CLEO, PluggedIn)] == [(CLEO, TWO)]

    def test_suspended(self, day: Day) -> None:
        """Suspended ones included."""
        day.ask(BOB, Suspend())
        day.see(p2=BOB)
        assert day.line == [ANA, CLEO]

    def test_not_in_line(self) -> None:
        """A known driver who was not in line simply is charging."""
        day = Day()
        day.told.clear()
        day.see(p1=ANA)
        assert day.told == []
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == ANA

    def test_on_anothers_port(self, day: Day) -> None:
        """On another's port: their turn is off, with a word, and they keep their place."""
        day.free("p1")
        day.see(p1=CLEO)
        assert day.line == [ANA, BOB]
        assert day.called == {}
        assert day.heard(ANA, Withdrawn) == [Withdrawn(ANA, ONE, Withdrawal.TAKEN, CLEO)]

    def test_swapped(self, day: Day) -> None:
        """Called to one, plugged in at the other's: that driver's turn moves to the port
        left free, in one message.
        """
        day.free()
        assert day.called == {ANA: ONE, BOB: TWO}
        day.told.clear()
        day.see(p2=ANA)
        assert day.called == {BOB: ONE}
        (call,) = day.calls(BOB)
        assert (call.port, call.instead_of, call.taken_by) == (ONE, TWO, ANA)
        assert day.heard(BOB, Withdrawn) == []

    def test_by_card(self, day: Day) -> None:
        """A driver is known by any of the network's ids."""
        assert seen("1", ANA).user == IDS[ANA]
        day.see(p1=ANA)
        assert ANA not in day.line


class TestRule15Posts:
    def test_one_post_that_is_edited(self, day: Day) -> None:
        """Each time a port becomes free there is one post, edited as things go on."""
        day.told.clear()
        day.free("p1")
        day.ask(ANA, OnMyWay(day.turn(ANA).id))
        day.see(p1=ANA)
        posts = day.heard(CHANNEL, PortPost)
        assert [post.news for post in posts] == [News.CALLED, News.COMING, News.CHARGING]
        assert len({post.post for post in posts}) == 1
        day.free("p1")
        assert day.heard(CHANNEL, PortPost)[-1].post != posts[0].post

    @pytest.mark.parametrize("looks", [[None], []])
    def test_a_car_after_another(self, day: Day, looks: list[None]) -> None:
        """Bob's car comes before anything was said of a free port: the post is of his now."""
        day.free("p1")
        day.see(p1=ANA)
        day.ask(BOB, Remove())
        day.ask(CLEO, Remove())
        first = day.heard(CHANNEL, PortPost)[-1]
        for car in [*looks, BOB]:
            day.see(p1=car)
        day.wait(minutes=2)
        last = day.heard(CHANNEL, PortPost)[-1]
        assert (last.post, last.news, last.driver) == (first.post, News.CHARGING, BOB)

    def test_nobody_in_line(self) -> None:
        """With nobody in line it says that the port is free."""
        day = Day()
        day.free("p1")
        day.wait(minutes=5)
        assert [(p.port, p.news) for p in day.heard(CHANNEL, PortPost)] == [(ONE, News.FREE)]

    def test_only_what_is_true_now(self, day: Day) -> None:
        """A post that could not be sent yet says what is true when it is."""
        day.delivers = False
        day.free("p1")
        day.ask(ANA, OnMyWay(day.turn(ANA).id))
        posts = [one.effect for one in day.site.outbox if isinstance(one.effect, PortPost)]
        assert [post.news for post in posts] == [News.COMING]

    def test_an_edit_finds_its_message(self, day: Day) -> None:
        """The edit goes to the message that was posted."""
        day.free("p1")
        day.delivers = False
        day.ask(ANA, OnMyWay(day.turn(ANA).id))
        (edit,) = [one for one in day.site.outbox if isinstance(one.effect, PortPost)]
        assert edits(day.site, edit) is not None
        day.give(Delivered(edit.id, "ts-new"))

    def test_another_car(self, day: Day) -> None:
        """Another id on a port in use is an unplug and a plug."""
        day.see(p1=ANA)
        day.wait(minutes=1)
        day.see(p1=BOB)
        stay = day.site.ports[ONE].stay
        assert stay is not None
        assert stay.driver == BOB
        assert BOB not in day.line
        last = day.site.ports[ONE].last_stay
        assert last is not None
        assert last.driver == ANA

    def test_a_blank_id(self, day: Day) -> None:
        """A blank id changes nothing."""
        day.see(p1=ANA)
        before = day.site.ports[ONE].stay
        day.wait(minutes=1)
        day.see(p1="?")
        after = day.site.ports[ONE].stay
        assert before is not None
        assert after is not None
        assert (after.id, after.driver, after.user) == (before.id, ANA, IDS[ANA])

    @pytest.mark.parametrize(("minutes", "same"), [(4, True), (6, False)])
    def test_back_soon(self, minutes: int, *, same: bool) -> None:
        """The same driver back within 5 minutes continues the stay."""
        day = Day(p1=ANA)
        first = day.site.ports[ONE].stay
        day.see(p1=None)
        day.wait(minutes=minutes)
        day.see(p1=ANA)
        again = day.site.ports[ONE].stay
        assert first is not None
        assert again is not None
        assert (again.id == first.id) is same
        assert (again.since == first.since) is same
