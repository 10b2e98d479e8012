"""Answers: the help names only what is set up here, a text says first what matters, and more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.chat.parsing import parse
from chalicelib.chat.sms.markup import SmsMarkup, parts_of, written
from chalicelib.chat.text import wording
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.core import acts, answers
from chalicelib.core.answers import Answer, Did, Refusal, Refused
from chalicelib.core.inputs import Admin, Broken, ShowHelp, Unclear
from chalicelib.core.model import Site
from chalicelib.values import replace
from tests.chat.text.messages import ANA, CLEO, DAVE, NOW, site

TEXTS = ("terminal:garage:ev", "sms:+16505550100:line")


def said(answer: Answer, here: Site) -> str:
    return wording.words(answer, here, TerminalMarkup()).text


@pytest.mark.parametrize(
    ("channels", "mail", "named"),
    [
        (TEXTS[:1], False, set[str]()),
        (TEXTS, False, {"phone", "notify sms"}),
        (TEXTS[:1], True, {"mail ana@work.example", "notify mail"}),
        (TEXTS, True, {"phone", "notify sms", "mail ana@work.example", "notify mail"}),
    ],
)
def test_the_ways_that_are_set_up(channels: tuple[str, ...], mail: bool, named: set[str]) -> None:
    """Texts and mail stand in the help where there are some, and nowhere else."""
    here = replace(site(), channels=channels)
    ways = ("phone", "notify sms", "mail ana@work.example", "notify mail")
    whole = said(answers.Help(mail=mail), here)
    assert {way for way in ways if f"{way}`" in whole} == named
    notify = said(answers.Help("notify", mail=mail), here)
    assert {way for way in ways if way.startswith("notify") and f"{way}`" in notify} <= named
    guest = said(answers.AdminHelp(), here)
    assert ("admin guest" in guest) is (len(channels) > 1)


@pytest.mark.parametrize(("topic", "words"), [("phone", "no number"), ("mail", "no mail")])
def test_help_on_what_is_not_set_up(topic: str, words: str) -> None:
    """It says so."""
    assert words in said(answers.Help(topic, mail=False), site())


def test_no_phone_where_there_is_no_number() -> None:
    """Nobody is told to ask for a code that doesn't exist."""
    assert "no number" in said(Refused(ANA, Refusal.NO_TEXTS), site())


def test_admin_help_by_text() -> None:
    """All of its verbs in one message, and how to see the rest."""
    text = written(wording.words(answers.AdminHelp(), site(), SmsMarkup()))
    assert parts_of(text) <= 2
    assert not text.endswith("...")
    assert all(verb in text for verb in ("move", "reset", "undo", "ADMIN HELP MOVE"))
    one = written(wording.words(answers.AdminHelp("move"), site(), SmsMarkup()))
    assert "ADMIN move @ana 1" in one


@pytest.mark.parametrize("typed", ["admin help move", "help admin move"])
def test_help_on_one_act(typed: str) -> None:
    """`admin help move`, whichever way round."""
    wish = parse(typed)
    assert wish in (Admin(acts.ShowActs("move")), ShowHelp("admin move"))
    assert isinstance(parse(f"{typed}s"), Unclear)


def test_only_admins_read_their_help() -> None:
    """Others hear who the admins are."""
    assert "Dave" in said(answers.Help("admin move"), site())
    assert "admin move" in said(answers.Help("admin move", admin=True), site())


@pytest.mark.parametrize("channel", ["hipchat:1:42", "sms:+16505550100:line"])
def test_a_board_where_none_can_be(channel: str) -> None:
    """It is said to who switches it on."""
    did = Did(DAVE, answers.Deed.SET, detail="board on", before="board off")
    assert "no channel here" in said(did, replace(site(), channels=(channel,)))
    assert "no channel here" not in said(did, site())


def test_the_newest_first_by_text() -> None:
    """What is cut off of a story is its oldest part."""
    story = wording.words(answers.Why(ANA), site(), SmsMarkup(), None, ANA).text
    assert story.startswith("Now ")


def test_what_matters_first_by_text() -> None:
    """Where the end may be cut off, my own place, and the settings that were changed, aren't there."""
    status = wording.words(answers.Ports(ANA), site(), SmsMarkup()).text
    assert status.startswith("It's your turn")
    here = replace(site(), policy=replace(site().policy, answer=timedelta(minutes=20)))
    shown = written(wording.words(answers.Shown(DAVE), here, SmsMarkup()))
    assert "Settings as shipped, but answer 20m." in shown
    assert not shown.endswith("...")


def test_who_is_named_in_a_reason() -> None:
    """Somebody mentioned by an id alone is named where their words are shown; a cut id is nobody."""
    wish = parse(f"broken 2 {'x' * 180} <@ana> did it", "terminal:garage")
    assert isinstance(wish, Broken)
    assert "@Ana did it" in said(answers.SaidBroken(ANA, "1:900001/2", wish.words[150:]), site())
    cut = said(answers.SaidBroken(ANA, "1:900001/2", wish.words), site())
    assert "terminal:" not in cut
    assert "\ue000" not in cut


def test_a_meeting_of_who_is_called() -> None:
    """The turn that runs goes on (rule 41), and they hear until when."""
    until = NOW + timedelta(hours=1)
    assert "Port 2 is kept for you until 10:25 all the same" in said(
        answers.InMeeting(ANA, until), site()
    )
    assert "Your place is kept, and others pass." in said(answers.InMeeting(CLEO, until), site())
