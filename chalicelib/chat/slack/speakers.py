"""Who speaks in what Slack sends, where, and what of it may be for us."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import BoltContext

from chalicelib.chat.http import short
from chalicelib.chat.speaking import Heard, Speaker
from chalicelib.core.inputs import Profile
from chalicelib.core.model import HOME
from chalicelib.values import replace

from .people import profile_of

ID = re.compile(r"[A-Z0-9]{1,32}")
CALLED = re.compile(r"\s*/?ev(?:[\s:,]|$)", re.IGNORECASE)
TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,12}")  # of a message


def place_of_answer(click: dict[str, Any], speaker: Speaker) -> str:
    """Where the answer to a click goes: to the message by its own address, or into the Home tab."""
    url = click["response_url"]
    if url is None:
        return f"{speaker.driver}{HOME}"
    manner = "replace" if is_own_copy(click) else "whisper"
    return f"slack:{click['team']['id']}:{url}#{manner}"


def typist(body: dict[str, Any], context: BoltContext) -> Speaker:
    """Who typed a command."""
    team = body["team_id"]
    return Speaker(
        driver=f"slack:{team}:{body['user_id']}",
        name="",
        handle=body["user_name"],
        channel=f"slack:{team}:{body['channel_id']}",
        request=request_name(body, context),
        direct=body["channel_id"].startswith("D"),
    )


def clicker(body: dict[str, Any], context: BoltContext, *, direct: bool = False) -> Speaker:
    """Who pressed a button, or chose a shortcut."""
    team, user = body["team"]["id"], body["user"]
    return Speaker(
        driver=f"slack:{team}:{user['id']}",
        name="",
        handle=user["username"] or user["name"],
        channel=f"slack:{team}:{channel_of(body)}",
        request=request_name(body, context),
        direct=direct,
    )


def sender(body: dict[str, Any], context: BoltContext) -> Speaker:
    """Who sent a form. However often one form is sent, it is one request."""
    return replace(clicker(body, context), request=short(f"view {body['view']['id']}"))


def writer(body: dict[str, Any]) -> Speaker:
    """Who wrote a message. Slack names the event, and repeats it until it is taken."""
    team, message = body["team_id"], body["event"]
    channel, ts = f"slack:{team}:{message['channel']}", message["ts"]
    direct = message["channel"].startswith("D")
    thread = message["thread_ts"] if message["thread_ts"] != ts else ""
    if not TS.fullmatch(thread):
        thread = ""
    aside = f"{channel}/{thread}" if direct else f"{channel}/{thread}/{message['user']}"
    return Speaker(
        driver=f"slack:{team}:{message['user']}",
        name="",
        channel=channel,
        # a mention comes as two events about one message
        request=short(f"{message['channel']} {ts}" if ts else body["event_id"]),
        direct=direct,
        aloud=f"{channel}/{thread}" if thread else "",
        aside=aside if thread else "",
    )


def heard_of(body: dict[str, Any]) -> tuple[str, Heard] | None:
    """A person's own words that may be for us, and how they were said; None: they aren't.

    `ev add` in a channel, as in 2016; our mention; anything said to us alone. With a file,
    sent to the channel as well, or by `/me`, they are no other words (Slack docs:
    reference/events/message).
    """
    message = body["event"]
    text: str = message["text"]
    if message["type"] not in ("message", "app_mention") or message["bot_id"]:
        return None
    if message["subtype"] not in (None, "file_share", "thread_broadcast", "me_message"):
        return None
    if not all(
        ID.fullmatch(one) for one in (body["team_id"], message["user"], message["channel"])
    ):
        return None
    if message["channel"].startswith("D"):
        return text, Heard.ADDRESSED
    if message["type"] == "app_mention":
        ours = our_mention(body)
        said = Heard.ADDRESSED if ours.match(text) else Heard.MENTIONED
        return ours.sub(" ", text, count=0 if body["authorizations"] else 1), said
    return (text, Heard.OVERHEARD) if CALLED.match(text) else None


def viewer_of(body: dict[str, Any]) -> Speaker | None:
    """Who looks at their Home tab now; None: at their messages with us, or it is nobody's."""
    team, event = body["team_id"], body["event"]
    if event["tab"] != "home" or not ID.fullmatch(team) or not ID.fullmatch(event["user"]):
        return None
    driver = f"slack:{team}:{event['user']}"
    return Speaker(driver, "", f"slack:{team}:", short(body["event_id"]), direct=True)


def shown_site(body: dict[str, Any]) -> str:
    """Which site the Home tab has shown until now; "": none yet."""
    view = body["event"]["view"]
    return str(view.get("private_metadata", "")) if isinstance(view, dict) else ""


def our_mention(body: dict[str, Any]) -> re.Pattern[str]:
    """How we are mentioned; where Slack doesn't say who we are, the first mention."""
    us = [one["user_id"] for one in body["authorizations"] if ID.fullmatch(one["user_id"])]
    who = "|".join(us) or "[A-Z0-9]{1,32}"
    return re.compile(rf"\s*<@(?:{who})(?:\|[^<>]{{0,100}})?>[\s:,]*")


def told_of(body: dict[str, Any]) -> Profile | None:
    """Whom an event tells of: renamed, in a meeting, or gone; None: of nobody."""
    user = body["event"]["changed"]
    if user is None:
        return None
    team = body["team_id"] or user["team_id"]
    return profile_of(f"slack:{team}:{user['id']}", user) if ID.fullmatch(team) else None


def is_farewell(body: dict[str, Any]) -> bool:
    """The app was uninstalled, or its bot's token revoked (Slack docs: reference/events)."""
    event = body["event"]
    if event["type"] == "tokens_revoked":
        return isinstance(event["tokens"], dict) and bool(event["tokens"].get("bot"))
    return bool(event["type"] == "app_uninstalled")


def request_name(body: dict[str, Any], context: BoltContext) -> str:
    """One name for one request, however often it is sent."""
    return short(body["trigger_id"] or context["named"])


def is_own_copy(body: dict[str, Any]) -> bool:
    """Only the clicker sees the message: a direct message, or an ephemeral one."""
    container = body["container"]
    return channel_of(body).startswith("D") or bool(container and container["is_ephemeral"])


def channel_of(click: dict[str, Any]) -> str:
    channel = click.get("channel")
    return channel["id"] if channel else ""


def invited(body: dict[str, Any]) -> Speaker | None:
    """The app was invited to a channel, and by whom (Slack docs: member_joined_channel)."""
    event = body["event"]
    us = [one["user_id"] for one in body["authorizations"]]
    if event["type"] != "member_joined_channel" or event["user"] not in us:
        return None
    team, channel, by = body["team_id"], event["channel"], event["inviter"]
    if not ID.fullmatch(team) or not ID.fullmatch(channel):
        return None
    return Speaker(
        driver=f"slack:{team}:{by}" if ID.fullmatch(by) else "",
        name="",
        channel=f"slack:{team}:{channel}",
        request=short(body["event_id"]),
    )
