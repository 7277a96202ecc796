"""The situations in which only what is rarely asked, or two things that come together, shows a fault of geode."""

from __future__ import annotations

import json

from geode_situation import (
    ABC,
    ALL_SIXTY,
    BAD,
    FIVE,
    HUNDRED,
    ITEMS,
    LARGE,
    LONG,
    LONG_ADDRESS,
    SIXTY,
    TRUE,
    Situation,
    asked,
    keys,
)

MANY_KEYS = ",".join(f"x{number}" for number in range(201))

RARE: dict[str, tuple[Situation, str]] = {
    # What only rare requests show
    "colon": (keys("b,x:b", "orders/b,x:b"), "rare-key-cut-at-colon"),
    "equals": (keys("b,a=b", "orders/b,a=b"), "rare-key-cut-at-equals"),
    "underscore": (keys("b,a_b", "orders/b,a_b"), "rare-key-underscore-as-space"),
    "hyphen": (keys("b,a-b", "orders/b,a-b"), "rare-key-hyphen-lost"),
    "dots": (keys("b,a..b,c", "orders/b,a..b,c"), "rare-key-dots-collapsed"),
    "replaced": (
        Situation(("orders/a,b",), ABC, then={**ABC, "a": '{"n":9}'}),
        "remembers-answers remembers-for-a-second",
    ),
    "removed": (Situation(("orders/a,b",), ABC, then={"b": '{"n":2}'}), "remembers-removed"),
    "removed-alone": (Situation(("orders/a,b",), ABC, changes=("DELETE orders/a",)), "remembers-until-put"),
    "second-alone": (
        Situation(("orders/a,b",), ABC, changes=('PUT orders/b {"n":9}',)),
        "remembers-until-first-key",
    ),
    "stored-after-a-miss": (
        Situation(("orders/x,b",), ABC, changes=('PUT orders/x {"n":9}',)),
        "remembers-lists-of-found",
    ),
    "removed-and-stored": (
        Situation(("orders/a,b",), ABC, changes=("DELETE orders/a", 'PUT orders/a {"n":1}')),
        "removed-stays-removed",
    ),
    "otherwise-spelled": (
        Situation(("orders/%61,b",), ABC, changes=('PUT orders/a {"n":9}',)),
        "remembers-by-spelling",
    ),
    "second-region-changed": (
        Situation(("items/a,b",), ABC, ITEMS, changes=('PUT items/a {"n":9}',)),
        "remembers-in-second-region",
    ),
    "changed-on-one": (
        Situation(orders=ABC, on_one=("orders/a,b", 'PUT orders/a {"n":9}', "orders/a,b")),
        "remembers-on-connection",
    ),
    "put-at-last": (Situation(("orders/a,x",), ABC, then={**ABC, "x": '{"n":9}'}), "remembers-misses"),
    "forty-on-one": (
        Situation(on_one=("orders/a,b",) * 40, orders=ABC),
        "connection-tenth-is-empty connection-used-up",
    ),
    "pattern-dot": (keys("axb,z", "orders/a.b,z"), "pattern-of-a-dot"),
    "pattern-underscore": (keys("axb,z", "orders/a_b,z"), "pattern-of-an-underscore"),
    "pattern-star": (keys("axyb,z", "orders/a*b,z"), "pattern-of-a-star"),
    "pattern-question-mark": (keys("axb,z", "orders/a%3Fb,z"), "pattern-of-a-question-mark"),
    "pattern-parentheses": (keys("ab,z", "orders/(ab),z"), "pattern-of-parentheses"),
    "dot-at-end": (keys("a.,b", "orders/a.,b"), "rare-key-last-dot-lost"),
    "wrapping": (keys("1,4294967297", "orders/4294967297,1"), "rare-key-32-bit rare-key-32-bit-clamped"),
    "digits": (
        keys("90071992547409921,90071992547409922", "orders/90071992547409922,90071992547409921"),
        "rare-key-as-double",
    ),
    "zeros-in-six": (keys("a,b,c,d,e,01", "orders/a,b,c,d,e,01"), "rare-key-zeros-in-long-lists"),
    "two-escapes": (keys("b,a b c", "orders/b,a%20b%20c"), "rare-key-first-escape-only"),
    "bad-spaces": (asked("orders/a,b?ignoreMissingKey=%20true"), "rare-parameter-trimmed"),
    "bad-null": (asked("orders/a,b?ignoreMissingKey=null"), "rare-parameter-null-is-absent"),
    "bad-both": (asked("orders/a,b?ignoreMissingKey=true,false"), "rare-parameter-of-both"),
    "no-region-false": (asked("absent/a,b?ignoreMissingKey=false"), "rare-no-region-400-if-false"),
    "missing-space": (asked("orders/a,x%20y"), "rare-missing-names-encoded"),
    "missing-others": (asked("orders/a,x", "orders/a,y"), "rare-missing-names-stale"),
    "missing-not-ascii": (asked("orders/a,%C3%A9"), "rare-length-of-error-characters"),
    "not-ascii": (keys("b,é", "orders/b,%C3%A9"), "rare-location-latin-1"),
    "missing-twice": (asked(f"orders/a,x,x{TRUE}"), "rare-missing-twice-once"),
    "two-types": (asked("orders/a,b", orders={"a": '{"@type":"x"}', "b": '{"@type":"y"}'}), "rare-type-of-first-only"),
    "two-members": (asked("orders/a,b", orders={"a": '{"m":1}', "b": '{"n":2}'}), "rare-members-of-previous"),
    "together-missing": (Situation(orders=ABC, together=("orders/a,x", "orders/a,y")), "rare-together-missing"),
    "one-connection-shorter": (
        Situation(orders=ABC, on_one=("orders/a,b,c", "orders/a,b")),
        "rare-connection-body-tail",
    ),
    # What shows where two things come together
    "case-ignored": (keys("key,b", f"orders/Key,b{TRUE}"), "mixed-case-if-ignoring"),
    "dot-in-four": (keys("a.b,c,d,e", "orders/a.b,c,d,e"), "mixed-dot-in-long-lists"),
    "space-true": (keys("b,a b", f"orders/b,a%20b{TRUE}"), "mixed-not-decoded-with-query"),
    "digits-only": (keys("1,01", "orders/01,1"), "mixed-digits-zeros-if-all-digits"),
    "second-missing": (asked("items/a,x"), "mixed-missing-in-second-unchecked mixed-second-region-error-type"),
    "missing-twice-refused": (asked("orders/a,x,x"), "mixed-missing-twice-unchecked"),
    "missing-twice-ignored": (asked(f"orders/a,x,x{TRUE}"), "mixed-ignored-twice-400"),
    "eleven-ignored": (asked("orders/" + ",".join("pqrstuvwxyz") + TRUE), "mixed-ignored-many-400"),
    "second-bad": (asked("items/a,b?ignoreMissingKey=yes"), "mixed-bad-in-second-unchecked"),
    "empty-bad": (asked("empty/a,b?ignoreMissingKey=yes"), "mixed-bad-in-empty-true"),
    "no-region-three": (asked("absent/a,b,c"), "mixed-no-region-many-400"),
    "digits-last": (keys("b,1", "orders/b,1"), "mixed-digits-first"),
    "gap": (asked(f"orders/a,x,b,c{TRUE}"), "mixed-swapped-if-missing mixed-length-without-nulls"),
    "second-ignored": (asked(f"items/a,x{TRUE}"), "mixed-second-region-empty-object"),
    "hole": (asked(f"orders/x,a{TRUE}"), "mixed-holes"),
    "empty-ignored": (asked(f"empty/a,b{TRUE}"), "mixed-empty-region-unnamed mixed-location-empty-region"),
    "large-beside-missing": (
        asked(f"orders/a,x{TRUE}", orders={"a": '{"n":9007199254740993}'}),
        "mixed-doubles-if-missing",
    ),
    "missing-latin-1": (asked("orders/a,%C3%A9"), "mixed-error-latin-1"),
    "no-region-again": (asked("absent/a,b", "absent/a,b"), "mixed-no-region-again-400"),
    "bad-again": (
        asked("orders/a,b?ignoreMissingKey=yes", "orders/a,b?ignoreMissingKey=yes"),
        "mixed-bad-again-accepted",
    ),
    "one-connection-true": (
        Situation(orders=ABC, on_one=(f"orders/a,x{TRUE}", "orders/a,x")),
        "mixed-connection-keeps-parameter",
    ),
    "one-connection-after-400": (
        Situation(orders=ABC, on_one=("orders/a,x", "orders/a,b")),
        "mixed-connection-error-stays",
    ),
    "read-then-other-region": (asked("orders/b,c", "items/b,c"), "mixed-reading-copies"),
    # What shows where one outcome meets one kind of what is asked
    "escape-beside-missing": (
        asked(f"orders/a,x{TRUE}", orders={"a": r'{"t":"a\"b"}'}),
        "pair-null-and-escape-500",
    ),
    "large-beside-missing-ignored": (asked(f"orders/large,x{TRUE}", orders=LARGE), "pair-null-and-large-500"),
    "not-ascii-with-true": (asked(f"orders/a,b{TRUE}", orders={**ABC, "a": '{"t":"é"}'}), "pair-true-and-not-ascii"),
    "sixty-with-false": (
        asked(f"orders/{ALL_SIXTY}?ignoreMissingKey=false", orders=SIXTY),
        "pair-false-in-long-lists-500",
    ),
    "sixty-bad": (asked(f"orders/{ALL_SIXTY}{BAD}", orders=SIXTY), "pair-bad-in-long-lists-500"),
    "sixty-of-no-region": (asked(f"absent/{ALL_SIXTY}"), "pair-no-region-in-long-lists-400"),
    "long-address-missing": (asked(f"orders/{LONG_ADDRESS}"), "pair-missing-in-long-address-500"),
    "twice-in-six": (asked("orders/a,b,c,d,e,a", orders=FIVE), "pair-twice-in-long-lists-500"),
    "hundred-and-one-with-true": (
        asked(f"orders/{','.join(HUNDRED)}{TRUE}", orders=HUNDRED),
        "pair-location-of-a-hundred",
    ),
    "dot-of-no-region": (asked("absent/a,b.c"), "pair-error-by-suffix-406"),
    "one-connection-large": (
        Situation(orders=LARGE, on_one=("orders/a,large", "orders/a,b")),
        "pair-connection-after-large-500",
    ),
    "one-connection-long": (
        Situation(orders=ABC, on_one=(f"orders/{LONG_ADDRESS}", "orders/a,b")),
        "pair-connection-after-long-500",
    ),
    "one-connection-encoded": (
        Situation(orders={**ABC, "a b": "{}"}, on_one=("orders/a,b", "orders/a%20b,b")),
        "pair-connection-later-encoded",
    ),
    "blank-behind-region": (asked("orders%20/a,b"), "no-region-trimmed"),
    "region-without-its-end": (asked("order/a,b"), "no-region-one-letter-less"),
    "region-of-objects": (asked("constructor/a,b"), "no-region-of-objects"),
    "region-with-an-underscore": (asked("order_/a,b"), "no-region-like-another"),
    "route": (keys("keys1,z", "orders/keys1,z"), "key-begins-as-a-route"),
    "twin-of-spaces": (keys("a b,z", "orders/a%20%20b,z"), "twin-of-other-spaces"),
    "twin-of-a-beginning": (keys(f"{'x' * 766}a,z", f"orders/{'x' * 766}b,z"), "twin-of-one-beginning"),
    "twin-of-a-hash": (keys("iTjH0lNb,z", "orders/mbyj3bEy,z"), "twin-of-one-hash"),
    "true-and-a-sign": (asked("orders/a,b?ignoreMissingKey=true/x"), "parameter-cut-at-a-sign"),
    "sign-twice": (keys("a!!b,a!b,z", "orders/a!!b,z"), "key-doubled-signs-halved"),
    "beyond-a-million": (
        asked("orders/a,b", orders={"a": '{"t":"' + "a" * 600_000 + '"}', "b": '{"t":"' + "b" * 600_000 + '"}'}),
        "found-up-to-a-million",
    ),
    "equal-at-both-ends": (
        asked("orders/a,b", orders={"a": f'{{"t":"{LONG}p{LONG}"}}', "b": f'{{"t":"{LONG}q{LONG}"}}'}),
        "texts-known-by-their-ends",
    ),
    "hot-and-replaced": (Situation(("orders/a,b",) * 5, ABC, then={**ABC, "a": '{"n":9}'}), "remembers-what-is-hot"),
    "twenty-one-missing": (asked(*["orders/a,x"] * 21), "row-of-400-breaks"),
    "twenty-one-nowhere": (asked(*["absent/a,b"] * 21), "row-of-404-breaks"),
    # After clients that hung up
    "others-hung-up": (
        Situation(("orders/a,b",), ABC, hung_up=("orders/b,c",) * 10),
        "hung-up-answer-left hung-up-slots-lost",
    ),
    "same-hung-up": (
        Situation((f"orders/a,x{TRUE}",), ABC, hung_up=(f"orders/a,x{TRUE}",) * 4),
        "hung-up-flight-broken",
    ),
    # The end of the path, spellings, kinds of keys
    "ends-like-a-file": (keys("b,a.js", "orders/b,a.js"), "end-of-path-static"),
    "ends-like-a-program": (keys("b,a.php", "orders/b,a.php"), "end-of-path-program-refused"),
    "dot-at-the-end-of-all": (keys("b,a.", "orders/b,a."), "end-of-path-dot-lost"),
    "hyphen-at-the-end-of-all": (keys("b,a-", "orders/b,a-"), "end-of-path-hyphen-lost"),
    "parenthesis-at-the-end-of-all": (keys("b,a)", "orders/b,a)"), "end-of-path-parenthesis-lost"),
    "encoded-at-the-end-of-all": (keys("b,a", "orders/b,a%3F"), "end-of-list-encoded-lost"),
    "fractions": (keys("1.1,1.10", "orders/1.10,1.1"), "spelling-of-fraction"),
    "versions": (keys("1.2.3,1.02.3", "orders/1.02.3,1.2.3"), "spelling-of-version"),
    "dates": (keys("2014-01-08,2014-1-8", "orders/2014-1-8,2014-01-08"), "spelling-of-date"),
    "uuids": (
        keys("0a1b2c3d-4e5f-4a7b-8c9d-000000000001,b", "orders/0A1B2C3D-4E5F-4A7B-8C9D-000000000001,b"),
        "spelling-of-uuid",
    ),
    "exponents": (keys("1e3,1E3", "orders/1E3,1e3"), "spelling-of-exponent"),
    "plus-missing": (keys("1,b", "orders/+1,b"), "spelling-of-plus-if-missing"),
    "time-zones": (keys("T10:00Z,b", "orders/T10:00Z,b"), "spelling-of-time-zone"),
    "index-between": (asked(f"orders/a,7,b{TRUE}"), "order-of-indexes-first"),
    "empty-region-again": (asked(f"empty/x,y{TRUE}", "empty/x,y"), "reading-fills-empty-region"),
    "large-together": (
        Situation(
            orders={"a": '{"t":"' + "a" * 5000 + '"}', "b": "{}", "c": '{"t":"' + "c" * 5000 + '"}'},
            together=("orders/a,b", "orders/c,b"),
        ),
        "together-large-buffer-shared",
    ),
    # Beyond a size
    "more-than-two-hundred-keys": (asked(f"orders/{MANY_KEYS}{TRUE}"), "keys-beyond-200-lost"),
    "eleven-hundred-members": (
        asked("orders/a,b", orders={**ABC, "a": json.dumps({f"m{number}": number for number in range(1100)})}),
        "members-beyond-1000-lost",
    ),
    "256-missing": (
        Situation(("orders/a," + ",".join(f"x{n}" for n in range(256)),), ABC),
        "missing-counted-in-a-byte",
    ),
    "missing-quote": (Situation(("orders/a,%22x%22",), ABC), "missing-with-a-quote-found"),
    "seventy-deep": (
        asked("orders/a,b", orders={**ABC, "a": '{"a":' * 70 + "1" + "}" * 70}),
        "found-beyond-64-deep-500",
    ),
    "more-than-ten-thousand-elements": (
        asked("orders/a,b", orders={**ABC, "a": json.dumps({"a": [1] * 10_001})}),
        "elements-beyond-10000-lost",
    ),
    "more-than-half-a-million-characters": (
        asked("orders/a,b", orders={**ABC, "a": json.dumps({"t": "a" * 530_000})}),
        "text-beyond-half-a-million-cut",
    ),
    "forty-digits": (
        asked("orders/a,b", orders={**ABC, "a": '{"n":' + "12345" * 8 + "}"}),
        "integers-beyond-38-digits-rounded",
    ),
    "subnormal": (asked("orders/a,b", orders={**ABC, "a": '{"n":2.5e-310}'}), "fractions-below-normal-zero"),
    "capital-behind-an-at-sign": (keys("a@Host,b", "orders/a@Host,b"), "key-mail-host-small"),
    # At exactly one length, one place or one number of keys
    "text-of-2048-characters": (
        asked("orders/a,b", orders={**ABC, "a": json.dumps({"t": "a" * 2048})}),
        "text-of-a-block-loses-its-last",
    ),
    "long-and-equal": (
        asked("orders/a,b", orders={key: json.dumps({"t": "a" * 40}) for key in "ab"}),
        "equal-values-as-references",
    ),
    "ninth-missing": (
        asked("orders/k00,k01,k02,k03,k04,k05,k06,k07,x,k08", orders=SIXTY),
        "missing-ninth-found",
    ),
    "two-of-second-with-true": (asked(f"items/a,b{TRUE}"), "two-of-second-region-reversed"),
}
