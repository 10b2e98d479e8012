"""Secrets that AWS keeps: Parameter Store and Secrets Manager, asked once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from chalicelib.edges import StoreUnavailable

from .asking import PARAMETERS, SECRETS, Refused, Unreached, asks

SSM, SECRETS_MANAGER = "ssm:", "secretsmanager:"
ABSENT = "ResourceNotFoundException"


def fetch(references: Iterable[str]) -> dict[str, str]:
    """The secret behind each `ssm:NAME` or `secretsmanager:ID`; those that aren't there lack.

    One request for each ten parameters and each twenty secrets. Raises StoreUnavailable, which
    names what AWS refuses to tell: that is another thing than not being there.
    """
    wanted = sorted(set(references))
    names = [one.removeprefix(SSM) for one in wanted if one.startswith(SSM)]
    ids = [one.removeprefix(SECRETS_MANAGER) for one in wanted if one.startswith(SECRETS_MANAGER)]
    try:
        return dict([*parameters(names), *secrets(ids)])
    except (Unreached, Refused) as error:
        raise StoreUnavailable(f"can't fetch the secrets: {error}") from error


def parameters(names: list[str]) -> Iterator[tuple[str, str]]:
    """By reference: a name, with `:VERSION` or `:LABEL` or without, or an ARN (AWS docs:
    GetParameters takes ten).
    """
    for some in batches(names, 10):
        request = {"Names": some, "WithDecryption": True}
        answer = asks(PARAMETERS)("GetParameters", request)
        for found in answer["Parameters"]:
            pin = found.get("Selector", "")
            called = {found["Name"] + pin, found.get("ARN", "") + pin}
            yield from ((SSM + name, found["Value"]) for name in called.intersection(some))


def secrets(ids: list[str]) -> Iterator[tuple[str, str]]:
    """By reference, an id being a name or an ARN (AWS docs: BatchGetSecretValue takes twenty)."""
    for some in batches(ids, 20):
        answer = asks(SECRETS)("BatchGetSecretValue", {"SecretIdList": some})
        if refused := [one for one in answer.get("Errors", ()) if one.get("ErrorCode") != ABSENT]:
            raise StoreUnavailable(f"can't fetch the secrets: {'; '.join(map(words, refused))}")
        for found in answer["SecretValues"]:
            if "SecretString" not in found:
                raise StoreUnavailable(f"can't fetch the secrets: {found['Name']} holds bytes, and no text")  # fmt: skip
            for name in {found["Name"], found["ARN"], found["ARN"][:-7]}.intersection(some):
                yield SECRETS_MANAGER + name, found["SecretString"]


def words(error: dict[str, str]) -> str:
    """What AWS says of one secret, by its id."""
    return f"{error.get('SecretId')}: {error.get('ErrorCode')}: {error.get('Message')}"


def batches(names: list[str], size: int) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, size)):
        yield some
