"""What the deployed functions tell of their work: lines with metrics, and a trace if asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.aws.stack import SECRET, TOKEN, Stack
from tests.practice_world import request
from tests.telemetry.otlp_receiver import Receiver
from tests.telemetry.test_telemetry import check_metrics

PRIVATE = "behind the green door"


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def traced(stack: Stack, receiver: Receiver) -> Iterator[Stack]:
    """The functions as an engineer sets them who wants to see inside, for as long as this lasts."""
    functions = stack.client("lambda")
    names = [stack.physical(name) for name in ("APIHandler", "Deliver", "Tick")]
    before = {
        name: functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        for name in names
    }

    def set_all(more: dict[str, str]) -> None:
        for name, variables in before.items():
            environment = {"Variables": {**variables, **more}}
            functions.update_function_configuration(FunctionName=name, Environment=environment)

    set_all({"EV_TRACE": receiver.address})
    assert (
        request("GET", f"{stack.slack.app}/health").status == 200
    )  # slower than a command may be
    yield stack
    set_all({})


def lines(stack: Stack, function: str) -> list[dict[str, Any]]:
    """What a function has logged, but for what the runtime says itself."""
    group = f"/aws/lambda/{stack.physical(function)}"
    events = stack.client("logs").filter_log_events(logGroupName=group)["events"]
    said = [one["message"] for one in events]
    assert not [one for one in said if SECRET in one or TOKEN in one or PRIVATE in one]
    return [json.loads(one) for one in said if one.startswith("{")]


def test_a_morning(traced: Stack, receiver: Receiver) -> None:
    """A command and its delivery: a line each, a trace each, by the time it is answered."""
    traced.slack.say("dave", "/ev remove ana")
    traced.slack.say("dave", f"/ev {PRIVATE}")
    traced.slack.say("ana", "/ev out")
    traced.slack.say("ana", "/ev add")
    assert traced.wait(lambda: any(one.name == "send" for one in receiver.spans))
    (add,) = [one for one in lines(traced, "APIHandler") if one.get("command") == "Add"][-1:]
    assert (add["message"], add["site"], add["platform"]) == ("command", "hq", "slack")
    assert check_metrics(add)["command_ms"] > 0
    assert add["store"] == "ev-concierge-dev"
    spans = [one for one in receiver.spans if one.trace_id.hex() == add["trace"]]
    assert {one.name for one in spans} >= {"command", "verify", "load", "step", "save", "wording"}
    assert traced.wait(lambda: any("trace" in one for one in lines(traced, "Deliver")))
    (batch,) = [one for one in lines(traced, "Deliver") if "trace" in one][:1]
    assert check_metrics(batch)["sent"] > 0
    spans = [one for one in receiver.spans if one.trace_id.hex() == batch["trace"]]
    assert {one.name for one in spans} >= {"wakeup", "delivery", "claim", "send", "receipt"}
    lines(traced, "Tick")
