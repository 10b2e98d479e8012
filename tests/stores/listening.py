"""A client of DynamoDB that a test listens to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Listening:
    """A client that notes what is called, and lets a test change what happens."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.calls: list[str] = []
        self.before: Callable[[str, dict[str, Any]], None] = lambda operation, request: None

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.calls.append(operation)
            self.before(operation, request)
            return getattr(self.client, operation)(**request)

        return call
