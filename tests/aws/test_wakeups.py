"""What Lambda does without being asked over HTTP: deliver, and wake what is due."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from chalice.test import Client

import app
from bot.listener import lease
from chalicelib import wiring
from chalicelib.core.effects import AccessProblem, SightLost, Unwatched
from chalicelib.core.inputs import Add
from chalicelib.core.model import Stations
from chalicelib.edges import MessengerUnavailable, StoreUnavailable
from chalicelib.endpoints import Endpoints
from chalicelib.settings import BadSettings
from chalicelib.stores import open_store
from chalicelib.stores.aws import secrets
from chalicelib.telemetry.entry import Failed
from tests.fakes import ANA, BOSS, CHANNEL, World, look, site_of, world

ROOT = Path(__file__).parents[2]
SCHEDULED = {
    "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events",
    "account": "000000000000", "time": "2031-03-03T16:00:00Z", "region": "us-west-2",
    "resources": [], "detail": {},
}  # fmt: skip


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[World]:
    """A site with its office open, as a Lambda function has it."""
    hall = world()
    wiring.use(Endpoints(hall.concierge, {}, open_store(f"sqlite:{tmp_path}/ev.db").records))
    yield hall
    wiring.use(None)


@pytest.fixture
def vault(aws: None, ministack: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A make-believe AWS with no secret in it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack)
    yield
    for one in boto3.client("ssm").describe_parameters()["Parameters"]:
        boto3.client("ssm").delete_parameter(Name=one["Name"])
    manager = boto3.client("secretsmanager")
    for secret in manager.list_secrets()["SecretList"]:
        manager.delete_secret(SecretId=secret["ARN"], ForceDeleteWithoutRecovery=True)


def records(*site_ids: str) -> dict[str, object]:
    """A batch from the table's stream."""
    record = {
        "eventID": "1", "eventName": "MODIFY", "awsRegion": "us-west-2",
        "eventSourceARN": "arn:aws:dynamodb:us-west-2:000000000000:table/ev/stream/now",
    }  # fmt: skip
    change = {
        "ApproximateCreationDateTime": 1_900_000_000, "SequenceNumber": "1", "SizeBytes": 1,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }  # fmt: skip
    keys = [{"pk": {"S": f"site#{site_id}"}, "sk": {"S": "site"}} for site_id in site_ids]
    return {"Records": [{**record, "dynamodb": {**change, "Keys": key}} for key in keys]}


def test_a_record_wakes_the_deliverer(hall: World) -> None:
    """What waits at the record's site is said, once for any number of records."""
    hall.ask(ANA, Add())
    hall.free_ports()
    app.deliver(records("hq", "hq"), None)
    assert [to for to, *_ in hall.messenger.sent] == [ANA, CHANNEL]
    assert hall.site().outbox == ()


def test_no_outside_failure_fails_a_record(hall: World, caplog: pytest.LogCaptureFixture) -> None:
    """A site that is gone, or a store that is down, is logged; the next site has its turn."""
    hall.ask(ANA, Add())
    hall.free_ports()
    app.deliver(records("gone", "hq"), None)
    assert "gone: not now" in caplog.text
    assert len(hall.messenger.sent) == 2
    hall.store.down = True
    app.deliver(records("hq"), None)


