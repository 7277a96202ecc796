"""The three forms of an HTTP date, and what is wrong with one that is none."""

from __future__ import annotations

import pytest

from kvgate.verdict.httpdate import fault_of_date

DATES = {
    "Wed, 21 May 2014 11:24:00 GMT": None,
    "Wed, 21 May 2014 11:24:60 GMT": None,
    "Wed, 21 May 2014 11:24:61 GMT": "no such time of day",
    "Wed, 21 May 2014 11:60:00 GMT": "no such time of day",
    "Wed, 21 May 2014 24:00:00 GMT": "no such time of day",
    "Tue, 21 May 2014 11:24:00 GMT": "that day is a Wednesday",
    "Wed, 00 May 2014 11:24:00 GMT": "no such day",
    "Sat, 29 Feb 2014 11:24:00 GMT": "no such day",
    "Sat, 29 Feb 0000 11:24:00 GMT": "no such day",
    "Sunday, 06-Nov-94 08:49:37 GMT": None,
    "Sun, 06-Nov-94 08:49:37 GMT": "not one of the three forms",
    "Friday, 06-Nov-94 08:49:37 GMT": "that day is a Saturday",
    "Sun Nov  6 08:49:37 1994": None,
    "Sun Nov 06 08:49:37 1994": None,
    "Sun Nov 6 08:49:37 1994": "not one of the three forms",
    "wed, 21 may 2014 11:24:00 gmt": "not one of the three forms",
    "Wed, 21 May 2014 11:24:00 UTC": "not one of the three forms",
    "Wed, 21 May 2014 11:24:00": "not one of the three forms",
    "Wed,  21 May 2014 11:24:00 GMT": "not one of the three forms",
}


@pytest.mark.parametrize("text", DATES)
def test_dates_are_read_as_http_writes_them(text: str) -> None:
    assert fault_of_date(text) == DATES[text]


# Dates: the 1st of each month of 2023, in all forms.

MONTHS = ["Sun Jan", "Wed Feb", "Wed Mar", "Sat Apr", "Mon May", "Thu Jun",
          "Sat Jul", "Tue Aug", "Fri Sep", "Sun Oct", "Wed Nov", "Fri Dec"]  # fmt: skip
LONG = {day[:3]: day for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")}


@pytest.mark.parametrize("month", MONTHS)
def test_every_month_and_day_has_its_name(month: str) -> None:
    day, name = month.split()
    assert fault_of_date(f"{day}, 01 {name} 2023 00:00:00 GMT") is None
    assert fault_of_date(f"{day} {name}  1 23:59:60 2023") is None
    assert fault_of_date(f"{day} {name} 01 23:59:60 2023") is None
    assert fault_of_date(f"{LONG[day]}, 01-{name}-23 12:30:59 GMT") is None
    for other in LONG:
        if other != day:
            told = f"that day is a {LONG[day]}"
            assert fault_of_date(f"{other}, 01 {name} 2023 00:00:00 GMT") == told
            assert fault_of_date(f"{other} {name}  1 00:00:00 2023") == told


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Sun, 01 Jan 2023 24:00:00 GMT", "no such time of day"),
        ("Sun, 01 Jan 2023 00:60:00 GMT", "no such time of day"),
        ("Sun, 01 Jan 2023 00:00:61 GMT", "no such time of day"),
        ("Sun, 01 Jab 2023 00:00:00 GMT", "no such month: Jab"),
        ("Son, 01 Jan 2023 00:00:00 GMT", "no such day of the week: Son"),
        ("Foxday, 01-Jan-23 00:00:00 GMT", "no such day of the week: Foxday"),
        ("Sun, 00 Jan 2023 00:00:00 GMT", "no such day"),
        ("Sun, 32 Jan 2023 00:00:00 GMT", "no such day"),
        ("Wed, 29 Feb 2023 00:00:00 GMT", "no such day"),
        ("Tuesday, 29-Feb-00 00:00:00 GMT", None),
        ("Tuesday, 01-Jan-23 00:00:00 GMT", "that day is a Sunday"),
        ("Monday, 01-Jan-23 00:00:00 GMT", None),
        ("Sun, 01 Jan 0000 00:00:00 GMT", "no such day"),
        ("Sunday, 01 Jan 2023 00:00:00 GMT", "not one of the three forms"),
        ("Sun, 01-Jan-23 00:00:00 GMT", "not one of the three forms"),
        ("Sun, 1 Jan 2023 00:00:00 GMT", "not one of the three forms"),
        ("Sun, 01 Jan 2023 00:00:00 UTC", "not one of the three forms"),
        ("Sun, 01 Jan 2023 00:00:00", "not one of the three forms"),
        ("sun, 01 Jan 2023 00:00:00 GMT", "not one of the three forms"),
        ("Sun, 01 jan 2023 00:00:00 GMT", "not one of the three forms"),
        ("Sun, 01 Jan 2023 0:00:00 GMT", "not one of the three forms"),
        ("Sun Jan  1 00:00:00 2023 GMT", "not one of the three forms"),
        ("Sun, 01 Jan 2023 00:00:00 GMT\n", "not one of the three forms"),
        (" Sun, 01 Jan 2023 00:00:00 GMT", "not one of the three forms"),
        ("", "not one of the three forms"),
    ],
)
def test_a_date_that_is_none_has_its_fault(text: str, fault: str | None) -> None:
    assert fault_of_date(text) == fault
