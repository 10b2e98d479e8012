"""Setting up: what the operator granted, looked through by an admin, one step at a time.

Each step says how things are and which command changes them; the site remembers how far its
admins have come, so that any of them can go on later.
"""

from __future__ import annotations

from chalicelib.core import acts, answers as say
from chalicelib.core.acts import Go
from chalicelib.core.answers import Missing, SetupStep
from chalicelib.core.draft import Draft
from chalicelib.core.effects import SetupTest
from chalicelib.core.reply import Reply

STEPS = tuple(SetupStep)
LAST = len(STEPS) - 1


def setup(d: Draft, by: str, act: acts.Setup) -> Reply:
    """`admin setup`: the step where they are; `next`, `again`, `test`."""
    at = min(d.setup, LAST)
    if act.go is Go.NEXT:
        at = min(at + 1, LAST)
    elif act.go is Go.AGAIN:
        at = 0
    elif act.go is Go.TEST:
        at = STEPS.index(SetupStep.TEST)
        d.tell(by, SetupTest(by))
        d.announce(SetupTest(by))
    d.setup = at
    return lambda: say.SetupShown(by, STEPS[at], tested=act.go is Go.TEST)


def invited(d: Draft, by: str) -> Reply:
    """We were invited to a channel of the site: what we do, and what is missing."""
    return lambda: say.Welcome(by, tuple(missing(d)))


def missing(d: Draft) -> list[Missing]:
    """What keeps the site from working as it should."""
    checks = {
        Missing.ADMINS: not d.admins,
        Missing.PORTS: not d.ports,
        Missing.SETUP: d.setup < LAST,
    }
    return [what for what, is_missing in checks.items() if is_missing]
