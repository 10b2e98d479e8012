"""Text messages: what they have of their own. What all platforms do is in the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace as ordinary
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.chat.sms.ledger import MOST_STRANGE
from chalicelib.chat.sms.markup import PARTS, fitted, length_of, parts_of, spelt, written
from chalicelib.chat.sms.messenger import SmsMessenger
from chalicelib.chat.text.wording import Button, Words
from chalicelib.core import effects as say
from chalicelib.core.inputs import GetCode
from chalicelib.core.model import Lane, Pending
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.values import replace
from chalicelib.wiring import sms
from practice.sms.server import LANDLINE, OUR_NUMBER, number_of
from tests.chat.sms.test_contract import SmsStand
from tests.contracts.chat_stage import PORTS, Hall, Street, hall_of
from tests.fakes import MONDAY, FakeClock

HOUR = timedelta(hours=1)


@pytest.fixture
def stand(street: Street, tmp_path: Path) -> SmsStand:
    return SmsStand(street, FakeClock(), tmp_path)


@pytest.fixture
def hall(stand: SmsStand) -> Iterator[Hall]:
    found = hall_of(stand, stand.server.peer.clock)  # type: ignore[arg-type]  # it is a FakeClock
    stand.seen()
    yield found
    assert stand.violations == []


def called(stand: SmsStand, who: str = "ana") -> say.Called:
    return say.Called(stand.address(who), PORTS[0], 7, timedelta(minutes=15), MONDAY)


class TestTwiliosOwnWords:
    @pytest.mark.parametrize(
        "word", ["STOP", "stop", " Cancel ", "END", "quit", "HELP", "info", "START", "yes", "Unstop",
                 "stopall", "UNSUBSCRIBE", "revoke", "OptOut"],
    )  # fmt: skip
    def test_never_ours(self, hall: Hall, stand: SmsStand, word: str) -> None:
        """They do nothing in the line and get no second answer, whatever they mean in chat."""
        hall.say("ana", "add")
        assert stand.server.pass_on(stand.server.form(number_of("ana"), word)) == ""
        assert hall.line() == ["ana"]

    def test_stop_then_a_turn(self, hall: Hall, stand: SmsStand) -> None:
        """Who opted out isn't texted; the turn goes on, and START and a word bring them back."""
        hall.say("ana", "add")
        hall.say("bob", "add")
        hall.say("ana", "STOP")
        seen = hall.park(p1=None)
        assert {one.to for one in seen} >= {"bob"}
        assert not [one for one in seen if one.to == "ana"]
        assert hall.line() == ["ana", f"bob {PORTS[0]}"]
        hall.say("ana", "START")
        assert hall.say("ana", "resume")[0].to == "ana"

    def test_no_answer_after_stop(self, hall: Hall, stand: SmsStand) -> None:
        """Nor is what they ask for answered: Twilio carries nothing to them before START."""
        hall.say("ana", "STOP")
        assert hall.say("ana", "status") == []
        hall.say("ana", "START")
        assert hall.say("ana", "status") != []

    def test_opted_out_elsewhere(self, hall: Hall, stand: SmsStand) -> None:
        """Twilio's 21610 is the same, when nobody told us before."""
        stand.server.opted_out.add(number_of("ana"))
        with pytest.raises(MessageRefused, match="opted out"):
            stand.messenger.send(stand.address("ana"), called(stand), hall.store.site(), None)


class TestCodes:
    def test_a_phone_joins(self, hall: Hall, stand: SmsStand) -> None:
        """A code asked for at one phone lets another take part as the same person."""
        (said,) = hall.say("ana", "phone")
        code = hall.store.site().codes[0].code
        assert f"Text {code} to {OUR_NUMBER}" in said.text
        assert "this phone is yours" in hall.say("zoe", f"{code[:3]} {code[3:]}")[0].text
        hall.say("zoe", "add")
        assert hall.line() == ["ana"]

    def test_nobody_s_number(self, hall: Hall) -> None:
        """Whoever isn't known is told how to be, and changes nothing."""
        (said,) = hall.say("zoe", "add")
        assert "I don't know this phone" in said.text
        assert hall.line() == []

    def test_guessing(self, hall: Hall) -> None:
        """Ten wrong codes, and the phone is told that it isn't listened to."""
        said = [hall.say("zoe", "999999")[0].text for _ in range(11)]
        assert "9 more tries" in said[0]
        assert "don't listen" in said[-1]
        assert GetCode().code == ""


class TestBadInput:
    def test_no_words(self, hall: Hall, stand: SmsStand) -> None:
        """A picture alone gets a word of what can be read; an empty text gets help."""
        stand.server.say("ana", "", NumMedia="1")
        assert "words only" in hall.settle()[0].text
        assert "ADD" in hall.say("ana", "")[0].text

    @pytest.mark.parametrize("text", ["x" * 1_600, "🚗" * 70, "add 🚗", "\u202e", "a\x00b"])
    def test_any_text(self, hall: Hall, text: str) -> None:
        """Whatever is texted is answered, and each text fits."""
        heard = hall.say("ana", text)
        assert heard
        assert all(parts_of(said.text) <= PARTS for said in heard)

    def test_an_auto_reply(self, hall: Hall, stand: SmsStand) -> None:
        """A phone that answers by itself ends the conversation with us, not before others'."""
        heard = [hall.say("ana", "I'm driving and will text you later") for _ in range(10)]
        assert sum(map(len, heard)) == MOST_STRANGE
        assert hall.say("ana", "status")
        assert hall.say("bob", "what?")

    @pytest.mark.parametrize("sender", ["AMAZON", "72975", OUR_NUMBER, "", "+1", "+1650555ABCD"])
    def test_no_phone(self, hall: Hall, stand: SmsStand, sender: str) -> None:
        """Services, short codes and ourselves are not answered."""
        assert stand.server.pass_on(stand.server.form(sender, "add")) == ""

    def test_an_old_message_again(self, hall: Hall, stand: SmsStand) -> None:
        """A signature has no end: what was sent once isn't done again, days later."""
        hall.say("ana", "add")
        hall.say("ana", "remove")
        form = stand.server.form(number_of("ana"), "add")
        stand.server.pass_on(form)
        hall.say("ana", "remove")
        hall.clock.advance(days=3)
        assert stand.server.pass_on(form) == ""
        assert hall.line() == []


