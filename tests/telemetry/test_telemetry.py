"""What the log says: one line for each piece of work, in three forms, and its metrics."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest

from chalicelib import telemetry
from chalicelib.chat.handler import CommandHandler
from chalicelib.chat.slack.markup import SlackMarkup
from chalicelib.chat.speaking import Speaker
from chalicelib.core.inputs import Add
from chalicelib.edges import MessageRefused, MessengerUnavailable, NetworkUnavailable
from chalicelib.telemetry.lines import FIGURES
from tests.fakes import ANA, BOB, CHANNEL, World, world
from tests.telemetry.kit import logging_as, objects

UNITS = {  # CloudWatch's (AWS docs: MetricDatum)
    "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes",
    "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count",
    "Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second",
    "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second",
    "Terabits/Second", "Count/Second", "None",
}  # fmt: skip


@pytest.fixture
def hall() -> World:
    return world()


def ask(hall: World, text: str, driver: str = ANA) -> None:
    """A command, as a platform's door hands it to the handler."""
    handler = CommandHandler(hall.concierge, SlackMarkup())
    with telemetry.operation("command"):
        handler.on_command(Speaker(driver, "ana", CHANNEL, "r1"), text)


def check_metrics(line: dict[str, Any]) -> dict[str, float]:
    """The metrics of a line, checked against the embedded metric format's specification."""
    about = line["_aws"]
    assert set(about) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(about["Timestamp"], int)
    assert 1.6e12 < about["Timestamp"] < 4e12, "milliseconds since 1970"
    found: dict[str, float] = {}
    for one in about["CloudWatchMetrics"]:
        assert set(one) == {"Namespace", "Dimensions", "Metrics"}
        assert re.fullmatch(r"[^:][A-Za-z0-9./_#:-]{0,254}", one["Namespace"])
        assert one["Dimensions"]
        for dimensions in one["Dimensions"]:
            assert len(dimensions) == len(set(dimensions)) <= 30
            assert all(isinstance(line[name], str) for name in dimensions), "targets are strings"
            assert all(0 < len(line[name]) <= 1024 for name in dimensions)
        assert 0 < len(one["Metrics"]) <= 100
        for metric in one["Metrics"]:
            assert set(metric) <= {"Name", "Unit", "StorageResolution"}
            assert metric["Unit"] in UNITS
            value = line[metric["Name"]]
            assert isinstance(value, int | float)
            assert not isinstance(value, bool)
            found[metric["Name"]] = value
    return found


