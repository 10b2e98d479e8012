"""The Home tab and the shortcut, on the practice workspace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core.inputs import Add, Asked, OnMyWay
from chalicelib.core.model import Lane
from chalicelib.values import replace
from practice.common.people import BY_NAME
from practice.common.posts import NoSuchButton
from practice.slack.blocks import buttons, texts
from tests.chat.slack.test_contract import SlackStand
from tests.contracts.chat_stage import ADMIN, Hall, Street, hall_of
from tests.fakes import FakeClock


@pytest.fixture
def stand(street: Street) -> SlackStand:
    return SlackStand(street, FakeClock())


@pytest.fixture
def hall(stand: SlackStand) -> Iterator[Hall]:
    clock = stand.slack.workspace.clock
    assert isinstance(clock, FakeClock)
    anything: Any = stand
    hall = hall_of(anything, clock)
    yield hall
    assert stand.violations == [], stand.violations


@pytest.fixture
def slack(stand: SlackStand) -> Any:
    return stand.slack


def view_of(slack: Any, name: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = slack.api.views.homes.get(BY_NAME[name].slack_id)
    return found


def look(hall: Hall, slack: Any, name: str = "ana") -> str:
    """Somebody opens their Home tab: all that is written there."""
    slack.open_home(name)
    hall.settle()
    return read(slack, name)


def read(slack: Any, name: str = "ana") -> str:
    view = view_of(slack, name)
    return "\n".join(texts(view["blocks"])) if view is not None else ""


def labels(slack: Any, name: str = "ana") -> list[str]:
    view = view_of(slack, name)
    assert view is not None
    return [button["text"]["text"] for _, button in buttons(view["blocks"])]


def test_a_first_look(hall: Hall, slack: Any) -> None:
    """Before anything: the ports, the line, the way into it, and nothing of the house."""
    text = look(hall, slack)
    for part in ("HQ garage", "My place", "You're not in line", "Port 1: Dave since", "My settings"):  # fmt: skip
        assert part in text
    assert "admins" not in text
    assert "Join the line…" in labels(slack)
    assert "Empty the line" not in labels(slack)


def test_join_by_its_form(hall: Hall, slack: Any) -> None:
    """*Join the line…* opens the form; the channel hears of it, and the page has the place."""
    look(hall, slack)
    form = slack.press_home("ana", "form_join")["form"]
    assert (form["title"], form["submit"]) == ("Join the line", "Join")
    after = slack.fill("ana", {"amount": "12 kWh", "by": "16:00"})["form"]
    assert "Ana is number 1 in line" in after["text"]
    heard = hall.settle()
    assert [said.to for said in heard if "number 1" in said.text] == ["channel"]
    assert hall.line() == ["ana"]
    text = read(slack)
    assert "You're number 1 in line" in text
    assert "12 kWh by 16:00" in text
    assert "Join the line…" not in labels(slack)


def test_pressed_there(hall: Hall, slack: Any) -> None:
    """What is pressed there is answered there, at the top, and by no message."""
    hall.say("ana", "add")
    look(hall, slack)
    slack.press_home("ana", "pause")
    assert hall.settle() == []
    assert "Your place is kept" in read(slack) or "suspended" in read(slack)
    assert "I can come now" in labels(slack)
    slack.press_home("ana", "resume")
    hall.settle()
    slack.press_home("ana", "leave_line")
    hall.settle()
    assert hall.line() == []
    assert "Join the line…" in labels(slack)


def test_a_call(hall: Hall, slack: Any) -> None:
    """Who is called finds the same buttons there; the call's own message loses them."""
    hall.say("ana", "add")
    look(hall, slack)
    hall.park(p1=None)
    hall.later(minutes=1)
    assert "It's your turn: port 1" in read(slack)
    slack.press_home("ana", "on_my_way")
    hall.settle()
    assert "See you at port 1" in read(slack)
    assert "On my way" not in labels(slack)


def test_typed_elsewhere(hall: Hall, slack: Any) -> None:
    """What its person does elsewhere is drawn at once; what others do, within half a minute."""
    look(hall, slack)
    hall.say("ana", "add")
    assert "You're number 1 in line" in read(slack)
    hall.say("bob", "add")
    hall.later(seconds=31)
    assert "2. Bob" in read(slack)


def test_bounded(hall: Hall, slack: Any) -> None:
    """However much happens: at most one drawing in half a minute, for ten minutes."""
    look(hall, slack)
    before = slack.api.views.published
    for _ in range(5):
        for text in ("add", "remove"):
            hall.say("bob", text)
    assert slack.api.views.published <= before + 1
    hall.later(minutes=11)
    before = slack.api.views.published
    hall.say("bob", "add")
    hall.later(minutes=2)
    assert slack.api.views.published == before
    assert hall.store.site().homes == {}


def test_nobody_else_s(hall: Hall, slack: Any) -> None:
    """What others need and have taken stands on their own pages alone."""
    hall.say("bob", "add 33 km")
    text = look(hall, slack)
    assert "Bob" in text
    assert "33" not in text


def test_the_house(hall: Hall, slack: Any) -> None:
    """An admin sees the site, its people and the last acts, sets, and empties the line."""
    hall.say("ana", "add")
    hall.say(ADMIN, "admin set answer 20m")
    text = look(hall, slack, ADMIN)
    for part in ("The house (admins)", "5 known", "set answer: 20 min (it was 15m)"):
        assert part in text
    view = view_of(slack, ADMIN)
    assert view is not None
    reset = next(one for _, one in buttons(view["blocks"]) if one["action_id"] == "reset")
    assert "one person waits" in reset["confirm"]["text"]["text"]
    form = slack.press_home(ADMIN, "form_turns")["form"]
    assert form["fields"][0]["value"] == "20m"
    slack.press_home(ADMIN, "reset")
    hall.settle()
    assert hall.line() == []


