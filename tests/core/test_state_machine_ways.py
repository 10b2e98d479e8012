"""Random days of people who have phones and mailboxes besides: one person, several ways.

The machine and its invariants are those of `test_state_machine`; here codes are asked for,
guessed and sent, addresses fall silent and speak again, and everybody may text.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from chalicelib.core import Outcome, acts, answers, effects as say, inputs as do, ways
from chalicelib.core.model import Site
from chalicelib.core.rules import joining
from chalicelib.values import replace
from tests.core.test_state_machine import CHANNELS, DRIVERS, SLACK, Days

US = "sms:+16505550100"
PHONES = [f"{US}:+1650555100{n}" for n in range(3)]
BOXES = ["abc", "def"]
CODES = ["111111", "222222", "333333"]
WISHES = [
    do.Add(), do.Add(), do.Remove(), do.OnMyWay(), do.Pass(), do.Suspend(), do.Resume(), do.ShowStatus(), do.ShowLine(), do.In(), do.Out(), do.ForgetMe(),
    do.Notify("sms"), do.Notify("mail"), do.Notify(""), do.ShowMail(), do.MailOff(), do.Alarms(on=True), do.Alarms(on=False),
]  # fmt: skip


class DaysOfSeveralWays(Days):
    """The same car park, with a number for texts."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[tuple[str, say.Effect, set[str]]] = []  # since the last look

    def give(self, given: do.Input) -> Outcome:
        """Whose address each message goes to is as of then: a number may be another's later."""
        before, known = self.site, len(self.told)
        outcome = super().give(given)
        self.heard += [
            (to, effect, {whose(before, to), whose(self.site, to)})
            for to, effect in self.told[known:]
        ]
        return outcome

    def ask_there(self, address: str, wish: do.Wish) -> answers.Answer:
        if not any(one.startswith("sms:") for one in self.site.channels):
            self.site = replace(self.site, channels=(*CHANNELS, f"{US}:line"))
        self.acts = True  # who joins brings a place along
        answer = self.give(do.Asked(address, wish)).answer
        assert answer is not None, "silence is a failure"
        return answer

    @rule(driver=st.sampled_from(DRIVERS), code=st.sampled_from(CODES))
    def ask_for_a_code(self, driver: str, code: str) -> None:
        self.ask_there(driver, do.GetCode(code))

    @rule(
        driver=st.sampled_from(DRIVERS), code=st.sampled_from(CODES), phone=st.sampled_from(PHONES)
    )
    def join(self, driver: str, code: str, phone: str) -> None:
        """A code that was just asked for."""
        self.ask_there(driver, do.GetCode(code))
        self.send_a_code(phone, code)

    @rule(length=st.sampled_from([None, timedelta(hours=2), timedelta(days=3)]), code=st.sampled_from(CODES), phone=st.sampled_from(PHONES))  # fmt: skip
    def visit(self, length: timedelta | None, code: str, phone: str) -> None:
        act = acts.Guest("Zoe", length=length, code=code)
        self.ask_there(DRIVERS[0], do.Admin(act))
        self.send_a_code(phone, code)

    @rule(phone=st.sampled_from(PHONES), code=st.sampled_from([*CODES, "999999"]))
    def send_a_code(self, phone: str, code: str) -> None:
        """Good once, and for not long; a number that guesses isn't listened to."""
        before = self.site
        good = [one for one in before.codes if one.code == code and one.until > self.now]
        guesses = before.guesses.get(phone)
        locked = guesses is not None and guesses.count >= joining.MOST_GUESSES and self.now - guesses.since < joining.LOCKED  # fmt: skip
        answer = self.ask_there(phone, do.Join(code))
        assert isinstance(answer, answers.Joined) == (bool(good) and not locked)

    @rule(phone=st.sampled_from(PHONES), wish=st.sampled_from(WISHES))
    def text(self, phone: str, wish: do.Wish) -> None:
        """Nobody takes part who hasn't joined."""
        before = self.site
        answer = self.ask_there(phone, wish)
        if ways.owner(before, phone, self.now) is None:
            assert isinstance(answer, answers.Refused)
            assert answer.why is answers.Refusal.NO_MEMBER

    @rule(driver=st.sampled_from(DRIVERS), name=st.sampled_from(BOXES), confirmed=st.booleans())
    def have_mail(self, driver: str, name: str, *, confirmed: bool) -> None:
        answer = self.ask_there(driver, do.MailMe(name=name, confirmed=confirmed))
        assert isinstance(answer, answers.MailState | answers.Refused)

    @rule(driver=st.sampled_from(DRIVERS), wish=st.sampled_from(WISHES))
    def say(self, driver: str, wish: do.Wish) -> None:
        self.ask_there(driver, wish)

    @rule(to=st.sampled_from([*PHONES, *(f"mail:topic:{one}" for one in BOXES)]), reason=st.sampled_from(["", "", "opted out of our texts", ways.PENDING]))  # fmt: skip
    def fall_silent(self, to: str, reason: str) -> None:
        self.give(do.Silenced(to, reason))

    @invariant()
    def people_hear_only_what_concerns_them(self) -> None:
        """A message to one address is about its owner, or they are an admin."""
        hearers = (*CHANNELS, *self.site.admins, *self.site.alarm_to)
        for to, effect, owners in self.heard:
            about = getattr(effect, "driver", None)
            nobodys = owners == {to} and to.startswith(("sms:", "mail:", "log"))  # any more
            assert (
                nobodys
                or about is None
                or owners & {*hearers, about}
                or isinstance(effect, say.BayBlocked | answers.Answer)
            )
        self.heard.clear()

    @invariant()
    def one_person_has_one_place(self) -> None:
        """However many ways they have; and nobody stands there who may not ask."""
        places = Counter(ways.owner(self.site, one.driver, self.now) for one in self.site.queue)
        assert all(count == 1 for count in places.values())

    @invariant()
    def one_address_is_told(self) -> None:
        """What somebody is told is told at one address of theirs, and never where it is refused
        while another takes messages.
        """
        calls = [one for one in self.site.outbox if isinstance(one.effect, say.Called)]
        told = Counter(one.effect.turn for one in calls if isinstance(one.effect, say.Called))
        assert all(count == 1 for count in told.values())

    @invariant()
    def nothing_grows(self) -> None:
        assert len(self.site.codes) <= joining.MOST_CODES
        assert len(self.site.ways) <= joining.MOST_WAYS
        assert all("@" not in one for one in (*self.site.ways, *self.site.refused))
        assert SLACK not in self.site.ways


def whose(site: Site, address: str) -> str:
    way = site.ways.get(address)
    return way.person if way is not None else address


TestDaysOfSeveralWays = pytest.mark.timeout(3600)(DaysOfSeveralWays.TestCase)