class TestMessenger:
    def test_a_lost_answer(self, hall: Hall, stand: SmsStand) -> None:
        """A text whose answer was lost isn't sent again."""
        stand.server.losing = 1
        hall.say("ana", "add")
        seen = hall.park(p1=None)
        assert sum("turn" in one.text for one in seen if one.to == "ana") == 1
        assert hall.store.site().queue[0].turn.deadline  # type: ignore[union-attr]  # it was told

    @pytest.mark.parametrize("number", [LANDLINE, "+8613912345678", "+1", "zoe"])
    def test_refused(self, hall: Hall, stand: SmsStand, number: str) -> None:
        """A landline, a country that we may not text, no number at all: never."""
        with pytest.raises(MessageRefused):
            stand.messenger.send(f"sms:{OUR_NUMBER}:{number}", called(stand), hall.store.site(), None)  # fmt: skip

    def test_a_wrong_token(self, hall: Hall, stand: SmsStand) -> None:
        """Our own fault keeps everything for later, and the token isn't told."""
        wrong = sms.messenger(ordinary(stand.settings, twilio_auth_token="hush"))
        with pytest.raises(MessengerUnavailable) as raised:
            wrong.send(stand.address("ana"), called(stand), hall.store.site(), None)
        assert raised.value.everywhere
        assert "hush" not in str(raised.value)

    def test_the_day_is_used_up(self, hall: Hall, stand: SmsStand) -> None:
        """After so many parts a site texts no more that day; the next day it does."""
        ledger = sms.ledger_of(ordinary(stand.settings, twilio_daily=2), hall.clock)
        account, token = stand.settings.twilio_account_sid, stand.settings.twilio_auth_token
        few = SmsMessenger(stand.street.api, account, token, OUR_NUMBER, ledger)
        site, ana = replace(hall.store.site(), id="other"), stand.address("ana")
        for _ in range(2):
            few.send(ana, say.NextUp(ana), site, None)
        with pytest.raises(MessageRefused, match="used up"):
            few.send(ana, say.NextUp(ana), site, None)
        few.send(ana, say.NextUp(ana), replace(site, id="third"), None)
        hall.clock.advance(days=1)
        few.send(ana, say.NextUp(ana), site, None)

    def test_news_of_a_text(self, hall: Hall, stand: SmsStand) -> None:
        """A text that never arrived, to a landline, makes the number one that takes none."""
        form = {"MessageSid": "SM1", "To": number_of("ana"), "From": OUR_NUMBER, "ErrorCode": "30006", "MessageStatus": "undelivered"}  # fmt: skip
        assert stand.server.pass_on(form) == ""
        assert stand.address("ana") in hall.store.site().refused


class TestWords:
    def test_replies(self) -> None:
        """Buttons are words to reply; what the text says already isn't said twice."""
        buttons = tuple(Button(one, one, "hq:1", one) for one in ("coming", "pass", "leave"))
        assert written(Words("Your turn.", buttons)) == "Your turn. Reply GO, PASS or LEAVE."
        assert written(Words("You're out: ` add`.", ())) == "You're out: ADD."
        assert written(Words("See `help` or ` help add`.")) == "See COMMANDS or COMMANDS ADD."

    @pytest.mark.parametrize(
        ("text", "units", "parts"),
        [("a" * 160, 160, 1), ("a" * 161, 161, 2), ("€" * 80, 160, 1), ("я" * 70, 70, 1), ("я" * 71, 71, 2), ("🚗", 2, 1)],
    )  # fmt: skip
    def test_counting(self, text: str, units: int, parts: int) -> None:
        """Phones count their own alphabet by sevens of bits, any other by sixteen."""
        assert (length_of(text), parts_of(text)) == (units, parts)

    @pytest.mark.parametrize("letter", ["a", "€", "я", "🚗"])
    def test_cut(self, letter: str) -> None:
        """The longest beginning that goes out in two parts, with what to reply."""
        said = fitted(letter * 1_000, " Reply GO.")
        assert parts_of(said) == PARTS
        assert said.endswith("... Reply GO.")
        assert length_of(said) >= (130 if letter in "я🚗" else 304)

    def test_spelt(self) -> None:
        """Quotes and dashes of print, and marks that phones lack, cost no second alphabet."""
        assert spelt("“Zoë” – ä ő…") == '"Zoe" - ä o...'


def test_what_must_wait_waits(hall: Hall, stand: SmsStand) -> None:
    """A claimed text that was tried before is looked for at Twilio, by its very words."""
    ana, site = stand.address("ana"), hall.store.site()
    stand.messenger.send(ana, say.NextUp(ana), site, None)
    count = len(stand.server.messages)
    tried = Pending(1, Lane.CHAT, ana, say.NextUp(ana), hall.clock.now(), attempts=2)
    stand.messenger.send(ana, say.NextUp(ana), replace(site, outbox=(tried,)), None)
    assert len(stand.server.messages) == count
    later = replace(tried, queued_at=hall.clock.now() + HOUR)
    stand.messenger.send(ana, say.NextUp(ana), replace(site, outbox=(later,)), None)
    assert len(stand.server.messages) == count + 1
