"""Rule 22, and alarms: what admins ask of the charging network, and what it reports."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.chat.parsing import parse
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.chat.text.wording import words
from chalicelib.core import acts, answers, effects as say, step
from chalicelib.core.inputs import Admin, Alarm, Alarmed, Asked, Delivered, Undeliverable
from chalicelib.core.model import Lane, Policy, Port, Site, Stations
from chalicelib.values import replace

NOON = datetime(2031, 3, 3, 12, 0, tzinfo=UTC)
BOSS, ANA = "slack:T0HQ:U0BOSS", "slack:T0HQ:U0ANA"
SITE = Site(
    "hq", "HQ", channels=("slack:T0HQ:C0EV",), admins=(BOSS,), stations=Stations(group=1),
    policy=Policy(cap_commands=True),
)  # fmt: skip


def cap(site: Site, text: str, by: str = BOSS) -> tuple[Site, answers.Answer | None]:
    """`admin cap …`."""
    outcome = step(site, Asked(by, parse(f"admin cap {text}")), NOON)
    return outcome.site, outcome.answer


def orders(site: Site) -> list[say.Effect]:
    return [pending.effect for pending in site.outbox if pending.lane is Lane.NETWORK]


class TestRule22AdminsCap:
    """Facilities have agreed (policy `cap_commands`)."""

    @pytest.mark.parametrize(
        ("text", "order"),
        [
            ("50%", say.LimitPower(BOSS, 3.3, 0)),
            ("50% for 2h", say.LimitPower(BOSS, 3.3, 120)),
            ("3.3kw", say.LimitPower(BOSS, 3.3, 0)),
            ("3300 W for an hour and a half", say.LimitPower(BOSS, 3.3, 90)),
            ("0% for 45m", say.LimitPower(BOSS, 0.0, 45)),
        ],
    )
    def test_a_cap_is_ordered_in_kw(self, text: str, order: say.LimitPower) -> None:
        """A percentage is of the rated power: the network's own percent means something else."""
        site, answer = cap(SITE, text)
        assert orders(site) == [order]
        assert isinstance(answer, answers.Did), "everyone hears who asked"

    @pytest.mark.parametrize("text", ["120%", "9kw"])
    def test_too_much_is_refused(self, text: str) -> None:
        """More than a port gives changes nothing."""
        site, answer = cap(SITE, text)
        assert site is SITE
        assert isinstance(answer, answers.Refused)
        assert answer.why is answers.Refusal.WHAT_CAP

    def test_without_consent(self) -> None:
        """Until facilities agree, and that is not for chat to say, there are no caps from chat."""
        wary = replace(SITE, policy=Policy())
        _, answer = cap(wary, "50%")
        assert isinstance(answer, answers.Refused)
        assert answer.why is answers.Refusal.CAPS_OFF
        lift = step(wary, Asked(BOSS, Admin(acts.Lift())), NOON)
        assert lift.answer == answers.Refused(BOSS, answers.Refusal.CAPS_OFF)
        grab = step(wary, Asked(BOSS, Admin(acts.SetPolicy("cap_commands", value=True))), NOON)
        assert isinstance(grab.answer, answers.Refused)
        assert grab.answer.why is answers.Refusal.OPERATORS

    def test_only_admins(self) -> None:
        """A driver who asks is refused."""
        _, answer = cap(SITE, "50%", by=ANA)
        assert isinstance(answer, answers.Refused)
        assert answer.why is answers.Refusal.NOT_ADMIN

    def test_off_ends_only_what_was_set_here(self) -> None:
        """A cap that the building set is not ours to lift."""
        _, answer = cap(SITE, "off")
        assert isinstance(answer, answers.Refused)
        assert answer.why is answers.Refusal.NOT_OUR_CAP
        site, _ = cap(cap(SITE, "50%")[0], "off")
        assert orders(site)[-1] == say.LiftLimit(BOSS)

    def test_the_network_refuses(self) -> None:
        """The channel hears it, and there is nothing left to lift."""
        site, _ = cap(SITE, "50%")
        pending = site.outbox[0]
        site = step(site, Undeliverable(pending.id, "failed to shed"), NOON).site
        assert [p.effect for p in site.outbox] == [say.CapRefused(BOSS, "failed to shed")]
        assert site.cap_order is None

    def test_an_order_is_carried_out_once(self) -> None:
        """Done is done: the lane is empty, the channel waits for what looks will show."""
        site, _ = cap(SITE, "50%")
        site = step(site, Delivered(site.outbox[0].id), NOON).site
        assert site.outbox == ()


class TestAlarms:
    """What the network finds broken goes to the admins, once."""

    TRIP = Alarm("1:900001", "1", "GFCI Trip", NOON)

    def test_told_once_while_it_stands(self) -> None:
        """The same alarm in every answer is one message; gone and back again, another."""
        site = step(SITE, Alarmed((self.TRIP,)), NOON).site
        assert [(p.to, p.effect) for p in site.outbox] == [
            (BOSS, say.AlarmRaised("1:900001", None, "GFCI Trip"))
        ]
        assert step(site, Alarmed((self.TRIP,)), NOON).site is site
        over = step(site, Alarmed(()), NOON).site
        assert over.outbox == (), "what was not said yet is not said any more"
        said = step(site, Delivered(site.outbox[0].id), NOON).site
        again = step(step(said, Alarmed(()), NOON).site, Alarmed((self.TRIP,)), NOON).site
        assert len(again.outbox) == 1

    def test_good_news_is_no_alarm(self) -> None:
        """`Reachable` ends trouble; nobody is written to."""
        back = Alarm("1:900001", "", "Reachable", NOON)
        assert step(SITE, Alarmed((back,)), NOON).site is SITE

    def test_a_station_out_of_order_shows_on_its_ports(self) -> None:
        """An alarm without a port is about all ports of its station."""
        ports = {
            port_id: Port(port_id, label) for port_id, label in (("1:1/1", "1"), ("1:2/1", "2"))
        }
        whole = Alarm("1:1", "", "Power Loss", NOON)
        site = step(replace(SITE, ports=ports), Alarmed((whole,)), NOON).site
        shown = words(answers.Ports(ANA), site, TerminalMarkup()).text.splitlines()
        assert [line for line in shown if "Power Loss" in line] == [shown[0]]
