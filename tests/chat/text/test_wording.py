"""The words for every effect: there are some, they are harmless, and Slack takes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import get_args
from unittest.mock import patch

import pytest
from hypothesis import given, settings, strategies as st

from chalicelib.chat.parsing import parse, parse_button
from chalicelib.chat.slack.markup import SlackMarkup, payload
from chalicelib.chat.text import wording
from chalicelib.chat.text.lists import STORIES
from chalicelib.core import answers, effects as say
from chalicelib.core.answers import Refusal
from chalicelib.core.effects import Effect, News
from chalicelib.core.inputs import Unclear
from chalicelib.core.model import Entry, Ladder, Person, Port, Site, Status, Stay, Tone, Turn, What
from chalicelib.energy.needs import Need, Unit
from chalicelib.values import replace
from practice.slack.blocks import read_blocks
from tests import strategies
from tests.fakes import ANA, BOB, CLEO, MONDAY, site_of

EVIL = "<!channel> & <@U0BOSS> `*_~ \u202e"
PORT = "1:900001/1"
STRANGER = "slack:T0HQ:U0NEW"
KINDS = [
    kind for kind in get_args(Effect) if kind not in get_args(say.NetworkOrder | say.LogOrder)
]


def busy_site(tone: Tone = Tone.PLAIN) -> Site:
    """A site in the middle of its day, with people of evil names."""
    people = {ANA: Person(f"ana {EVIL}", ("1",)), BOB: Person(EVIL), CLEO: Person("")}
    turn = Turn(7, PORT, MONDAY, MONDAY, MONDAY)
    site = site_of(name=EVIL, people=people, looked_at=MONDAY)
    return replace(
        site,
        queue=(Entry(ANA, MONDAY).called(turn), Entry(BOB, MONDAY), Entry(CLEO, MONDAY).suspended()),
        ports={
            PORT: Port(PORT, "1", Status.AVAILABLE),
            "1:900001/2": Port("1:900001/2", "2", Status.INUSE, load_kw=6.6, capped=True, percent=50),
            "1:900002/1": Port("1:900002/1", "3", Status.UNREACHABLE, closed=True, blocked=True),
        },
        policy=replace(site.policy, tone=tone),
    )  # fmt: skip


def crowded_site() -> Site:
    """A site of very many ports, people and admins, all of them in line."""
    crowd = tuple(f"slack:T0HQ:U{number:04}" for number in range(200))
    ports = [f"1:9{number:05}/1" for number in range(150)]
    return site_of(
        people={one: Person(f"Maximiliane Hohenlohe {one[-4:]}") for one in crowd},
        admins=crowd,
        queue=tuple(Entry(one, MONDAY) for one in crowd),
        ports={
            one: Port(one, str(label), Status.INUSE, load_kw=6.6, stay=Stay(label, MONDAY, Ladder(MONDAY.date(), MONDAY), crowd[label]))
            for label, one in enumerate(ports, 1)
        },
        looked_at=MONDAY,
    )  # fmt: skip


CROWDED = crowded_site()
LONG: tuple[Effect, ...] = (
    answers.Line(ANA), answers.Ports(ANA), answers.Why(ANA), answers.Log(ANA), answers.Shown(ANA), answers.AdminHelp(),
    answers.Help(admin=True), say.LineCleared(CROWDED.admins), answers.Refused(ANA, Refusal.NOT_ADMIN),
    answers.Help("admin"), say.PowerLimited(tuple((port, 0.5) for port in CROWDED.ports), everywhere=False),
    *(
        done(ANA, deed, CROWDED.admins, tuple(CROWDED.ports))
        for deed in answers.Deed for done in (answers.Did, answers.Unchanged)
    ),
)  # fmt: skip


@pytest.mark.parametrize("effect", LONG, ids=lambda one: type(one).__name__)
def test_lists_have_an_end(effect: Effect) -> None:
    """However many ports and people there are, a message is one that somebody may read."""
    text = wording.words(effect, CROWDED, SlackMarkup()).text
    assert text.count("Maximiliane") <= 130
    assert len(text.splitlines()) <= 130
    if "\n" not in text:
        assert len(text) < 1500


TEXTS = st.sampled_from([ANA, BOB, CLEO, STRANGER, PORT, "1:900001/2", "", EVIL, "x" * 500])
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 — Hypothesis wants them naive
LENGTHS = st.timedeltas(timedelta(0), timedelta(days=1))
LEAVES = {str: TEXTS, datetime: TIMES, timedelta: LENGTHS, int: st.integers(0, 10**6)}


def effects(kind: type[Effect]) -> st.SearchStrategy[Effect]:
    """Effects of one kind, sensible or not."""
    with patch.dict(strategies._LEAVES, LEAVES):
        return strategies.values(kind)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("tone", Tone)
@settings(max_examples=25)
@given(data=st.data())
def test_every_effect(kind: type[Effect], tone: Tone, data: st.DataObject) -> None:
    """Every effect has words; what people typed in them is escaped, and Slack takes them."""
    said = wording.words(data.draw(effects(kind)), busy_site(tone), SlackMarkup())
    assert said.text.strip()
    marks = re.findall(r"<[^>]*>", said.text)
    assert all(re.fullmatch(r"<@[UW][A-Z0-9]+>", mark) for mark in marks), said.text
    assert "&" not in re.sub("&(amp|lt|gt);", "", said.text)
    for button in said.buttons:
        assert parse_button(button.action, button.value) is not None, button
    body = payload(said)
    assert len(body["text"]) <= 4_000
    read_blocks(body["blocks"])  # raises where Slack would


@pytest.mark.parametrize("why", Refusal)
def test_each_refusal_has_its_own_words(why: Refusal) -> None:
    """No two refusals say the same."""

    def text(reason: Refusal) -> str:
        no = answers.Refused(ANA, reason, PORT, MONDAY, BOB)
        return wording.words(no, busy_site(), SlackMarkup()).text

    assert [text(other) for other in Refusal].count(text(why)) == 1


@pytest.mark.parametrize("news", News)
def test_each_news_has_its_own_words(news: News) -> None:
    """Nor do two states of a port's post."""

    def text(one: News) -> str:
        return wording.words(say.PortPost(1, PORT, one, ANA), busy_site(), SlackMarkup()).text

    assert [text(other) for other in News].count(text(news)) == 1


