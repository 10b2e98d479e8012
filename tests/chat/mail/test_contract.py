"""Mail tells what every chat platform tells, to each alone; what is typed is typed elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from practice.ministack import AWS
from tests.chat.mail.kit import AwsStreet, MailStand, aws_street
from tests.contracts.chat_platform import ChatPlatformContract, PacedContract
from tests.fakes import FakeClock


class TestMail(ChatPlatformContract, PacedContract):
    @pytest.fixture(scope="class")
    @classmethod
    def street(cls) -> Iterator[AwsStreet]:
        with aws_street() as here:
            yield here

    @pytest.fixture
    def stand(
        self, street: AwsStreet, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> MailStand:
        for name, value in AWS.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ENDPOINT_URL", street.address)
        return MailStand(street, clock, tmp_path)
