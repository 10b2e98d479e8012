"""Mattermost, going out: posts, edits and direct messages of a bot account."""

from __future__ import annotations

import logging
import re
from urllib.parse import urlencode

from chalicelib.chat.drawing import KIND, NAME, Draw, no_picture
from chalicelib.chat.rest import Answered, send_bytes, send_json, wait_of
from chalicelib.chat.text.wording import Words, words
from chalicelib.core.boards import BOARD
from chalicelib.core.effects import BoardPost, Effect
from chalicelib.core.inputs import Profile, Sort
from chalicelib.core.model import Site
from chalicelib.edges import MessageRefused, MessengerUnavailable

from .markup import MattermostMarkup, MattermostRenderer, as_table, cut

log = logging.getLogger(__name__)

REASON = re.compile(r"[a-z0-9_.]{1,120}")  # how Mattermost names an error
LONGEST_NAME = 64  # characters
UPLOADED = 5.0  # seconds that a file may take
ID = re.compile(r"[a-z0-9]{26}")


class MattermostMessenger:
    """Says effects in Mattermost. An address is `mattermost:HOST:ID`, of a channel of the
    site or of a person (Mattermost docs: API v4).
    """

    def __init__(
        self, url: str, token: str, renderer: MattermostRenderer, draw: Draw = no_picture
    ) -> None:
        self._api = f"{url.rstrip('/')}/api/v4"
        self._token = token
        self._renderer = renderer
        self._markup = MattermostMarkup()
        self._draw = draw
        self._direct: dict[str, str] = {}  # the conversation with each person
        self._us = ""

    def send(self, to: str, effect: Effect, site: Site, edits: str | None) -> str:
        """Post or edit; the ref is the post's id."""
        if isinstance(effect, BoardPost):
            return self._board(to.removesuffix(BOARD), effect, site, edits)
        own = to not in site.channels
        found = words(effect, site, self._markup, to=to)
        said = self._renderer.post(found, own=own)
        said["props"] = {**said["props"], **brand(site)}
        if edits:
            return self._edit(edits, said)
        target = checked(to.rpartition(":")[2])
        channel = self._conversation(target) if own else target
        if found.chart is not None or found.file is not None:
            said |= self._with_file(channel, found)
        return checked(self._ask("POST", "posts", {"channel_id": channel, **said})["id"])

    def open(self, trigger_id: str, url: str, dialog: dict[str, object]) -> None:
        """A dialog, in front of whoever has just pressed something. Raises as `send` does."""
        request = {"trigger_id": trigger_id, "url": url, "dialog": dialog}
        self._content(self._call("POST", "actions/dialogs/open", request))

    def _board(self, channel: str, effect: BoardPost, site: Site, edits: str | None) -> str:
        """Post the board, pinned where we may, or edit it. Raises MessageRefused when there is
        nothing left to edit: then it is to be made anew.
        """
        own = channel not in site.channels  # nobody sends a board there
        said = self._renderer.post(words(effect, site, self._markup), own=own)
        if edits:
            self._ask("PUT", f"posts/{checked(edits)}/patch", said)
            if effect.off:
                self._pin(edits, "unpin")
            return edits
        target = checked(channel.rpartition(":")[2])
        target = self._conversation(target) if own else target
        post = checked(self._ask("POST", "posts", {"channel_id": target, **said})["id"])
        self._pin(post, "pin")
        return post

    def _pin(self, post: str, how: str) -> None:
        """If it fails the board stands all the same: to try again would be to post it twice."""
        try:
            self._ask("POST", f"posts/{checked(post)}/{how}")
        except (MessengerUnavailable, MessageRefused) as fault:
            log.info("the board isn't pinned: %s", fault)

    def _with_file(self, channel: str, said: Words) -> dict[str, object]:
        """What makes a post show the chart, or the file. Where no file is taken the words are
        said all the same: the table in them, or that there is no file.
        """
        text = self._renderer.text(said)
        table = as_table(said.table) if said.table is not None else ""
        name, body, kind = NAME, None, KIND
        if said.file is not None:
            name, body, kind = said.file.name, said.file.text.encode(), "text/csv"
        elif said.chart is not None:
            body = self._draw(said.chart)
        file = self._upload(channel, name, body, kind) if body is not None else ""
        if said.file is not None and not file:
            return {"message": said.file.instead}
        shown = {"message": cut("\n\n".join(part for part in (text, table) if part))}
        return {**shown, **({"file_ids": [file]} if file else {})}

    def _upload(self, channel: str, name: str, body: bytes, kind: str) -> str:
        """The file's id; "": no files are taken here, or not this one."""
        query = urlencode({"channel_id": channel, "filename": name})
        try:
            answer = send_bytes(f"{self._api}/files?{query}", body, kind, self._token, UPLOADED)
            infos = self._content(answer)["file_infos"]
            return checked(infos[0]["id"])  # type: ignore[index]  # below
        except (MessengerUnavailable, MessageRefused, TypeError, LookupError) as fault:
            log.warning("a file was not sent: %s", fault)
            return ""

    def who_we_are(self) -> str:
        """The bot's username. Raises as `send` does."""
        return str(self._ask("GET", "users/me")["username"])

    def check_channel(self, channel: str) -> None:
        """Raises MessageRefused when we are not in the channel, or as `send` does."""
        self._ask("GET", f"channels/{checked(channel)}/members/me")

    def profile(self, driver: str) -> Profile:
        """Who that is, by the username, which is shown and by which people are mentioned."""
        try:
            user = self._ask("GET", f"users/{checked(driver.rpartition(':')[2])}")
        except MessageRefused:
            return Profile(driver, sort=Sort.NOBODY)
        name = str(user["username"])
        sort = (
            Sort.BOT if user.get("is_bot") else Sort.GONE if user.get("delete_at") else Sort.PERSON
        )
        return Profile(driver, name, name, sort)

    def _edit(self, post: str, said: dict[str, object]) -> str:
        answer = self._call("PUT", f"posts/{checked(post)}/patch", said)
        if answer.status != 404:  # somebody deleted it: nothing is left to say
            self._content(answer)
        return post

    def _conversation(self, person: str) -> str:
        """The direct channel between us and a person; asked for once."""
        if person not in self._direct:
            self._us = self._us or checked(self._ask("GET", "users/me")["id"])
            found = self._ask("POST", "channels/direct", [self._us, person])
            self._direct[person] = checked(found["id"])
        return self._direct[person]

    def _ask(self, method: str, path: str, value: object = None) -> dict[str, object]:
        return self._content(self._call(method, path, value))

    def _call(self, method: str, path: str, value: object) -> Answered:
        return send_json(method, f"{self._api}/{path}", self._token, value)

    @staticmethod
    def _content(answer: Answered) -> dict[str, object]:
        """The object that was answered. Raises MessengerUnavailable or MessageRefused."""
        if answer.status == 429:
            raise MessengerUnavailable("ratelimited", wait_of(answer.headers))
        if answer.status in (200, 201):
            return Fields(answer.json)
        reason = answer.json.get("id")
        if not isinstance(reason, str) or not REASON.fullmatch(reason):
            reason = ""
        if answer.status in (400, 403, 404) and reason:
            raise MessageRefused(reason)
        raise MessengerUnavailable(reason or f"Mattermost answers HTTP {answer.status}")


def brand(site: Site) -> dict[str, str]:
    """A site's own name and icon, which the server shows where its administrator lets posts have
    others than their author's (Mattermost docs: enable integrations to override usernames).
    """
    if not site.icon:
        return {}
    is_emoji = site.icon.startswith(":")
    kind, icon = ("emoji", site.icon.strip(":")) if is_emoji else ("url", site.icon)
    return {
        "from_webhook": "true",
        "override_username": site.name[:LONGEST_NAME],
        f"override_icon_{kind}": icon,
    }


class Fields(dict[str, object]):
    """An answer; what it lacks is the server's fault."""

    def __missing__(self, name: str) -> object:
        raise MessengerUnavailable(f"Mattermost's answer lacks {name}")


def checked(found: object) -> str:
    """An id. Raises MessageRefused for anything else: it would be part of an address."""
    if not isinstance(found, str) or not ID.fullmatch(found):
        raise MessageRefused("no such id")
    return found
