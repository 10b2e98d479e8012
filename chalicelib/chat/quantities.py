"""Lengths, times of day and power: from what people write to values, and back.

Pure, and the only place that reads them: chat and the command line both come here.
What can't be read is None; whether a value makes sense is for the rules to say.
"""

from __future__ import annotations

import re
from datetime import time, timedelta
from enum import StrEnum

from chalicelib.core.hours import ClockTime
from chalicelib.core.model import Policy, Weekly
from chalicelib.core.policy import WEEK, Value

LONGEST = timedelta(days=500)  # what is longer is no length that anybody means here

NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40, "forty-five": 45, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
UNITS = {
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "std"), 3600),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
}
_HALF = r"half(?: an?)?|an? half"
_DIGITAL = r"\d{1,5}(?:[.,]\d{1,3})?"
_SPOKEN_NUMBER = rf"{_HALF}|(?:an? )?quarter(?: of an)?|(?:an? )?couple(?: of)?|{'|'.join(sorted(NUMBERS, key=len, reverse=True))}"
_PART = re.compile(
    rf"((?:{_DIGITAL})(?= ?[a-z])|(?:{_SPOKEN_NUMBER})(?= )) ?({'|'.join(sorted(UNITS, key=len, reverse=True))})(?![a-z])"
)
_BARE = re.compile(r"\d{1,5}(?:[.,]\d{1,3})?")
_WHOLE = rf"\d{{1,2}}|{'|'.join(NUMBERS)}"
_AROUND = re.compile(
    r"^(?:about|around|roughly|approx\.?|ca\.?|~|like) ?| ?(?:or so|ish|max|tops|from now|later)$"
)
_FRACTION = re.compile(r"(?:\b(\d{1,2}) )?\b([13])[/⁄]([24])(?!\d)")
_COLON = re.compile(r"(\d{1,2}):(\d{2}) ?(?:h|hrs?|hours?)")


IS_CLOCK = re.compile(r"[0-2]\d[0-5]\d|\d{1,2}:\d\d")  # `1430` alone is a time, `45` a length


def length(text: str) -> timedelta | None:
    """`45m`, `45`, `1h 30`, `1.5h`, `an hour and a half`: a bare number is minutes.

    A following bare number is the next smaller unit: `1h30`, `5m30`.
    """
    words = _AROUND.sub("", " ".join(text.replace("½", " 1/2").split()))
    words = re.sub(rf"^({_WHOLE}) and a half (hours?|hrs?|h)$", r"\1 h and a half", words)
    words = _FRACTION.sub(lambda of: str(int(of[1] or 0) + int(of[2]) / int(of[3])), words)
    words = re.sub(rf"^({_WHOLE}) and a half (hours?|hrs?|h)$", r"\1 h and a half", words)
    if match := _COLON.fullmatch(words):
        return _sensible(int(match.group(1)) * 3600 + int(match.group(2)) * 60)
    if _BARE.fullmatch(words):
        return _sensible(_number(words) * 60)
    return _sensible(seconds) if (seconds := _parts(words)) is not None else None


def _parts(words: str) -> float | None:
    """The seconds of `1h 30m`, `an hour and a half`, `1h30`; units must get smaller."""
    total, at, unit = 0.0, 0, 604_801
    while at < len(words):
        if match := _PART.match(words, at):
            smaller = UNITS[match.group(2)]
            if smaller >= unit:
                return None
            total, unit, at = total + _number(match.group(1)) * smaller, smaller, match.end()
        elif match := re.compile(r"and a half|and a quarter").match(words, at):
            total += unit * (0.5 if match.group().endswith("half") else 0.25)
            at = match.end()
        elif (match := re.compile(r"\d{1,2}$").match(words, at)) and unit in (3600, 60):
            total, at = total + int(match.group()) * unit / 60, match.end()
        else:
            return None
        at += len(re.compile(r"[ ,]*(?:and (?!a (?:half|quarter)))?").match(words, at).group())  # type: ignore[union-attr]  # matches nothing, too
    return total if unit <= 604_800 else None


