"""Whose mailbox a name is, on AWS's stand-in: asked, confirmed, somebody else's, ended."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace as ordinary
from datetime import timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.mail.markup import subject as made, written
from chalicelib.chat.mail.messenger import ENDED, MailMessenger
from chalicelib.chat.mail.subscribers import MOST_ASKED, NoMail
from chalicelib.chat.mail.watch import MailWatch
from chalicelib.chat.speaking import Speaker
from chalicelib.chat.text.wording import Words
from chalicelib.core import ways
from chalicelib.core.effects import NextUp, WayFound, WayLost, WeeklyReport
from chalicelib.core.inputs import Asked, Input, MailMe, Notify
from chalicelib.core.model import Way
from chalicelib.core.ways import PENDING
from chalicelib.edges import MessageRefused, MessengerUnavailable
from chalicelib.values import replace
from chalicelib.wiring import mail
from chalicelib.wiring.answering import handler_of
from practice.mail.server import LONGEST, SENDER, TOKENS_LAST, TOPIC, mailbox_of
from practice.ministack import AWS
from tests.cards import WEEK
from tests.chat.mail.kit import AwsStreet, MailStand, aws_street
from tests.contracts.chat_stage import Hall, hall_of
from tests.fakes import FakeClock

BOX = "Ana.New@work.example"
ME = "terminal:here:newcomer"


@pytest.fixture(scope="module")
def street() -> Iterator[AwsStreet]:
    with aws_street() as here:
        yield here


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def stand(
    street: AwsStreet, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> MailStand:
    for name, value in {**AWS, "AWS_ENDPOINT_URL": street.address}.items():
        monkeypatch.setenv(name, value)
    stand = MailStand(street, clock, tmp_path)
    stand.server.burst = 1_000
    return stand


@pytest.fixture
def hall(stand: MailStand, clock: FakeClock) -> Hall:
    return hall_of(stand, clock)


def test_asked_and_confirmed(stand: MailStand) -> None:
    """AWS asks the owner; asking again asks once more, and another spelling is the same name."""
    added = stand.subscribers.add(BOX, ME)
    assert not added.is_confirmed
    assert "ana" not in added.name
    assert stand.subscribers.add(BOX.lower(), ME) == added
    assert stand.server.of(BOX).asked == 2  # type: ignore[union-attr]  # it is there
    assert stand.server.confirm(BOX)
    assert stand.subscribers.add(BOX, ME).is_confirmed
    assert stand.server.of(BOX).asked == 2  # type: ignore[union-attr]  # it is there by now


def test_somebody_else_s(stand: MailStand) -> None:
    """Nobody has their mail sent to a mailbox whose owner has agreed to somebody else's."""
    with pytest.raises(NoMail, match="taken"):
        stand.subscribers.add(mailbox_of("ana"), ME)


def test_not_confirmed_by_somebody_else(stand: MailStand) -> None:
    """Who typed another's address by mistake doesn't keep its owner from it."""
    stand.subscribers.add(BOX, ME)
    assert not stand.subscribers.add(BOX, "terminal:here:owner").is_confirmed


@pytest.mark.parametrize(
    "mailbox",
    ["ana", "ana@work", "@work.example", "a b@work.example", "a@b..example", "<a@work.example>", "a@work.example,b@work.example", "a@work.example\nBcc: x", "ä@work.example", "x" * 65 + "@work.example", "a@" + "b" * 260 + ".example", ""],
)  # fmt: skip
def test_no_address(stand: MailStand, mailbox: str) -> None:
    """What is no single plain address isn't asked for."""
    before = dict(stand.server.subscriptions)
    with pytest.raises(NoMail, match="no address"):
        stand.subscribers.add(mailbox, ME)
    assert stand.server.subscriptions == before


def test_too_often(stand: MailStand) -> None:
    """A person pesters no more than a few others in a day."""
    for n in range(MOST_ASKED):
        stand.subscribers.add(f"victim{n}@work.example", ME)
    with pytest.raises(NoMail, match="too often"):
        stand.subscribers.add(BOX, ME)


def test_full(stand: MailStand) -> None:
    """As many as AWS filters for, and no more."""
    stand.server.full = True
    with pytest.raises(NoMail, match="full"):
        stand.subscribers.add(BOX, ME)


