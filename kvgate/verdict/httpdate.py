"""Reads the three forms of an HTTP date (RFC 9110, 5.6.7) and says what is wrong with one."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_FORMS = (
    re.compile(
        rf"(?P<name>[A-Z][a-z]{{2}}), (?P<day>[0-9]{{2}}) (?P<month>[A-Z][a-z]{{2}}) (?P<year>[0-9]{{4}}) {_TIME} GMT"
    ),
    re.compile(
        rf"(?P<name>[A-Z][a-z]+day), (?P<day>[0-9]{{2}})-(?P<month>[A-Z][a-z]{{2}})-(?P<year>[0-9]{{2}}) {_TIME} GMT"
    ),
    re.compile(
        rf"(?P<name>[A-Z][a-z]{{2}}) (?P<month>[A-Z][a-z]{{2}}) (?P<day>[0-9 ][0-9]) {_TIME} (?P<year>[0-9]{{4}})"
    ),
)


def fault_of_date(text: str) -> str | None:
    """What is wrong with an HTTP date, in one line, or None.

    A year of two digits may belong to either century: without a clock nobody can say, and a check has none.
    """
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return "not one of the three forms"
    # 60 is a leap second.
    if int(found["hour"]) > 23 or int(found["minute"]) > 59 or int(found["second"]) > 60:
        return "no such time of day"
    if found["month"] not in _MONTHS:
        return f"no such month: {found['month']}"
    return _fault_of_day(found)


def _fault_of_day(found: re.Match[str]) -> str | None:
    names = _LONG_DAYS if found["name"].endswith("day") else _DAYS
    if found["name"] not in names:
        return f"no such day of the week: {found['name']}"
    years = [found["year"]] if len(found["year"]) == 4 else ["19" + found["year"], "20" + found["year"]]
    days = [day for year in years if (day := _day(int(year), _MONTHS.index(found["month"]) + 1, int(found["day"])))]
    if not days:
        return "no such day"
    if all(names[day.weekday()] != found["name"] for day in days):
        return f"that day is a {_LONG_DAYS[days[-1].weekday()]}"
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
