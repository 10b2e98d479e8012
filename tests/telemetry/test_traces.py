"""Traces: what spans there are, what stands on them, and that they arrive by OTLP."""

from __future__ import annotations

import hashlib
import hmac
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from app import app
from chalicelib import telemetry, wiring
from chalicelib.core.inputs import Add
from chalicelib.edges import MessengerUnavailable
from chalicelib.settings import Settings
from chalicelib.stores.aws.signature import signer
from chalicelib.telemetry.otel import XRAY, Traces, traces
from tests.bot.listener.test_wsgi import call
from tests.chat.slack.kit import FORM, SECRET, command, signed
from tests.fakes import ANA, BOB, World, world
from tests.telemetry.kit import logging_as, objects
from tests.telemetry.otlp_receiver import Receiver


@pytest.fixture
def hall() -> Iterator[World]:
    hall = world()
    settings = Settings(slack_signing_secret=SECRET)
    wiring.use(wiring.open_endpoints(settings, hall.concierge))
    yield hall
    wiring.use(None)
    telemetry.trace_with(None)


def say(text: str) -> int:
    """A signed command, from outside."""
    body = command(text)
    headers = {f"HTTP_{k.upper().replace('-', '_')}": v for k, v in signed(body).items()}
    headers.pop("HTTP_CONTENT_TYPE")
    return call(app, "POST", "/slack/events", body.encode(), FORM, **headers).status


@contextmanager
def traced() -> Iterator[list[ReadableSpan]]:
    """The spans that were made inside, in the order of their beginnings, once it is left."""
    exporter, found = InMemorySpanExporter(), list[ReadableSpan]()
    keeper = Traces(exporter, "ev-test")
    telemetry.trace_with(keeper)
    yield found
    telemetry.trace_with(None)
    keeper.close()
    found += sorted(exporter.get_finished_spans(), key=lambda one: one.start_time or 0)


def tree(spans: list[ReadableSpan]) -> list[str]:
    """The names, each after those of the spans that it is in."""
    known = {one.context.span_id: one for one in spans if one.context}

    def path(one: ReadableSpan) -> str:
        above = known.get(one.parent.span_id) if one.parent else None
        return f"{path(above)}/{one.name}" if above is not None else one.name

    return [path(one) for one in spans]


