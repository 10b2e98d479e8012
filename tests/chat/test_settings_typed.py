"""How people say when and how they want to be told, and which days are working days."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from chalicelib.chat import quantities
from chalicelib.chat.parsing import overhear, parse
from chalicelib.core.hours import ClockTime
from chalicelib.core.inputs import (
    Meet,
    Notify,
    Prefer,
    ShowHelp,
    ShowSettings,
    Told,
    Unclear,
    Wish,
)
from chalicelib.core.policy import written


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("mon-fri", "mon-fri"), ("sun-thu", "sun-thu"), ("monday to friday", "mon-fri"),
        ("mon, wed and fri", "mon wed fri"), ("tues thurs", "tue thu"), ("fri - mon", "fri-mon"),
        ("every day", "mon-sun"), ("Sat.", "sat"), ("mo-fr", "mon-fri"),
        ("mon-", None), ("8-9", None), ("mon-fri-sun", None), ("never", None), ("off", None),
    ],
)  # fmt: skip
def test_days(typed: str, days: str | None) -> None:
    """Days of the week, however they are written; what is shown is read again as it was."""
    found = quantities.setting("workdays", typed)
    assert (written(found) if found is not None else None) == days
    assert days is None or quantities.setting("workdays", days) == found


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("quiet 22:00-07:00", (22, 7)), ("quiet 22-7", (22, 7)), ("quiet from 10pm to 7am", (22, 7)),
        ("quiet hours 12 to 1", (12, 13)), ("quiet between 1 and 2", (13, 14)), ("quiet 9-5", (9, 17)),
        ("quiet 22 until 7", (22, 7)), ("dnd 22-7", (22, 7)), ("quiet noon - 13:00", (12, 13)),
        ("quiet all day", (0, 0)),
    ],
)  # fmt: skip
def test_quiet_hours(typed: str, hours: tuple[int, int]) -> None:
    """Two times as they are meant together."""
    assert parse(typed) == Prefer(hours=(time(hours[0]), time(hours[1])))


@pytest.mark.parametrize(
    "typed", ["quiet 25:00-07:00", "quiet 22:00", "quiet please", "quiet 7-22-9", "meeting at 3", "meeting until 25:00", "meeting 0 min", "meeting 2 days", "clock 13", "notify unknown", "meetings maybe"]
)  # fmt: skip
def test_no_such_setting(typed: str) -> None:
    """What makes no sense is refused, and says what does."""
    assert isinstance(parse(typed), Unclear | ShowHelp)


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("quiet off", Prefer(no_hours=True)), ("notify here", Prefer(Told.HERE)),
        ("notify in the channel", Prefer(Told.HERE)), ("notify dm", Prefer(Told.DM)),
        ("notify quiet", Prefer(Told.QUIET)), ("notify sms", Notify("sms")), ("notify chat", Notify("")),
        ("clock 12", Prefer(clock=12)), ("clock 24h", Prefer(clock=24)), ("meetings on", Prefer(heeds_status=True)),
        ("meetings off", Prefer(heeds_status=False)), ("meeting over", Meet()), ("my settings", ShowSettings()),
        ("meeting until 11:00", Meet(until=ClockTime(11))), ("meeting for an hour", Meet(timedelta(hours=1))),
        ("i'm in a meeting until 3pm", Meet(until=ClockTime(15, exact=True))),
    ],
)  # fmt: skip
def test_settings(typed: str, wish: Wish) -> None:
    """How people say how they want to be told and called."""
    assert parse(typed) == wish


@pytest.mark.parametrize("said", ["ev meeting at 3", "ev clock is wrong", "ev settings changed in the car", "ev quiet hours in the garage?"])  # fmt: skip
def test_talk_about_settings(said: str) -> None:
    """What only sounds like one is left alone in the channel."""
    assert overhear(said) is None
