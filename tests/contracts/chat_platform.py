"""What every chat platform does: the definition of done for the next one.

A platform's test makes a `Stand` (a strict stand-in, with our door and our messenger at
it) and inherits `ChatPlatformContract`; `OutsideContract` too, if requests come in from
outside. The same scripted day, told on plain values, is what all are compared with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from chalicelib.chat.parsing import BUTTONS, parse, parse_button
from chalicelib.chat.text import home, wording
from chalicelib.chat.text.manual import ADMIN_HELP, HELP
from chalicelib.core import answers, effects as say
from chalicelib.core.answers import FormName
from chalicelib.core.draft import Draft
from chalicelib.core.effects import ChannelReminder, Effect, News
from chalicelib.core.inputs import Admin, Asked, GetCode, Give, MailMe, ShowHelp, ShowReport, Wish
from chalicelib.core.model import Entry, Lane, Pending, Person, Site, Turn
from chalicelib.values import replace
from tests import strategies
from tests.chat.text.test_wording import KINDS, LENGTHS, TIMES
from tests.contracts.chat_stage import (
    ADMIN,
    PORTS,
    Hall,
    Stand,
    Terminal,
    hall_of,
    tell,
)
from tests.fakes import MONDAY, FakeClock, FakeMessenger

# --- the contract -------------------------------------------------------------------------------


EVIL = "<!channel> @channel @all @here & <@U0BOSS> <b> `*_~ [x](http://x) \u202e"
ZOE = "elsewhere:1:zoe"  # on another platform, under a name that somebody has here


def outlet(stand: Stand) -> str:
    """An address that much is said to: the channel, where there is one."""
    return stand.channel if stand.has_channel else stand.address("ana")


def reference_of(stand: Stand) -> Terminal:
    """Who tells the same day in plain words."""
    reference: Terminal | None = getattr(stand, "reference", None)
    return reference or Terminal(has_buttons=stand.has_buttons)


def said_on(stand: Stand, phrase: str) -> str:
    """How somebody says it there: where a carrier has a word of its own, ours is another."""
    return phrase if stand.has_channel else phrase.replace("help", "commands")


def written(stand: Stand, command: str) -> str:
    """A command as this platform's words write it."""
    prefix = stand.markup.command
    return f"{prefix} {command}" if prefix else command.upper().replace("HELP", "COMMANDS")


def busy(hall: Hall, name: str = EVIL) -> Site:
    """A site in the middle of its day; Bob has an evil name."""
    site, at = hall.store.site(), hall.stand.address
    people = {**site.people, at("bob"): Person(name), ZOE: Person("ana")}
    turn = Turn(7, PORTS[0], MONDAY, MONDAY, MONDAY)
    queue = (Entry(at("ana"), MONDAY).called(turn), Entry(at("bob"), MONDAY))
    return replace(site, name=name, people=people, queue=queue)


def waiting_at(site: Site, driver: str) -> Site:
    """The same, with somebody in line and on no port."""
    return replace(site, queue=(Entry(driver, MONDAY),))


def some(kind: type[Effect], stand: Stand) -> st.SearchStrategy[Effect]:
    """Effects of one kind that name people of the platform, and what people typed."""
    texts = [stand.address("ana"), stand.address("bob"), *PORTS, "", EVIL, "x" * 500]
    leaves = {
        str: st.sampled_from(texts), datetime: TIMES, timedelta: LENGTHS, int: st.integers(0, 10**6)
    }  # fmt: skip
    with patch.dict(strategies._LEAVES, leaves):
        return strategies.values(kind)


