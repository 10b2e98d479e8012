"""What every platform does that has forms: what is filled in does the same as what is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import time, timedelta
from typing import Any, Protocol

import pytest

from chalicelib.core.acts import SetPolicy
from chalicelib.core.answers import FOR_ADMINS, FormName
from chalicelib.core.inputs import Admin, Asked, Remove, SayNeed
from chalicelib.core.model import Entry
from chalicelib.energy.needs import Need, Unit
from tests.contracts.chat_stage import ADMIN, Hall, OutsideStand

EVIL = "<!channel> @channel & <@U0BOSS> `*_~ [x](http://x)"


class FormStand(OutsideStand, Protocol):
    """A platform that shows forms."""

    def press(self, name: str, action: str) -> None:
        """Somebody presses a button of the last message that they see it in."""

    def form_of(self, name: str) -> dict[str, Any] | None:
        """The form that somebody has before them: `title`, `fields`, `errors`, `text`."""

    def fill(self, name: str, values: Mapping[str, str]) -> None:
        """Somebody fills it in and sends it."""

    def too_late(self) -> None:
        """From now on a form is opened too late."""

    def forged_forms(self, name: str) -> Iterable[tuple[str, Callable[[], int]]]:
        """Forms that nobody may believe, sent in the name of somebody; each gives the status."""


def open_need(hall: Hall, stand: FormStand, name: str = "ana") -> dict[str, Any]:
    """Somebody in line opens the form of their need."""
    hall.say(name, "add")
    hall.say(name, "need")
    stand.press(name, "form_need")
    form = stand.form_of(name)
    assert form is not None
    return form


def entry_of(hall: Hall, name: str = "ana") -> Entry:
    driver = hall.stand.address(name)
    return next(entry for entry in hall.store.site().queue if entry.driver == driver)


class FormsContract:
    """Beside `ChatPlatformContract`; the stand is a `FormStand`."""

    @pytest.fixture
    def forms(self, hall: Hall) -> FormStand:
        stand: Any = hall.stand
        found: FormStand = stand
        return found

    def test_a_need(self, hall: Hall, forms: FormStand) -> None:
        """An amount and a time that was picked: noted, and told to who sent it alone."""
        form = open_need(hall, forms)
        assert [field["name"] for field in form["fields"]] == ["amount", "by"]
        hall.settle()
        forms.fill("ana", {"amount": "12 kWh", "by": "16:30"})
        need = entry_of(hall).need
        assert need is not None
        assert (need.amount, need.unit) == (12.0, Unit.KWH)
        assert need.by is not None
        assert (need.by - hall.clock.now().replace(hour=0, minute=0, second=0)).seconds > 0
        told = [said.text for said in hall.settle()]
        after = forms.form_of("ana")
        told += [after["text"]] if after is not None else []
        assert any("12 kWh by 16:30" in text for text in told), told

    def test_it_shows_what_stands(self, hall: Hall, forms: FormStand) -> None:
        """A form that is opened again has what was said; left empty, it takes it back."""
        hall.say("ana", "add 60 km")
        form = open_need(hall, forms)
        assert form["fields"][0]["value"] == "60 km"
        forms.fill("ana", {"amount": "", "by": ""})
        assert entry_of(hall).need is None

    @pytest.mark.parametrize("amount", ["12", "-3 kWh", "0 km", "9999 kWh", "80%", EVIL, "🚗"])
    def test_what_cannot_be_read(self, hall: Hall, forms: FormStand, amount: str) -> None:
        """The form stays open, says what is wrong with which field, and nothing was done."""
        open_need(hall, forms)
        forms.fill("ana", {"amount": amount, "by": "16:00"})
        form = forms.form_of("ana")
        assert form is not None
        assert list(form["errors"]) == ["amount"]
        assert entry_of(hall).need is None
        forms.fill("ana", {"amount": "8 kWh", "by": ""})
        assert entry_of(hall).need == Need(Unit.KWH, 8.0)

    @pytest.mark.parametrize("amount", ["8 kWh by 15:00", "none"])
    def test_a_time_too_many(self, hall: Hall, forms: FormStand, amount: str) -> None:
        """Two times, or a time for nothing: neither is dropped in silence."""
        open_need(hall, forms)
        forms.fill("ana", {"amount": amount, "by": "16:00"})
        form = forms.form_of("ana")
        assert form is not None
        assert list(form["errors"]) == ["by"]
        forms.fill("ana", {"amount": "8 kWh by 23:00", "by": ""})
        need = entry_of(hall).need
        assert need is not None
        assert need.by is not None

    def test_a_deed_is_told_once(self, hall: Hall, forms: FormStand) -> None:
        """What everybody hears isn't written to who did it besides."""
        hall.say(ADMIN, "admin show")
        forms.press(ADMIN, "form_turns")
        hall.settle()
        forms.fill(ADMIN, {"answer": "25m"})
        assert [said.to for said in hall.settle()] == ["channel"]

    def test_a_time_that_is_past(self, hall: Hall, forms: FormStand) -> None:
        """What only the house can know is said under its field, too."""
        open_need(hall, forms)
        forms.fill("ana", {"amount": "8 kWh", "by": "00:30"})
        form = forms.form_of("ana")
        assert form is not None
        assert list(form["errors"]) == ["by"]
        assert entry_of(hall).need is None

    def test_sent_twice(self, hall: Hall, forms: FormStand) -> None:
        """The same form, sent again, is done once."""
        open_need(hall, forms)
        forms.fill("ana", {"amount": "8 kWh", "by": ""})
        twenty = SayNeed(Need(Unit.KM, 20.0))
        hall.concierge.handle("hq", Asked(hall.stand.address("ana"), twenty, "ana"))
        assert forms.street.again() < 300
        assert entry_of(hall).need == Need(Unit.KM, 20.0)

    def test_after_the_line_has_closed(self, hall: Hall, forms: FormStand) -> None:
        """Opened in the evening, sent at night: one clear word, and nothing half-done."""
        open_need(hall, forms)
        hall.later(hours=14)
        hall.settle()
        assert hall.line() == []
        forms.fill("ana", {"amount": "8 kWh", "by": ""})
        after = forms.form_of("ana")
        told = [said.text for said in hall.settle()]
        told += (
            [after["text"], after.get("error", ""), *after["errors"].values()]
            if after is not None
            else []
        )
        assert any("neither in line nor on a port" in text for text in told), told
        assert hall.line() == []

    def test_who_left_meanwhile(self, hall: Hall, forms: FormStand) -> None:
        """The form of a place that is no more."""
        open_need(hall, forms)
        hall.concierge.handle("hq", Asked(hall.stand.address("ana"), Remove(), "ana"))
        forms.fill("ana", {"amount": "8 kWh", "by": ""})
        assert hall.line() == []

    @pytest.mark.parametrize("name", FOR_ADMINS)
    def test_the_settings_of_the_house(self, hall: Hall, forms: FormStand, name: FormName) -> None:
        """An admin opens each chapter, changes nothing, and sends it: nothing is changed."""
        before = hall.store.site().policy
        hall.say(ADMIN, "admin show")
        forms.press(ADMIN, f"form_{name}")
        form = forms.form_of(ADMIN)
        assert form is not None
        assert form["fields"]
        forms.fill(ADMIN, {})
        assert hall.store.site().policy == before
        hall.settle()

    def test_ranges(self, hall: Hall, forms: FormStand) -> None:
        """Each value is checked before any is set; then all are, and everybody hears of it."""
        hall.say(ADMIN, "admin show")
        forms.press(ADMIN, "form_turns")
        forms.fill(ADMIN, {"answer": "0m", "idle": "soon", "sit_out": "45m"})
        form = forms.form_of(ADMIN)
        assert form is not None
        assert sorted(form["errors"]) == ["answer", "idle"]
        assert hall.store.site().policy.sit_out == timedelta(minutes=30)
        hall.settle()
        forms.fill(ADMIN, {"answer": "25m", "idle": "12m", "sit_out": "45m"})
        policy = hall.store.site().policy
        lengths = policy.answer, policy.idle, policy.sit_out
        assert lengths == tuple(timedelta(minutes=n) for n in (25, 12, 45))
        assert any("sit_out" in said.text for said in hall.settle() if said.to == "channel")

    def test_hours_that_do_not_go_together(self, hall: Hall, forms: FormStand) -> None:
        """What is wrong only together is said under one of the fields."""
        hall.say(ADMIN, "admin show")
        forms.press(ADMIN, "form_hours")
        forms.fill(ADMIN, {"opens": "18:00", "closes": "09:00"})
        form = forms.form_of(ADMIN)
        assert form is not None
        assert list(form["errors"]) == ["opens"]

    def test_two_admins_at_once(self, hall: Hall, forms: FormStand) -> None:
        """What another has changed meanwhile stays, unless this form changes it, too."""
        hall.say(ADMIN, "admin show")
        forms.press(ADMIN, "form_turns")
        act = Admin(SetPolicy("answer", timedelta(minutes=9)))
        hall.concierge.handle("hq", Asked(hall.stand.address(ADMIN), act, ADMIN))
        forms.fill(ADMIN, {"idle": "12m"})
        policy = hall.store.site().policy
        assert policy.answer == timedelta(minutes=9)
        assert policy.idle == timedelta(minutes=12)

    def test_my_settings(self, hall: Hall, forms: FormStand) -> None:
        """All in one: what is changed is changed, the rest stays; it shows what stands."""
        hall.say("ana", "clock 12")
        hall.say("ana", "settings")
        forms.press("ana", "form_settings")
        forms.fill("ana", {"told": "quiet", "quiet_from": "21:00", "quiet_until": "07:30"})
        hall.settle()
        mine = hall.store.site().people[hall.stand.address("ana")].preferences
        assert mine is not None
        assert (mine.quiet, mine.hours, mine.twelve) == (True, (time(21), time(7, 30)), True)
        hall.say("ana", "settings")
        forms.press("ana", "form_settings")
        form = forms.form_of("ana")
        assert form is not None
        now = {field["name"]: field["value"] for field in form["fields"]}
        assert now["told"] == "quiet"
        assert (now["quiet_from"], now["quiet_until"], now["clock"]) == ("21:00", "07:30", "12")
        forms.fill("ana", {"quiet_from": "", "quiet_until": "", "told": "dm"})
        mine = hall.store.site().people[hall.stand.address("ana")].preferences
        assert mine is not None
        assert (mine.quiet, mine.hours, mine.twelve) == (False, None, True)

    @pytest.mark.parametrize(
        ("begins", "until", "wrong"),
        [("21:00", "", "quiet_until"), ("", "07:00", "quiet_from"), ("00:00", "23:59", "quiet_from")],
    )  # fmt: skip
    def test_quiet_hours_that_cannot_be(
        self, hall: Hall, forms: FormStand, begins: str, until: str, wrong: str
    ) -> None:
        """One end alone, or hours that leave no time for a call."""
        hall.say("ana", "settings")
        forms.press("ana", "form_settings")
        forms.fill("ana", {"quiet_from": begins, "quiet_until": until, "clock": "12"})
        form = forms.form_of("ana")
        assert form is not None
        assert list(form["errors"]) == [wrong]
        assert hall.store.site().people[hall.stand.address("ana")].preferences is None

    def test_opened_too_late(self, hall: Hall, forms: FormStand) -> None:
        """Then the words say what to type instead, to who pressed."""
        hall.say("ana", "add")
        hall.say("ana", "need")
        forms.too_late()
        forms.press("ana", "form_need")
        assert forms.form_of("ana") is None
        (said,) = hall.settle()
        assert said.to == "ana"
        assert "need 12 kWh by 16:00" in said.text

    def test_in_the_store_s_absence_forms_wait(self, hall: Hall, forms: FormStand) -> None:
        """Sent while the store is down, a form stays as it is, and can be sent again."""
        open_need(hall, forms)
        hall.store.down = True
        forms.fill("ana", {"amount": "8 kWh", "by": ""})
        hall.store.down = False
        form = forms.form_of("ana")
        assert form is not None
        assert "nothing was changed" in "".join(form["errors"].values())
        forms.fill("ana", {"amount": "8 kWh", "by": ""})
        assert entry_of(hall).need == Need(Unit.KWH, 8.0)

    def test_forged_forms(self, hall: Hall, forms: FormStand) -> None:
        """A form that the platform didn't send is refused before the store is asked."""
        open_need(hall, forms)
        hall.store.take_calls()
        names = []
        for name, knock in forms.forged_forms("ana"):
            status = knock()
            assert 400 <= status < 500, name
            assert hall.store.take_calls() == [], name
            names.append(name)
        assert len(names) >= 2
        assert entry_of(hall).need is None
