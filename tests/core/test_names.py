"""What people are called: made harmless, and told apart."""

from __future__ import annotations

import pytest

from chalicelib.chat.text.format import Speech
from chalicelib.chat.text.plain import TerminalMarkup
from chalicelib.core import acts, step
from chalicelib.core.answers import Refusal, Refused
from chalicelib.core.inputs import Add, Admin, Asked
from chalicelib.core.model import Person
from chalicelib.core.names import called, clean, named
from tests.fakes import ANA, BOB, BOSS, CLEO, MONDAY, site_of


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ana", "ana"), ("  Ana \n Lima\t", "Ana Lima"), ("an\u200ba", "ana"), ("\u202eana", "ana"), ("a\x00\x1bna", "a na"),
        ("Dave (admin)", "Dave"), ("[ADMIN] Dave", "Dave"), ("Dave （admin）", "Dave"), ("ana\u2028bob", "ana bob"), ("José", "José"), ("Jose\u0301", "José"), ("x" * 99, "x" * 40), ("张伟", "张伟"),
        *((everybody, "") for everybody in ("all", "Here", "@channel", "EVERYONE", "", "  ", "\u200b")),
    ],
)  # fmt: skip
def test_clean(name: str, shown: str) -> None:
    """One line, without what nobody sees, what turns the line around, or our word for an admin;
    nobody is everybody.
    """
    assert clean(name) == shown


def test_a_better_name_wins_and_none_is_lost() -> None:
    """The display name is kept when a request brings only the handle, or nothing."""
    people = named({}, ANA, "", "ana.lima")
    assert people[ANA] == Person("", (), "ana.lima")
    people = named(people, ANA, "Ana", "ana.lima")
    assert named(people, ANA, "", "ana.lima") is people
    assert named(people, ANA, "all") is people


SAMS = {
    ANA: Person("Sam", (), "sam"),
    BOB: Person("sam", (), "sam.b"),
    CLEO: Person("Cleo", (), "cleo"),
}


class TestTwoSams:
    def test_told_apart(self) -> None:
        """Two people of one name are shown with their handles; nobody else is."""
        speech = Speech(site_of(people=SAMS), TerminalMarkup())
        assert [speech.name(one) for one in SAMS] == ["Sam (sam)", "Sam (sam.b)", "Cleo"]

    def test_called(self) -> None:
        """By name or by handle, in any case."""
        assert called(SAMS, "@SAM") == [ANA, BOB]
        assert called(SAMS, "@sam.b") == [BOB]
        assert called(SAMS, "@") == called(SAMS, "@all") == []

    def test_an_admin_is_asked_which(self) -> None:
        """`admin remove @sam` says that there are two, and takes off neither."""
        site = step(site_of(people=SAMS), Asked(ANA, Add()), MONDAY).site
        outcome = step(site, Asked(BOSS, Admin(acts.Take("@sam"))), MONDAY)
        assert outcome.site is site
        assert isinstance(outcome.answer, Refused)
        assert outcome.answer.why is Refusal.TWO_OF_THEM
