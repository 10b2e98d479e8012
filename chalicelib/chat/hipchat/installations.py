"""Installations of the HipChat add-on: who we are on which server, and the tokens for it."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, TypeVar
from urllib.parse import urlencode, urlsplit

from msgspec import Meta, Struct, field as named

from chalicelib.chat.rest import Answered, send_json
from chalicelib.edges import Fault, MessengerUnavailable, Record, Records
from chalicelib.shapes import Malformed, Shape

from .hosts import AllowedHosts

SCOPES = ("send_message", "send_notification", "view_group")  # view_group: what people are called
KIND, ROOMS = "hipchat", "hipchat-rooms"
STRANGERS = ("invalid_client", "unauthorized_client")  # RFC 6749, 5.2
CHECK = 3.0  # seconds for each call that anybody can make us do; somebody waits for it
EARLY = 60.0  # seconds before its end that a token is renewed

T = TypeVar("T")
Line = Annotated[str, Meta(pattern=r"\A[!-~]{1,2000}\Z")]  # fit for a header


class SecretRefused(Fault):
    """The server doesn't know this installation (any more)."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The add-on on one server: in all rooms, or in one (`room`). `tenant` is `HOST-GROUP`."""

    oauth_id: str
    secret: str = field(repr=False)
    capabilities_url: str = field(repr=False)
    tenant: str = ""
    room: str = ""
    token_url: str = ""
    api_url: str = ""


class TokenGiven(Struct):
    """What the token address answers (HipChat docs: API access tokens)."""

    access_token: Line
    expires_in: float
    group_id: int | Annotated[str, Meta(pattern=r"\A[0-9A-Za-z]{1,40}\Z")]


class Provider(Struct):
    url: Line


class OAuth(Struct):
    token_url: Line = named(name="tokenUrl")


class Capabilities(Struct):
    """What a server offers (HipChat docs: server-side installation)."""

    oauth2_provider: OAuth = named(name="oauth2Provider")
    api_provider: Provider = named(name="hipchatApiProvider")


class Document(Struct):
    capabilities: Capabilities


DOCUMENT: Shape[Document] = Shape(Document)
TOKEN_GIVEN: Shape[TokenGiven] = Shape(TokenGiven)


