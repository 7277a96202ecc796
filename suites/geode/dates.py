"""HTTP dates in their three forms (RFC 9110, section 5.6.7), the two obsolete ones included."""

from __future__ import annotations

import datetime
import re

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY_NAME = f"(?P<weekday>{'|'.join(_DAYS)})"
_LONG_DAY_NAME = f"(?P<weekday>{'|'.join(_LONG_DAYS)})"
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_DAY_NAME}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT",
        rf"{_LONG_DAY_NAME}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT",
        rf"{_DAY_NAME} {_MONTH} (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})",
    )
)


def problem_of_date(text: str) -> str | None:
    """What is wrong with an HTTP date, in a few words; None when it is one, of a day that exists on that weekday."""
    match = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
    if match is None:
        return "not one of the three forms"
    if int(match["hour"]) > 23 or int(match["minute"]) > 59 or int(match["second"]) > 60:
        return "no such time of day"
    month, day, year = _MONTHS.index(match["month"]) + 1, int(match["day"]), int(match["year"])
    # Two digits leave the century open.
    years = [year] if len(match["year"]) == 4 else [1900 + year, 2000 + year]
    weekdays = [weekday for weekday in (_weekday(one, month, day) for one in years) if weekday is not None]
    if not weekdays:
        return "no such day"
    if not any(match["weekday"].startswith(_DAYS[weekday]) for weekday in weekdays):
        return f"that day is a {_LONG_DAYS[weekdays[-1]]}"
    return None


def _weekday(year: int, month: int, day: int) -> int | None:
    try:
        return datetime.date(year, month, day).weekday()
    except ValueError:
        return None
