"""HipChat, going out: room notifications and private messages (HipChat API v2)."""

from __future__ import annotations

import re

from chalicelib.chat.rest import Answered, wait_of
from chalicelib.core.effects import Called, Effect
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import Site
from chalicelib.edges import MessageRefused, MessengerUnavailable, StoreUnavailable

from .hosts import NotAllowed
from .installations import Installs, SecretRefused
from .markup import message, notification

ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
NOT_FOUND = "Not Found"  # HipChat API v2: no such user
REASON = re.compile(r"[A-Za-z ]{1,60}")  # how HipChat names an error


class HipChatMessenger:
    """Says effects in HipChat. An address is `hipchat:HOST-GROUP:ID`, of a room of the site
    or of a person. HipChat can't edit: what would be an edit is said anew.
    """

    def __init__(self, installs: Installs) -> None:
        self._installs = installs

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:  # noqa: ARG002 — see above
        """Post; there is no ref."""
        _, tenant, last = to.split(":", 2)
        if to in site.channels:
            self._ask(
                "POST", tenant, last, f"room/{last}/notification", notification(effect, site)
            )
        else:
            rooms = [
                one.rpartition(":")[2] for one in site.channels if one.split(":")[1] == tenant
            ]
            said = {**message(effect, site, to), "notify": isinstance(effect, Called)}
            self._ask(
                "POST", tenant, rooms[0] if rooms else "", f"user/{last}/message", said, last
            )
        return ""

    def profile(self, driver: str) -> Profile:
        """Who that is, by the mention name, which people are known by there."""
        _, tenant, last = driver.split(":", 2)
        if not self._is_installed(tenant):
            raise MessengerUnavailable("not installed there yet")
        try:
            user = self._ask("GET", tenant, "", f"user/{last}", None, last).json
        except MessageRefused as refused:
            if refused.reason == NOT_FOUND:
                return Profile(driver, sort=Sort.NOBODY)
            raise MessengerUnavailable(refused.reason) from refused
        handle = str(user.get("mention_name") or "")
        sort = Sort.GONE if user.get("is_deleted") else Sort.PERSON
        return Profile(driver, handle or str(user.get("name") or ""), handle, sort)

    def _is_installed(self, tenant: str) -> bool:
        try:
            return self._installs.serving(tenant, "") is not None
        except StoreUnavailable as fault:
            raise MessengerUnavailable("the installation can't be read") from fault

    def _ask(
        self, method: str, tenant: str, room: str, path: str, value: object, last: str = "0"
    ) -> Answered:
        """Raises MessengerUnavailable or MessageRefused."""
        if not ID.fullmatch(last) or not ID.fullmatch(room or "0"):
            raise MessageRefused("no such id")
        try:
            installation = self._installs.serving(tenant, room)
            if installation is None:
                raise MessageRefused("not installed there")
            return checked(self._installs.ask(installation, method, path, value))
        except StoreUnavailable as fault:
            raise MessengerUnavailable("the installation can't be read") from fault
        except (NotAllowed, SecretRefused) as fault:  # removed: others must not wait for it
            raise MessageRefused(str(fault)) from fault


def checked(answer: Answered) -> Answered:
    """An answer that is no refusal. Raises MessengerUnavailable or MessageRefused."""
    if answer.status in (200, 201, 204):
        return answer
    if answer.status == 429:
        raise MessengerUnavailable("ratelimited", wait_of(answer.headers))
    reason = reason_of(answer)
    if answer.status in (400, 403, 404) and reason:
        raise MessageRefused(reason)
    raise MessengerUnavailable(reason or f"HipChat answers HTTP {answer.status}")


def reason_of(answer: Answered) -> str:
    """HipChat's own word; "" when that isn't HipChat speaking."""
    error = answer.error
    reason = error.get("type") if isinstance(error, dict) else None
    return reason if isinstance(reason, str) and REASON.fullmatch(reason) else ""