def test_pending_and_ended(stand: MailStand, hall: Hall) -> None:
    """Nothing counts as told to who hasn't agreed, has unsubscribed, or waited too long."""
    site, post = hall.store.site(), stand.messengers["mail"]
    to = f"mail:topic:{stand.subscribers.add(BOX, ME).name}"
    with pytest.raises(MessageRefused, match=PENDING):
        post.send(to, NextUp(ME), site, None)
    stand.server.confirm(BOX)
    post.send(to, NextUp(ME), site, None)
    assert stand.server.mails[-1].to == BOX.lower()
    stand.server.leave(BOX.lower())
    with pytest.raises(MessageRefused, match=ENDED):
        post.send(to, NextUp(ME), site, None)
    stand.subscribers.add(BOX, ME)
    stand.server.clock.advance(seconds=(TOKENS_LAST + timedelta(hours=1)).total_seconds())  # type: ignore[attr-defined]  # a fake one
    assert not stand.server.confirm(BOX)
    with pytest.raises(MessageRefused, match=ENDED):
        post.send(to, NextUp(ME), site, None)


@pytest.mark.parametrize("to", ["mail:topic:", "mail:topic:A b", "mail:topic:" + "x" * 41])
def test_no_name(stand: MailStand, hall: Hall, to: str) -> None:
    """What is no name is refused for good, before AWS is asked."""
    with pytest.raises(MessageRefused, match="no name"):
        stand.messengers["mail"].send(to, NextUp(ME), hall.store.site(), None)


def test_set_up_by_hand(stand: MailStand, hall: Hall) -> None:
    """A name that somebody has subscribed in AWS's console is mailed to as well."""
    stand.messengers["mail"].send("mail:topic:facilities", NextUp(ME), hall.store.site(), None)
    assert all(one.to != "facilities" for one in stand.server.mails)


def test_aws_is_away(stand: MailStand, hall: Hall) -> None:
    """While AWS is down nothing is lost, and whoever asks for mail is told to try again."""
    stand.server.down = True
    with pytest.raises(MessengerUnavailable, match="AWS"):
        stand.messengers["mail"].send(stand.mailed[stand.address("ana")], NextUp(ME), hall.store.site(), None)  # fmt: skip
    (said,) = hall.say("bob", f"mail {BOX}")
    assert "Try again" in said.text
    stand.server.down = False


def test_a_lost_answer(stand: MailStand, hall: Hall) -> None:
    """A mail whose receipt is lost is sent again: rather twice than never."""
    hall.say("ana", "add")
    stand.server.losing = 1
    hall.say("bob", "add")
    hall.settle()
    assert stand.violations == []


def test_typed(stand: MailStand, hall: Hall, clock: FakeClock) -> None:
    """The whole way: asked in chat, confirmed, told so; and unsubscribed, told so once."""
    watch = MailWatch(stand.subscribers, hall.concierge)
    person, store = stand.address("ana"), hall.store
    (said,) = hall.say("ana", f"mail {BOX}")
    assert "confirm your address" in said.text
    site = store.site()
    (box,) = [at for at in ways.addresses(site, person) if at.startswith("mail:")]
    assert site.refused[box] == PENDING
    assert "work.example" not in repr(site)
    watch.look()
    assert store.site().refused[box] == PENDING
    stand.server.confirm(BOX)
    watch.look()
    assert box not in store.site().refused
    assert effects(hall, WayFound) == [box]  # as ana was told by mail before
    hall.settle()
    watch.look()
    assert effects(hall, WayFound) == []
    stand.server.leave(BOX.lower())
    clock.advance(minutes=15 - clock.now().minute % 15)
    watch.look()
    assert store.site().refused[box] == ENDED
    assert effects(hall, WayLost) == [person]
    clock.advance(minutes=15)
    watch.look()
    assert effects(hall, WayLost) == [person]


def effects(hall: Hall, kind: type[object]) -> list[str]:
    return [one.to for one in hall.store.site().outbox if isinstance(one.effect, kind)]


def test_letting_go(stand: MailStand, hall: Hall) -> None:
    """`mail off` ends the subscription at AWS."""
    hall.say("ana", "mail off")
    hall.settle()
    assert stand.server.of(mailbox_of("ana")) is None


def test_who_may_not_ask(stand: MailStand, hall: Hall) -> None:
    """Somebody who is nobody here lets AWS write to nobody."""
    handler: CommandHandler = handler_of(stand.settings, hall.concierge, stand.markup)
    stranger = Speaker("sms:+16505550100:+16505559876", "", stand.channel, "", site="hq")
    handler.on_command(stranger, f"mail {BOX}")
    assert stand.server.of(BOX) is None
    site = hall.store.site()
    hall.store.put(replace(site, channels=(*site.channels, "sms:+16505550100:line")))
    assert "don't know this phone" in handler.on_command(stranger, f"mail {BOX}").words.text
    assert stand.server.of(BOX) is None