def test_times_are_the_sites() -> None:
    """16:00 UTC is 08:00 in Los Angeles."""
    call = say.Called(ANA, PORT, 7, timedelta(minutes=15), MONDAY)
    assert "by 08:00" in wording.words(call, busy_site(), SlackMarkup()).text


def test_a_call() -> None:
    """The call says it all in its text, and has the buttons of rule 7."""
    call = say.Called(ANA, PORT, 7, timedelta(minutes=15), MONDAY)
    said = wording.words(call, busy_site(), SlackMarkup())
    assert "port 1" in said.text
    assert [button.label for button in said.buttons] == [
        "On my way",
        "Pass",
        "Leave",
        "Can't use it",
    ]


def test_a_line_of_two_hundred() -> None:
    """A very long line is summed up."""
    queue = tuple(Entry(f"slack:T0HQ:U{n}", MONDAY) for n in range(200))
    said = wording.words(answers.Line(ANA), replace(busy_site(), queue=queue), SlackMarkup())
    assert "… and 140 more." in said.text


def test_the_long_text_is_cut() -> None:
    """A text is never longer than Slack advises, and shows that it was cut."""
    body = payload(wording.Words("x" * 10_000, (wording.Button("Pass", "pass", "hq:1"),)))
    assert len(body["text"]) == 4_000
    assert body["text"].endswith("…")
    read_blocks(body["blocks"])


