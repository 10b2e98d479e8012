"""The channels of the practice site, one on each platform that is asked for.

On phones nobody is known who hasn't joined by a code, so that the admin asks for one for
each, and each texts it, before the page is shown: by the concierge's own ways.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from chalicelib.edges import Clock

from .common.people import ADMIN, Driver
from .common.posts import Feed
from .common.room import Room
from .hipchat.room import HipChatRoom
from .mattermost.room import MattermostRoom
from .slack.room import SlackRoom
from .sms.room import SmsRoom

MORE: dict[str, Callable[..., Room]] = {
    "hipchat": HipChatRoom,
    "mattermost": MattermostRoom,
    "sms": SmsRoom,
}
PLATFORMS = ("slack", *MORE)
CODE = re.compile(r"\b[0-9]{6}\b")
LONGEST_VISIT = "30 days"


class NotJoined(Exception):
    """A phone of the practice people could not join."""


def rooms_on(
    on: Mapping[str, Sequence[Driver]],
    slack: SlackRoom,
    clock: Clock,
    feed: Feed,
    *,
    app: str,
    url: str,
) -> tuple[Room, ...]:
    """The rooms of the platforms in `on`, which says who is there."""
    return tuple(
        slack if platform == "slack" else MORE[platform](clock, feed, people, app=app, url=url)
        for platform, people in on.items()
    )


def join_phones(rooms: Sequence[Room]) -> None:
    """Let all phones join. Raises NotJoined and AppRude."""
    for room in rooms:
        if isinstance(room, SmsRoom):
            ask = admin_of(rooms)
            for driver in room.people:
                found = CODE.search(ask(f"admin guest {driver.name} {LONGEST_VISIT}"))
                if found is None or "Welcome" not in room.ask(driver.name, found[0]):
                    raise NotJoined(f"{driver.name}'s phone doesn't join")


def admin_of(rooms: Sequence[Room]) -> Callable[[str], str]:
    """What the admin is answered, wherever they are. Raises NotJoined."""
    room = next((one for one in rooms if ADMIN in one.people), None)
    if room is None:
        raise NotJoined("there is no admin to ask for codes")
    if isinstance(room, SmsRoom):
        phones = room
        return lambda words: phones.ask(ADMIN.name, words)
    chat = room
    return lambda words: str(chat.say(ADMIN.name, f"/ev {words}").get("text", ""))
