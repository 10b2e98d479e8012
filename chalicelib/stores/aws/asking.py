"""One request to one of AWS's JSON services, whoever carries it.

AWS's own library (`sdk`) carries it: it knows every way to be given credentials, and stubs
of AWS know it. On Lambda alone, where all that is needed stands in the environment, `direct`
does: the library reads and builds for longer than the rest of a cold start takes (ADR 51).
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple, Protocol

PLAIN = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
UNUSUAL = (  # what only the library knows what to do with
    "AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_CONFIG_FILE",
    "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy",
)  # fmt: skip


class Service(NamedTuple):
    """One of AWS's services, and how patiently it is asked."""

    name: str
    target: str  # before the name of an operation
    version: str  # of the JSON protocol
    connect: float  # seconds
    read: float


DYNAMODB = Service("dynamodb", "DynamoDB_20120810", "1.0", 0.8, 0.8)
PARAMETERS = Service("ssm", "AmazonSSM", "1.1", 1, 2)
SECRETS = Service("secretsmanager", "secretsmanager", "1.1", 1, 2)


class Refused(Exception):
    """The service answered that it won't: its code, its words, and what more it said."""

    def __init__(self, code: str, words: str, said: dict[str, Any]) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.said = said


class Unreached(Exception):
    """No answer, or none that can be read."""


class Asks(Protocol):
    """Asks one service: `GetItem`, with what the service's documentation names."""

    def __call__(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The answer. Raises Refused and Unreached."""


def asks(service: Service) -> Asks:
    """Who asks it, from this process's environment. Connects to nothing yet."""
    given = os.environ
    plain = all(given.get(name) for name in PLAIN) and region()
    if plain and not any(given.get(name) for name in UNUSUAL):
        from .direct import Direct

        return Direct(service, region())
    from .sdk import Sdk  # boto3 is slow to import

    return Sdk.of(service)


def region() -> str:
    """boto3 by itself reads only AWS_DEFAULT_REGION and the profile, which still count."""
    names = ("AWS_REGION", "AWS_DEFAULT_REGION")
    return next((text for name in names if (text := os.environ.get(name, "").strip())), "")
