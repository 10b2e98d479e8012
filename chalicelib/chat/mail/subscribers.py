"""Who gets mail: a name for each mailbox, and the subscription behind it. Never an address.

A name is a keyed hash of the address, so that the same mailbox is the same name, and nobody
who reads our notes learns whose it is. What is kept: the subscription, and whose name it is.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple, Protocol

from chalicelib.chat.http import short
from chalicelib.edges import Clock, MessageRefused, Records, StoreUnavailable

TENANT = "mail:topic"
KIND, KEY = "mail", "mail-key"  # of the records
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
RULE = "a name is small letters, digits and dashes, at most 40"
# One address, nothing else, and no trick of the standard's: what people have is like this
MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")  # fmt: skip
LONGEST = 254
DAY = timedelta(days=1)
MOST_ASKED = 5  # mails to confirm, a person and day: nobody is pestered by somebody else


class NoMail(Exception):
    """There is no mail for them; `why` is a word for it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Topic(Protocol):
    """What sends the mail, and keeps the addresses. Raises MessengerUnavailable, MessageRefused."""

    def subscribe(self, mailbox: str, name: str) -> str: ...

    def is_confirmed(self, subscription: str) -> bool | None: ...

    def unsubscribe(self, subscription: str) -> None: ...


class Subscribed(NamedTuple):
    """A name, and whether its owner has agreed to mail."""

    name: str
    is_confirmed: bool


class Subscribers:
    """The names and their subscriptions, as records beside the sites.

    Every method may raise StoreUnavailable, and what the topic raises.
    """

    def __init__(self, records: Records, topic: Topic, clock: Clock) -> None:
        self._records = records
        self._topic = topic
        self._clock = clock

    def add(self, mailbox: str, person: str, name: str = "") -> Subscribed:
        """Ask for mail to a mailbox, in somebody's own wish. Raises NoMail.

        A mailbox is one person's: who has confirmed it isn't asked again, so that nobody else
        could have their mail sent there. `name`: the operator's own, for one mailbox.
        """
        if len(mailbox) > LONGEST or not MAILBOX.fullmatch(mailbox) or ".." in mailbox:
            raise NoMail("no address")
        whose, known = short(person), self._records.get(KIND, name or self._name_of(mailbox))
        state = self._topic.is_confirmed(known["at"]) if known is not None else None
        if name and state is not None:
            raise NoMail("taken")
        name = name or self._name_of(mailbox)
        if known is not None and state:
            if known["whose"] != whose:
                raise NoMail("taken")
            return Subscribed(name, is_confirmed=True)
        if not self._may_ask(whose):
            raise NoMail("too often")
        try:
            at = self._topic.subscribe(mailbox, name)
        except MessageRefused as refused:
            raise NoMail("full" if refused.reason == "full" else "no address") from refused
        is_confirmed = self._topic.is_confirmed(at) is True
        self._records.put(KIND, name, {"at": at, "whose": whose, "agreed": is_confirmed})
        return Subscribed(name, is_confirmed)

    def subscription(self, name: str) -> str | None:
        """Where AWS knows it; None: we don't (somebody has set it up by hand)."""
        found = self._records.get(KIND, name) if NAME.fullmatch(name) else None
        return None if found is None else str(found["at"])

    def is_confirmed(self, name: str) -> bool | None:
        """Whether its owner has agreed to mail; None: not any more. True for what isn't ours."""
        at = self.subscription(name)
        return True if at is None else self._topic.is_confirmed(at)

    def end(self, name: str) -> None:
        """No more mail to that name."""
        at = self.subscription(name)
        if at is not None:
            self._topic.unsubscribe(at)
            self._records.delete(KIND, name)

    def names(self) -> list[str]:
        return self._records.keys(KIND)

    def changes(self, *, everybody: bool) -> Iterator[tuple[str, bool | None]]:
        """The names whose owners have agreed to mail since the last time, or taken that back
        (None); only of those that we wait for, or of everybody. Noted as the next is asked for.
        """
        for name in self.names():
            known = self._records.get(KIND, name)
            if known is None or not (everybody or known["agreed"] is False):
                continue
            now = self._topic.is_confirmed(known["at"])
            if now != known["agreed"]:
                yield name, now
                self._records.compare_and_set(KIND, name, known, {**known, "agreed": now})

    def _name_of(self, mailbox: str) -> str:
        """The same for the same mailbox; case counts for nothing."""
        return hmac.new(self._key(), mailbox.casefold().encode(), hashlib.sha256).hexdigest()[:20]

    def _key(self) -> bytes:
        for _ in range(3):
            found = self._records.get(KEY, KEY)
            if found is not None:
                return bytes.fromhex(found["key"])
            self._records.compare_and_set(KEY, KEY, None, {"key": secrets.token_hex(32)})
        raise StoreUnavailable("the key of names can't be kept")

    def _may_ask(self, whose: str) -> bool:
        key = f"{whose}:{self._clock.now():%Y-%m-%d}"
        for _ in range(8):
            old = self._records.get("mail-asked", key)
            n = int((old or {}).get("n", 0)) + 1
            if n > MOST_ASKED:
                return False
            if self._records.compare_and_set("mail-asked", key, old, {"n": n}, DAY * 2):
                return True
        return False
