"""From what people type and press to what they wish for."""

from __future__ import annotations

import time as real_time
from datetime import time, timedelta

import pytest
from hypothesis import given, strategies as st

from chalicelib.chat.commands import COMMANDS
from chalicelib.chat.parsing import BUTTONS, Pressed, overhear, parse, parse_button
from chalicelib.chat.reading import MENTIONED
from chalicelib.core import acts
from chalicelib.core.acts import Act
from chalicelib.core.answers import Misreading
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Add,
    Admin,
    Leave,
    OnMyWay,
    Pass,
    Resume,
    ShowHelp,
    Suspend,
    Unclear,
    Wish,
)

TENANT = "slack:T0HQ"


def misread(typed: str) -> Unclear:
    """What is said of something that can't be read."""
    wish = parse(typed, TENANT)
    assert isinstance(wish, Unclear)
    return wish


class TestWords:
    @pytest.mark.parametrize(
        "typed",
        [
            "add", "ADD", "  add \n", "add.", "Add!!!", "add…", "ａｄｄ", "/ev add", "ev add", "EV Add", "ev: add", "/ev /ev add",
            "“add”", "‘add’", "`add`", "*add*", "_add_", "(add)", "[add]", "<add>", "&lt;add&gt;", '"add"', "add\u200b", "\ufeffadd",
            "\u202eadd\u202c", "a\u00addd", "add\u00a0", "add 🙏", "add :pray:", "🚗 add", "add - please", "add\r\n", "add?",
        ],
    )  # fmt: skip
    def test_what_nobody_sees(self, typed: str) -> None:
        """Invisible characters, quotes, emoji and punctuation around a word say nothing."""
        assert parse(typed) == Add()

    @pytest.mark.parametrize("typed", ["", "  ", "...", "/ev", "ev", "help", "help?", "🚗", "\u200b", "!!"])  # fmt: skip
    def test_nothing(self, typed: str) -> None:
        """Nothing gets help."""
        assert parse(typed) == ShowHelp()

    @pytest.mark.parametrize(
        "phrase", [one for command in COMMANDS for one in (*command.words, *command.also)]
    )
    def test_every_phrase(self, phrase: str) -> None:
        """Each phrase of the table is read, alone or with a port, and politely, too."""
        typed = [one for one in (phrase, f"{phrase} 2") if not isinstance(parse(one), Unclear)]
        assert typed
        for one in typed:
            assert parse(f"Please {one}") == parse(f"{one}, please!") == parse(one)

    def test_a_phrase_belongs_to_one_command(self) -> None:
        """No two commands are called by the same words."""
        phrases = [one for command in COMMANDS for one in (*command.words, *command.also)]
        assert sorted(set(phrases)) == sorted(phrases)

    @pytest.mark.parametrize(
        ("typed", "better"),
        [
            ("ad", "add"), ("adds", "add"), ("remvoe", "remove"), ("lsit", "list"), ("lst", "list"), ("suspned", "suspend"),
            ("resmue", "resume"), ("hlep", "help"), ("statsu", "status"), ("home", ""), ("zzz", ""), ("fly", ""), ("x" * 300, ""),
        ],
    )  # fmt: skip
    def test_the_nearest_word_is_near(self, typed: str, better: str) -> None:
        """A slip of the finger is recognised, and nothing else is guessed."""
        what = misread(typed).answer
        assert (what.why, what.better) == (Misreading.UNKNOWN, better)

    @pytest.mark.parametrize(
        ("typed", "why"),
        [
            ("add 12", Misreading.UNIT), ("add 0 kwh", Misreading.NOTHING), ("add -3", Misreading.NOTHING), ("add 9999 kwh", Misreading.TOO_MUCH), ("need 80%", Misreading.PERCENT),
            ("add 12 kwh by yesterday", Misreading.BY), ("add 12 kwh by 25:00", Misreading.BY), ("need apples", Misreading.AMOUNT), ("add banana", Misreading.EXTRA), ("remove all", Misreading.EXTRA), ("remove @bob", Misreading.EXTRA), ("list tomorrow", Misreading.EXTRA),
            ("in portal", Misreading.PORT), ("out of order", Misreading.PORT), ("suspend -5m", Misreading.LENGTH), ("suspend soon", Misreading.LENGTH),
            ("suspend until", Misreading.LENGTH), ("suspend until 25:00", Misreading.LENGTH), ("suspend until 13pm", Misreading.LENGTH), ("suspend until 3:99", Misreading.LENGTH),
            ("suspend 0m", Misreading.ZERO), ("suspend 0", Misreading.ZERO), ("suspend 25h", Misreading.TOO_LONG), ("suspend 9999m", Misreading.TOO_LONG),
            ("suspend until tomorrow", Misreading.TOMORROW), ("pass 2 times", Misreading.EXTRA), ("more beer", Misreading.EXTRA),
        ],
    )  # fmt: skip
    def test_the_reason(self, typed: str, why: Misreading) -> None:
        """What follows a command is used, or refused with the reason."""
        assert misread(typed).answer.why is why