class TestSpans:
    def test_a_command(self, hall: World) -> None:
        """Verified, loaded, stepped, saved, worded: one trace, with site and command on it."""
        with traced() as spans:
            assert say("add") == 200
        assert tree(spans) == [
            "command", "command/verify", "command/site", "command/load", "command/step", "command/save",
            "command/wording",
        ]  # fmt: skip
        whole = spans[0]
        assert whole.kind is SpanKind.SERVER, "what X-Ray calls a segment"
        assert whole.attributes is not None
        assert whole.attributes["site"] == "hq"
        assert whole.attributes["command"] == "Add"
        assert whole.attributes["aws.xray.annotations"] == ("site", "command", "platform")
        assert whole.resource.attributes["service.name"] == "ev-concierge"
        assert len({one.context.trace_id for one in spans if one.context}) == 1

    def test_a_delivery(self, hall: World) -> None:
        """Claimed, sent, and its receipt saved; then there is nothing more to claim."""
        hall.ask(ANA, Add())
        hall.free_ports()
        with traced() as spans:
            hall.concierge.deliver("hq")
        names = tree(spans)
        assert names[0] == "delivery"
        kinds = [name.partition("/")[2] for name in names[1:]]
        one_message = ["claim", "claim/load", "claim/step", "claim/save", "send", "receipt"]
        assert kinds[:6] == one_message
        assert kinds.count("send") == len(hall.messenger.sent) == 2
        assert "receipt/save" in kinds
        assert spans[0].attributes is not None
        assert spans[0].attributes["site"] == "hq"
        assert spans[0].attributes["sent"] == 2

    def test_a_lost_race(self, hall: World) -> None:
        """The save that came too late is marked by its fault, and made again."""
        hall.store.before_save = [lambda: hall.ask(BOB, Add())]
        with traced() as spans:
            assert say("add") == 200
        saves = [one for one in spans if one.name == "save"]
        late = [one for one in saves if one.status.status_code is StatusCode.ERROR]
        assert [one.status.description for one in late] == ["StaleSite"]
        assert len(saves) == 3, "Bob's, ours, and ours again"

    def test_nothing_private(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """An exception is on the spans by its class, without its words and traceback."""

        def handle(*_: object) -> None:
            raise KeyError("a private word")

        monkeypatch.setattr(hall.concierge, "handle", handle)
        with traced() as spans:
            assert say("a private word") == 500
            with telemetry.operation("x"), pytest.raises(KeyError), telemetry.span("y"):
                handle()
        told = "".join(one.to_json() for one in spans)
        assert "KeyError" in told
        assert "private" not in told
        assert all(not one.events for one in spans)

    def test_on_the_line(self, hall: World, capfd: pytest.CaptureFixture[str]) -> None:
        """The log names the trace."""
        with logging_as("json", capfd) as read, traced() as spans:
            say("add")
            (line,) = objects(read())
        assert spans[0].context is not None
        assert line["trace"] == f"{spans[0].context.trace_id:032x}"

    def test_alone(self, hall: World) -> None:
        """What is no part of a piece of work, such as a look, leaves no trace."""
        with traced() as spans:
            hall.concierge.look("hq")
        assert spans == []

    def test_off(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without EV_TRACE there are no spans: all of them are one and the same nothing."""
        assert telemetry.span("load") is telemetry.span("save", site="hq")

    def test_without_the_package(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """EV_TRACE without OpenTelemetry is said, and harms nothing."""
        monkeypatch.setitem(sys.modules, "chalicelib.telemetry.otel", None)
        with logging_as("text", capfd) as read:
            wiring.see_inside(Settings(trace="http://127.0.0.1:9/v1/traces"))
            assert "not installed: no traces" in read()
        assert telemetry.span("load") is telemetry.span("save")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


class TestOTLP:
    def test_on_lambda(
        self, hall: World, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A command's trace has arrived by the time that it is answered: then Lambda freezes."""
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "x")
        wiring.see_inside(Settings(trace=receiver.address, store="dynamodb:ev-test"))
        assert say("add") == 200
        names = [one.name for one in receiver.spans]
        assert sorted(names) == ["command", "load", "save", "site", "step", "verify", "wording"]
        whole = next(one for one in receiver.spans if one.name == "command")
        found = {one.key: one.value.string_value for one in whole.attributes}
        assert (found["site"], found["command"], found["platform"]) == ("hq", "Add", "slack")
        assert {one.trace_id for one in receiver.spans} == {whole.trace_id}

    def test_on_a_machine(self, hall: World, receiver: Receiver) -> None:
        """Nobody waits for it; what is left is sent at the end."""
        keeper = traces(receiver.address, "")
        telemetry.trace_with(keeper)
        hall.ask(ANA, Add())
        hall.free_ports()
        hall.concierge.deliver("hq")
        keeper.close()
        assert {"delivery", "claim", "send", "receipt"} <= {one.name for one in receiver.spans}

    def test_nobody_there(self, hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A receiver that is gone costs a command no more than a second or so, and no error."""
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "x")
        keeper = traces("http://127.0.0.1:9/v1/traces", "")
        telemetry.trace_with(keeper)
        assert say("add") == 200
        telemetry.trace_with(None)
        keeper.close()


class TestXRay:
    """X-Ray's own OTLP endpoint (AWS docs: CloudWatch OTLP endpoints), which wants SigV4."""

    @pytest.mark.parametrize(
        ("address", "region"),
        [
            ("https://xray.eu-central-1.amazonaws.com/v1/traces", "eu-central-1"),
            ("https://xray.us-west-2.amazonaws.com.example.org/v1/traces", None),
            ("http://127.0.0.1:4318/v1/traces", None),
        ],
    )
    def test_whom_we_sign_for(self, address: str, region: str | None) -> None:
        """Only AWS gets a signature."""
        found = XRAY.match(address)
        assert (found.group(1) if found else None) == region

    def test_signature(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is what the scheme says (AWS docs: Signature Version 4), calculated anew."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKMADEUP")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-made-up-key")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "a-session")
        asked = requests.Request("POST", "https://xray.eu-central-1.amazonaws.com/v1/traces", data=b"spans", headers={"Content-Type": "application/x-protobuf"}).prepare()  # fmt: skip
        headers = signer("eu-central-1")(asked).headers
        stamp, proof = headers["X-Amz-Date"], headers["Authorization"]
        scope = f"{stamp[:8]}/eu-central-1/xray/aws4_request"
        assert proof.startswith(f"AWS4-HMAC-SHA256 Credential=AKMADEUP/{scope}, ")
        signed_names = proof.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        assert {"host", "x-amz-date", "x-amz-security-token"} <= set(signed_names)
        values = {**{k.lower(): v for k, v in headers.items()}, "host": "xray.eu-central-1.amazonaws.com"}  # fmt: skip
        lines = [f"{name}:{values[name]}" for name in signed_names]
        canonical = "\n".join(
            ["POST", "/v1/traces", "", *lines, "", ";".join(signed_names), hash_of(b"spans")]
        )
        to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hash_of(canonical.encode())])
        key = b"AWS4a-made-up-key"
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        assert proof.endswith(f"Signature={expected}")


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_postponed_message(hall: World) -> None:
    """What became of a message stands on its batch."""
    hall.ask(ANA, Add())
    hall.free_ports()
    hall.messenger.faults = [MessengerUnavailable("busy")]
    with traced() as spans:
        hall.concierge.deliver("hq")
    assert spans[0].attributes is not None
    assert spans[0].attributes["postponed"] == 1
