"""The listener on AWS: on Fargate, on Elastic Beanstalk, behind a fixed address."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import decode

from bot.listener import lease
from chalicelib.stores.dynamodb import DynamoDBStore
from deploy import bundle
from deploy.package import ROOT, SETTINGS
from deploy.resources import LISTENERS
from practice.common.free_port import free_port
from tests.aws.policy import STACK, Call, calls_in, grants_of, lacking, sub, wrong
from tests.aws.relay import relay
from tests.aws.stack import BIN, Stack

TEMPLATES = sorted((ROOT / "deploy").glob("*.yaml"))
PLACE = {"AWS_REGION": "us-west-2", "EV_LOG": "cloudwatch"}  # its lines go there as they are
TOLD = {"EV_HTTP", "PYTHONUNBUFFERED"}  # the image has them, Beanstalk must be told
UNKNOWN = "AWS::ElasticBeanstalk::", "AWS::EC2::EIP", "AWS::EC2::NatGateway"  # to ministack
KEPT = {
    "chargepoint-api-key": "made-up",
    "chargepoint-api-password": "made-up",
    "chargepoint-url": "http://127.0.0.1:9",
    "chargepoint-xmpp": "off",
}
OPERATOR = (
    "site add lot --channel slack:T0HQ:C0LOT --manual 2",
    "site set lot --admin slack:T0HQ:U0BOSS",
    "site show lot",
    "site list",
    "check",
    "site remove lot",
    "meter add hall",
    "meter remove hall --purge",
)
# What the listener does with each value of Tibber's
READ_ONCE = """
import os
from chalicelib.clock import SystemClock
from chalicelib.energy.readings import Reading
from chalicelib.stores.series import open_series
now = SystemClock().now
open_series(os.environ["EV_STORE"], now).keep("hall", [Reading(now(), kw=1.0)])
"""


def template(name: str) -> dict[str, Any]:
    found, _ = decode(str(ROOT / "deploy" / f"{name}.yaml"))
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


def container() -> dict[str, Any]:
    task = template("fargate")["Resources"]["Task"]["Properties"]
    (found,) = task["ContainerDefinitions"]
    one: dict[str, Any] = found
    return one


def on_fargate() -> dict[str, str]:
    """The settings of the task, for the stage `dev`."""
    return {one["Name"]: value(one["Value"]) for one in container()["Environment"]}


def on_beanstalk() -> dict[str, str]:
    """Those of the environment."""
    options = template("beanstalk")["Resources"]["Environment"]["Properties"]["OptionSettings"]
    space = "aws:elasticbeanstalk:application:environment"
    return {one["OptionName"]: value(one["Value"]) for one in options if one["Namespace"] == space}


def value(given: str | dict[str, str]) -> str:
    return "us-west-2" if given == {"Ref": "AWS::Region"} else sub(given)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_cfn_lint(path: Path) -> None:
    """Each template is one that CloudFormation takes, as far as cfn-lint knows."""
    done = subprocess.run([BIN / "cfn-lint", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_one_set_of_settings() -> None:
    """Both have what the functions have, and the charging network's account besides."""
    theirs = SETTINGS["dev"] | PLACE
    on = on_fargate()
    assert theirs.items() <= on.items()
    own = {text.removeprefix("ssm:/ev-concierge/dev/").rstrip("?") for name, text in on.items() if name not in theirs}  # fmt: skip
    assert own == set(LISTENERS)
    there = {name: text for name, text in on_beanstalk().items() if name not in TOLD}
    assert there | PLACE == on


def test_the_container() -> None:
    """As the image has it: healthy by the same question, nobody in particular, and it may end."""
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    (words,) = re.findall(r"HEALTHCHECK .*?CMD (\[.*?\])$", dockerfile, re.DOTALL | re.MULTILINE)
    here = container()
    assert here["HealthCheck"]["Command"] == ["CMD", *json.loads(words)]
    assert f"--uid {here['User']} " in dockerfile
    assert here["ReadonlyRootFilesystem"] is True
    assert here["StopTimeout"] > lease.TERM.total_seconds()


