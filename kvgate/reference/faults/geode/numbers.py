"""Numbers that are not the ones that were stored."""

from __future__ import annotations

import re
import struct
from decimal import Decimal

from kvgate.reference.geode_deviations import GeodeDeviations
from kvgate.reference.jsontext import Json, Number

FAULTS = GeodeDeviations()

_LONG_MAX, _LONG_MIN = 2**63 - 1, -(2**63)
_INTEGER = re.compile(r"-?[0-9]{1,40}")


def _integer(node: Json) -> int | None:
    """The value of a number that is written as an integer of a length that a test would have."""
    return int(node) if isinstance(node, Number) and _INTEGER.fullmatch(node) else None


def _fraction(node: Json) -> Decimal | None:
    """The value of a number that is written with a fraction or an exponent, of a size that a double holds."""
    if not isinstance(node, Number) or _integer(node) is not None or len(node) > 40:
        return None
    value = Decimal(node)
    return value if abs(value.adjusted()) < 300 else None


def _wrapped(integer: int, bits: int) -> int:
    """What is left of an integer in two's complement."""
    half = 1 << (bits - 1)
    return (integer + half) % (2 * half) - half


# Integers


@FAULTS.value_fault("integers-as-doubles", "an integer beyond 2^53: 9007199254740993")
def integers_as_doubles(node: Json) -> Json:
    """Keeps integers as doubles: those beyond 2^53 are rounded."""
    integer = _integer(node)
    return Number(int(float(integer))) if integer is not None and abs(integer) <= -_LONG_MIN else node


@FAULTS.value_fault("integers-32-bit", "an integer beyond 2^31")
def integers_32_bit(node: Json) -> Json:
    """Keeps integers in 32 bits: larger ones wrap round."""
    integer = _integer(node)
    return Number(_wrapped(integer, 32)) if integer is not None and abs(integer) <= -_LONG_MIN else node


@FAULTS.value_fault("long-max-wraps", "the largest 64-bit integer")
def long_max_wraps(node: Json) -> Json:
    """Adds one to the largest 64-bit integer and takes it off again, in doubles: 9223372036854775808."""
    return Number(_LONG_MAX + 1) if _integer(node) == _LONG_MAX else node


@FAULTS.value_fault("long-min-loses-sign", "the smallest 64-bit integer")
def long_min_loses_sign(node: Json) -> Json:
    """Writes the smallest 64-bit integer by its absolute value, which is itself, without a sign."""
    return Number(-_LONG_MIN) if _integer(node) == _LONG_MIN else node


@FAULTS.value_fault("integers-beyond-53-bit-as-text", "an integer beyond 2^53")
def integers_beyond_53_bit_as_text(node: Json) -> Json:
    """Writes integers that JavaScript would round as text."""
    integer = _integer(node)
    return str(node) if integer is not None and abs(integer) > 2**53 else node


@FAULTS.value_fault("negative-integers-as-unsigned", "a negative integer")
def negative_integers_as_unsigned(node: Json) -> Json:
    """Prints integers as unsigned 64-bit numbers."""
    integer = _integer(node)
    return Number(integer % 2**64) if integer is not None and _LONG_MIN <= integer < 0 else node


@FAULTS.value_fault("zero-as-null", "an integer that is zero")
def zero_as_null(node: Json) -> Json:
    """Takes zero for not set: null."""
    return None if _integer(node) == 0 else node


# Fractions


@FAULTS.value_fault("fractions-cut", "a number with a fraction: 15.5")
def fractions_cut(node: Json) -> Json:
    """Answers numbers with a fraction as integers: 15.5 becomes 15."""
    fraction = _fraction(node)
    return Number(int(fraction)) if fraction is not None and abs(fraction) < 10**15 else node


@FAULTS.value_fault("fractions-as-floats", "a fraction of more than seven digits")
def fractions_as_floats(node: Json) -> Json:
    """Keeps fractions in 32 bits: digits from the eighth on are lost."""
    fraction = _fraction(node)
    if fraction is None or abs(fraction.adjusted()) > 36:
        return node
    (single,) = struct.unpack("f", struct.pack("f", float(fraction)))
    return Number(f"{single:.7g}".replace("e+", "e"))


@FAULTS.value_fault("fractions-two-places", "a fraction of more than two places")
def fractions_two_places(node: Json) -> Json:
    """Rounds fractions to two places, like amounts of money."""
    fraction = _fraction(node)
    return node if fraction is None or abs(fraction) > 10**15 else Number(f"{fraction:.2f}")


@FAULTS.value_fault("fractions-exact-binary", "a fraction that no double holds exactly, such as 0.1")
def fractions_exact_binary(node: Json) -> Json:
    """Writes every digit of the double that a fraction is kept in: 0.1000000000000000055511151231257827."""
    fraction = _fraction(node)
    return node if fraction is None or abs(fraction.adjusted()) > 20 else Number(f"{Decimal(float(fraction)):f}")


@FAULTS.value_fault("fractions-below-one-lose-sign", "a negative fraction between -1 and 0")
def fractions_below_one_lose_sign(node: Json) -> Json:
    """Prints the whole part and the places apart: the sign of -0.5 is that of its whole part, and lost."""
    fraction = _fraction(node)
    return Number(str(node).removeprefix("-")) if fraction is not None and -1 < fraction < 0 else node


@FAULTS.value_fault("fractions-lose-inner-zeros", "a fraction with a zero behind the point: 1.05")
def fractions_lose_inner_zeros(node: Json) -> Json:
    """Prints the places as an integer: the zeros they begin with are lost, 1.05 becomes 1.5."""
    match = re.fullmatch(r"(-?[0-9]+)\.0+([1-9][0-9]*)", node) if isinstance(node, Number) else None
    return Number(f"{match[1]}.{match[2]}") if match else node


# Exponents


@FAULTS.value_fault("exponents-dropped", "a number with an exponent")
def exponents_dropped(node: Json) -> Json:
    """Ends a number at its exponent: 1.5E3 becomes 1.5."""
    return Number(re.split("[eE]", node)[0]) if isinstance(node, Number) else node


@FAULTS.value_fault("exponents-always-positive", "a number with a negative exponent")
def exponents_always_positive(node: Json) -> Json:
    """Loses the sign of an exponent: 1E-7 becomes 1E7."""
    return Number(re.sub("([eE])-", r"\1", node)) if isinstance(node, Number) else node


@FAULTS.value_fault("tiny-as-zero", "a number below 1E-6")
def tiny_as_zero(node: Json) -> Json:
    """Prints six places: smaller numbers become zero."""
    fraction = _fraction(node)
    return Number("0.0") if fraction is not None and abs(fraction) < Decimal("1E-6") else node


# Other types


@FAULTS.value_fault("numbers-as-text", "any number")
def numbers_as_text(node: Json) -> Json:
    """Writes every number as text."""
    return str(node) if isinstance(node, Number) else node


@FAULTS.value_fault("booleans-as-numbers", "a boolean")
def booleans_as_numbers(node: Json) -> Json:
    """Writes true as 1 and false as 0."""
    return Number(int(node)) if isinstance(node, bool) else node


@FAULTS.value_fault("false-as-null", "the boolean false")
def false_as_null(node: Json) -> Json:
    """Takes false for not set: null."""
    return None if node is False else node
