"""Mail by AWS: a topic of SNS, with a subscription for each address, and SES for pictures.

The addresses stay with SNS. Here a person is a name that stands in the subscription's filter
policy; whose mailbox that is only SNS knows, and says when it is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar

from chalicelib.edges import MessageRefused, MessengerUnavailable

# Somebody who typed waits for three seconds; what is sent is sent again by us, if at all.
PATIENCE = {"connect_timeout": 1, "read_timeout": 2, "retries": {"total_max_attempts": 1}}
PERSON = "person"  # the attribute of a message that filter policies look at
# AWS docs: SNS API, errors of Publish and Subscribe
THROTTLED = {"Throttled", "Throttling", "ThrottledException", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}  # fmt: skip
FULL = {"FilterPolicyLimitExceeded", "SubscriptionLimitExceeded", "FilterPolicyLimitExceededException", "SubscriptionLimitExceededException"}  # fmt: skip
GONE = {"NotFound", "NotFoundException", "ResourceNotFoundException"}
BAD = {"InvalidParameter", "InvalidParameterException", "ParameterValueInvalid", "MessageRejected"}  # fmt: skip
SOON = timedelta(seconds=1)
T = TypeVar("T")


class Topic:
    """A topic, by its ARN. `sender`: an address that SES has verified; "": there is none.

    Every method may raise MessengerUnavailable and MessageRefused; no address is in their words.
    """

    def __init__(self, arn: str, sender: str = "") -> None:
        self.arn = arn
        self.sender = sender
        self._region = arn.split(":")[3]

    @cached_property
    def _sns(self) -> Any:
        return self._client("sns")

    @cached_property
    def _ses(self) -> Any:
        return self._client("ses")

    def _client(self, service: str) -> Any:
        from botocore.config import Config  # slow to import, and seldom needed

        from .client import client

        return client(service, Config(**PATIENCE), self._region)

    def subscribe(self, mailbox: str, name: str) -> str:
        """Ask AWS to write to a mailbox what is for `name`; it asks the owner first, each time
        until they have agreed. The subscription's ARN.
        """
        policy = json.dumps({PERSON: [name]})
        found = self._do(
            lambda: self._sns.subscribe(
                TopicArn=self.arn,
                Protocol="email",
                Endpoint=mailbox,
                Attributes={"FilterPolicy": policy},
                ReturnSubscriptionArn=True,  # also while it waits to be confirmed
            )
        )
        return str(found["SubscriptionArn"])

    def is_confirmed(self, subscription: str) -> bool | None:
        """Whether its owner has agreed; None: there is no such subscription (any more)."""
        found = self._attributes(subscription)
        return None if found is None else found.get("PendingConfirmation") != "true"

    def unsubscribe(self, subscription: str) -> None:
        """End it, if it is there."""
        try:
            self._do(lambda: self._sns.unsubscribe(SubscriptionArn=subscription), theirs=True)
        except MessageRefused:
            return  # it is gone, or was never confirmed: then AWS forgets it after three days

    def publish(self, name: str, subject: str, text: str) -> None:
        """Mail a text to whom the name stands for."""
        attribute = {"DataType": "String", "StringValue": name}
        self._do(
            lambda: self._sns.publish(
                TopicArn=self.arn,
                Subject=subject,
                Message=text,
                MessageAttributes={PERSON: attribute},
            )
        )

    def mail(self, subscription: str, make: Callable[[str], bytes]) -> None:
        """Mail what `make` makes for the mailbox of a confirmed subscription, by SES."""
        found = self._attributes(subscription) or {}
        mailbox = found.get("Endpoint", "")
        if not mailbox or found.get("PendingConfirmation") == "true":
            raise MessageRefused("takes no mail")
        self._do(
            lambda: self._ses.send_raw_email(
                Source=self.sender,
                Destinations=[mailbox],
                RawMessage={"Data": make(mailbox)},
            )
        )

    def attributes(self) -> dict[str, str]:
        """What SNS says of the topic: how many have confirmed, and how many not yet."""
        found = self._do(lambda: self._sns.get_topic_attributes(TopicArn=self.arn))
        return dict(found["Attributes"])

    def _attributes(self, subscription: str) -> dict[str, str] | None:
        try:
            found = self._do(
                lambda: self._sns.get_subscription_attributes(SubscriptionArn=subscription),
                theirs=True,
            )
        except MessageRefused:
            return None
        return dict(found["Attributes"])

    @staticmethod
    def _do(act: Callable[[], T], *, theirs: bool = False) -> T:
        """Only AWS's code for an error is told: its words may hold an address. `theirs`: what
        isn't there is a subscription, and not our topic.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return act()
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in THROTTLED:
                raise MessengerUnavailable("ratelimited", SOON) from None
            if code in FULL:
                raise MessageRefused("full") from None
            if code in BAD or (code in GONE and theirs):
                raise MessageRefused(code) from None
            raise MessengerUnavailable(
                f"AWS answers {code or 'an error'}", everywhere=True
            ) from None
        except BotoCoreError as error:
            raise MessengerUnavailable(f"AWS can't be reached: {type(error).__name__}", everywhere=True) from None  # fmt: skip
