"""Random days against the invariants of the house (`invariants.py`).

Two channels on two platforms, each of which is down at times; what is said is checked as it is
heard (`oracle.py`). `HYPOTHESIS_PROFILE=long` runs 2,000 days of 60 moves.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import note, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chalicelib.core import (
    Outcome,
    acts,
    answers,
    effects as say,
    inputs as do,
    next_deadline,
    outbox,
    step,
)
from chalicelib.core.hours import ClockTime
from chalicelib.core.model import (
    IdleReminder,
    Lane,
    Pending,
    Person,
    Site,
    Stations,
    Status,
    Weekly,
)
from chalicelib.energy.needs import Need, Unit
from tests.cards import WEEK as REPORT
from tests.core.day import both_lanes
from tests.core.invariants import check_step
from tests.core.oracle import Ears

SLACK, OTHER = "slack:T0HQ", "mattermost:chat.hq"
DRIVERS = [f"{where}:U{index}" for index, where in enumerate([SLACK, SLACK, OTHER, OTHER, SLACK, OTHER])]  # fmt: skip
LINKED = DRIVERS[:4]  # the others are strangers to the charging network
CHANNELS = (f"{SLACK}:C0EV", f"{OTHER}:C0EV")
IDS = {driver: f"70000{index}" for index, driver in enumerate(DRIVERS)}
PORTS = [("1:900001", "1"), ("1:900001", "2"), ("1:900002", "1")]


def acts_on(who: str) -> list[acts.Act]:
    """What admins may do, to this person where it is about one."""
    return [
        acts.ShowActs(), acts.ShowSite(), acts.Reset(), acts.Reset(confirmed=True), acts.Reset(confirmed=True),
        *(acts.Put(who), acts.Put(who, 1), acts.Take(who), acts.Move(who, 1), acts.Move(who, 9999)),
        *(acts.Grant(who), acts.Revoke(who), acts.Link(((who, "7009999"),)), acts.UndoLast(), acts.UndoLast()),
        *(acts.Close(("1",)), acts.Close(("1:900001",)), acts.Open(("2", "1")), acts.Open(("9" * 5000,))),
        *(acts.SetPolicy("answer", timedelta(minutes=5)), acts.SetPolicy("idle", timedelta(seconds=6))),
        *(acts.SetPolicy("confirm", timedelta(hours=2)), acts.SetPolicy("limit", timedelta(minutes=1))),
        *(acts.SetPolicy("classic", value=True), acts.SetPolicy("classic", value=False)),
        *(acts.SetPolicies((("answer", timedelta(minutes=9)), ("opens", time(9)))), acts.SetPolicies((("notice", timedelta(0)), ("idle", timedelta(minutes=9))))),
        *(acts.SetPolicy("board", value=True), acts.SetPolicy("board", value=False)),
        *(acts.SetPolicy("report", Weekly(0, time(9))), acts.SetPolicy("report", Weekly(3, time(12))), acts.SetPolicy("report", Weekly())), acts.ShowTotals(),
        *(acts.SetPolicy("idle_reminder", IdleReminder.ALWAYS), acts.SetPolicy("rated_kw", 3.0)),
        *(acts.SetPolicy("opens", time(10)), acts.SetPolicy("closes", time(18)), acts.SetPolicy("speaks_until", time(17))),
        *(acts.Free("1"), acts.Free("2"), acts.Unlink(who), acts.Unlink(ids=("7009999",)), acts.ShowLog()),
        *(acts.OnBehalf(who, one) for one in (do.In("1"), do.In(), do.Out(), do.Suspend(), do.Resume(), do.SayNeed(Need(Unit.KWH, 8.0)), do.NoNeed())),
        *(acts.Setup(), acts.Setup(acts.Go.NEXT), acts.Setup(acts.Go.TEST), acts.Setup(acts.Go.AGAIN)),
        *(acts.SetPolicy("workdays", (6,)), acts.SetPolicy("workdays", (0, 1, 2, 3, 4))),
        *(acts.Limit(3.3), acts.Limit(share=0.5, length=timedelta(hours=1)), acts.Lift()),
    ]  # fmt: skip


SETTINGS = [
    *(do.Prefer(do.Told.HERE), do.Prefer(do.Told.DM), do.Prefer(do.Told.QUIET)),
    *(do.Prefer(hours=(time(9), time(10))), do.Prefer(hours=(time(16), time(7, 30)))),
    *(do.Prefer(no_hours=True, heeds_status=False), do.Prefer(hours=(time(0), time(0)))),
    *(do.Prefer(clock=12), do.Prefer(heeds_status=True), do.Prefer(heeds_status=True)),
    *(do.Meet(timedelta(minutes=30)), do.Meet(until=ClockTime(11)), do.Meet(), do.Meet(-timedelta(1))),
    *(do.ShowSettings(), do.Invited(), do.Notify(""), do.Resume(), do.AskWhy()),
]  # fmt: skip
SECONDS = st.sampled_from([1, 5, 20, 25, 60, 180, 300, 600, 900, 1200, 1800, 3600, 36000, 200000])


class Days(RuleBasedStateMachine):
    """A car park with people who do anything at any time."""

    @initialize()
    def open_the_car_park(self) -> None:
        self.now = datetime(2031, 3, 3, 16, 0, tzinfo=UTC)
        people = {driver: Person(driver[-2:], (IDS[driver],)) for driver in LINKED}
        self.site = Site(
            "hq",
            "HQ garage",
            channels=CHANNELS,
            admins=(DRIVERS[0],),
            stations=Stations(group=1234),
            people=people,
        )
        self.cars: dict[tuple[str, str], str | None] = dict.fromkeys(PORTS)  # who is plugged in
        self.dark: set[tuple[str, str]] = set()
        self.full: set[tuple[str, str]] = set()
        self.trickle = 0.0
        self.cap: float | None = None
        self.acts = False  # an admin has acted: places and waiting are theirs to change
        self.told: list[tuple[str, say.Effect]] = []  # everything ever put in the outbox
        self.down: set[str] = set()  # platforms that can't be reached
        self.ears = Ears(DRIVERS)

    def give(self, given: do.Input) -> Outcome:
        before = self.site
        outcome = step(before, given, self.now)
        note(f"{self.now:%H:%M:%S} {given} -> {outcome.answer}")
        check_step(before, given, outcome, self.now)
        self.site = outcome.site
        self.told += [(p.to, p.effect) for p in self.site.outbox if p.id > before.serial]
        return outcome

    def look(self) -> do.Observed:
        return do.Observed(
            self.now,
            tuple(
                do.PortSeen(
                    station,
                    number,
                    self.status((station, number)),
                    user=self.ids_at((station, number)),
                    load_kw=self.load_at((station, number)),
                    capped=self.cap is not None,
                    allowed_kw=self.cap,
                )
                for station, number in PORTS
            ),
        )

    def status(self, port: tuple[str, str]) -> Status:
        if port in self.dark:
            return Status.UNREACHABLE
        return Status.AVAILABLE if self.cars[port] is None else Status.INUSE

    def ids_at(self, port: tuple[str, str]) -> str:
        driver = self.cars[port]
        return IDS.get(driver, "") if driver is not None and port not in self.dark else ""

    def load_at(self, port: tuple[str, str]) -> float:
        if self.cars[port] is None:
            return 0.0
        if port in self.full:
            return self.trickle
        return 6.6 if self.cap is None else min(6.6, self.cap)

    # --- what people do ---------------------------------------------------------

    @rule(driver=st.sampled_from(DRIVERS), wish=st.sampled_from([do.Add(), do.Add(), do.Remove(), do.Suspend(), do.Resume(), do.Next(), do.OnMyWay(), do.Pass(), do.NotMine(), do.RememberMe(), do.MoreMinutes(), do.DoneMoving(), do.ShowLine(), do.ShowBoard(), do.ShowStatus(), do.ShowHelp("x"), *map(do.OpenForm, answers.FormName), do.OpenHome(), do.OpenHome(("other",)), do.LeaveHome()]))  # fmt: skip
    def ask(self, driver: str, wish: do.Wish) -> None:
        assert self.give(do.Asked(driver, wish)).answer is not None, "silence is a failure"

    @rule(driver=st.sampled_from(DRIVERS), minutes=st.integers(-5, 90))
    def suspend_until(self, driver: str, minutes: int) -> None:
        self.give(do.Asked(driver, do.Suspend(timedelta(minutes=minutes))))

    @rule(data=st.data(), press=st.sampled_from([do.OnMyWay, do.Pass, do.Leave]), somebody=st.sampled_from(DRIVERS))  # fmt: skip
    def press(
        self, data: st.DataObject, press: type[do.OnMyWay | do.Pass | do.Leave], somebody: str
    ) -> None:
        calls = [effect for _, effect in self.told if isinstance(effect, say.Called)]
        if calls:
            call = data.draw(st.sampled_from(calls[-4:]))
            driver = data.draw(st.sampled_from([call.driver, call.driver, somebody]))
            self.give(do.Asked(driver, press(call.turn)))

    @rule(data=st.data(), press=st.sampled_from([do.ThatsMe, do.NotMine, do.RememberMe, do.MoreMinutes, do.DoneMoving]), somebody=st.sampled_from(DRIVERS))  # fmt: skip
    def press_about_a_stay(
        self, data: st.DataObject, press: type[do.ThatsMe | do.NotMine], somebody: str
    ) -> None:
        asked = [(to, e.stay) for to, e in self.told if isinstance(e, say.IsItYou | say.Nudged)]
        if asked:
            to, stay = data.draw(st.sampled_from(asked[-4:]))
            self.give(do.Asked(data.draw(st.sampled_from([to, to, somebody])), press(stay)))

    @rule(driver=st.sampled_from(DRIVERS), wish=st.sampled_from([do.Block(), do.In(), do.In("1"), do.In("2"), do.Out(), do.Out("1"), do.Out("3"), do.Out("x"), do.AskWhy(), do.NotMyCar(), do.NotMyCar(port="1"), do.Broken(), do.Broken("2", "it is torn"), do.NudgePort("1"), do.NudgePort("2")]))  # fmt: skip
    def use_hands(self, driver: str, wish: do.Wish) -> None:
        self.give(do.Asked(driver, wish))

    @rule(
        driver=st.sampled_from([DRIVERS[0], DRIVERS[0], DRIVERS[1]]),
        who=st.sampled_from([*DRIVERS, "@U3", "@nobody"]),
        data=st.data(),
    )
    def administer(self, driver: str, who: str, data: st.DataObject) -> None:
        self.acts = True
        self.give(do.Asked(driver, do.Admin(data.draw(st.sampled_from(acts_on(who))))))

    @rule(driver=st.sampled_from(DRIVERS), wish=st.sampled_from([do.Add(Need(Unit.KWH, 5)), do.Add(Need(Unit.KM, 60), ClockTime(17, exact=True)), do.SayNeed(Need(Unit.KWH, 1)), do.SayNeed(Need(Unit.KWH, 8)), do.SayNeed(Need(Unit.FULL)), do.SayNeed(Need(Unit.MINUTES, 20)), do.SayNeed(None, ClockTime(18, exact=True)), do.NoNeed(), do.ShowNeed(), do.When(), do.MayUnplug(ok=True), do.MayUnplug(ok=True), do.MayUnplug(ok=False), do.MovingAt(length=timedelta(minutes=10)), do.MovingAt(ClockTime(17, exact=True)), do.NotYet(), do.CannotUse(), do.CanUse("1"), do.CanUse("2"), do.Give("@U1"), do.Give("@U3"), do.Give(DRIVERS[5])]))  # fmt: skip
    def plan(self, driver: str, wish: do.Wish) -> None:
        """What cars need, and how they change places."""
        if isinstance(wish, do.Give):
            self.acts = True  # places are theirs to give
        self.give(do.Asked(driver, wish))

    @rule(driver=st.sampled_from(DRIVERS), wish=st.sampled_from(SETTINGS))
    def prefer(self, driver: str, wish: do.Wish) -> None:
        """How they want to be told, and when they can be called."""
        channel = next(
            one for one in CHANNELS if one.rpartition(":")[0] == driver.rpartition(":")[0]
        )
        own = do.Profile(driver, driver[-2:], status=do.Availability())
        self.give(do.Asked(driver, wish, heard_in=channel, profiles=(own,)))

    @rule(driver=st.sampled_from([*DRIVERS, f"{SLACK}:U9"]), minutes=st.sampled_from([None, 5, 40, 400]), sort=st.sampled_from([do.Sort.PERSON] * 9 + [do.Sort.GONE]))  # fmt: skip
    def hear_of(self, driver: str, minutes: int | None, sort: do.Sort) -> None:
        """A platform tells of a status, of whomever it likes; or that somebody has left."""
        until = self.now + timedelta(minutes=minutes) if minutes is not None else None
        known = do.Profile(driver, driver[-2:], "", sort, do.Availability(until))
        self.give(do.Introduced((known,), unasked=True))

    @rule(driver=st.sampled_from(DRIVERS), wish=st.sampled_from([do.Add(), do.Remove()]))
    def replay(self, driver: str, wish: do.Wish) -> None:
        asked = do.Asked(driver, wish, request=f"r{self.now}")
        first = self.give(asked)
        settled = self.site
        again = self.give(asked)
        assert self.site is settled, "a replayed request is not done twice"
        if not isinstance(first.answer, answers.Refused | answers.YourPlace):
            assert again.answer == answers.Repeated()

    # --- what cars do -------------------------------------------------------------

    @rule(port=st.sampled_from(PORTS), driver=st.sampled_from([*DRIVERS, "stranger"]))
    def plug(self, port: tuple[str, str], driver: str) -> None:
        if self.cars[port] is None and driver not in self.cars.values():
            self.cars[port] = driver

    @rule(port=st.sampled_from(PORTS))
    def unplug(self, port: tuple[str, str]) -> None:
        self.cars[port] = None

    @rule(port=st.sampled_from(PORTS))
    def darken(self, port: tuple[str, str]) -> None:
        self.dark ^= {port}

    @rule(port=st.sampled_from(PORTS))
    def fill(self, port: tuple[str, str]) -> None:
        self.full ^= {port}

    @rule(kw=st.sampled_from([0.0, 0.1, 0.3, 0.5]))
    def draw_a_little(self, kw: float) -> None:
        """What full cars draw."""
        self.trickle = kw

    @rule(cap=st.sampled_from([None, 0.0, 3.3]))
    def limit_power(self, cap: float | None) -> None:
        self.cap = cap

    @rule(looks=st.integers(2, 12))
    def watch(self, looks: int) -> None:
        """Looks at their usual pace, and a tick at each deadline between them."""
        for _ in range(looks):
            end = self.now + timedelta(seconds=50)
            while (deadline := next_deadline(self.site)) is not None and deadline < end:
                self.now = deadline
                self.tick()
            self.now = end
            self.give(self.look())

    @rule(minutes=st.integers(1, 9))
    def observe_late(self, minutes: int) -> None:
        """A look that took its time; an alarm besides."""
        look = self.look()
        self.now += timedelta(minutes=minutes)
        self.give(look)
        self.give(do.Alarmed((do.Alarm(PORTS[0][0], PORTS[0][1], "GFCI Trip", self.now),)))

    @rule(group=st.sampled_from([1234, 1234, 1235]))
    def grant(self, group: int) -> None:
        """Now and then the operator names other stations; the cars stay where they are."""
        self.give(do.Granted(Stations(group=group)))

    @rule(why=st.sampled_from(say.AccessProblem))
    def hinder(self, why: say.AccessProblem) -> None:
        self.give(do.Hindered(why))

    @rule()
    def observe(self) -> None:
        self.give(self.look())

    @rule()
    def observe_twice(self) -> None:
        self.give(self.look())
        self.now += timedelta(seconds=20)
        self.give(self.look())

    # --- what time and the messenger do -----------------------------------------

    @rule(seconds=SECONDS)
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.tick()

    @rule()
    def wake(self) -> None:
        deadline = next_deadline(self.site)
        if deadline is not None:
            self.now = deadline
            self.tick()

    @rule()
    def sleep_through_a_day(self) -> None:
        """Nobody looks or asks: each wake brings the core further, and there are few of them."""
        morning = self.now + timedelta(days=1)
        for _ in range(100):
            deadline = next_deadline(self.site)
            if deadline is None or deadline > morning:
                return
            self.now = deadline
            self.tick()
        raise AssertionError("woken again and again")

    def tick(self) -> None:
        self.give(do.Tick())

    @rule(platform=st.sampled_from(["slack", "mattermost"]))
    def lose_or_find(self, platform: str) -> None:
        """A platform goes down, or comes back."""
        self.down ^= {platform}

    @rule(driver=st.sampled_from(DRIVERS), wish=st.sampled_from([do.Add(), do.Remove(), do.ShowLine(), do.ShowStatus(), do.Resume(), do.ShowReport(card=REPORT), do.ShowReport(card=REPORT, draws=True), do.ShowReport(csv=True, card=REPORT, draws=True), do.ShowReport()]))  # fmt: skip
    def write(self, driver: str, wish: do.Wish) -> None:
        """A plain message, whose answer waits in the outbox."""
        channel = next(
            one for one in CHANNELS if one.split(":")[0] == driver.split(":", maxsplit=1)[0]
        )
        self.give(do.Asked(driver, wish, reply_to=driver, public_to=channel, heard_in=channel))
        asked = [one for one in self.site.outbox if one.asker == driver and one.to == driver]
        assert len(asked) <= 2, "one unsent answer a person, and one in flight"

    def heads(self) -> list[Pending]:
        """What may be tried now."""
        return [one for one in both_lanes(self.site) if outbox.attempt_at(one) <= self.now]

    def claim(self, head: Pending) -> Pending | None:
        """What is to be said, as it is said now; None: nothing is any more."""
        self.give(do.Claimed(head.id, self.now + timedelta(seconds=30)))
        return outbox.find(self.site, head.id)

    def arrive(self, pending: Pending) -> None:
        if pending.lane is Lane.CHAT:
            self.ears.hear(self.site, pending.to, pending.effect, self.now)
        if isinstance(pending.effect, say.MakeReport):
            self.report(pending)
            return
        there = (
            outbox.edits(self.site, pending) if isinstance(pending.effect, say.BoardPost) else None
        )
        self.give(do.Delivered(pending.id, there or f"ts{pending.id}"))
        assert all(other.id != pending.id for other in self.site.outbox)

    def report(self, pending: Pending) -> None:
        """The log is read: the channels are told once in a week, unless the time was changed."""
        self.give(do.Reported(pending.id, REPORT))
        told = sum(isinstance(one.effect, say.WeeklyReport) for one in self.site.outbox)
        assert told <= len(CHANNELS) * (2 if self.acts else 1)
        assert self.site.reported is not None
        assert self.site.reported <= self.now.date() + timedelta(days=1)

    @precondition(lambda self: self.heads())
    @rule(data=st.data(), fate=st.sampled_from(["delivered", "delivered", "delivered", "postponed", "refused", "crash"]))  # fmt: skip
    def deliver(self, data: st.DataObject, fate: str) -> None:
        pending = self.claim(data.draw(st.sampled_from(self.heads())))
        if pending is None:
            return
        soon = self.now + timedelta(seconds=5)
        if pending.platform in self.down:
            self.give(do.Postponed(pending.id, soon, everywhere=True))
        elif fate == "delivered":
            self.arrive(pending)
        elif fate == "postponed":
            self.give(do.Postponed(pending.id, soon))
        elif fate == "refused" and pending.lane is Lane.CHAT:  # the log takes everything
            self.ears.may_hear(pending.to, pending.effect)
            self.give(do.Undeliverable(pending.id, "is_archived"))
        else:
            self.ears.may_hear(pending.to, pending.effect)

    @rule()
    def deliver_all(self) -> None:
        """Whoever can be reached hears all there is for them."""
        for _ in range(1000):
            heads = [one for one in self.heads() if one.platform not in self.down]
            if not heads:
                return
            pending = self.claim(heads[0])
            if pending is not None:
                self.arrive(pending)
        raise AssertionError("there is always more to say")

    # --- what always holds ----------------------------------------------------------

    @invariant()
    def the_order_is_the_order_of_adding(self) -> None:
        added = [entry.added_at for entry in self.site.queue]
        assert self.acts or added == sorted(added)

    @rule(on=st.sampled_from([True, True, False]))
    def have_a_board(self, on: bool) -> None:
        self.give(do.Asked(DRIVERS[0], do.Admin(acts.SetPolicy("board", value=on))))

    @invariant()
    def what_stands_on_a_board_is_so(self) -> None:
        self.ears.boards.check(self.site)

    @invariant()
    def people_hear_only_what_concerns_them(self) -> None:
        """A message to one person is about that person, or they are an admin."""
        for to, effect in self.told[-5:]:
            about = getattr(effect, "driver", to)
            assert to in (*CHANNELS, about, *self.site.admins) or isinstance(
                effect, say.BayBlocked | answers.Answer
            )


TestDays = pytest.mark.timeout(3600)(Days.TestCase)  # the long profile takes minutes