class InAHall:
    """`stand` is a fresh one whose time is `clock`."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def hall(self, stand: Stand, clock: FakeClock) -> Iterator[Hall]:
        hall = hall_of(stand, clock)
        yield hall
        assert stand.violations == [], stand.violations


class ChatPlatformContract(InAHall):
    """What people type, and what they are told."""

    @pytest.mark.parametrize("typed", ["report @ana", "need @ana", "pass @ana on"])
    def test_who_is_named_in_vain(self, hall: Hall, typed: str) -> None:
        """What can't be read is quoted whole, with people by their names, however a platform
        sends them.
        """
        hall.say("ana", "status")
        hall.say("ana", "add")
        (said,) = hall.say("bob", typed.replace("@ana", hall.stand.typed_mention("ana")))
        assert "@ana" in said.text.lower()

    @pytest.mark.parametrize("typed", ["help mail", "mail", "notify mail", "mail me@here.example"])
    def test_no_mail_here(self, hall: Hall, typed: str) -> None:
        """Where nobody sends mail, and only there, it is said so."""
        said = hall.say(ADMIN, said_on(hall.stand, typed))
        sent = hall.stand.markup.platform == "mail"
        assert ["no mail here" in one.text for one in said] == [not sent]

    @pytest.mark.parametrize("phrase", [phrase for phrase, _ in (*HELP, *ADMIN_HELP)])
    def test_help(self, hall: Hall, phrase: str) -> None:
        """Every phrase of the help is read alike, and the people it names are found."""
        typed = phrase.replace("@ana", hall.stand.typed_mention("ana"))
        hall.say(ADMIN, said_on(hall.stand, typed))
        wish, plain = hall.concierge.wishes[-1], parse(phrase)
        if isinstance(wish, Admin) and isinstance(plain, Admin):
            ana, draft = hall.stand.address("ana"), Draft(hall.store.site(), MONDAY)
            named = [
                getattr(wish.act, "who", ""),
                *(who for who, _ in getattr(wish.act, "pairs", ())),
            ]
            assert all(draft.person_named(who) == ana for who in named if who)
            assert type(wish.act) is type(plain.act)
        elif isinstance(wish, Give):
            assert Draft(hall.store.site(), MONDAY).person_named(wish.who) == (
                hall.stand.address("ana")
            )
        else:
            found = GetCode | ShowReport | MailMe | ShowHelp  # filled meanwhile
            assert wish == plain or isinstance(plain, found)
            assert type(wish) is type(plain)

    @pytest.mark.parametrize("text", ["", "fly", "add a car", "🚗", "ev", EVIL])
    def test_nonsense(self, hall: Hall, text: str) -> None:
        """What we can't read gets help, told to who asked."""
        hall.stand.warn(text)
        (said,) = hall.say("ana", text)
        assert said.to == "ana"
        hint = "suspend 45m" if text in ("", "🚗", "ev") else "help"
        assert written(hall.stand, hint) in said.text

    @pytest.mark.parametrize(
        "text", ["add", "remove", "list", "next", "in 9", "why", "admin", "x" * 3_000]
    )
    def test_never_silent(self, hall: Hall, text: str) -> None:
        """Whoever asks is answered, where they see it."""
        assert any(said.to in ("ana", "channel") for said in hall.say("ana", text))

    def test_private(self, hall: Hall) -> None:
        """What concerns the line is for all; what concerns one person, for that one."""
        heard = [said.to for said in hall.say("ana", "add")]
        heard_by = "channel" if hall.stand.has_channel else "ana"
        assert [to for to in heard if to not in hall.cars.values()] == [heard_by]
        for text in ("list", "status", "why", "help", "add", "suspend", "resume", "remove"):
            assert {said.to for said in hall.say("ana", said_on(hall.stand, text))} == {"ana"}

    @pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
    @settings(
        max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(data=st.data())
    def test_every_effect(self, hall: Hall, kind: type[Effect], data: st.DataObject) -> None:
        """Every effect arrives where it should, in words that the platform takes, and what
        people typed is harmless in it.
        """
        hall.stand.warn(EVIL)
        effect = data.draw(some(kind, hall.stand))
        places = [(hall.stand.channel, "channel")] if hall.stand.has_channel else []
        for to, name in (*places, (hall.stand.address("ana"), "ana")):
            hall.clock.advance(seconds=70)
            hall.stand.messenger.send(to, effect, busy(hall), None)
            if isinstance(effect, getattr(hall.stand, "unsaid", ())):
                assert hall.stand.seen() == []
                return
            said, *files = hall.stand.seen()
            assert said.to == name
            assert said.text.strip()
            assert all((one.to, one.text) == (name, "") for one in files)
        assert hall.stand.violations == [], hall.stand.violations

    def test_the_board_in_words(self, hall: Hall) -> None:
        """`board` shows ports and line to who asks, wherever they ask."""
        hall.say("ana", "add")
        said = [one for one in hall.say("bob", "board") if one.to == "bob"]
        assert "Port 1: Dave since" in said[0].text
        assert "1. Ana" in said[0].text

    def test_long(self, hall: Hall) -> None:
        """The longest line with the longest names is cut to what the platform takes."""
        at = hall.stand.address("ana")
        people = {f"{at}{n}": Person(f"{n} {'&<_`' * 20}") for n in range(200)}
        site = replace(
            busy(hall), people=people, queue=tuple(Entry(who, MONDAY) for who in people)
        )
        hall.stand.messenger.send(outlet(hall.stand), answers.Line(at), site, None)
        (said,) = hall.stand.seen()
        assert "Port 1" in said.text

    def test_pings(self, hall: Hall) -> None:
        """Only the person whom it concerns is pinged, under the right name."""
        at, site = hall.stand.address, busy(hall)
        for effect, pings in (
            (say.PleaseMove(1, PORTS[0], 3, ChannelReminder.ASK, at("ana")), ("ana",)),
            (say.PleaseMove(1, PORTS[0], 3, ChannelReminder.MORE_TIME, at("ana")), ()),
            (say.PortPost(1, PORTS[0], News.CALLED, at("ana")), ()),
            (answers.Added(at("ana"), 2), ()),
            (say.PleaseMove(1, PORTS[0], 3, ChannelReminder.ASK, ZOE), ()),
        ):
            hall.clock.advance(seconds=70)
            hall.stand.messenger.send(outlet(hall.stand), effect, site, None)
            (said,) = hall.stand.seen()
            assert said.pings == (pings if hall.stand.has_channel else ()), said

    def test_every_button_can_be_typed(self, hall: Hall) -> None:
        """Where there are no buttons the words say what to type, and that does the same."""
        at, site, window = hall.stand.address("ana"), busy(hall, "bob"), timedelta(minutes=15)
        effects: list[Effect] = [
            say.Called(at, PORTS[0], 7, window, MONDAY), answers.Coming(at, PORTS[0], 7, MONDAY),
            say.Lapsed(at, PORTS[0]), say.IsItYou(at, PORTS[0], 3), answers.AskReset(at, 3),
            answers.ItsMe(at, PORTS[0], 3, offer=True), answers.MoreTime(at, PORTS[0], 3, MONDAY),
            say.Nudged(at, PORTS[0], 3, say.Nudge.OVER, waiting=1), say.PleaseMove(1, PORTS[0], 3, ChannelReminder.ASK),
            say.Nudged(at, PORTS[0], 3, say.Nudge.MET, waiting=1), answers.MovesAt(at, PORTS[0], 3, MONDAY, None),
            say.HowMuch(at, PORTS[0], say.Question(3, 8.0, unplug=True)),
        ]  # fmt: skip
        buttons = [one for effect in effects for one in wording.words(effect, site, hall.stand.markup).buttons]  # fmt: skip
        pages = (home.page(one, at, hall.stand.markup) for one in (site, waiting_at(site, at)))
        buttons += [button for parts in pages for part in parts for button in part.buttons]
        opens = {f"form_{name}" for name in FormName} | {
            "home"
        }  # typed otherwise: `forms.instead`
        assert {button.action for button in buttons} | opens == set(BUTTONS)
        for button in buttons:
            if button.action in opens:
                assert button.typed == ""
                continue
            pressed, typed = parse_button(button.action, button.value), parse(button.typed)
            assert pressed is not None
            assert same(pressed.wish, typed), button
        if not hall.stand.has_buttons:
            hall.stand.messenger.send(at, effects[0], site, None)
            hint = "/ev coming" if hall.stand.markup.command else "GO"
            assert hint in hall.stand.seen()[0].text

    @pytest.mark.parametrize(
        "text",
        ["settings", "notify quiet", "quiet 22:00-07:00", "quiet off", "quiet 25:00-26:00", "meeting 45m",
         "meeting over", "clock 12", "notify dm", "notify by pigeon"],
    )  # fmt: skip
    def test_settings(self, hall: Hall, text: str) -> None:
        """Whoever sets something for themselves hears it alone, and nobody else anything."""
        (said,) = hall.say("ana", text)
        assert (said.to, said.pings) == ("ana", ())

    def test_setup(self, hall: Hall) -> None:
        """An admin is led through what there is, one step at a time, alone."""
        for command in ("admin setup", *["admin setup next"] * 5):
            (said,) = hall.say(ADMIN, command)
            assert said.to == ADMIN
        assert written(hall.stand, "add") in said.text

    def test_a_clock_of_twelve_hours(self, hall: Hall) -> None:
        """It is for who wants it: the same moment is told to each as they like it."""
        hall.say("ana", "clock 12")
        for name, told in (("ana", "pm"), ("bob", "13:00")):
            (said,) = hall.say(name, "meeting until 13:00")
            assert told in said.text

    def test_called_in_the_channel(self, hall: Hall) -> None:
        """Who wants that is called there, by mention; the answer to a click is theirs alone."""
        hall.say("ana", "notify here")
        hall.say("ana", "add")
        seen = hall.park(p1=None)
        (call,) = [one for one in seen if "your turn" in one.text]
        assert call.to == ("channel" if hall.stand.has_channel else "ana")
        assert call.pings == (("ana",) if hall.stand.has_channel else ())
        assert hall.line() == [f"ana {PORTS[0]}"]

    def test_the_day(self, hall: Hall) -> None:
        """The same day gives the same line, the same calls and the same words."""
        clock = FakeClock()
        plain = hall_of(reference_of(hall.stand), clock)
        for here, there in zip(tell(hall), tell(plain), strict=True):
            assert here == there, (here, there)


def same(pressed: Wish, typed: Wish) -> bool:
    """The same kind of wish; `leave` and `in 2` are how two of the buttons are typed."""
    names = {"Leave": "Remove", "ThatsMe": "In", "PickNeed": "SayNeed"}
    kind = type(pressed).__name__
    return names.get(kind, kind) == type(typed).__name__


class PacedContract(InAHall):
    """What a platform must do whose server makes us wait."""

    def test_a_rate_limit(self, hall: Hall) -> None:
        """A limit is waited out: every message arrives once, in its order."""
        stand: Any = hall.stand
        site = hall.store.site()
        posts = [say.Undelivered(stand.address("ana"), f"no. {n}") for n in range(1, 41)]
        pending = tuple(Pending(n, Lane.CHAT, outlet(hall.stand), post, MONDAY) for n, post in enumerate(posts, 10_000))  # fmt: skip
        refused = {stand.address("ana"): "gone"}
        hall.store.save(replace(site, outbox=pending, refused=refused), None)
        seen = hall.settle()
        assert [re.findall("no. ([0-9]+)", said.text) for said in seen] == [
            [str(n)] for n in range(1, 41)
        ]
        assert stand.limited() > 0

    def test_a_rate_limit_is_its_own(self, hall: Hall) -> None:
        """While this platform makes us wait, the site's other channel hears everything."""
        stand: Any = hall.stand
        other = FakeMessenger()
        hall.concierge.messengers = {**hall.concierge.messengers, "elsewhere": other}
        there, who = "elsewhere:town:room", stand.address("ana")
        addresses = [outlet(stand), there] * 40
        pending = tuple(
            Pending(n, Lane.CHAT, to, say.Undelivered(who, f"no. {n}"), MONDAY)
            for n, to in enumerate(addresses, 10_000)
        )
        site = replace(hall.store.site(), outbox=pending, refused={who: "gone"})
        hall.store.save(site, None)
        hall.concierge.deliver("hq")
        assert stand.limited() > 0
        assert len(stand.seen()) < 40
        assert [effect for _, effect, _ in other.sent] == [one.effect for one in pending[1::2]]


class OutsideContract(PacedContract):
    """What a platform must do whose requests anybody can send."""

    def test_forgeries(self, hall: Hall) -> None:
        """Forged and expired requests are refused before anything is asked of the store."""
        stand: Any = hall.stand
        hall.store.take_calls()
        hall.concierge.wishes.clear()
        names = []
        for name, knock in stand.forgeries("ana", "add"):
            status = knock()
            assert 400 <= status < 500, name
            assert hall.store.take_calls() == [], name
            names.append(name)
        assert len(names) >= 3
        assert hall.concierge.wishes == []
        assert hall.settle() == []

    def test_a_replay(self, hall: Hall) -> None:
        """The same request, sent again, is not done again."""
        stand: Any = hall.stand
        hall.say("ana", "add")
        assert hall.line() == ["ana"]
        assert stand.street.again() < 500
        assert hall.line() == ["ana"]
        hall.settle()
        hall.concierge.handle("hq", Asked(stand.address("ana"), parse("remove"), "ana"))
        assert stand.street.again() < 500
        assert hall.line() == []

    def test_in_the_store_s_absence(self, hall: Hall) -> None:
        """When the store is down whoever asks is told so, and nothing is lost."""
        hall.say("ana", "list")
        hall.store.down = True
        hall.stand.say("bob", "add")
        hall.store.down = False
        (said,) = hall.stand.seen()
        assert "nothing was changed" in said.text
