"""The drill: everything is lost but the backup, and comes back.

    python -m tests.aws.drill

On a make-believe AWS: the stack, its table, the zip and the secrets are destroyed in the
middle of a morning, and rebuilt by the steps of docs/disaster-recovery.md.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.core.model import Site
from chalicelib.stores.dynamodb import DynamoDBStore
from chalicelib.stores.series.kept import BESIDE
from chalicelib.values import replace
from deploy.package import package
from tests.aws.policy import STACK
from tests.aws.stack import Stack, deploy, standing
from tests.practice_world import request

BACKUP = "s3://ev-backups/drill.jsonl"


@dataclass
class Drill:
    """How it went: what took how many seconds, and the site before and after."""

    took: dict[str, float] = field(default_factory=dict)
    before: Site | None = None
    after: Site | None = None
    silent: str = ""  # what Slack showed while nothing was there
    heard: list[tuple[str, str]] = field(default_factory=list)  # messages of the restored site

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.took[what] = time.monotonic() - began

    def __str__(self) -> str:
        lines = [f"{seconds:6.1f} s  {what}" for what, seconds in self.took.items()]
        total = sum(self.took.values()) - self.took["the backup"]
        return "\n".join([*lines, f"{total:6.1f} s = {total / 60:.1f} minutes from the loss on"])


def drill(folder: Path) -> Drill:
    """Destroy and rebuild. Raises AssertionError where something is not as it was."""
    found = Drill()
    with standing(folder) as stack:
        morning(stack)
        found.before = site_of(stack)
        where = {"LocationConstraint": "us-west-2"}
        stack.client("s3").create_bucket(Bucket="ev-backups", CreateBucketConfiguration=where)
        with found.timed("the backup"):
            stack.operator("backup", BACKUP)
        with found.timed("the loss: stack, table, zip and secrets"):
            destroy(stack)
        found.silent = str(stack.slack.say("cleo", "/ev list"))
        with found.timed("packaged anew"):
            package("dev", stack.template_file.parent)
        with found.timed("deployed anew"):
            deploy(stack)
        with found.timed("restored, and read again"):
            stack.operator("restore", BACKUP)
        found.after = site_of(stack)
        with stack.reached():
            stack.said(1, seconds=0)
            with found.timed("the first request, cold"):
                warm(stack)
            answer = stack.slack.say("cleo", "/ev list")
            assert "1. Cleo" in answer["text"], answer
            goes_on(stack, found)
    return found


def warm(stack: Stack) -> None:
    """On a busy machine a first worker takes longer than Slack waits: that isn't the drill's."""
    assert stack.wait(lambda: is_healthy(stack), 60)


def is_healthy(stack: Stack) -> bool:
    """Whether it answers by now."""
    try:
        return request("GET", f"{stack.slack.app}/health").status == 200
    except OSError:
        return False


def morning(stack: Stack) -> None:
    """Ana charges, Bob is called, Cleo waits."""
    warm(stack)
    for driver, words in (("ana", "add"), ("bob", "add"), ("cleo", "add"), ("ana", "in 1")):
        answer = stack.slack.say(driver, f"/ev {words}")
        assert not answer.get("error"), answer
    assert stack.wait(lambda: not site_of(stack).outbox)


def destroy(stack: Stack) -> None:
    """The stack keeps its tables, and they refuse: it takes a person, or worse."""
    cloudformation, table = stack.client("cloudformation"), stack.client("dynamodb")
    tables = STACK, f"{STACK}{BESIDE}"
    for name in tables:
        table.update_table(TableName=name, DeletionProtectionEnabled=False)
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})  # fmt: skip
    for name in set(tables) & set(table.list_tables()["TableNames"]):
        table.delete_table(TableName=name)
    stack.client("s3").delete_object(Bucket="ev-build", Key="app.zip")
    stack.client("s3").delete_bucket(Bucket="ev-build")
    names = [f"/ev-concierge/dev/{name}" for name in ("slack-signing-secret", "slack-bot-token")]
    stack.client("ssm").delete_parameters(Names=names)


def goes_on(stack: Stack, found: Drill) -> None:
    """Bob comes to the port that he was called to; Ana leaves, and Cleo is called."""
    assert "charging on port 2" in stack.slack.say("bob", "/ev in 2")["text"]
    stack.slack.say("ana", "/ev out 1")
    with found.timed("until the next driver was called"):
        called = stack.wait(lambda: site_of(stack).queue[0].turn and not site_of(stack).outbox)
    assert called, site_of(stack)
    found.heard = stack.said(1)


def site_of(stack: Stack) -> Site:
    site = DynamoDBStore(STACK, stack.client("dynamodb")).load("hq")
    assert site is not None
    return replace(site, version=0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="ev-drill-") as name:
        print(drill(Path(name)))
