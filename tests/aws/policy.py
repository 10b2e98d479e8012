"""What a policy of the template grants, beside what was heard to be asked of AWS."""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from fnmatch import fnmatchcase
from typing import Any

ACCOUNT = "000000000000"  # ministack's
STACK = "ev-concierge-dev"

Call = tuple[str, str]  # an action, and a resource without `arn:aws:SERVICE:REGION:ACCOUNT:`
Grant = tuple[str, str]  # an action, and the pattern of a resource's ARN


def calls_in(headers: Mapping[str, str], body: bytes) -> set[Call]:
    """What one request asks (AWS's JSON protocol)."""
    targets = (text for name, text in headers.items() if name.lower() == "x-amz-target")
    service, _, operation = next(targets, "").partition(".")
    asked = json.loads(body)
    if service == "DynamoDB_20120810":
        index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
        return {(f"dynamodb:{operation}", f"table/{asked['TableName']}{index}")}
    if service == "AmazonSSM":
        return {(f"ssm:{operation}", f"parameter{name}") for name in asked["Names"]}
    return {(f"{service}:{operation}", "?")}


def grants_of(document: dict[str, Any]) -> set[Grant]:
    """What a policy document allows."""
    return {
        (action, sub(resource))
        for statement in document["Statement"]
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def lacking(grants: set[Grant], calls: set[Call]) -> set[Call]:
    """The calls that no grant allows."""
    return {call for call in calls if not any(allows(grant, *call) for grant in grants)}


def wrong(grants: set[Grant], calls: set[Call], by_aws: Container[str] = ()) -> set[Grant]:
    """The grants that nothing used, but for those that AWS uses: these nobody else may use."""
    return {
        grant
        for grant in grants
        if any(allows(grant, *call) for call in calls) == (grant[0] in by_aws)
    }


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def sub(resource: str | dict[str, str]) -> str:
    """What CloudFormation's Sub makes of it here."""
    text = resource["Fn::Sub"] if isinstance(resource, dict) else resource
    here = {"Partition": "aws", "Region": "us-west-2", "AccountId": ACCOUNT, "StackName": STACK}
    for name, value in here.items():
        text = text.replace(f"${{AWS::{name}}}", value)
    return text.replace("${Stage}", STACK.rpartition("-")[2])


def allows(grant: Grant, action: str, resource: str) -> bool:
    service = action.partition(":")[0]
    arn = f"arn:aws:{service}:us-west-2:{ACCOUNT}:{resource}"
    return grant[0] == action and fnmatchcase(arn, grant[1])
