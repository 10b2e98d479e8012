"""The packaged app, deployed to ministack beside the practice Slack: once a test session."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse
from zoneinfo import ZoneInfo

import boto3
import pytest

from deploy.package import package
from practice import server
from practice.carpark import CarPark
from practice.common import people
from practice.common.clock import ClockControl
from practice.ministack import ministack
from practice.slack.oauth import OAuth
from practice.slack.workspace_peer import Slack
from tests.aws.policy import ACCOUNT, STACK, Call, calls_in
from tests.aws.relay import relay
from tests.chat.slack.oauth_kit import CLIENT, HUSH, TWO
from tests.ministack import invent_credentials

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
OUR_PYTHON = f"{BIN}{os.pathsep}{os.environ['PATH']}"  # as the PATH of its Lambda
SERVICES = "apigateway,cloudformation,cloudwatch,dynamodb,ec2,ecs,events,iam,lambda,logs,s3,sns,sqs,ssm,sts"
SECRET, TOKEN = "a-made-up-secret", "xoxb-made-up"
MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
SITE = [
    "site", "add", "hq", "--manual", "2", "--timezone", "America/Los_Angeles",
    "--channel", f"slack:{people.WORKSPACE}:{people.CHANNEL}",
    "--admin", f"slack:{people.WORKSPACE}:{people.ADMIN.slack_id}",
]  # fmt: skip


@dataclass
class Stack:
    """The stack as it runs. `calls` are all that the app has asked of AWS."""

    aws: str
    template: dict[str, Any]
    template_file: Path
    slack: Slack
    slack_api: str
    clock: ClockControl
    two: Slack  # another workspace, without a token in the settings
    oauth: OAuth
    package_seconds: float = 0.0
    read_to: int = 0  # in what is posted
    calls: set[Call] = field(default_factory=set)
    variables: dict[str, str] = field(default_factory=dict)  # of the functions, besides their own

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.aws)

    def physical(self, logical: str) -> str:
        """What a resource of the template is called."""
        found = self.client("cloudformation").describe_stack_resource(
            StackName=STACK, LogicalResourceId=logical
        )
        name: str = found["StackResourceDetail"]["PhysicalResourceId"]
        return name

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Slack's request URLs name this stack's API gateway, until this is left."""
        api = self.physical("RestAPI")
        with relay(f"{self.aws}/restapis/{api}/api/_user_request_") as self.slack.app:
            self.two.app = self.slack.app
            self.oauth.redirect_urls = (f"{self.slack.app}/slack/oauth_redirect",)
            self.keep("public-url", self.slack.app)
            self.keep("slack-client-id", CLIENT)
            self.keep("slack-client-secret", HUSH)
            yield

    def keep(self, name: str, value: str) -> None:
        """In Parameter Store."""
        self.client("ssm").put_parameter(Name=f"/ev-concierge/dev/{name}", Value=value, Type="SecureString", Overwrite=True)  # fmt: skip

    def operator(self, *words: str) -> str:
        """What `python -m bot …` prints, on a machine of the operator's own."""
        environ = {
            **os.environ,
            "EV_STORE": f"dynamodb:{STACK}",
            "EV_CLOCK": self.clock.origin,
            "AWS_ENDPOINT_URL": self.aws,
        }
        command = [sys.executable, "-m", "bot", *words]
        done = subprocess.run(command, env=environ, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)  # fmt: skip
        return done.stdout

    def tick(self) -> None:
        """What the schedule does every minute."""
        event = {
            "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events",
            "account": ACCOUNT, "time": "2026-03-02T16:30:00Z", "region": "us-west-2",
            "resources": [], "detail": {},
        }  # fmt: skip
        done = self.client("lambda").invoke(
            FunctionName=self.physical("Tick"), Payload=json.dumps(event)
        )
        assert "FunctionError" not in done, done["Payload"].read()

    def said(self, count: int, seconds: float = 60) -> list[tuple[str, str]]:
        """The next messages of the app, in order: to whom, and the text. Waits for `count`."""
        feed, after = self.slack.workspace.feed, self.read_to

        def ours() -> list[tuple[str, str]]:
            return [
                (str(post["to"]), str(post["text"]))
                for post in feed.after(after)
                if post["by"] == "bot"
            ]

        self.wait(lambda: len(ours()) >= count, seconds)
        self.read_to = feed.last
        return ours()

    @staticmethod
    def wait(until: Callable[[], object], seconds: float = 60) -> bool:
        """Whether it came true in time."""
        give_up_at = time.monotonic() + seconds
        while not until():
            if time.monotonic() > give_up_at:
                return False
            time.sleep(0.02)
        return True

    def runs(self, logical: str) -> int:
        """How often a function has run, by its log."""
        pages = (
            self.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=f"/aws/lambda/{self.physical(logical)}", filterPattern="START")
        )
        return sum(len(page["events"]) for page in pages)

    def heard(self, headers: Mapping[str, str], body: bytes) -> None:
        """Note a call of the app."""
        self.calls |= calls_in(headers, body)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One for all tests that only use it."""
    with standing(tmp_path_factory.mktemp("aws")) as stack:
        yield stack


@contextmanager
def standing(folder: Path) -> Iterator[Stack]:
    """Packaged, deployed, with a manual site in it, until this is left."""
    with pytest.MonkeyPatch.context() as patch, ministack(SERVICES, PATH=OUR_PYTHON) as aws:
        invent_credentials(patch)
        began = time.monotonic()
        package("dev", folder / "build")
        seconds = time.monotonic() - began
        template_file = folder / "build" / "sam.json"
        template = json.loads(template_file.read_text())
        clock = ClockControl(folder / "clock", 1, MONDAY)
        listener = server.listen(0)
        address = server.address(listener)
        slack = Slack(clock, signing_secret=SECRET, bot_token=TOKEN, app="", url=address)
        two = Slack(clock, signing_secret=SECRET, bot_token="", app="", url=address, team=TWO, channel="C0TWO")  # fmt: skip
        oauth = OAuth(clock, CLIENT, HUSH, ())
        for one in (slack, two):
            oauth.admit(one)
        stack = Stack(aws, template, template_file, slack, f"{address}/api/", clock, two, oauth, seconds)  # fmt: skip
        pages = server.build(slack=slack, carpark=CarPark(clock), clock=clock, chargepoint=nobody, line=list)  # fmt: skip
        with server.serving(pages, listener), relay(aws, stack.heard) as overheard:
            stack.variables = {
                "AWS_ENDPOINT_URL": overheard,
                "SLACK_API_URL": stack.slack_api,
                "EV_CLOCK": clock.origin,
            }
            deploy(stack)
            stack.operator(*SITE)
            with stack.reached():
                yield stack


def nobody(_environ: object, start: StartResponse) -> list[bytes]:
    """No ChargePoint: the site is a manual one."""
    start("404 Not Found", [])
    return []


def deploy(stack: Stack) -> None:
    """As `make deploy`: the zip to a bucket, the template to CloudFormation."""
    zip_file = stack.template_file.parent / "deployment.zip"
    s3 = stack.client("s3")
    s3.create_bucket(Bucket="ev-build", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})  # fmt: skip
    s3.put_object(Bucket="ev-build", Key="app.zip", Body=zip_file.read_bytes())
    for name, value in (("slack-signing-secret", SECRET), ("slack-bot-token", TOKEN)):
        stack.keep(name, value)
    body = json.loads(json.dumps(stack.template))
    for resource in body["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://ev-build/app.zip"
            resource["Properties"]["Environment"]["Variables"] |= stack.variables
    cloudformation = stack.client("cloudformation")
    cloudformation.create_stack(
        StackName=STACK,
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": "AlarmEmail", "ParameterValue": "boss@example.com"}],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