class TestTimes:
    @pytest.mark.parametrize(
        ("typed", "minutes"),
        [
            ("45m", 45), ("45", 45), ("45 min", 45), ("45 minutes", 45), ("for 45 minutes", 45), ("1h", 60), ("1h30", 90), ("1h 30m", 90),
            ("1 hour", 60), ("2 hrs", 120), ("24h", 1440), ("٤٥", 45), ("1.5h", 90), ("1,5 h", 90), ("an hour", 60), ("half an hour", 30),
            ("for an hour", 60), ("for half an hour", 30), ("an hour and a half", 90), ("one and a half hours", 90), ("1½h", 90), ("½ h", 30),
            ("a quarter of an hour", 15), ("two hours", 120), ("about 20 min", 20), ("1:30h", 90), ("an hour or so", 60), ("lunch", 60), ("for lunch", 60),
            ("me for 45m", 45), ("my place for 45m please", 45), ("in 45m", 45),
        ],
    )  # fmt: skip
    def test_for_a_while(self, typed: str, minutes: int) -> None:
        """Lengths as people write them; a bare number is minutes."""
        assert parse(f"suspend {typed}") == Suspend(length=timedelta(minutes=minutes))
        assert parse(f"Snooze  {typed.upper()}.") == Suspend(length=timedelta(minutes=minutes))

    @pytest.mark.parametrize(
        ("typed", "clock"),
        [
            ("until 3pm", ClockTime(15, exact=True)), ("until 3 pm", ClockTime(15, exact=True)), ("until 3 p.m.", ClockTime(15, exact=True)),
            ("till 15:30", ClockTime(15, 30, exact=True)), ("until 15.30", ClockTime(15, 30, exact=True)), ("until 12am", ClockTime(0, exact=True)),
            ("until 12pm", ClockTime(12, exact=True)), ("until 9", ClockTime(9)), ("until 3", ClockTime(3)), ("until noon", ClockTime(12, exact=True)),
            ("1430", ClockTime(14, 30, exact=True)), ("until 1430", ClockTime(14, 30, exact=True)), ("3pm", ClockTime(15, exact=True)),
            ("15:30", ClockTime(15, 30, exact=True)), ("til 3:30", ClockTime(3, 30)), ("until half past 3", ClockTime(3, 30)),
            ("until quarter to 4", ClockTime(3, 45)), ("until 3ish", ClockTime(3)), ("until three", ClockTime(3)), ("until 09:00", ClockTime(9, exact=True)),
            ("until lunch", ClockTime(12, exact=True)), ("until after lunch", ClockTime(13, exact=True)), ("until 3 o'clock", ClockTime(3)),
            ("until 24:00", ClockTime(0, exact=True)), ("until about 3pm", ClockTime(15, exact=True)), ("to 3 pm please", ClockTime(15, exact=True)),
        ],
    )  # fmt: skip
    def test_until(self, typed: str, clock: ClockTime) -> None:
        """Times of the day as people write them, with what they leave open left open."""
        assert parse(f"suspend {typed}") == Suspend(until=clock)

    def test_until_i_say(self) -> None:
        """Without a length it is until `resume`."""
        assert parse("suspend") == Suspend()

    def test_back(self) -> None:
        """`back` ends a break, and says when one will end."""
        assert parse("back") == parse("I'm back!") == Resume()
        assert parse("back in 20 min") == Suspend(length=timedelta(minutes=20))
        assert parse("back at 3") == Suspend(until=ClockTime(3))