@pytest.mark.parametrize("name", ["fargate", "beanstalk", "fixed-address"])
def test_ministack_takes_it(stack: Stack, name: str) -> None:
    """What ministack knows of it becomes a stack, the listener's policy found by its export."""
    body = template(name)
    body["Resources"] = {
        key: one for key, one in body["Resources"].items()
        if not one["Type"].startswith(UNKNOWN) and key != "PrivateRoute"
    }  # fmt: skip
    body["Outputs"] = {key: one for key, one in body["Outputs"].items() if key not in ("Address", "Environment")}  # fmt: skip
    if name == "fargate":
        body["Resources"]["Service"]["Properties"]["DesiredCount"] = 0  # it starts no containers
    ec2 = stack.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/24")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/25")["Subnet"]["SubnetId"]
    given = {"Vpc": vpc, "Subnet": subnet, "Subnets": subnet, "Image": "ev", "Bucket": "b", "Bundle": "k", "Platform": "p"}  # fmt: skip
    cloudformation = stack.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(body),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": text}
            for key, text in given.items()
            if key in body["Parameters"]
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    if name != "fixed-address":
        role = stack.client("iam").get_paginator("list_entities_for_policy")
        pages = role.paginate(PolicyArn=stack.physical("Listener"))
        assert any(one["RoleName"].startswith(name) for page in pages for one in page["PolicyRoles"])  # fmt: skip


@pytest.fixture(scope="module")
def calls(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> set[Call]:
    """All that a day of the listener and of its operator asks of AWS.

    It runs from Beanstalk's bundle, by the Procfile's command, with Fargate's settings.
    """
    folder = tmp_path_factory.mktemp("listener")
    bundle.bundle(folder / "listener.zip")
    with zipfile.ZipFile(folder / "listener.zip") as packed:
        packed.extractall(folder / "app")
    heard: set[Call] = set()
    for name, text in KEPT.items():
        stack.client("ssm").put_parameter(Name=f"/ev-concierge/dev/{name}", Value=text, Type="SecureString")  # fmt: skip
    with relay(
        stack.aws, lambda headers, body: heard.update(calls_in(headers, body))
    ) as overheard:
        environ = {
            **os.environ, **on_fargate(), "AWS_ENDPOINT_URL": overheard,
            "EV_HTTP": f"127.0.0.1:{free_port()}", "EV_CLOCK": stack.clock.origin,
            "SLACK_API_URL": stack.slack_api, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        }  # fmt: skip
        del environ["AWS_DEFAULT_REGION"]
        run = partial(subprocess.run, env=environ, cwd=folder / "app")
        for words in OPERATOR:
            met = words != "check"  # it misses ChargePoint, which isn't here
            run([sys.executable, "-m", "bot", *words.split()], check=met)
            if words == "meter add hall":
                run([sys.executable, "-c", READ_ONCE], check=True)
        command = (folder / "app" / "Procfile").read_text().partition(": ")[2].split()
        listener = subprocess.Popen(command, env=environ, cwd=folder / "app")
        records = DynamoDBStore(STACK, stack.client("dynamodb")).records
        try:
            assert stack.wait(lambda: records.get(lease.KIND, lease.KEY), 20)
            listener.send_signal(signal.SIGTERM)
            assert listener.wait(20) == 0
            assert records.get(lease.KIND, lease.KEY) is None, "the lease is given back"
        finally:
            listener.kill()
            listener.wait()
    return heard


class TestPolicy:
    """The listener and its command line may do what they were heard doing, and no more."""

    def test_nothing_is_missing(self, stack: Stack, calls: set[Call]) -> None:
        """Every call is granted."""
        assert not lacking(granted(stack), calls)

    def test_nothing_is_too_much(self, stack: Stack, calls: set[Call]) -> None:
        """Every grant was used."""
        assert not wrong(granted(stack), calls)

    def test_each_grant_matters(self, stack: Stack, calls: set[Call]) -> None:
        """These tests see each single grant that is gone."""
        for grant in granted(stack):
            assert lacking(granted(stack) - {grant}, calls)


def granted(stack: Stack) -> set[tuple[str, str]]:
    policy = stack.template["Resources"]["Listener"]["Properties"]["PolicyDocument"]
    return grants_of(policy)
