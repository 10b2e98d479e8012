"""Secrets that AWS keeps: Parameter Store and Secrets Manager, asked once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.edges import StoreUnavailable

from .client import client

SSM, SECRETS_MANAGER = "ssm:", "secretsmanager:"
CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2})


def fetch(references: Iterable[str]) -> dict[str, str]:
    """The secret behind each `ssm:NAME` or `secretsmanager:ID`; those that aren't there lack.

    One request for each ten parameters and each twenty secrets. Raises StoreUnavailable.
    """
    wanted = sorted(set(references))
    names = [one.removeprefix(SSM) for one in wanted if one.startswith(SSM)]
    ids = [one.removeprefix(SECRETS_MANAGER) for one in wanted if one.startswith(SECRETS_MANAGER)]
    try:
        return dict([*parameters(names), *secrets(ids)])
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(f"can't fetch the secrets: {error}") from error


def parameters(names: list[str]) -> Iterator[tuple[str, str]]:
    """By reference (AWS docs: GetParameters takes ten names)."""
    for some in batches(names, 10):
        answer = client("ssm", CONFIG).get_parameters(Names=some, WithDecryption=True)
        for found in answer["Parameters"]:
            yield SSM + found["Name"], found["Value"]


def secrets(ids: list[str]) -> Iterator[tuple[str, str]]:
    """By reference, an id being a name or an ARN (AWS docs: BatchGetSecretValue takes twenty)."""
    for some in batches(ids, 20):
        answer = client("secretsmanager", CONFIG).batch_get_secret_value(SecretIdList=some)
        for found in answer["SecretValues"]:
            for name in {found["Name"], found["ARN"]}.intersection(some):
                yield SECRETS_MANAGER + name, found["SecretString"]


def batches(names: list[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, size)):
        yield some