ADMIN_ACTS: list[tuple[str, Act]] = [
    ("admin", acts.ShowActs()),
    ("ADMIN Reset", acts.Reset()),
    ("admin reset Confirm", acts.Reset(confirmed=True)),
    ("admin add <@U0ANA|ana>", acts.Put("slack:T0HQ:U0ANA")),
    ("admin add <@U0ANA|ana>, please", acts.Put("slack:T0HQ:U0ANA")),
    ("admin grant <@U0BOB|bob>.", acts.Grant("slack:T0HQ:U0BOB")),
    ("admin add @ana", acts.Put("@ana")),
    ("admin add ana", acts.Put("@ana")),
    ("admin add Ana Lima", acts.Put("@Ana Lima")),
    ("admin add “@ana”", acts.Put("@ana")),
    ("admin add @jade at 1", acts.Put("@jade", 1)),
    ("admin add @jade at place 2", acts.Put("@jade", 2)),
    ("admin remove @ana from the line", acts.Take("@ana")),
    ("admin move <@U0ANA> 2", acts.Move("slack:T0HQ:U0ANA", 2)),
    ("admin move @ana to 1st", acts.Move("@ana", 1)),
    ("admin move @ana to the top", acts.Move("@ana", 1)),
    ("admin close port 2", acts.Close(("2",))),
    ("admin close #2", acts.Close(("2",))),
    ("admin open “2”", acts.Open(("2",))),
    ("admin close 2 and 3", acts.Close(("2", "3"))),
    ("admin close 1:900001", acts.Close(("1:900001",))),
    ("admin set Answer 20M", acts.SetPolicy("answer", timedelta(minutes=20))),
    ("admin set limit 3 hours", acts.SetPolicy("limit", timedelta(hours=3))),
    ("admin set limit = 3h", acts.SetPolicy("limit", timedelta(hours=3))),
    ("admin set limit=1.5h", acts.SetPolicy("limit", timedelta(minutes=90))),
    ("admin set limit to two hours", acts.SetPolicy("limit", timedelta(hours=2))),
    ("admin set on my way 25 min", acts.SetPolicy("on_my_way", timedelta(minutes=25))),
    ("admin set opens 6am", acts.SetPolicy("opens", time(6))),
    ("admin set opens at 5:30", acts.SetPolicy("opens", time(5, 30))),
    ("admin set classic yes", acts.SetPolicy("classic", value=True)),
    ("admin set rated_kw 7.2 kW", acts.SetPolicy("rated_kw", 7.2)),
    ("admin cap 50% for 2h", acts.Limit(share=0.5, length=timedelta(hours=2))),
    ("admin cap 50 % for 2 hours", acts.Limit(share=0.5, length=timedelta(hours=2))),
    ("admin cap 3.3kW", acts.Limit(kw=3.3)),
    ("admin cap 3,3 kw 45m", acts.Limit(kw=3.3, length=timedelta(minutes=45))),
    ("admin cap off", acts.Lift()),
    ("/ev admin show", acts.ShowSite()),
    ("admin undo please", acts.UndoLast()),
]


class TestAdmin:
    """What admins type: ids and names keep their case, and everything is used or refused."""

    @pytest.mark.parametrize(("typed", "act"), ADMIN_ACTS)
    def test_acts(self, typed: str, act: Act) -> None:
        """Each act with whom and what it concerns."""
        assert parse(typed, TENANT) == Admin(act)

    def test_a_list_of_links(self) -> None:
        """Many at once, however the list was made; one person may have several ids."""
        typed = "admin link <@U1|ana> 7000001, <@U2>=CARD2;bob\t7000003\n@Cleo 7000004 CNCP000004"
        wish = parse(typed, TENANT)
        assert wish == Admin(acts.Link((
            ("slack:T0HQ:U1", "7000001"), ("slack:T0HQ:U2", "CARD2"), ("@bob", "7000003"),
            ("@Cleo", "7000004"), ("@Cleo", "CNCP000004"),
        )))  # fmt: skip

    @pytest.mark.parametrize(
        ("typed", "why"),
        [
            ("admin rest", Misreading.UNKNOWN), ("admin nxt", Misreading.UNKNOWN), ("admin add", Misreading.PERSON), ("admin add @hana @ivo", Misreading.ONE_PERSON),
            ("admin add @hana and @ivo", Misreading.ONE_PERSON), ("admin add <@U1> to lunch", Misreading.EXTRA), ("admin move @ana", Misreading.PLACE),
            ("admin move @ana 0", Misreading.PLACE), ("admin reset now or never", Misreading.EXTRA), ("admin undo everything", Misreading.EXTRA),
            ("admin link", Misreading.PAIRS), ("admin link @ana", Misreading.PAIRS), ("admin link 7000001", Misreading.PAIRS), ("admin link @ana 7000001 @bob", Misreading.PAIRS),
            ("admin close", Misreading.PORT), ("admin set", Misreading.SETTING), ("admin set patients 5m", Misreading.SETTING), ("admin set answer", Misreading.VALUE),
            ("admin set answer m", Misreading.VALUE), ("admin set answer 1m2h", Misreading.VALUE), ("admin set answer soon", Misreading.VALUE), ("admin set answer inf", Misreading.VALUE),
            ("admin set answer 20m tomorrow", Misreading.VALUE), ("admin set tone rude", Misreading.VALUE), ("admin set opens 25:00", Misreading.VALUE), ("admin set classic perhaps", Misreading.VALUE),
            ("admin cap", Misreading.CAP), ("admin cap lots", Misreading.CAP), ("admin cap 50% for ever", Misreading.CAP), ("admin cap 50", Misreading.CAP),
        ],
    )  # fmt: skip
    def test_the_reason(self, typed: str, why: Misreading) -> None:
        """An admin's slip is refused with the reason, and with an example of the act."""
        wish = misread(typed)
        assert wish.admin
        assert wish.answer.why is why
        assert wish.answer.better.startswith("admin") or why is Misreading.SETTING

    @pytest.mark.parametrize("typed", ["admin next", "admin pass @bob"])
    def test_what_everybody_does(self, typed: str) -> None:
        """Admins do it in the words of drivers."""
        assert misread(typed).answer.better == typed.split()[1]

    def test_an_act_without_its_admin(self) -> None:
        """`open 2` is no command of drivers; an admin is told what they may have meant."""
        assert misread("open “2”").admins == "admin open"
        assert misread("remove @bob please").admins == "admin remove @bob"
        assert misread("remove me and you").admins == ""


