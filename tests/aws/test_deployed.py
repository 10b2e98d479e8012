"""The packaged app on a make-believe AWS, played through its API gateway.

One stack for all of them: together they are a morning, and each plays what comes before it.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from chalicelib.chat.slack.installations import Installs
from chalicelib.stores.dynamodb import DynamoDBStore
from practice.common.people import WORKSPACE
from practice.slack.app import App
from practice.slack.workspace_peer import Slack
from tests.aws.policy import ACCOUNT, STACK, Grant, grants_of, lacking, wrong
from tests.aws.stack import SECRET, Stack
from tests.chat.slack.oauth_kit import TWO, install
from tests.practice_world import request

# What AWS itself does in the functions' name, and why the app is never heard doing it.
BY_AWS = {
    "dynamodb:DescribeStream": "Lambda's poller reads the stream for `deliver`",
    "dynamodb:GetRecords": "the same",
    "dynamodb:GetShardIterator": "the same",
    "dynamodb:ListStreams": "the same; it takes no narrower resource",
    "sqs:SendMessage": "Lambda's poller puts aside the batches that crash",
    "logs:CreateLogStream": "Lambda writes the functions' logs",
    "logs:PutLogEvents": "the same",
}


def test_cold(stack: Stack) -> None:
    """The first request starts a worker, fetches the secrets and reaches the table."""
    began = time.monotonic()
    assert request("GET", f"{stack.slack.app}/health").status == 200
    print(f"packaged in {stack.package_seconds:.1f} s, cold in {time.monotonic() - began:.2f} s")


@pytest.fixture(scope="module")
def called(stack: Stack) -> str:
    """Ana asks first, and is called; the answer to her command. A worker is warm by then."""
    assert request("GET", f"{stack.slack.app}/health").status == 200
    answer = stack.slack.say("ana", "/ev add")
    told(stack, "ana", "plug in at port 1")
    stack.wait(lambda: outbox(stack, "hq") == [])
    return str(answer.get("text") or answer)


@pytest.fixture(scope="module")
def woken(stack: Stack, called: str) -> list[int]:
    """How often the deliverer ran: for the first call, and after somebody only looked."""
    stack.wait(lambda: stack.runs("Deliver") > 0)
    runs = [stack.runs("Deliver")]
    stack.slack.say("dave", "/ev list")
    return [*runs, stack.runs("Deliver")]


@pytest.fixture(scope="module")
def full(stack: Stack, woken: list[int]) -> list[str]:
    """Bob is called to the other port, Cleo waits, Ana plugs in by hand; what each was answered."""
    typed = (("bob", "add"), ("cleo", "add"), ("ana", "in 1"))
    answers = [stack.slack.say(driver, f"/ev {words}") for driver, words in typed]
    told(stack, "bob", "plug in at port 2")
    # Their fifteen minutes begin when the receipt of the call is written, a moment later.
    stack.wait(lambda: outbox(stack, "hq") == [])
    return [str(answer.get("text") or answer) for answer in answers]


def test_add(stack: Stack, called: str) -> None:
    """A signed command is answered in Slack's time; the stream brings the call to the driver."""
    assert "Ana is called to port 1" in called


def test_only_what_is_new_wakes_the_deliverer(stack: Stack, woken: list[int]) -> None:
    """Claims and receipts don't: the six saves of the first call are one run. Nor does a look."""
    assert woken == [1, 1]


def test_the_line_goes_on(stack: Stack, full: list[str]) -> None:
    """The next driver is called to the other port, the third waits; one plugs in by hand."""
    assert "Bob is called to port 2" in full[0]
    assert "number 1 in line" in full[1]
    assert "charging on port 1" in full[2]


def test_the_schedule_wakes_what_is_due(stack: Stack, full: list[str]) -> None:
    """Sixteen minutes without an answer: the tick lets Bob's turn go by, and calls Cleo."""
    stack.clock.advance(16)
    stack.tick()
    stack.clock.advance(2 / 60)  # one message a second for each person
    stack.tick()
    told(stack, "bob", "gone by")
    told(stack, "cleo", "plug in at port 2")
    assert stack.wait(lambda: stack.runs("Tick") > 0)


def test_in_a_direct_message(stack: Stack, full: list[str]) -> None:
    """A command typed to the app alone finds the team's site."""
    form = {
        "team_id": WORKSPACE, "channel_id": "D0ANA", "user_id": "U0ANA", "user_name": "ana",
        "command": "/ev", "text": "list", "trigger_id": "1.2.3", "api_app_id": "A0EVAPP",
        "response_url": f"{stack.slack.app}/none",
    }  # fmt: skip
    assert b"Port 1: Ana" in App(stack.slack.app, SECRET).post(form).body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/slack/events", 401), ("GET", "/slack/events", 403)],
)
def test_the_gateway(stack: Stack, method: str, path: str, status: int) -> None:
    """Who is not Slack is refused; what is no route is the gateway's to refuse."""
    form = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else None
    answer = request(method, f"{stack.slack.app}{path}", b"text=add" if form else None, form)
    assert answer.status == status