def test_the_same_person_by_phone(stand: MailStand, hall: Hall) -> None:
    """A mailbox is the person's, whichever way they asked for it."""
    phone = "sms:+16505550100:+16505559876"
    site = hall.store.site()
    owner = stand.address("cleo")
    hall.store.put(replace(site, ways={**site.ways, phone: Way(owner)}))
    handler = handler_of(stand.settings, hall.concierge, stand.markup)
    speaker = Speaker(phone, "", stand.channel, "", site="hq")
    handler.on_command(speaker, f"mail {BOX}")
    assert not stand.subscribers.add(BOX, owner).is_confirmed
    assert owner in {way.person for at, way in hall.store.site().ways.items() if at.startswith("mail:")}  # fmt: skip


def test_nothing_is_logged(stand: MailStand, hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    """No line of the log has an address: not of who asks, nor of what AWS refuses."""
    with caplog.at_level(logging.DEBUG, logger="chalicelib"):
        hall.say("bob", f"mail {BOX}")
        stand.server.down = True
        hall.say("bob", f"mail other-{BOX}")
        stand.server.down = False
        hall.say("bob", "mail other@work")
    assert "work" not in caplog.text


def test_too_large(stand: MailStand, hall: Hall) -> None:
    """The longest message that we might say is cut to what AWS takes."""
    letter = written(Words("ä" * LONGEST), hall.store.site())
    assert len(letter.text.encode()) < LONGEST


@pytest.mark.parametrize(
    ("name", "text", "subject"),
    [
        ("HQ", "You're next. If you can't come soon: …", "HQ: You're next."),
        ("Größe", "It's your turn: plug in at port 1.", "Groe: It's your turn"),
        ("車庫", "Oh", "EV Concierge: Oh"),
        ("", "🚗", "EV Concierge"),
        ("x\r\nBcc: a@b.example", "Oh", "x Bcc: a@b.example: Oh"),
        ("x" * 200, "Oh", "x" * 96 + "..."),
    ],
)
def test_a_subject(name: str, text: str, subject: str) -> None:
    """The site and what it is about, as AWS takes it."""
    assert made(name, text) == subject


def test_the_operator(stand: MailStand, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """Facilities, who aren't in chat, get a name and a mailbox; `list` says how it stands."""
    monkeypatch.setenv("EV_STORE", stand.settings.store)
    assert main(["mail", "list"]) == 1
    monkeypatch.setenv("EV_MAIL_TOPIC", TOPIC)
    monkeypatch.setenv("EV_MAIL_FROM", SENDER)
    assert main(["mail", "add", "facilities", BOX]) == 0
    stand.server.confirm(BOX)
    assert main(["mail", "list"]) == 0
    assert "mail:topic:facilities\tconfirmed" in capsys.readouterr().out
    assert main(["mail", "add", "facilities", "another@work.example"]) == 1
    assert main(["mail", "remove", "facilities"]) == 0
    assert main(["mail", "remove", "facilities"]) == 1
    assert stand.server.of(BOX) is None


def test_the_wish_hides_it() -> None:
    """Whatever shows a wish doesn't show the address."""
    given: Input = Asked(ME, MailMe(BOX))
    assert "work" not in repr((given, Notify("mail")))


def test_a_picture(stand: MailStand, hall: Hall) -> None:
    """The weekly report has its picture where SES may send one, and says it all without."""
    topic = mail.topic_of(stand.settings)
    drawing = MailMessenger(topic, stand.subscribers, lambda _: b"\x89PNG made up")
    to, site = stand.mailed[stand.address("ana")], hall.store.site()
    drawing.send(to, WeeklyReport(WEEK), site, None)
    sent = stand.server.mails[-1]
    assert (sent.to, sent.pictures) == (mailbox_of("ana"), (b"\x89PNG made up",))
    stand.messengers["mail"].send("mail:topic:byhand", WeeklyReport(WEEK), site, None)
    plain = MailMessenger(mail.topic_of(ordinary(stand.settings, mail_from="")), stand.subscribers, lambda _: b"x")  # fmt: skip
    plain.send(to, WeeklyReport(WEEK), site, None)
    assert stand.server.mails[-1].pictures == ()
    assert "38 cars" in stand.server.mails[-1].text