class TestLines:
    """One line for each piece of work."""

    def test_a_command(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """Site, kind of wish, platform, answer, time, request, and not what was typed."""
        with logging_as("json", capfd) as read:
            ask(hall, "  ADD ")
            (line,) = objects(read())
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert (line["level"], line["logger"], line["message"]) == (
            "INFO",
            "chalicelib.telemetry",
            "command",
        )
        assert (line["site"], line["platform"], line["command"]) == ("hq", "slack", "Add")
        assert line["answer"] == "Added"
        assert line["command_ms"] >= 0
        assert len(line["request"]) == 12
        assert "_aws" not in line
        assert "ADD" not in json.dumps(line)

    def test_text(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """The same for people."""
        with logging_as("text", capfd) as read:
            ask(hall, "add")
            text = read()
        assert re.search(
            r" INFO chalicelib.telemetry: command request=\w{12} site=hq command=Add ", text
        )
        assert len(text.splitlines()) == 1

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_a_long_line(self, form: str, capfd: pytest.CaptureFixture[str]) -> None:
        """Whatever somebody sent, a line stays one that can be read."""
        with logging_as(form, capfd) as read:
            logging.getLogger("chalicelib.anything").warning("asked for %s", "x" * 100_000)
            (line,) = read().splitlines()
        assert len(line) < 2_500

    def test_a_refusal(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """Says why, in a word."""
        with logging_as("json", capfd) as read:
            ask(hall, "remove")
            (line,) = objects(read())
        assert (line["answer"], line["why"]) == ("Refused", "not in line")

    def test_a_fault(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """A command that a fault spoils says which, and its warnings carry the same request."""
        with logging_as("json", capfd) as read:
            ask(hall, "list")
            hall.store.down = True
            ask(hall, "add")
            first, warning, last = objects(read())
        assert (first["answer"], warning["level"]) == ("Line", "WARNING")
        assert last["fault"] == "StoreUnavailable"
        assert warning["request"] == last["request"] != first["request"]

    def test_stale(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """Lost races are counted."""
        hall.store.before_save = [lambda: hall.ask(BOB, Add())]
        with logging_as("cloudwatch", capfd) as read:
            ask(hall, "add")
            (line,) = objects(read())
        assert check_metrics(line)["stale_retries"] == 1

    def test_nothing_to_tell(self, capfd: pytest.CaptureFixture[str]) -> None:
        """A health check, or a tick with nothing due, is no line's worth."""
        with logging_as("json", capfd) as read:
            with telemetry.operation("wakeup"):
                pass
            assert read() == ""

    def test_a_bug(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Class and place of an exception and of its causes, on the one line."""
        with logging_as("json", capfd) as read:
            try:
                try:
                    json.loads("a private word")
                except ValueError as error:
                    raise MessengerUnavailable("the chat server answers nonsense") from error
            except MessengerUnavailable:
                logging.getLogger("bot.x").exception("a bug")
            (line,) = objects(read())
        assert line["error"] == "MessengerUnavailable"
        told = "\n".join(line["traceback"])
        assert "MessengerUnavailable: the chat server answers nonsense" in told
        assert re.search(r"test_telemetry.py:\d+ test_a_bug", told)
        assert "\nJSONDecodeError\n" in told

    def test_others_set_it_up(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Where handlers are, they stay as they are: those of a test, for one."""
        with logging_as("text", capfd):
            before = logging.root.handlers[0].formatter
            telemetry.begin("json", "")
            assert logging.root.handlers[0].formatter is before

    def test_lambdas_own_handler(
        self, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """On Lambda the runtime's handler is kept, and writes in our form."""
        with logging_as("text", capfd):
            (own,) = logging.root.handlers
            monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "x")
            telemetry.begin("cloudwatch", "")
            assert logging.root.handlers == [own]
            assert type(own.formatter).__name__ == "CloudWatch"


class TestWork:
    """A piece of work, and those inside it."""

    def test_inside(self, capfd: pytest.CaptureFixture[str]) -> None:
        """One inside another has a line of its own, and the same request."""
        with logging_as("json", capfd) as read:
            with telemetry.operation("wakeup"), telemetry.operation("delivery", site="hq"):
                telemetry.annotate(sent=1)
            with telemetry.operation("delivery", site="hq"):
                telemetry.annotate(sent=1)
            first, other = objects(read())
            with telemetry.operation("wakeup"):
                telemetry.annotate(sent=1)
                with telemetry.operation("delivery"):
                    telemetry.annotate(sent=2)
            inner, outer = objects(read())
        assert first["request"] != other["request"]
        assert (inner["sent"], outer["sent"]) == (2, 1)
        assert inner["request"] == outer["request"]

    def test_figures(self, capfd: pytest.CaptureFixture[str]) -> None:
        """What is counted adds up; of what is measured the most stays."""
        with logging_as("json", capfd) as read:
            with telemetry.operation("x"):
                for seconds in (2, 5, 3):
                    telemetry.add(sent=1)
                    telemetry.set_max(waited_s=seconds)
            (line,) = objects(read())
        assert (line["sent"], line["waited_s"]) == (3, 5)

    def test_none(self) -> None:
        """Without a piece of work at hand nothing is noted, and nothing fails."""
        telemetry.annotate(site="hq")
        telemetry.add(sent=1)
        telemetry.set_max(waited_s=1)
        assert telemetry.facts_at_hand() == {}


class TestMetrics:
    """CloudWatch's embedded metric format (AWS docs)."""

    def test_a_command(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """How long it took. Its kind is no dimension: that would be billed by the kinds."""
        with logging_as("cloudwatch", capfd) as read:
            ask(hall, "add")
            (line,) = objects(read())
        assert set(check_metrics(line)) == {"command_ms"}
        about = line["_aws"]["CloudWatchMetrics"]
        assert [one["Dimensions"] for one in about] == [[["store"]]]
        assert (line["store"], line["command"]) == ("ev-test", "Add")

    def test_deliveries(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """Sent, postponed and refused, and how long the oldest had waited."""
        hall.ask(ANA, Add())
        hall.free_ports()
        hall.clock.advance(seconds=90)
        hall.messenger.faults = [MessageRefused("is_archived"), MessengerUnavailable("busy")]
        with logging_as("cloudwatch", capfd) as read:
            hall.concierge.deliver("hq")
            lines = objects(read())
        (line,) = [one for one in lines if one["message"] == "delivery"]
        found = check_metrics(line)
        assert found["refused"] == found["postponed"] == 1
        assert found["waited_s"] == 90
        assert "delivery_ms" in found
        assert line["site"] == "hq"

    def test_looks(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """Each look that fails counts, though the log tells of an outage once."""
        hall.network.fault = NetworkUnavailable("no route")
        with logging_as("cloudwatch", capfd) as read:
            for _ in range(3):
                with pytest.raises(NetworkUnavailable):
                    hall.concierge.look("hq")
            lines = objects(read())
        assert [check_metrics(one) for one in lines if "_aws" in one] == [{"looks_failed": 1}] * 3
        assert len([one for one in lines if one["level"] == "WARNING"]) == 1

    def test_only_where_they_are_read(
        self, hall: World, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """As text and as plain JSON there are neither metrics nor lines only for them."""
        hall.network.fault = NetworkUnavailable("no route")
        for form in ("text", "json"):
            with logging_as(form, capfd) as read:
                for _ in range(2):
                    with pytest.raises(NetworkUnavailable):
                        hall.concierge.look("hq")
                assert "looks_failed" not in read()

    def test_units(self) -> None:
        """Every figure has a unit that CloudWatch knows."""
        assert set(FIGURES.values()) <= UNITS