class TestOverheard:
    """Plain messages that begin with `ev`: only what is a command, all of it."""

    @pytest.mark.parametrize("typed", ["ev add", "EV add", "ev: add please", "ev list?", "ev suspend 45m", "ev in 2", "ev admin show", "ev"])  # fmt: skip
    def test_heard(self, typed: str) -> None:
        """As in 2016."""
        wish = overhear(typed, TENANT)
        assert wish == (parse(typed, TENANT) if typed != "ev" else None)

    @pytest.mark.parametrize("typed", ["ev chargers are broken again", "EV prices are going up", "ev next week the garage is closed", "ev out of order", "ev help desk says no", "ev lsit", "ev " + "add " * 500])  # fmt: skip
    def test_left_alone(self, typed: str) -> None:
        """Talk about cars isn't for us."""
        assert overhear(typed, TENANT) is None


def test_who_is_mentioned_by_an_id_alone() -> None:
    """They are quoted under a sign that nobody can type; their name takes its place later."""
    wish = parse("report <@U0ANA>", "slack:T0HQ")
    assert isinstance(wish, Unclear)
    assert MENTIONED.findall(wish.answer.typed) == ["slack:T0HQ:U0ANA"]
    forged = parse("report \ue000slack:T0HQ:U0ANA\ue001", "slack:T0HQ")
    assert isinstance(forged, Unclear)
    assert not MENTIONED.search(forged.answer.typed)


@pytest.mark.parametrize(
    "typed",
    ["x" * 20000, "admin link " + "x" * 20000, "admin link " + "x,,,," * 4000, "admin link " + "<@" * 10000, "admin " + "<@U1|" * 4000, "suspend " + "1h " * 5000, "add " + "please " * 3000, "admin undo " + "please " * 2800, "<http:" * 3000, ":a" * 9000, "in " + "port " * 4000, "&lt;" * 5000, "suspend " + "a " * 30],
    ids=lambda typed: typed[:18],
)  # fmt: skip
def test_long_texts_are_read_quickly(typed: str) -> None:
    """No text keeps us busy: the others wait meanwhile, and Slack only three seconds."""
    began = real_time.process_time()
    parse(typed, TENANT)
    overhear(typed, TENANT)
    assert real_time.process_time() - began < 3  # it takes a hundredth; a square of it, minutes


@given(typed=st.text(max_size=300), tenant=st.sampled_from(["", TENANT]))
def test_anything(typed: str, tenant: str) -> None:
    """Reading never fails, and everything becomes some wish."""
    for text in (typed, f"admin {typed}", f"suspend {typed}", f"in {typed}", f"admin set limit {typed}", f"more {typed}", f"admin cap {typed}"):  # fmt: skip
        assert isinstance(parse(text, tenant), Wish)


class TestButtons:
    @pytest.mark.parametrize(
        ("action", "wish"),
        [("on_my_way", OnMyWay(7)), ("pass", Pass(7)), ("leave", Leave(7)), ("resume", Resume())],
    )
    def test_ours(self, action: str, wish: Wish) -> None:
        """A button says for which site and turn it is."""
        assert parse_button(action, "hq:7") == Pressed("hq", wish)

    @pytest.mark.parametrize("action", BUTTONS)
    @pytest.mark.parametrize(
        "value",
        ["", ":", "hq", "hq:", ":7", "hq:x", "hq:-7", "hq:7.0", "hq:²", "hq:٧", "HQ:7", "h q:7", "hq:7\n", "hq:" + "7" * 19, "a" * 41 + ":7", "hq\x00:7", "hq:1:2", "�:1"],
    )  # fmt: skip
    def test_not_ours(self, action: str, value: str) -> None:
        """Anything else isn't one of ours."""
        assert parse_button(action, value) is None

    def test_an_unknown_action(self) -> None:
        """Nor is a button that we never made."""
        assert parse_button("fly", "hq:7") is None