def test_a_short_pause_is_waited_for(hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that asks for a second gets it, and all is said in one run."""
    monkeypatch.setattr("time.sleep", lambda seconds: hall.clock.advance(seconds=seconds))
    hall.ask(ANA, Add())
    hall.free_ports()
    hall.messenger.faults = [None, MessengerUnavailable("ratelimited", timedelta(seconds=1))]
    app.deliver(records("hq"), None)
    assert [to for to, *_ in hall.messenger.sent] == [ANA, CHANNEL]


def test_a_long_pause_is_not(hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that asks for a minute doesn't hold up the stream."""
    monkeypatch.setattr("time.sleep", lambda _seconds: pytest.fail("it waits"))
    hall.ask(ANA, Add())
    hall.free_ports()
    hall.messenger.faults = [MessengerUnavailable("ratelimited", timedelta(minutes=1))]
    app.deliver(records("hq"), None)
    assert len(hall.messenger.attempts) == 1


def test_a_tick_tells_of_lost_sight(hall: World, caplog: pytest.LogCaptureFixture) -> None:
    """With no listener at work, the schedule tells the channel that sight is lost (rule 23)."""
    hall.concierge.handle("hq", look(hall.clock.now(), p1=None, p2=None))
    hall.clock.advance(minutes=4)
    with caplog.at_level(logging.ERROR):
        app.tick(SCHEDULED, None)
    assert [effect for _, effect, *_ in hall.messenger.sent] == [
        Unwatched(AccessProblem.NO_LISTENER),
        SightLost(hall.clock.now() - timedelta(minutes=4)),
    ]
    assert "no listener is at work" in caplog.text


def test_admins_hear_once_that_nobody_looks(hall: World) -> None:
    """Each tick is a new process; what was told is kept in the site, until a good look."""
    for minutes in range(30):
        hall.clock.advance(minutes=1)
        app.tick(SCHEDULED, None)
        if minutes == 15:
            hall.concierge.handle("hq", look(hall.clock.now(), p1=None, p2=None))
    told = [effect for effect in hall.messenger.said(BOSS) if isinstance(effect, Unwatched)]
    assert told == [Unwatched(AccessProblem.NO_LISTENER)] * 2


def test_manual_sites_need_no_listener(hall: World, caplog: pytest.LogCaptureFixture) -> None:
    """Where people's hands are all there is, nobody is missed, nor is an alarm counted."""
    hall.store.delete("hq")
    hall.store.put(site_of(stations=Stations(manual=("1", "2"))))
    hall.clock.advance(minutes=4)
    app.tick(SCHEDULED, None)
    assert hall.messenger.sent == []
    assert "listener" not in caplog.text


def test_a_tick_sees_the_listener(hall: World, caplog: pytest.LogCaptureFixture) -> None:
    """While a listener holds its lease, there is nothing to warn of."""
    records = wiring.endpoints().records
    assert lease.Lease(records, timedelta(seconds=20)).leads()
    app.tick(SCHEDULED, None)
    assert "listener" not in caplog.text


def test_secrets_are_fetched_together(vault: None) -> None:
    """`ssm:` and `secretsmanager:` stand for the secret; the rest is taken as it is."""
    boto3.client("ssm").put_parameter(Name="/ev/sign", Value="made-up", Type="SecureString")
    boto3.client("secretsmanager").create_secret(Name="ev/bot", SecretString="xoxb-made-up")
    found = wiring.settings_of(
        {
            "EV_STORE": "dynamodb:ev",
            "SLACK_SIGNING_SECRET": "ssm:/ev/sign",
            "SLACK_BOT_TOKEN": "secretsmanager:ev/bot",
        }
    )
    assert found.slack_signing_secret == "made-up"
    assert found.slack_bot_token == "xoxb-made-up"
    assert found.store == "dynamodb:ev"


def test_a_secret_that_may_be_missing(vault: None) -> None:
    """`ssm:NAME?` is fetched where it is, and where it isn't the setting was not given."""
    boto3.client("ssm").put_parameter(Name="/ev/url", Value="https://mm.example", Type="String")
    found = wiring.settings_of(
        {"MATTERMOST_URL": "ssm:/ev/url?", "MATTERMOST_BOT_TOKEN": "ssm:/ev/none?"}
    )
    assert found.mattermost_url == "https://mm.example"
    assert found.mattermost_bot_token == ""


def test_a_missing_secret_is_named(vault: None) -> None:
    """Every reference that leads nowhere is told, by its setting; no secret is."""
    with pytest.raises(BadSettings, match="SLACK_BOT_TOKEN: there is no ssm:/ev/none"):
        wiring.settings_of({"SLACK_BOT_TOKEN": "ssm:/ev/none"})


class Refusing:
    """A Secrets Manager that tells some secrets and refuses others (AWS docs:
    BatchGetSecretValue names them in `Errors`).
    """

    def __init__(self, code: str) -> None:
        self.code = code

    def __call__(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        assert operation == "BatchGetSecretValue"
        words = {"ErrorCode": self.code, "Message": "the reason"}
        return {"SecretValues": [], "Errors": [{"SecretId": request["SecretIdList"][0], **words}]}


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "DecryptionFailure", "InternalServiceError"]
)
def test_a_secret_that_is_refused(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """What AWS doesn't let us read is another thing than what isn't there: its words are told."""
    monkeypatch.setattr(secrets, "asks", lambda _: Refusing(code))
    with pytest.raises(StoreUnavailable, match=f"ev/bot: {code}: the reason"):
        wiring.settings_of({"SLACK_BOT_TOKEN": "secretsmanager:ev/bot?"})
    monkeypatch.setattr(secrets, "asks", lambda _: Refusing("ResourceNotFoundException"))
    with pytest.raises(BadSettings, match="there is no secretsmanager:ev/bot"):
        wiring.settings_of({"SLACK_BOT_TOKEN": "secretsmanager:ev/bot"})


def test_other_ways_to_name_a_secret(vault: None) -> None:
    """By its ARN, whole or without AWS's six letters."""
    made = boto3.client("secretsmanager").create_secret(Name="ev/bot", SecretString="xoxb-made-up")
    boto3.client("ssm").put_parameter(Name="/ev/sign", Value="made-up", Type="SecureString")
    arn = boto3.client("ssm").get_parameter(Name="/ev/sign")["Parameter"]["ARN"]
    for bot, sign in (
        (made["ARN"], arn), (made["ARN"][:-7], "/ev/sign"),
    ):  # fmt: skip
        given = {"SLACK_BOT_TOKEN": f"secretsmanager:{bot}", "SLACK_SIGNING_SECRET": f"ssm:{sign}"}
        found = wiring.settings_of(given)
        assert (found.slack_bot_token, found.slack_signing_secret) == ("xoxb-made-up", "made-up")


def test_a_secret_of_bytes(vault: None) -> None:
    """A secret that is no text is told as such."""
    boto3.client("secretsmanager").create_secret(Name="ev/bot", SecretBinary=b"xoxb")
    with pytest.raises(StoreUnavailable, match="ev/bot holds bytes"):
        wiring.settings_of({"SLACK_BOT_TOKEN": "secretsmanager:ev/bot"})


def test_a_store_that_is_down_is_no_bug(hall: World, caplog: pytest.LogCaptureFixture) -> None:
    """The schedule can't know whom to wake: told as what it is, and counted by AWS."""
    hall.store.down = True
    with pytest.raises(Failed, match="StoreUnavailable"):
        app.tick(SCHEDULED, None)
    assert "not now: " in caplog.text
    assert "a bug" not in caplog.text


def test_what_only_warns_stops_nothing(hall: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the lease can't be read, who is due is woken all the same."""
    hall.ask(ANA, Add())
    hall.free_ports()

    def get(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(wiring.endpoints().records, "get", get)
    app.tick(SCHEDULED, None)
    assert [to for to, *_ in hall.messenger.sent] == [ANA, CHANNEL]


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"SLACK_BOT_TOKEN": "ssm:/ev/none"}, "StoreUnavailable"),
        ({"EV_STORE": "mysql:ev"}, "BadSettings"),
    ],
)
def test_a_start_that_fails_is_no_bug(
    aws: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: dict[str, str],
    fault: str,
) -> None:
    """Secrets out of reach, or a wrong setting: a request is told to come again, a batch and a
    tick fail for AWS to count, and the log says why.
    """
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    for name, text in settings.items():
        monkeypatch.setenv(name, text)
    wiring.use(None)
    with pytest.raises(Failed, match=fault):
        app.tick(SCHEDULED, None)
    with pytest.raises(Failed, match=fault):
        app.deliver(records("hq"), None)
    with Client(app.app) as client:
        health = client.http.get("/health", headers={"Accept": "*/*"})
        answer = client.http.get("/slack/install", headers={"Accept": "*/*"})
    assert (health.status_code, health.json_body) == (503, {"ok": False})
    assert (answer.status_code, answer.body) == (503, wiring.NOT_NOW.encode())
    assert caplog.text.count("not now: ") == 4
    assert "a bug" not in caplog.text


def test_the_vault_may_be_down(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer from AWS is an outside failure, known within seconds."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable, match="can't fetch the secrets"):
        wiring.settings_of({"SLACK_BOT_TOKEN": "ssm:/ev/none"})


LOAD = "import app; from chalicelib import wiring; print(wiring.process._endpoints is not None)"


@pytest.mark.parametrize(
    ("on_lambda", "settings", "made"),
    [(True, {"SLACK_SIGNING_SECRET": "x", "SLACK_BOT_TOKEN": "x"}, True), (False, {}, False), (True, {"EV_HTTP": "no"}, False)],
)  # fmt: skip
def test_a_start_on_lambda_does_what_it_can(
    tmp_path: Path, on_lambda: bool, settings: dict[str, str], made: bool
) -> None:
    """There the office is made while the processor is whole; where that fails, or elsewhere,
    importing the app does nothing yet and needs nothing.
    """
    there = {"AWS_LAMBDA_FUNCTION_NAME": "ev"} if on_lambda else {}
    environ = {"PATH": os.environ["PATH"], "EV_STORE": f"sqlite:{tmp_path}/ev.db"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, env=environ | there | settings,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == str(made)
    assert ("not yet" in done.stderr) == (on_lambda and not made)
