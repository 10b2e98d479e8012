"""AWS's JSON services asked by AWS's own library."""

from __future__ import annotations

import re
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from .asking import Refused, Service, Unreached
from .client import client

WORD = re.compile(r"(?<!^)(?=[A-Z])")


class Sdk:
    """Asks by a client of boto3's."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    def of(cls, service: Service) -> Sdk:
        """Raises Unreached where the environment doesn't say enough."""
        try:
            return cls(client(service.name, config(service)))
        except BotoCoreError as error:
            raise Unreached(str(error)) from error

    def __call__(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The answer. Raises Refused and Unreached."""
        ask = getattr(self._client, WORD.sub("_", operation).lower())
        try:
            answer: dict[str, Any] = ask(**request)
        except ParamValidationError:
            raise
        except BotoCoreError as error:
            raise Unreached(str(error)) from error
        except ClientError as error:
            told = error.response["Error"]
            raise Refused(told["Code"], told.get("Message", ""), {**error.response}) from error
        return answer


def config(service: Service) -> Config:
    """With the mode "legacy" it waits at most 50 ms before the second attempt, with the newer
    ones a second: a dead DynamoDB is known within 2 s.
    """
    return Config(
        connect_timeout=service.connect,
        read_timeout=service.read,
        retries={"mode": "legacy", "total_max_attempts": 2},
        tcp_keepalive=True,
        max_pool_connections=50,
    )
