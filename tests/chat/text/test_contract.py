"""Plain words do what every chat platform does."""

from __future__ import annotations

import pytest

from tests.contracts.chat_platform import ChatPlatformContract
from tests.contracts.chat_stage import Terminal
from tests.fakes import FakeClock


class TestTerminal(ChatPlatformContract):
    @pytest.fixture(params=[True, False], ids=["buttons", "typed"])
    def stand(self, request: pytest.FixtureRequest, clock: FakeClock) -> Terminal:
        return Terminal(has_buttons=request.param)
