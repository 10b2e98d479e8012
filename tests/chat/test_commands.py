"""From what people type and press to what they wish for."""

from __future__ import annotations

import time as real_time
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.chat.commands import BUTTONS, PLAIN, Pressed, parse, parse_button
from chalicelib.core.inputs import (
    Add,
    Admin,
    Block,
    In,
    Leave,
    OnMyWay,
    Out,
    Pass,
    Remove,
    Resume,
    ShowHelp,
    ShowLine,
    Suspend,
    Verb,
    Wish,
)


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("add", Add()),
        ("ADD", Add()),
        ("  add \n", Add()),
        ("add.", Add()),
        ("Add!!!", Add()),
        ("add…", Add()),
        ("ａｄｄ", Add()),
        ("/ev add", Add()),
        ("ev add", Add()),
        ("EV Add", Add()),
        ("join", Add()),
        ("leave", Remove()),
        ("queue", ShowLine()),
        ("back", Resume()),
        ("blocked", Block()),
        ("in", In("")),
        ("in 2", In("2")),
        ("in port 2", In("2")),
        ("in #2", In("2")),
        ("in port", In("")),
        ("in portal", In("portal")),
        ("out 2.", Out("2")),
        ("", ShowHelp()),
        ("  ", ShowHelp()),
        ("...", ShowHelp()),
        ("/ev", ShowHelp()),
        ("help", ShowHelp()),
        ("help?", ShowHelp()),
    ],
)
def test_words(typed: str, wish: Wish) -> None:
    """Spelling, case and punctuation don't matter."""
    assert parse(typed) == wish


@pytest.mark.parametrize("word", PLAIN)
def test_every_word(word: str) -> None:
    """Each word means what it says, alone."""
    assert parse(word) == PLAIN[word]


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("45m", 45),
        ("45", 45),
        ("45 min", 45),
        ("45 minutes", 45),
        ("for 45 minutes", 45),
        ("1h", 60),
        ("1h30", 90),
        ("1h 30m", 90),
        ("1 hour", 60),
        ("2 hrs", 120),
        ("24h", 1440),
        ("٤٥", 45),
        ("0m", 0),
    ],
)
def test_for_a_while(typed: str, minutes: int) -> None:
    """Lengths as people write them."""
    assert parse(f"suspend {typed}") == Suspend(length=timedelta(minutes=minutes))
    assert parse(f"Snooze  {typed.upper()}.") == Suspend(length=timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("until 3pm", time(15)),
        ("until 3 pm", time(15)),
        ("until 3 p.m.", time(15)),
        ("till 15:30", time(15, 30)),
        ("until 15.30", time(15, 30)),
        ("until 12am", time(0)),
        ("until 12pm", time(12)),
        ("until 9", time(9)),
    ],
)
def test_until(typed: str, at: time) -> None:
    """Times of the day as people write them."""
    assert parse(f"suspend {typed}") == Suspend(at=at)


def test_until_i_say() -> None:
    """Without a length it is until `resume`."""
    assert parse("suspend") == Suspend()


@pytest.mark.parametrize(
    "typed", ["25h", "9999m", "until 25:00", "until 13pm", "until 3:99", "until", "-5m", "soon"]
)
def test_no_such_length(typed: str) -> None:
    """What is no length gets help that shows one."""
    wish = parse(f"suspend {typed}")
    assert isinstance(wish, ShowHelp)
    assert wish.nearest == "suspend 45m"


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("ad", "add"), ("remvoe", "remove"), ("lsit", "list"), ("add me please", "add"), ("zzz", "")],
)
def test_help(typed: str, nearest: str) -> None:
    """A slip of the finger gets the nearest word."""
    assert parse(typed) == ShowHelp(unknown=typed, nearest=nearest)


class TestAdmin:
    """What admins type: ids and names keep their case."""

    @pytest.mark.parametrize(
        ("typed", "wish"),
        [
            ("admin", Admin(Verb.HELP)),
            ("ADMIN Reset", Admin(Verb.RESET)),
            ("admin reset Confirm", Admin(Verb.RESET, words=("confirm",))),
            ("admin add <@U0ANA|ana>", Admin(Verb.ADD, "slack:T0HQ:U0ANA")),
            ("admin add @ana", Admin(Verb.ADD, "@ana")),
            ("admin move <@U0ANA> 2", Admin(Verb.MOVE, "slack:T0HQ:U0ANA", ("2",))),
            ("admin close port 2", Admin(Verb.CLOSE, words=("2",))),
            ("admin close #2", Admin(Verb.CLOSE, words=("2",))),
            ("admin set Answer 20M", Admin(Verb.SET, words=("answer", "20m"))),
            ("/ev admin show", Admin(Verb.SHOW)),
        ],
    )
    def test_acts(self, typed: str, wish: Wish) -> None:
        """Each act with whom and what it concerns."""
        assert parse(typed, "slack:T0HQ") == wish

    def test_a_list_of_links(self) -> None:
        """Many at once, however the list was made."""
        typed = "admin link <@U1|ana> 7000001, <@U2>=CARD2;bob\t7000003\n@Cleo 7000004"
        wish = parse(typed, "slack:T0")
        assert isinstance(wish, Admin)
        assert wish.links == (
            ("slack:T0:U1", "7000001"),
            ("slack:T0:U2", "CARD2"),
            ("bob", "7000003"),
            ("@Cleo", "7000004"),
        )

    def test_an_unknown_act(self) -> None:
        """The nearest act is named."""
        assert parse("admin rest") == ShowHelp("admin rest", "admin reset")


@pytest.mark.parametrize(
    "typed",
    ["x" * 20000, "admin link " + "x" * 20000, "admin link " + "x,,,," * 4000, "admin link " + "<@" * 10000, "admin " + "<@U1|" * 4000, "suspend " + "1h " * 5000],
    ids=lambda typed: typed[:18],
)  # fmt: skip
def test_long_texts_are_read_quickly(typed: str) -> None:
    """No text keeps us busy: the others wait meanwhile, and Slack only three seconds."""
    began = real_time.process_time()
    parse(typed, "slack:T0HQ")
    assert real_time.process_time() - began < 0.25


@given(typed=st.text(max_size=300), tenant=st.sampled_from(["", "slack:T0HQ"]))
def test_anything(typed: str, tenant: str) -> None:
    """Reading never fails, and everything becomes some wish."""
    for text in (typed, f"admin {typed}", f"suspend {typed}", f"in {typed}"):
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
