"""The concierge on its edges: what is loaded and saved, and what is said, in which order."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import datetime

import pytest

from chalicelib.concierge import steps, wake_at
from chalicelib.core import next_deadline
from chalicelib.core.answers import Added, Refused, Repeated
from chalicelib.core.effects import AccessProblem, Unwatched
from chalicelib.core.inputs import Add, Next, Remove, Resume, ShowHelp, ShowLine, ShowStatus, Tick
from chalicelib.core.model import Person, Site
from chalicelib.edges import (
    Busy,
    MessengerUnavailable,
    NetworkRefused,
    NetworkUnavailable,
    NewerFormat,
    NoAccess,
    StaleSite,
    StoreUnavailable,
    UnknownSite,
)
from chalicelib.values import replace
from tests.fakes import (
    ANA,
    BOB,
    BOSS,
    World,
    asked,
    site_of,
    world,
)


@pytest.fixture
def hall() -> World:
    return world()


class TestHandle:
    """Load, step, save."""

    def test_one_load_one_save(self, hall: World) -> None:
        """A command is one load and one conditional write."""
        assert isinstance(hall.ask(ANA, Add()), Added)
        assert hall.store.take_calls() == ["load", "save"]

    @pytest.mark.parametrize("wish", [ShowLine(), ShowStatus(), ShowHelp("x"), Remove(), Next()])
    def test_looking_writes_nothing(
        self, hall: World, wish: ShowLine | ShowStatus | ShowHelp | Remove | Next
    ) -> None:
        """Looking, help and refusals are one load."""
        assert hall.ask(BOB, wish) is not None
        assert hall.store.take_calls() == ["load"]
        assert hall.woken == []

    def test_a_refusal_writes_nothing(self, hall: World) -> None:
        """Nothing to resume: nothing written."""
        assert isinstance(hall.ask(BOB, Resume()), Refused)
        assert hall.store.take_calls() == ["load"]

    def test_somebody_else_was_faster(self, hall: World) -> None:
        """A stale save is tried again from a fresh load, and nobody is lost."""
        hall.store.before_save.append(lambda: hall.ask(BOB, Add()))
        hall.ask(ANA, Add())
        assert [entry.driver for entry in hall.site().queue] == [BOB, ANA]
        assert hall.store.take_calls() == ["load", "save", "load", "save", "load", "save"]

    def test_always_too_late(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever loses every race is told so after the time is up; nothing was changed."""
        monkeypatch.setattr(steps, "RETRY_FOR", 0.05)
        save = hall.store.save

        def too_late(site: Site, at: datetime | None) -> Site:
            theirs = hall.store.site()
            save(replace(theirs, serial=theirs.serial + 1), None)
            return save(site, at)

        monkeypatch.setattr(hall.store, "save", too_late)
        began = time.monotonic()
        with pytest.raises(Busy):
            hall.ask(ANA, Add())
        assert time.monotonic() - began < 1
        assert hall.site().queue == ()

    def test_done_and_overtaken(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A save that was done without an answer, before somebody else's, is not "busy": the
        request is known by its name, though the time is over.
        """
        monkeypatch.setattr(steps, "RETRY_FOR", 0.0)
        save = hall.store.save

        def overtaken(site: Site, at: datetime | None) -> Site:
            ours = save(site, at)
            save(replace(ours, serial=ours.serial + 1), at)
            raise StaleSite

        monkeypatch.setattr(hall.store, "save", overtaken)
        outcome = hall.concierge.handle("hq", asked(ANA, Add(), request="r1"))
        assert isinstance(outcome.answer, Repeated)
        assert [entry.driver for entry in hall.site().queue] == [ANA]

    def test_the_bound_is_two_seconds(self) -> None:
        """Slack waits three."""
        assert steps.RETRY_FOR == 2.0

    def test_unknown(self, hall: World) -> None:
        """A site that isn't there is no bug."""
        with pytest.raises(UnknownSite):
            hall.concierge.handle("nowhere", Tick())

    def test_store_down(self, hall: World, caplog: pytest.LogCaptureFixture) -> None:
        """An outage is logged once when it begins and once when it ends."""
        hall.store.down = True
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                hall.ask(ANA, Add())
        hall.store.down = False
        hall.ask(ANA, Add())
        hall.ask(BOB, Add())
        assert [record.getMessage() for record in caplog.records] == [
            "hq: the store: lost: The store can't be reached.",
            "hq: the store: back",
        ]

    @pytest.mark.parametrize("ask", ["site_of", "sites", "due"])
    def test_other_questions(
        self, hall: World, caplog: pytest.LogCaptureFixture, ask: str
    ) -> None:
        """Whoever notices the outage first logs it, whatever was asked."""
        question = getattr(hall.concierge, ask)
        arguments = ["slack:T0HQ:C0EV"] if ask == "site_of" else []
        hall.store.down = True
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                question(*arguments)
        hall.store.down = False
        question(*arguments)
        assert [record.getMessage() for record in caplog.records] == [
            "the store: lost: The store can't be reached.",
            "the store: back",
        ]

    def test_newer(self, hall: World) -> None:
        """A site of a newer program is neither read nor overwritten."""
        newer = (1, None, b"\xfaof tomorrow")
        hall.store.bodies["hq"] = newer
        with pytest.raises(NewerFormat):
            hall.ask(ANA, Add())
        assert hall.store.bodies["hq"] == newer

    def test_a_replay(self, hall: World) -> None:
        """The same request again writes nothing."""
        hall.ask(ANA, Add(), request="r1")
        hall.store.take_calls()
        assert hall.ask(ANA, Add(), request="r1") == Repeated()
        assert hall.store.take_calls() == ["load"]

    def test_woken(self, hall: World) -> None:
        """Whoever delivers is woken when, and only when, something waits."""
        hall.ask(ANA, Add())
        assert hall.woken == []
        hall.free_ports()
        assert hall.woken

    def test_the_alarm(self, hall: World) -> None:
        """The store knows when to wake: the next deadline, or the next message, now."""
        hall.call_ana()
        assert hall.store.wake_at() == hall.clock.now()
        hall.concierge.deliver("hq")
        site = hall.site()
        assert hall.store.wake_at() == wake_at(site) == next_deadline(site)


class TestLook:
    """Looking at the chargers."""

    def test_seen(self, hall: World) -> None:
        """A look is taken in."""
        assert hall.concierge.look("hq") is not None
        assert hall.site().looked_at == hall.clock.now()

    @pytest.mark.parametrize("fault", [NetworkUnavailable("rubbish"), NetworkRefused("no rights")])
    def test_nothing_seen(
        self, hall: World, caplog: pytest.LogCaptureFixture, fault: Exception
    ) -> None:
        """An outage is logged once each way, and the line still works."""
        hall.network.fault = fault
        for _ in range(3):
            with suppress(NetworkUnavailable):
                assert hall.concierge.look("hq") is None
        assert isinstance(hall.ask(ANA, Add()), Added)
        hall.network.fault = None
        hall.concierge.look("hq")
        messages = [record.getMessage() for record in caplog.records]
        assert messages == [f"hq: ChargePoint: lost: {fault}", "hq: ChargePoint: back"]

    @pytest.mark.parametrize(
        ("fault", "why"),
        [
            (NoAccess("the key"), AccessProblem.NO_ACCESS),
            (NetworkRefused("code 101"), AccessProblem.DENIED),
        ],
    )
    def test_refused(self, hall: World, fault: Exception, why: AccessProblem) -> None:
        """What the operator must mend is written to the admins, once, and only that."""
        hall.network.fault = fault
        for _ in range(3):
            hall.concierge.look("hq")
        hall.network.fault = NetworkUnavailable("down")
        with pytest.raises(NetworkUnavailable):
            hall.concierge.look("hq")
        hall.concierge.deliver("hq")
        assert [(to, effect) for to, effect, _ in hall.messenger.sent] == [(BOSS, Unwatched(why))]

    def test_by_hand(self) -> None:
        """A manual site has nothing to look at: people's word stands."""
        hall = world(site_of(stations=replace(site_of().stations, ids=(), manual=("1",))))
        assert hall.concierge.look("hq") is None
        assert hall.network.looks == 0


class TestIntroductions:
    """People whom the operator gave by address get the name that the chat knows."""

    def test_a_name_is_learnt_once(self, hall: World) -> None:
        """A linked driver without a name is asked for, and never again."""
        stranger = "slack:T0HQ:U0ZOE"
        hall.store.put(replace(hall.site(), people={stranger: Person(ids=("7009999",))}))
        for _ in range(2):
            hall.concierge.introduce("hq")
        assert hall.site().people[stranger] == Person("Zoe", ("7009999",), "zoe")
        assert hall.messenger.attempts.count(stranger) == 1

    def test_somebody_nobody_knows(self, hall: World) -> None:
        """Whom the chat doesn't know stays without a name, and isn't asked for again."""
        nobody = "slack:T0HQ:UNOBODY"
        hall.store.put(replace(hall.site(), people={nobody: Person(ids=("1",))}))
        for _ in range(2):
            hall.concierge.introduce("hq")
        assert hall.site().people[nobody].name == ""
        assert hall.messenger.attempts.count(nobody) == 1

    def test_a_platform_that_says_nothing_now(self, hall: World) -> None:
        """Whoever asks for a pause is asked once, not for everybody; the next time goes on."""
        people = {f"slack:T0HQ:U0{n}": Person() for n in ("A", "B", "C")}
        hall.store.put(replace(hall.site(), people=people, admins=()))
        hall.messenger.faults = [None, MessengerUnavailable("ratelimited")]
        hall.concierge.introduce("hq")
        assert len(hall.messenger.attempts) == 2
        hall.concierge.introduce("hq")
        assert [one.name for one in hall.site().people.values()] == ["A", "B", "C"]
