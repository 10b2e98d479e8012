"""docs/disaster-recovery.md, as far as a make-believe AWS goes: its commands are taken."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from bot.__main__ import main
from chalicelib.stores.dynamodb import DynamoDBStore, create_table
from chalicelib.values import replace
from tests.fakes import site_of

TEXT = (Path(__file__).parents[2] / "docs" / "disaster-recovery.md").read_text(encoding="utf-8")
LONG = re.compile(r"`?(aws (?:s3api|dynamodb|ssm) [^`\n]*)", re.MULTILINE)


def told() -> list[str]:
    """Every command of these services, on one line."""
    return LONG.findall(re.sub(r"\\\n\s*", "", TEXT))


def request(words: list[str]) -> dict[str, Any]:
    """The options of the command line as the API has them."""
    found: dict[str, Any] = {}
    for name, value in zip(words[::2], words[1::2], strict=True):
        key = "".join(part.title() for part in name.removeprefix("--").split("-"))
        found[key] = shaped(value)
    return found


def shaped(value: str) -> Any:
    """JSON, the short form `a=b,c=d`, or a text."""
    if value.startswith("{"):
        return json.loads(value)
    if "=" in value:
        pairs = (one.split("=") for one in value.split(","))
        return {name: {"true": True}.get(text, text) for name, text in pairs}
    return value


@pytest.fixture
def prod(aws: None, ministack: str, monkeypatch: pytest.MonkeyPatch) -> DynamoDBStore:
    """The table of the runbook, with a site in it; the bucket is made by the runbook."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack)
    monkeypatch.setenv("EV_STORE", "dynamodb:ev-concierge-prod")
    client = boto3.client("dynamodb")
    create_table(client, "ev-concierge-prod")
    client.update_continuous_backups(
        TableName="ev-concierge-prod",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    store = DynamoDBStore("ev-concierge-prod", client)
    store.save(site_of(), None)
    store.bind(site_of().channels[0], "hq")
    return store


def test_the_commands_are_taken(prod: DynamoDBStore, tmp_path: Path) -> None:
    """In their order: the bucket is made and closed; the table is copied as it was, the good
    notes come back from the copy, and the copy is deleted.
    """
    done = []
    for line in told():
        _, service, command, *words = shlex.split(line.partition("…")[0])
        if command == "get-object" or service == "ssm":
            continue  # needs a version that is there; ssm is not here
        region = words.pop(1) if words[:1] == ["--region"] else "us-west-2"
        words = [one for one in words if one != "--region"]
        client = boto3.client(service.removesuffix("api"), region_name=region)
        if command == "wait":
            client.get_waiter(words[0].replace("-", "_")).wait(**request(words[1:]))
        else:
            getattr(client, command.replace("-", "_"))(**request(words))
        done.append(command)
        if command.startswith("restore-table"):  # the wrong thing is done to the table
            site = prod.load("hq")
            assert site
            prod.save(replace(site, name="Spoilt"), None)
        elif command == "wait":
            bring_back(tmp_path)
            after = prod.load("hq")
            assert after
            assert after.name == "HQ garage"
    assert done.count("wait") == 1
    assert "put-bucket-encryption" in done
    with pytest.raises(ClientError, match="ResourceNotFound"):
        boto3.client("dynamodb").describe_table(TableName="ev-concierge-then")


def bring_back(folder: Path) -> None:
    """Save what there is now, and bring back what was then."""
    now, then = str(folder / "now.jsonl"), str(folder / "then.jsonl")
    assert main(["backup", now]) == 0
    prod = os.environ["EV_STORE"]
    os.environ["EV_STORE"] = "dynamodb:ev-concierge-then"
    assert main(["backup", then]) == 0
    os.environ["EV_STORE"] = prod
    assert main(["restore", "--over", then]) == 0
