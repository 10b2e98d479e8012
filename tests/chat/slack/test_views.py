"""Views against the SDK's own models, which know Slack's sizes; the stand-in has its own list."""

from __future__ import annotations

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from chalicelib.chat.slack import views
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.text import forms, home
from chalicelib.chat.text.format import Speech
from chalicelib.chat.text.wording import Words
from chalicelib.core import step
from chalicelib.core.answers import FormName, FormOf
from chalicelib.core.model import Person
from chalicelib.values import replace
from practice.slack.views import read_view
from tests.fakes import ANA, BOSS, MONDAY, look, site_of


def check(view: views.View) -> None:
    """Both lists take it."""
    View(**view).validate_json()
    for block in Block.parse_all(view["blocks"]):
        block.validate_json()
    read_view(view, view["type"])


@pytest.mark.parametrize("name", FormName)
def test_forms(name: FormName) -> None:
    """Each form, as it is opened."""
    site = step(site_of(), look(MONDAY, p1="?", p2=None), MONDAY).site
    check(views.modal(forms.form_of(FormOf(ANA, name), Speech(site, SlackMarkup(), MONDAY))))


def test_an_answer_in_a_form_s_place() -> None:
    """However long it is."""
    check(views.said("Join the line", Words("x" * 9_000)))


@pytest.mark.parametrize("driver", [ANA, BOSS])
def test_the_page(driver: str) -> None:
    """With the longest names, and with what was just answered."""
    site = step(site_of(), look(MONDAY, p1="?", p2=None), MONDAY).site
    people = {who: Person("&<" * 200) for who in (*site.people, BOSS)}
    long = replace(site, name="n" * 400, people=people, admins=(BOSS,) * 50)
    check(views.home(home.page(long, driver, SlackMarkup(), Words("said\n" * 900)), "hq"))
