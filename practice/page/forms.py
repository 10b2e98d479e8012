"""Forms, Home tabs and buttons, as the page and tests use them: `press`, `home`, `form`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import WSGIEnvironment

from practice.common.people import Driver
from practice.common.posts import Feed, NoSuchButton, NoSuchMessage, Post
from practice.common.room import CantFill, Room
from practice.common.wsgi import BadRequest

Body = dict[str, Any]
KEYS = ("driver", "n", "home", "action", "button", "shortcut", "form", "close")
LOOKED_AT = 300  # posts that a button is looked for in


class FormControl:
    """`room_of` says where a driver is, `driver_of` which driver a request names."""

    def __init__(
        self, feed: Feed, room_of: Mapping[str, Room], driver_of: Callable[[Body], Driver]
    ) -> None:
        self._feed = feed
        self._room_of = room_of
        self._driver_of = driver_of

    def home(self, environ: WSGIEnvironment) -> object:
        """`GET home?driver=ana`: ana opens her Home tab; with `&look=1` she only looks at it."""
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        driver = self._driver_of({"driver": asked.get("driver", [""])[-1]}).name
        room = self._room_of[driver]
        try:
            found = room.home(driver, opens=asked.get("look", ["0"])[-1] in ("0", ""))
        except CantFill as error:
            raise BadRequest(str(error), 409) from error
        blocks = found["blocks"] if found is not None else []
        return {"driver": driver, "blocks": blocks, "form": room.form(driver)}

    def form(self, environ: WSGIEnvironment) -> object:
        """`GET form?driver=ana`: the form that ana has before her, or null."""
        name = parse_qs(environ.get("QUERY_STRING", "")).get("driver", [""])[-1]
        driver = self._driver_of({"driver": name}).name
        return {"driver": driver, "form": self._room_of[driver].form(driver)}

    def press(self, body: Body) -> object:
        """A button of a message (`n`), of the Home tab (`home`), or wherever the driver sees it
        last; or a `shortcut`. With `form`, what it opens, or what is open, is filled in and sent.
        """
        strange = sorted(set(body) - set(KEYS))
        if strange:
            raise BadRequest(f"unknown: {', '.join(strange)}; known: {', '.join(KEYS)}")
        driver = self._driver_of(body).name
        room = self._room_of[driver]
        values = body.get("form")
        if values is not None and not isinstance(values, dict):
            raise BadRequest("form has the values of its fields, by their names")
        try:
            done = self._pressed(room, driver, body)
            if values is not None:
                done = room.fill(driver, values)
        except NoSuchMessage as error:
            raise BadRequest(str(error), 404) from error
        except (NoSuchButton, CantFill) as error:
            raise BadRequest(str(error), 409) from error
        return done if done is not None else {"form": room.form(driver)}

    def _pressed(self, room: Room, driver: str, body: Body) -> Post | None:
        if body.get("close"):
            room.close_form(driver)
            return None
        open_form = room.form(driver)
        if open_form is not None and not open_form["submit"] and "form" not in body:
            room.close_form(driver)  # an answer that is before them: they have read it
        if "shortcut" in body:
            return room.shortcut(driver, text_of(body, "shortcut"))
        if "action" not in body and "button" not in body:
            if body.get("form") is None:
                raise BadRequest("action is a text")
            return None
        action = text_of(body, "action" if "action" in body else "button")
        if body.get("home"):
            return room.press_home(driver, action)
        n = body.get("n")
        if n is None:
            n = self._last_with(driver, action)
        if n is None:
            return room.press_home(driver, action)
        if not isinstance(n, int) or isinstance(n, bool):
            raise BadRequest("n is the number of a message")
        return room.press(driver, n, action)

    def _last_with(self, driver: str, action: str) -> int | None:
        """The last message that a driver sees such a button in."""
        for post in reversed(self._feed.after(max(0, self._feed.last - LOOKED_AT))):
            message = self._feed.message(post["n"])
            is_newest = message is not None and message.seen_by(driver)
            if is_newest and any(
                {action, action.replace("_", "")} & set(one) for one in buttons_of(post)
            ):
                return int(post["n"])
        return None


def buttons_of(post: Post) -> list[tuple[str, str]]:
    """The id and the label of each button of a post, on whichever platform."""
    elements = [one for block in post["blocks"] for one in block.get("elements", ())]
    found = [(one["action_id"], one["text"]["text"]) for one in elements if one.get("type") == "button"]  # fmt: skip
    return found + [(one["id"], one["name"]) for one in post.get("buttons") or ()]


def text_of(body: Body, key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise BadRequest(f"{key} is a text")
    return value
