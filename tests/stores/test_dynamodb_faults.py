"""What a table that fails, refuses or says nothing is to a store."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.edges import StoreUnavailable, Unsure
from chalicelib.stores.aws.asking import DYNAMODB, Refused
from chalicelib.stores.aws.client import client as aws_client
from chalicelib.stores.aws.sdk import config
from chalicelib.stores.dynamodb import (
    DynamoDBStore,
)
from chalicelib.values import replace
from tests.contracts.site_store import (
    HQ,
    KNOWN_WITHIN,
    DownContract,
)
from tests.stores.listening import Listening

pytestmark = pytest.mark.usefixtures("aws")


class TestDown(DownContract):
    """The contract where nobody listens at DynamoDB's address."""

    @pytest.fixture(params=["directly", "by the library"])
    def down(self, aws: None, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoDBStore]:  # fmt: skip
        with socket.socket() as deaf:
            deaf.bind(("127.0.0.1", 0))
            yield store_at(deaf.getsockname()[1], request.param, monkeypatch)


def store_at(number: int, way: str, monkeypatch: pytest.MonkeyPatch) -> DynamoDBStore:
    """A store at whatever is at this loopback address."""
    address = f"http://127.0.0.1:{number}"
    if way == "directly":
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "x")
        return DynamoDBStore("ev")
    client = boto3.client("dynamodb", config=config(DYNAMODB), endpoint_url=address)
    return DynamoDBStore("ev", client)


@pytest.fixture(params=["never answers", "never accepts"])
def silent(request: pytest.FixtureRequest) -> Iterator[int]:
    """An address where somebody listens, but nothing ever comes back."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0 if request.param == "never accepts" else 50)
        for _ in range(3 if request.param == "never accepts" else 0):  # its backlog is full
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


@pytest.mark.parametrize("way", ["directly", "by the library"])
@pytest.mark.parametrize("ask", [lambda s: s.load("hq"), lambda s: s.save(HQ, None)])
def test_silence_is_known_soon(
    silent: int,
    ask: Callable[[DynamoDBStore], object],
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second attempt included, a driver can still be answered in time."""
    store = store_at(silent, way, monkeypatch)
    began = time.monotonic()
    with pytest.raises(StoreUnavailable, match="can't use DynamoDB"):
        ask(store)
    assert time.monotonic() - began < KNOWN_WITHIN


def refusing(code: str) -> Listening:
    """A client to whom DynamoDB answers nothing but this error."""

    def refuse(operation: str, request: dict[str, Any]) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "as it says"}}, operation)

    client = Listening(None)
    client.before = refuse
    return client


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ResourceNotFoundException", "DynamoDB has no table 'ev' here"),
        ("AccessDeniedException", "table 'ev': .*AccessDenied.* as it says"),
        ("ExpiredTokenException", "table 'ev': .*ExpiredToken"),
        ("ProvisionedThroughputExceededException", "table 'ev': .*Throughput"),
        ("ThrottlingException", "table 'ev': .*Throttling"),
        ("InternalServerError", "table 'ev': .*InternalServerError"),
        ("503", "table 'ev': .*503"),
    ],
)
def test_what_dynamodb_refuses_is_named(code: str, words: str) -> None:
    """The words of the fault say which of them it was."""
    with pytest.raises(StoreUnavailable, match=words):
        DynamoDBStore("ev", refusing(code)).load("hq")


@pytest.mark.parametrize(("times", "served"), [(3, True), (4, False)])
def test_a_throttled_request_is_tried_again(times: int, served: bool) -> None:
    """Three times more, after a moment each; then it is an outage."""
    refusals = iter([ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem")] * times)
    client = Listening(SimpleNamespace(get_item=lambda **_request: {}))

    def refuse(_operation: str, _request: dict[str, Any]) -> None:
        if error := next(refusals, None):
            raise error

    client.before = refuse
    store = DynamoDBStore("ev", client)
    if served:
        assert store.load("hq") is None
    else:
        with pytest.raises(StoreUnavailable, match="Throttling"):
            store.load("hq")
    assert len(client.calls) == 4


def test_a_save_without_an_answer_is_unsure() -> None:
    """It may have been written, and nobody is told that it was not."""
    with pytest.raises(Unsure, match="InternalServerError"):
        DynamoDBStore("ev", refusing("InternalServerError")).save(replace(HQ, version=1), None)


def test_what_dynamodb_calls_invalid_is_a_bug() -> None:
    """It isn't taken for an outage, which somebody would wait out."""
    with pytest.raises(Refused, match="as it says"):
        DynamoDBStore("ev", refusing("ValidationException")).load("hq")


def test_no_region_is_a_fault_at_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the store connects to nothing; using it says what is missing."""
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    store = DynamoDBStore("ev")
    with pytest.raises(StoreUnavailable, match="You must specify a region"):
        store.load("hq")


@pytest.mark.parametrize(
    ("given", "region"),
    [
        ({"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "eu-central-1"),
    ],
)
def test_the_region(given: dict[str, str], region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_REGION counts for every client, which boto3 by itself doesn't see; it goes first."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert aws_client("ssm", config(DYNAMODB)).meta.region_name == region
