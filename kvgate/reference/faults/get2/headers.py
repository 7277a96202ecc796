"""Faults in Content-Type and Date."""

# ruff: noqa: ARG002  (a deviation takes the arguments of the step it replaces)

from __future__ import annotations

import time
from email.utils import formatdate

from kvgate.reference.deviation import Deviations
from kvgate.reference.edit import Altered, edited
from kvgate.reference.http import Pair, Response
from kvgate.reference.hustdb import Ha
from kvgate.reference.reading import Reading

FAULTS = Deviations("get2")
_TYPE = "get2.type.text"
_DATE = "get2.date.valid"


@FAULTS.fault("type-octet-stream", _TYPE, "any answer")
class _OctetStream(Ha):
    """Calls every value application/octet-stream."""

    value_type = "application/octet-stream"


@FAULTS.fault("type-not-sent-in-conflict", _TYPE, "different values")
class _NotSent(Altered):
    """Sends no Content-Type with a 409."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        return edited(response, without=("Content-Type",)) if response.status == 409 else response


@FAULTS.fault("type-html", _TYPE, "any answer")
class _Html(Ha):
    """Calls every value text/html."""

    value_type = "text/html; charset=utf-8"


@FAULTS.fault("type-joined", _TYPE, "any answer")
class _Joined(Ha):
    """Joins the type that a filter had set to its own: one Content-Type of two."""

    value_type = "text/plain; charset=utf-8, text/html; charset=utf-8"


@FAULTS.fault("type-plaintext", _TYPE, "any answer")
class _Plaintext(Ha):
    """Begins the type with text/plain and goes on: text/plaintext."""

    value_type = "text/plaintext"


@FAULTS.fault("type-by-content", _TYPE, "values that are not UTF-8")
class _ByContent(Altered):
    """Guesses the type by looking at the value."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        try:
            response.body.decode()
        except UnicodeDecodeError:
            return edited(response, without=("Content-Type",), plus=(("Content-Type", "application/octet-stream"),))
        return response


@FAULTS.fault("type-multipart-in-conflict", _TYPE, "value and version differ")
class _Multipart(Altered):
    """Calls two values with two versions multipart/mixed."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200 or first.version == second.version:
            return response
        return edited(response, without=("Content-Type",), plus=(("Content-Type", "multipart/mixed; boundary=v"),))


class _Dated(Ha):
    """An HA that writes dates in another way, where it says."""

    def common_headers(self) -> tuple[Pair, ...]:
        return ("Server", self.software), ("Date", self.date())

    def date(self) -> str:
        return formatdate(usegmt=True)


@FAULTS.fault("date-iso", _DATE, "any answer")
class _Iso(_Dated):
    """Writes the date as ISO 8601 has it."""

    def date(self) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@FAULTS.fault("date-with-offset", _DATE, "any answer")
class _Offset(_Dated):
    """Writes +0000 for GMT, as mail has it."""

    def date(self) -> str:
        return formatdate(usegmt=False, localtime=False).replace("-0000", "+0000")


@FAULTS.fault("date-short-day", _DATE, "any answer of the first nine days of a month")
class _ShortDay(_Dated):
    """Writes the day of the month with one digit; here it is always the fifth."""

    def date(self) -> str:
        return "Thu, 5 May 2016 10:05:31 GMT"


@FAULTS.fault("date-unix-time", _DATE, "any answer")
class _UnixTime(_Dated):
    """Writes seconds since 1970."""

    def date(self) -> str:
        return str(int(time.time()))


@FAULTS.fault("date-impossible", _DATE, "any answer")
class _Impossible(_Dated):
    """Has a clock that shows the 30th of February."""

    def date(self) -> str:
        return "Tue, 30 Feb 2016 10:05:31 GMT"


@FAULTS.fault("date-hour-24", _DATE, "any answer of the hour after midnight")
class _Hour24(_Dated):
    """Counts the hours from 1 to 24."""

    def date(self) -> str:
        return "Thu, 19 May 2016 24:05:31 GMT"


@FAULTS.fault("date-in-local-language", _DATE, "any answer of a month or day whose name differs")
class _Language(_Dated):
    """Writes day and month in the language of its machine."""

    def date(self) -> str:
        return "Do, 19 Mai 2016 10:05:31 GMT"


@FAULTS.fault("date-only-in-conflict-wrong", _DATE, "different values")
class _InConflict(Altered):
    """Writes the time zone as UTC in a 409 only."""

    def altered(self, response: Response, first: Reading, second: Reading) -> Response:
        if response.status == 200:
            return response
        return edited(response, without=("Date",), plus=(("Date", formatdate(usegmt=True).replace("GMT", "UTC")),))