def _number(text: str) -> float:
    if text[0].isdigit() or text[0] == ".":
        return float(text.replace(",", "."))
    if "quarter" in text:
        return 0.25
    if "half" in text:
        return 0.5
    return 2 if "couple" in text else NUMBERS[text]


def _sensible(seconds: float) -> timedelta | None:
    found = timedelta(seconds=round(seconds, 3))
    return found if found <= LONGEST else None


# --- times of day ---------------------------------------------------------------------

_NAMED = {
    "noon": (12, 0), "midday": (12, 0), "mid-day": (12, 0), "lunch": (12, 0), "lunchtime": (12, 0),
    "lunch time": (12, 0), "after lunch": (13, 0), "midnight": (0, 0),
}  # fmt: skip
_DIGITS = re.compile(
    r"(\d{1,2})(?:[:.h](\d{2}))? ?(a\.?m\.?|p\.?m\.?|a|p|h|hrs?|hours?|uhr|o'?clock)?"
)
_FOUR = re.compile(r"(\d{2})(\d{2}) ?(h|hrs?|hours?)?")
_THREE = re.compile(r"(\d)(\d{2}) ?(a\.?m\.?|p\.?m\.?)")
_SPOKEN = re.compile(
    r"(half|quarter|five|ten|twenty) (past|after|to|before) (\d{1,2}|[a-z]+) ?(a\.?m\.?|p\.?m\.?)?"
)
_BEFORE = re.compile(r"(?:about|around|approx\.?|roughly|ca\.?|like|~|at) ?")
_AFTER = re.compile(r" ?(?:ish|-ish|or so|today|sharp|in the afternoon|this afternoon)$")


def clock_time(text: str) -> ClockTime | None:
    """`3`, `3pm`, `15:30`, `1430`, `noon`, `half past 3`: what was written, not yet when."""
    words = _AFTER.sub("", _BEFORE.sub("", " ".join(text.split()), count=1))
    if words in _NAMED:
        return ClockTime(*_NAMED[words], exact=True)
    if words in NUMBERS and words not in ("a", "an"):
        words = str(NUMBERS[words])
    if match := _SPOKEN.fullmatch(words):
        return _spoken(*match.groups())
    if match := _FOUR.fullmatch(words) or _THREE.fullmatch(words):
        return _clock(*match.groups())
    if match := _DIGITS.fullmatch(words):
        return _clock(*match.groups())
    return None


def _clock(hour: str, minute: str | None, mark: str | None) -> ClockTime | None:
    """Which half of the day is open where nothing says it: `3`, `3:30`, not `03:30` or `15`."""
    number, minutes, half = int(hour), int(minute or 0), (mark or "")[:1]
    is_half = half in ("a", "p")
    if minutes > 59 or number > 24 or (is_half and not 1 <= number <= 12):
        return None
    if number == 24:
        return ClockTime(0, 0, exact=True) if minutes == 0 else None
    if is_half:
        return ClockTime(number % 12 + (12 if half == "p" else 0), minutes, exact=True)
    exact = number > 12 or number == 0 or (len(hour) == 2 and hour[0] == "0")
    return ClockTime(number, minutes, exact=exact)


def _spoken(part: str, side: str, hour: str, mark: str | None) -> ClockTime | None:
    """`half past 3`, `quarter to four`."""
    minutes = {"half": 30, "quarter": 15}.get(part) or NUMBERS[part]
    number = int(hour) if hour.isdigit() else NUMBERS.get(hour, 0)
    if not 1 <= number <= 12:
        return None
    whole = _clock(str(number), None, mark)
    if whole is None or side in ("past", "after"):
        return whole and ClockTime(whole.hour, minutes, exact=whole.exact)
    earlier = (whole.hour - 1) % 24 if whole.exact else (number - 2) % 12 + 1
    return ClockTime(earlier, 60 - minutes, exact=whole.exact)