def test_nobody_is_next() -> None:
    """A line in which nobody can be called isn't said to be empty; who is called doesn't wait."""
    site = replace(busy_site(), queue=(Entry(ANA, MONDAY),))
    nobody = answers.WhoIsNext(None)
    assert "can be called right now" in wording.words(nobody, site, SlackMarkup()).text
    turn = Turn(7, PORT, MONDAY, MONDAY, MONDAY)
    for queue in ((), (Entry(ANA, MONDAY).called(turn),)):
        empty = replace(site, queue=queue)
        assert wording.words(nobody, empty, SlackMarkup()).text == "Nobody is waiting."


def test_who_is_called_to_unplug_a_car() -> None:
    """`list` shows who is called to a port with a car that is done."""
    site, two = busy_site(), "1:900001/2"
    stay = Stay(1, MONDAY, Ladder(MONDAY.date(), MONDAY), CLEO)
    turn = Turn(7, two, MONDAY, MONDAY, MONDAY, unplugs=True)
    ports = {**site.ports, two: replace(site.ports[two], stay=stay)}
    queue = (Entry(BOB, MONDAY).called(turn),)
    people = {BOB: Person("Bob")}
    site = replace(site, queue=queue, ports=ports, people=people)
    said = wording.words(answers.Line(ANA), site, SlackMarkup())
    assert "Bob is called" in said.text


def test_give_to_nobody() -> None:
    """What is missing is said with an example that can be typed."""
    for typed in ("give", "give @bob @cleo"):
        wish = parse(typed)
        assert isinstance(wish, Unclear)
        said = wording.words(wish.answer, busy_site(), SlackMarkup())
        assert "`/ev give @bob`" in said.text


def test_a_time_of_a_need_that_has_gone() -> None:
    """It isn't answered with how to suspend."""
    no = answers.Refused(ANA, Refusal.PAST)
    assert "suspend" not in wording.words(no, busy_site(), SlackMarkup()).text


def test_it_is_the_need_that_is_promised() -> None:
    """Not the time of the port that is named before it; the time is echoed as understood."""
    by = MONDAY + timedelta(hours=4)
    site = replace(busy_site(), queue=(Entry(BOB, MONDAY, need=Need(Unit.KWH, 8, by)),))
    for odds in answers.Odds:
        added = answers.Added(BOB, 1, None, answers.Expected(at=MONDAY), odds)
        assert "The need by 12:00 " in wording.words(added, site, SlackMarkup()).text


def test_a_move_that_is_too_far_ahead() -> None:
    """It says which time was understood: at half past nine, nine o'clock is tonight's."""
    no = answers.Refused(ANA, Refusal.MOVES_TOO_FAR, PORT, MONDAY + timedelta(hours=5))
    assert (
        "13:00 is more than half an hour ahead"
        in wording.words(no, busy_site(), SlackMarkup()).text
    )


def test_every_story() -> None:
    """Whatever can stand in somebody's trail can be told by `why`."""
    assert set(STORIES) == set(What)


def test_a_meeting_of_who_has_no_place() -> None:
    """A place is kept only for who has one."""
    said = {
        driver: wording.words(answers.InMeeting(driver, MONDAY), busy_site(), SlackMarkup()).text
        for driver in (BOB, STRANGER)
    }
    assert "Your place is kept" in said[BOB]
    assert "place" not in said[STRANGER]


@pytest.mark.parametrize(
    ("detail", "is_theirs"),
    [
        ("answer 20m", True),
        ("workdays mon-fri, answer 20m", True),
        ("board on", False),
        ("limit 3h", False),
    ],
)
def test_the_terms_of_turns(detail: str, is_theirs: bool) -> None:
    """Turns keep their terms when a setting changes that could be theirs; else they aren't named."""
    did = answers.Did(ANA, answers.Deed.SET, detail=detail)
    said = wording.words(did, busy_site(), SlackMarkup()).text
    assert ("Turns that run keep their terms" in said) is is_theirs