@pytest.fixture(scope="module")
def installed(stack: Stack, full: list[str]) -> bytes:
    """Another workspace, installed from the link, with a site; the page that its admin saw."""
    page = install(stack.slack.app, TWO)
    stack.operator("site", "add", "two", "--manual", "1", "--channel", f"slack:{TWO}:C0TWO", "--admin", f"slack:{TWO}:U0DAVE")  # fmt: skip
    return page.body


def test_another_workspace(stack: Stack, installed: bytes) -> None:
    """Installed from the link, it has its own site, and hears by its own token."""
    assert b"EV Concierge is installed in Team T0TWO" in installed
    assert "Gus is called" in stack.two.say("gus", "/ev add")["text"]
    assert stack.wait(
        lambda: any("plug in at port 1" in text for text in said_to(stack.two, "gus"))
    )


def test_it_leaves(stack: Stack, installed: bytes) -> None:
    """Uninstalled, it is forgotten: what is to be said there is refused, and not kept."""
    store = DynamoDBStore(STACK, stack.client("dynamodb"))

    def refused() -> dict[str, str] | None:
        """When all is said: which addresses take nothing."""
        site = store.load("two")
        return site.refused if site is not None and not site.outbox else None

    stack.two.say("gus", "/ev add")
    assert stack.wait(lambda: refused() == {})
    heard = len(said_to(stack.two, "gus"))
    assert stack.oauth.uninstall(TWO)
    stack.clock.advance(1)
    assert "charging" in stack.two.say("gus", "/ev in 1")["text"]
    assert stack.wait(lambda: f"slack:{TWO}:C0TWO" in (refused() or {}))
    assert Installs(store.records).all() == []
    assert len(said_to(stack.two, "gus")) == heard


def outbox(stack: Stack, site_id: str) -> list[object]:
    """What is still to be said there."""
    site = DynamoDBStore(STACK, stack.client("dynamodb")).load(site_id)
    assert site is not None
    return list(site.outbox)


def told(stack: Stack, driver: str, words: str) -> None:
    """Wait until this driver was told so, however busy the machine is."""
    assert stack.wait(lambda: any(words in text for text in said_to(stack.slack, driver))), words


def said_to(slack: Slack, driver: str) -> list[str]:
    """The messages that this driver alone got, by the app's token."""
    posts = slack.workspace.feed.after(0)
    return [
        str(post["text"])
        for post in posts
        if post["to"] == driver and post["by"] == "bot" and not post["ephemeral"]
    ]


def test_slack_has_no_complaint(stack: Stack) -> None:
    """In all of this the app broke none of Slack's rules."""
    assert stack.slack.violations == []
    assert stack.two.violations == []


@pytest.fixture(scope="module")
def metered(stack: Stack, full: list[str]) -> str:
    """The building's meter sends a reading through the gateway, and somebody asks of its power."""
    key = stack.operator("meter", "add", "house").splitlines()[-1]
    stack.operator("site", "set", "hq", "--meter", "house")
    at = stack.clock.now().isoformat().replace("+00:00", "Z")
    body = json.dumps({"readings": [{"at": at, "kw": 3.2}]}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = request("POST", f"{stack.slack.app}/meters/house/readings", body, headers)
    assert (answer.status, answer.json()) == (202, {"taken": 1})
    return str(stack.slack.say("dave", "/ev power").get("text"))


def test_a_reading(metered: str) -> None:
    """It is taken by the functions, and told of."""
    assert "3.2 kW" in metered


class TestPolicy:
    """The functions may do what the app was heard doing above, and what AWS does for them."""

    @pytest.fixture(autouse=True)
    def morning(self, stack: Stack, installed: bytes, metered: str) -> None:
        """It was heard doing all of it."""

    def test_nothing_is_missing(self, stack: Stack) -> None:
        """Every call of the app is granted."""
        assert stack.calls
        assert not lacking(granted(stack.template), stack.calls)

    def test_nothing_is_too_much(self, stack: Stack) -> None:
        """Every grant was used, or is one that AWS uses."""
        assert not wrong(granted(stack.template), stack.calls, BY_AWS)

    def test_no_action_is_a_pattern(self, stack: Stack) -> None:
        """Actions are named one by one; only ListStreams has no resource of its own."""
        for action, resource in granted(stack.template):
            assert "*" not in action
            assert resource != "*" or action == "dynamodb:ListStreams"

    def test_each_grant_matters(self, stack: Stack) -> None:
        """These tests see each single grant of the app that is gone, and one too many."""
        grants = granted(stack.template)
        for grant in grants:
            assert lacking(grants - {grant}, stack.calls) or grant[0] in BY_AWS
        for more in ("dynamodb:Scan", "dynamodb:Query"):
            extra = (more, f"arn:aws:dynamodb:us-west-2:{ACCOUNT}:table/{STACK}-other")
            assert wrong(grants | {extra}, stack.calls, BY_AWS) == {extra}


def granted(template: dict[str, Any]) -> set[Grant]:
    """What the functions' roles allow; they are alike."""
    roles = [one for one in template["Resources"].values() if one["Type"] == "AWS::IAM::Role"]
    found = [
        {
            one
            for policy in role["Properties"]["Policies"]
            for one in grants_of(policy["PolicyDocument"])
        }
        for role in roles
    ]
    assert len(found) == 3
    assert all(grants == found[0] for grants in found)
    return found[0]