def time_of_day(text: str) -> time | None:
    """A time as a setting has it, on the clock of 24 hours: `6`, `6am`, `06:00`, `18.30`."""
    found = clock_time(text)
    return time(found.hour, found.minute) if found is not None else None


# --- power ----------------------------------------------------------------------------------

_KW = re.compile(r"(\d{1,4}(?:[.,]\d{1,3})?) ?(kw|kilowatts?|w|watts?)?")
_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?) ?(?:%|per ?cent|pct)")


def kilowatts(text: str, *, bare: bool = True) -> float | None:
    """`3.3kW`, `3,3 kw`, `3300 W`; a `bare` number is kW."""
    match = _KW.fullmatch(text)
    if match is None or (match.group(2) is None and not bare):
        return None
    is_watts = (match.group(2) or "").startswith("w")
    return _number(match.group(1)) / (1000 if is_watts else 1)


def percent(text: str) -> float | None:
    """`50%`, `50 percent`, `half`."""
    if text in ("half", "a half"):
        return 50.0
    match = _PERCENT.fullmatch(text)
    return _number(match.group(1)) if match is not None else None


# --- settings ---------------------------------------------------------------------------------

_ON = ("on", "yes", "true", "1", "enable", "enabled")
_OFF = ("off", "no", "false", "0", "disable", "disabled", "none")


def setting(key: str, text: str) -> Value | None:
    """What is written for a setting, as a value of its kind."""
    current = getattr(Policy(), key)
    words = " ".join(text.casefold().split())
    if isinstance(current, Weekly):
        return weekly(words)
    if isinstance(current, tuple):
        return days(words)
    if isinstance(current, bool):
        return True if words in _ON else False if words in _OFF else None
    if isinstance(current, StrEnum):
        kind = type(current)
        return kind(words) if words in list(kind) else None
    if isinstance(current, timedelta):
        return length(words)
    if isinstance(current, time):
        return time_of_day(words)
    return kilowatts(words)


def weekly(words: str) -> Weekly | None:
    """`friday 15:00`, `fri at 3pm`, `weekly on fridays 15:00`, `off`."""
    if words in _OFF:
        return Weekly()
    match = _WEEKLY.fullmatch(words)
    if match is None:
        return None
    day = next((n for n, name in enumerate(WEEK) if name.startswith(match[1])), None)
    at = time_of_day(match[2]) if match[2] else Weekly().at
    return Weekly(day, at) if day is not None and at is not None else None


def days(words: str) -> tuple[int, ...] | None:
    """`mon-fri`, `sunday to thursday`, `mon tue thu`, `every day`; None: no days."""
    if words in ("every day", "daily", "all", "all days", "all week"):
        return tuple(range(7))
    if words in ("weekdays", "working days"):
        return tuple(range(5))
    joined = re.sub(r" ?(?:-| to | until | through ) ?", "-", words)
    found: set[int] = set()
    for part in re.split(r",? and |[, ]+", joined):
        ends = [day_named(name) for name in part.split("-")]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None:
            return None
        found |= {(first + n) % 7 for n in range((last - first) % 7 + 1)}
    return tuple(sorted(found))


def day_named(name: str) -> int | None:
    """`mo`, `mon`, `tues.`, `fridays`: a day of the week, from two letters on."""
    stem = name.removesuffix(".")
    stem = stem.removesuffix("s") if len(stem) > 4 else stem
    if len(stem) < 2:
        return None
    return next((n for n, day in enumerate(WEEK) if day.startswith(stem)), None)


_WEEKLY = re.compile(
    r"(?:weekly |every week |every |each )?(?:on )?([a-z]{3,9}?)s?\.?(?:[ ,]+(?:at )?(.+))?"
)


# --- and back ---------------------------------------------------------------------------------


def say_length(of: timedelta) -> str:
    """`2 h 30 min`, `45 min`, `20 s`: as people read it."""
    minutes, seconds = divmod(round(of.total_seconds()), 60)
    days, hours = divmod(minutes // 60, 24)
    parts = (days, "d"), (hours, "h"), (minutes % 60, "min"), (seconds, "s")
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"