class Installs:
    """Keeps installations among the records; tokens only in this process."""

    def __init__(self, records: Records, hosts: AllowedHosts) -> None:
        self.records = records
        self._hosts = hosts
        self._tokens: dict[str, tuple[str, float]] = {}

    def find(self, oauth_id: str) -> Installation | None:
        """Raises StoreUnavailable."""
        found = self.records.get(KIND, oauth_id)
        return Installation(**found) if found is not None else None

    def serving(self, tenant: str, room: str) -> Installation | None:
        """The installation that may speak in a room, or else any of the tenant's.

        Raises StoreUnavailable.
        """
        rooms = self.records.get(ROOMS, tenant) or {}
        for oauth_id in (rooms.get(room), rooms.get(""), *rooms.values()):
            if oauth_id is not None:
                return self.find(oauth_id)
        return None

    def install(self, offered: Installation) -> Installation:
        """Keep an installation, once its server has given a token for its secret.

        Raises NotAllowed, SecretRefused, MessengerUnavailable or StoreUnavailable.
        """
        accept = {"Accept": "application/json"}
        answer = self._hosts.call("GET", offered.capabilities_url, accept, seconds=CHECK)
        found = shaped(answer, DOCUMENT).capabilities
        token_url, api_url = found.oauth2_provider.token_url, found.api_provider.url
        self._hosts.check(api_url)
        asking = replace(offered, token_url=token_url, api_url=api_url.rstrip("/"))
        given = self._fetch(asking, CHECK)
        tenant = (
            f"{urlsplit(token_url).hostname}-{given.group_id}"  # by whom the group is vouched for
        )
        kept = replace(asking, tenant=tenant)
        self.records.put(KIND, kept.oauth_id, asdict(kept))
        self._index(tenant, lambda rooms: {**rooms, kept.room: kept.oauth_id})
        return kept

    def uninstall(self, oauth_id: str) -> bool:
        """Forget an installation if its server refuses the secret by now; whether it is gone.

        Raises MessengerUnavailable, NotAllowed or StoreUnavailable.
        """
        kept = self.find(oauth_id)
        if kept is None:
            return True
        if self.is_known(kept):
            return False
        self.records.delete(KIND, oauth_id, only=asdict(kept))
        self._index(
            kept.tenant,
            lambda rooms: {room: one for room, one in rooms.items() if one != oauth_id},
        )
        self._tokens.pop(oauth_id, None)
        return True

    def is_known(self, by: Installation) -> bool:
        """Whether its server still gives a token for its secret.

        Raises MessengerUnavailable or NotAllowed.
        """
        try:
            self._fetch(by, CHECK)
        except SecretRefused:
            return False
        return True

    def all(self) -> list[Installation]:
        """Every installation that speaks somewhere. Raises StoreUnavailable."""
        rooms = [self.records.get(ROOMS, tenant) or {} for tenant in self.records.keys(ROOMS)]
        found = [self.find(oauth_id) for each in rooms for oauth_id in each.values()]
        return [one for one in found if one is not None]

    def forget(self, tenant: str) -> bool:
        """Forget a group's installations; whether there were any. Raises StoreUnavailable."""
        rooms = self.records.get(ROOMS, tenant) or {}
        for oauth_id in rooms.values():
            self.records.delete(KIND, oauth_id)
            self._tokens.pop(oauth_id, None)
        self.records.delete(ROOMS, tenant)
        return bool(rooms)

    def ask(self, by: Installation, method: str, path: str, value: object = None) -> Answered:
        """One call of the API. A token that is refused is renewed once.

        Raises MessengerUnavailable, NotAllowed or SecretRefused.
        """
        answer = self._call(by, method, path, value)
        if answer.status == 401:
            self._tokens.pop(by.oauth_id, None)
            answer = self._call(by, method, path, value)
        return answer

    def _call(self, by: Installation, method: str, path: str, value: object) -> Answered:
        url = f"{by.api_url}/{path}"
        return send_json(method, url, self._token(by), value, self._hosts.check(url))

    def _token(self, by: Installation) -> str:
        token, until = self._tokens.get(by.oauth_id, ("", 0.0))
        if time.monotonic() < until:
            return token
        given = self._fetch(by)
        until = time.monotonic() + given.expires_in - EARLY
        self._tokens[by.oauth_id] = given.access_token, until
        return given.access_token

    def _fetch(self, by: Installation, seconds: float | None = None) -> TokenGiven:
        """A token for the secret (RFC 6749, 4.4). Raises SecretRefused."""
        pair = base64.b64encode(f"{by.oauth_id}:{by.secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {pair}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        form = urlencode({"grant_type": "client_credentials", "scope": " ".join(SCOPES)})
        answer = self._hosts.call("POST", by.token_url, headers, form.encode(), seconds)
        if answer.status == 401 or (answer.status == 400 and answer.error in STRANGERS):
            raise SecretRefused
        return shaped(answer, TOKEN_GIVEN)

    def _index(self, tenant: str, change: Callable[[Record], Record]) -> None:
        """Change which installation serves which rooms, whoever else does so."""
        while True:
            old: Record | None = self.records.get(ROOMS, tenant)
            if self.records.compare_and_set(ROOMS, tenant, old, change(old or {})):
                return


def shaped(answer: Answered, shape: Shape[T]) -> T:
    """What was answered with 200, in its shape. Raises MessengerUnavailable."""
    if answer.status != 200:
        raise MessengerUnavailable(f"HipChat answers HTTP {answer.status}")
    try:
        return shape.of(answer.json)
    except Malformed as error:
        raise MessengerUnavailable(f"HipChat answers nonsense: {error}") from error