def test_others_cannot_reset(hall: Hall, slack: Any, stand: SlackStand) -> None:
    """Nobody is offered it; who makes it up is refused."""
    look(hall, slack)
    hall.say("ana", "add")
    with pytest.raises(NoSuchButton):
        slack.press_home("ana", "reset")
    payload = slack.screens.home_click(BY_NAME["ana"], "leave_line")
    payload["actions"][0] |= {"action_id": "reset", "value": "hq:0"}
    slack._wire.click(payload)
    hall.settle()
    assert hall.line() == ["ana"]
    assert "Only this site's admins can do that" in read(slack)


def test_no_home_tab(hall: Hall, slack: Any) -> None:
    """Where the app has none, nobody is bothered, and nothing is tried again and again."""
    slack.api.has_home = False
    look(hall, slack)
    assert hall.settle() == []
    assert hall.store.site().homes == {}
    calls = slack.api.calls["views.publish"]
    hall.say("ana", "add")
    hall.later(minutes=2)
    assert slack.api.calls["views.publish"] == calls


def test_the_messages_tab(hall: Hall, slack: Any) -> None:
    """Who opens their messages with the app looks at no Home tab."""
    event = slack.screens.opened(BY_NAME["ana"]) | {"tab": "messages"}
    slack.tell(event, slack.workspace.team)
    hall.settle()
    assert view_of(slack, "ana") is None


def test_the_store_is_down(hall: Hall, slack: Any) -> None:
    """A press is answered at once, directly; the page stays as it is."""
    hall.say("ana", "add")
    look(hall, slack)
    hall.store.down = True
    slack.press_home("ana", "leave_line")
    hall.store.down = False
    (said,) = hall.settle()
    assert said.to == "ana"
    assert "nothing was changed" in said.text
    assert hall.line() == ["ana"]


def test_pressed_twice(hall: Hall, slack: Any) -> None:
    """The same press again is done once."""
    hall.say("ana", "add")
    look(hall, slack)
    payload = slack.screens.home_click(BY_NAME["ana"], "leave_line")
    slack._wire.click(payload)
    hall.concierge.handle("hq", Asked(hall.stand.address("ana"), Add(), "ana"))
    slack._wire.click(payload)
    assert hall.line() == ["ana"]


def test_two_car_parks(hall: Hall, slack: Any) -> None:
    """Who could look at another site there is offered it, and sees one of them at a time."""
    site = hall.store.site()
    bare = replace(site, people={}, queue=(), outbox=(), homes={}, version=0)
    hall.store.put(
        replace(bare, id="annex", name="The annex", channels=(f"{hall.stand.channel}2",))
    )
    assert "HQ garage" in look(hall, slack)
    assert "annex" in labels(slack)
    slack.press_home("ana", "annex")
    hall.concierge.deliver("annex")
    assert "The annex" in read(slack)
    assert "hq" in labels(slack)
    assert hall.store.site().homes == {}
    slack.open_home("ana")
    hall.concierge.deliver("annex")
    assert "The annex" in read(slack)


def test_the_shortcut(hall: Hall, slack: Any) -> None:
    """*Join the line*, from anywhere in Slack."""
    form = slack.take_shortcut("ana", "join_line")["form"]
    assert form["title"] == "Join the line"
    slack.fill("ana", {})
    assert hall.line() == ["ana"]
    assert slack.take_shortcut("ana", "join_line")["form"]["title"] == "What I need"


def test_the_shortcut_at_night(hall: Hall, slack: Any) -> None:
    """Nobody fills in what can't be: they are told at once, alone."""
    hall.later(hours=14)
    slack.take_shortcut("ana", "join_line")
    (said,) = hall.settle()
    assert (said.to, "closed now" in said.text) == ("ana", True)


def test_opened_too_late(hall: Hall, slack: Any, stand: SlackStand) -> None:
    """A form that can't be opened from the page: the words come directly."""
    look(hall, slack)
    stand.too_late()
    slack.press_home("ana", "form_join")
    (said,) = hall.settle()
    assert said.to == "ana"
    assert "/ev add 12 kWh by 16:00" in said.text


def test_a_long_day(hall: Hall, slack: Any) -> None:
    """The longest line with the longest names is cut to what Slack takes."""
    site, at = hall.store.site(), hall.stand.address
    people = {f"{at('ana')}{n}": replace(site.people[at("bob")], name=f"{n} {'&<_`' * 20}", ids=()) for n in range(200)}  # fmt: skip
    for who in list(people)[:60]:
        hall.concierge.handle("hq", Asked(who, Add(), people[who].name))
    assert " more." in look(hall, slack)


def test_in_order(hall: Hall, slack: Any) -> None:
    """An answer there waits for no other, and no other for it."""
    hall.say("ana", "add")
    look(hall, slack)
    hall.park(p1=None)
    hall.concierge.handle(
        "hq", Asked(at := hall.stand.address("ana"), OnMyWay(), "ana", reply_to=f"{at}/home")
    )
    waiting = [one.to for one in hall.store.site().outbox if one.lane is Lane.CHAT]
    assert waiting.count(f"{at}/home") == 1
