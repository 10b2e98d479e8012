"""The packaged template: what AWS is told, and what nobody would notice until it is needed."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chalicelib.stores.dynamodb import SCHEMA, SERIES_SCHEMA, TIME_TO_LIVE
from deploy import package as packing
from deploy.resources import FUNCTIONS
from tests.aws.stack import Stack

CONFIG = json.loads((packing.ROOT / ".chalice" / "config.json").read_text())


@pytest.fixture
def resources(stack: Stack) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = stack.template["Resources"]
    return found


def properties(resources: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    found: dict[str, Any] = resources[name]["Properties"]
    return found


def test_the_table(resources: dict[str, dict[str, Any]]) -> None:
    """The store's own schema, paid by use, with a stream, protected, and kept by all means."""
    table = properties(resources, "Table")
    assert {name: table[name] for name in SCHEMA} == SCHEMA
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == TIME_TO_LIVE
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert resources["Table"]["DeletionPolicy"] == "Retain"


def test_the_stream(resources: dict[str, dict[str, Any]]) -> None:
    """The real stream stands where the app has none; filtered, few retries, then put aside."""
    events = properties(resources, "Deliver")["Events"]
    (source,) = (event["Properties"] for event in events.values())
    assert source["Stream"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
    assert source["MaximumRetryAttempts"] == 2
    assert source["BisectBatchOnFunctionError"] is True
    assert source["MaximumRecordAgeInSeconds"] == 300
    target = source["DestinationConfig"]["OnFailure"]
    assert target["Destination"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    patterns = [json.loads(one["Pattern"]) for one in source["FilterCriteria"]["Filters"]]
    begun = {"NewImage": {"pending": {"BOOL": [True]}}}
    assert patterns == [
        {"eventName": ["INSERT"], "dynamodb": begun},
        {"dynamodb": {**begun, "OldImage": {"pending": {"BOOL": [False]}}}},
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(resources: dict[str, dict[str, Any]], name: str) -> None:
    """Each has its memory, its time, references instead of secrets, and logs that end."""
    function = properties(resources, name)
    assert function["MemorySize"] == 512
    assert function["Timeout"] == (30 if name == "APIHandler" else 120)
    settings = dict(function["Environment"]["Variables"])
    assert settings.pop("DEPLOYED_AT") == {"Ref": "DeployedAt"}, "or it keeps old secrets"
    assert settings.pop("EV_MAIL_TOPIC") == {"Ref": "MailTopic"}
    assert settings.pop("EV_MAIL_FROM") == {"Ref": "MailFrom"}
    assert all(value.startswith(("ssm:", "dynamodb:")) for value in settings.values())
    groups = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::Logs::LogGroup"]  # fmt: skip
    days = {group["LogGroupName"]["Fn::Sub"]: group["RetentionInDays"] for group in groups}
    assert days[f"/aws/lambda/${{{name}}}"] == 14


def test_mail(resources: dict[str, dict[str, Any]]) -> None:
    """The functions may mail by one topic, and by SES only from the sender that was named."""
    policy = properties(resources, "Mailing")
    roles = {role["Ref"] for role in policy["Roles"]}
    assert roles == {name for name, one in resources.items() if one["Type"] == "AWS::IAM::Role"}
    topic, subscriptions, pictures = policy["PolicyDocument"]["Statement"]
    assert topic["Resource"] == {"Ref": "MailTopic"}
    assert all(not action.endswith("*") for action in (*topic["Action"], *subscriptions["Action"]))
    assert pictures["Condition"]["StringEquals"]["ses:FromAddress"] == {"Ref": "MailFrom"}


def test_the_readings(resources: dict[str, dict[str, Any]]) -> None:
    """A table of their own, without a stream: nobody is woken by a reading."""
    table = properties(resources, "Readings")
    assert {name: table[name] for name in SERIES_SCHEMA} == SERIES_SCHEMA
    assert table["TableName"] == {"Fn::Sub": "${AWS::StackName}-energy"}
    assert table["TimeToLiveSpecification"] == TIME_TO_LIVE
    assert "StreamSpecification" not in table
    assert resources["Readings"]["DeletionPolicy"] == "Retain"


def test_who_draws(stack: Stack, resources: dict[str, dict[str, Any]]) -> None:
    """What has pictures leads to a function of its own, whose zip alone has the libraries."""
    paths = properties(resources, "RestAPI")["DefinitionBody"]["paths"]
    leads = {
        (path, verb): method["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        for path, methods in paths.items()
        for verb, method in methods.items()
    }
    for drawn in (
        ("/energy", "get"),
        ("/energy", "head"),
        ("/report", "get"),
        ("/report", "head"),
    ):
        assert "${Energy.Arn}" in leads.pop(drawn)
    assert all("${APIHandler.Arn}" in one for one in leads.values())
    assert properties(resources, "Energy")["Runtime"] == properties(resources, "APIHandler")["Runtime"]  # fmt: skip
    folder = stack.template_file.parent
    inside = {}
    for name in ("deployment", "energy"):
        with zipfile.ZipFile(folder / f"{name}.zip") as found:
            inside[name] = {one.partition("/")[0] for one in found.namelist()}
            has_charts = any(one.startswith("chalicelib/charts/") for one in found.namelist())
            assert has_charts == (name == "energy")
    assert not {"pygal", "resvg_py"} & inside["deployment"]
    assert {"pygal", "resvg_py"} <= inside["energy"]


def test_a_flood(resources: dict[str, dict[str, Any]]) -> None:
    """The gateway lets through what people type, and no fortune's worth of requests."""
    (settings,) = properties(resources, "RestAPI")["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] == 200


def test_alarms(resources: dict[str, dict[str, Any]]) -> None:
    """Errors, throttles, lateness, dead letters and a silent listener: someone is told."""
    alarms = {name: one["Properties"] for name, one in resources.items() if one["Type"] == "AWS::CloudWatch::Alarm"}  # fmt: skip
    wanted = {f"{name}{what}" for name in FUNCTIONS for what in ("Errors", "Throttles")}
    others = {"DeliverLate", "DeadLettersWait", "ListenerSilent", "MeterSilent"}
    assert set(alarms) == wanted | others
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms.values())


def test_the_listener_is_missed(stack: Stack) -> None:
    """The line that the tick logs is the one that the alarm's filter counts."""
    stack.operator("site", "add", "far", "--channel", "slack:T0HQ:C0FAR", "--station", "1:900001")
    stack.tick()
    stack.operator("site", "remove", "far")
    group = f"/aws/lambda/{stack.physical('Tick')}"
    pattern = properties(stack.template["Resources"], "ListenerSilentFilter")["FilterPattern"]
    asked = {"logGroupName": group, "filterPattern": pattern}
    logs = stack.client("logs")
    assert stack.wait(lambda: logs.filter_log_events(**asked)["events"])


@pytest.mark.parametrize("stage", packing.STAGES)
def test_stages_name_their_own(stage: str) -> None:
    """A stage's settings and its policy mean the table and the secrets of that stage only."""
    settings = CONFIG["stages"][stage]["environment_variables"]
    assert settings.pop("EV_STORE") == f"dynamodb:ev-concierge-{stage}"
    assert all(value.startswith(f"ssm:/ev-concierge/{stage}/") for value in settings.values())
    policy = (packing.ROOT / ".chalice" / f"policy-{stage}.json").read_text()
    others = [one for one in packing.STAGES if one != stage]
    assert not any(f"ev-concierge-{one}" in policy or f"/{one}/" in policy for one in others)
    dev = (packing.ROOT / ".chalice" / "policy-dev.json").read_text()
    assert policy == dev.replace("ev-concierge-dev", f"ev-concierge-{stage}").replace("/dev/", f"/{stage}/")  # fmt: skip


def test_cfn_lint(stack: Stack) -> None:
    """The template is one that CloudFormation takes, as far as cfn-lint knows."""
    linter = Path(sys.executable).parent / "cfn-lint"
    done = subprocess.run([linter, stack.template_file], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_same_zip_twice(tmp_path: Path) -> None:
    """The order and the dates of the files don't matter to the zip."""
    for name, first in (("one", "a.py"), ("two", "b.py")):
        folder = tmp_path / name
        folder.mkdir()
        for file in sorted(("a.py", "b.py"), key=lambda file: file != first):
            (folder / file).write_text(f"{file[0]} = 1\n")
        packing.write_zip(folder, tmp_path / f"{name}.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_no_wheel_no_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pin that pip would compile on this machine stops the packaging."""
    (tmp_path / "requirements.txt").write_text("--no-index\n--find-links dist\nbattery==1.0\n")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "battery-1.0.tar.gz").touch()
    monkeypatch.setattr(packing, "ROOT", tmp_path)
    with pytest.raises(packing.NotPackaged, match="no wheel for Lambda"):
        packing.check_wheels()
