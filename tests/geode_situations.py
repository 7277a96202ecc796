"""Situations in which each fault of Geode shows, as stored documents and request targets; written out by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

Stored = dict[str, str]
TRUE = "?ignoreMissingKey=true"


@dataclass(frozen=True)
class Situation:
    """`asks` are sent one after the other, `on_one` over one connection, `together` at the same time on several.

    With `then`, this is what orders holds when `asks` are sent once more. `changes` are requests between two rounds of
    `asks`, each with the body behind its target; PUTs may stand among `on_one` as well. `pieces` arrive in two pieces
    each.
    """

    asks: tuple[str, ...] = ()
    orders: Stored = field(default_factory=dict)
    items: Stored = field(default_factory=dict)
    on_one: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    then: Stored | None = None
    changes: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()


ABC: Stored = {"a": '{"n":1}', "b": '{"n":2}', "c": '{"n":3}'}
FIVE: Stored = {**ABC, "d": '{"n":4}', "e": '{"n":5}'}
ITEMS: Stored = {"a": '{"n":-1}', "b": '{"n":-2}'}
SIXTY: Stored = {f"k{number:02}": f'{{"n":{number}}}' for number in range(60)}
ALL_SIXTY = ",".join(SIXTY)
LONG = "l" * 63
HUNDRED: Stored = {f"k{number:03}": f'{{"n":{number}}}' for number in range(101)}
LARGE: Stored = {**ABC, "large": '{"t":"' + "a" * 9000 + '"}'}
BAD = "?ignoreMissingKey=yes"
LONG_ADDRESS = ",".join(f"{number}{LONG}" for number in range(40))


def asked(*asks: str, orders: Stored = ABC, items: Stored = ITEMS) -> Situation:
    return Situation(asks, orders, items)


def keys(stored: str, *asks: str) -> Situation:
    """Keys in the order of storing, each with a document of its own; a comma is between them."""
    return Situation(asks, {key: f'{{"n":{number}}}' for number, key in enumerate(stored.split(","))})


SITUATIONS: dict[str, tuple[Situation, str]] = {
    # name: situation, the faults that show in it
    "found": (
        asked("orders/a,b"),
        """member-capitalised member-count-beside array-bare rare-location-twice
        rare-location-ends-with-slash array-by-index array-reversed
        body-byte-order-mark body-second-text body-nul-terminated
        ok-type-none ok-type-text-json ok-type-two-in-one ok-type-prefix-only ok-type-of-accept
        location-never location-as-location location-without-region
          length-two-values date-offset date-iso date-wrong-weekday
        last-request-no-location last-request-not-flushed
        members-type-added numbers-as-text""",
    ),
    "found-three": (
        asked("orders/a,b,c"),
        """array-null-terminated served-two-keys-only location-first-repeated""",
    ),
    "hundred-on-one": (Situation((), ABC, ITEMS, on_one=("orders/a,b",) * 101), "connection-over-after-a-hundred"),
    "in-pieces": (Situation((), ABC, ITEMS, pieces=("orders/a,b",)), "reads-once"),
    "longer-then-shorter": (
        Situation((), ABC, ITEMS, on_one=("orders/a,b,c", "orders/a,b")),
        "behind-shorter-rest-of-longer behind-later-line-end",
    ),
    "true-then-missing": (
        Situation((), ABC, ITEMS, on_one=(f"orders/a,b{TRUE}", "orders/a,x")),
        "connection-keeps-true",
    ),
    "one-path-together": (
        Situation((), ABC, ITEMS, together=("orders/a,x", f"orders/a,x{TRUE}")),
        "together-one-flight",
    ),
    "two-orders-together": (
        Situation((), ABC, ITEMS, together=("orders/a,b", "orders/b,a")),
        "together-orders-deadlock",
    ),
    "region-in-capitals": (asked("ORDERS/a,b"), "no-region-small-letters"),
    "words-of-objects": (asked("orders/constructor,toString"), "words-of-objects-are-there"),
    "found-five": (asked("orders/a,b,c,d,e", orders=FIVE), "swapped-in-last-pair"),
    "unsorted": (
        asked("orders/c,a,b"),
        "array-sorted location-sorted array-hash-order array-stored-order found-unsorted-302",
    ),
    "longer-first": (keys("b9,b10", "orders/b10,b9"), "array-sorted-by-length"),
    "equal": (asked("orders/a,b", orders={"a": '{"n":1}', "b": '{"n":1}'}), "equal-values-merged"),
    "twice": (
        asked("orders/a,b,a"),
        "duplicate-once-in-array duplicate-null-second found-same-key-twice-400 location-asked-twice-lost",
    ),
    "second-region": (asked("items/a,b"), "member-of-first-region location-of-first-region"),
    "sixty": (
        asked(f"orders/{ALL_SIXTY}", orders=SIXTY),
        """array-cap-50 rare-null-after-fifty
        array-cap-32 array-loses-at-batch-end array-repeats-at-batch-end batches-by-arrival
        served-40-keys-501 served-50-keys-reset found-many-206 body-member-per-batch location-not-beyond-255
        location-last-lost-beyond-eight location-cut-at-200""",
    ),
    "sixty-long": (
        asked("orders/" + ",".join(f"{LONG}{n}" for n in range(10)), orders={f"{LONG}{n}": "{}" for n in range(10)}),
        "served-long-path-404",
    ),
    "sixty-late-missing": (asked(f"orders/{ALL_SIXTY},x", orders=SIXTY), "missing-beyond-20-unchecked"),
    "sixty-missing": (
        asked(f"orders/{ALL_SIXTY}"),
        "missing-error-cut rare-missing-many-unnamed rare-missing-all-type",
    ),
    # Missing keys
    "missing": (
        asked("orders/a,x"),
        """parameter-default-true missing-404 missing-200-with-error missing-type-text
        missing-type-twice missing-error-bare missing-error-empty names-all-asked
        names-found names-no-region names-upper-case length-of-page
        date-seconds-of-error missing-only-if-all missing-last-unchecked""",
    ),
    "missing-first": (asked("orders/x,a,b"), "missing-first-unchecked names-from-first-missing"),
    "missing-middle": (asked("orders/a,x,b"), "missing-ends-checked"),
    "missing-two": (asked("orders/x,a,y"), "names-first-missing names-run-together"),
    "missing-six": (asked("orders/p,q,r,s,t,u"), "names-up-to-five"),
    "missing-in-second": (asked("items/a,x"), "names-first-region"),
    "missing-quote": (asked("orders/a,x%22y"), "missing-error-unescaped"),
    "missing-bracket": (asked("orders/a,x%3Cy"), "missing-error-html-escaped-half"),
    "missing-zeros": (asked("orders/a,01"), "names-without-leading-zeros"),
    "missing-long": (asked("orders/a,abcdefghijklm"), "names-cut-at-ten"),
    "missing-empty-region": (asked("empty/a,b"), "region-empty-is-none rare-missing-empty-region-bare"),
    # Missing keys ignored
    "ignored-last": (
        asked(f"orders/a,b,x{TRUE}"),
        """parameter-never-read null-left-out null-and-location-left-out nulls-at-end-left-out missing-empty-object
        missing-text-null missing-repeats-previous nulls-first body-trailing-comma-after-null
         body-comment location-not-if-missing location-found-only location-null-for-missing
        member-missing-beside""",
    ),
    "ignored-first": (asked(f"orders/x,a,b{TRUE}"), "nulls-last ignored-but-first"),
    "ignored-two": (asked(f"orders/a,x,y,b{TRUE}"), "nulls-collapsed ignored-but-two"),
    "ignored-one-found": (asked(f"orders/a,x{TRUE}"), "array-unwrapped-if-one-found"),
    "ignored-all": (
        asked(f"orders/x,y{TRUE}"),
        "all-missing-empty-array array-null-if-all-missing ignored-404-if-all-missing ignored-204-if-all-missing",
    ),
    "ignored-empty-region": (asked(f"empty/a,b{TRUE}"), "empty-region-no-nulls"),
    # The parameter
    "true-found": (
        asked(f"orders/a,b{TRUE}"),
        "parameter-true-refused-if-needless served-no-query-405 location-not-with-parameter",
    ),
    "false-found": (asked("orders/a,b?ignoreMissingKey=false"), "parameter-false-refused"),
    "false-missing": (asked("orders/a,x?ignoreMissingKey=false"), "parameter-truthy"),
    "bad": (
        asked("orders/a,b?ignoreMissingKey=yes"),
        """parameter-not-false-is-true parameter-not-true-is-false bad-parameter-only-if-missing
        bad-parameter-500 bad-parameter-type-text bad-parameter-html bad-parameter-bare
        bad-parameter-empty length-with-line-end""",
    ),
    "bad-missing": (asked("orders/a,x?ignoreMissingKey=yes"), "bad-parameter-only-if-found"),
    "bad-longer": (asked("orders/a,b?ignoreMissingKey=trueish"), "parameter-prefix"),
    "bad-shorter": (asked("orders/a,b?ignoreMissingKey=t"), "parameter-abbreviated"),
    "bad-empty": (asked("orders/a,b?ignoreMissingKey="), "parameter-empty-is-absent"),
    "bad-number": (asked("orders/a,b?ignoreMissingKey=1"), "parameter-numbers"),
    "bad-accent": (asked("orders/a,b?ignoreMissingKey=tr%C3%BCe"), "bad-parameter-beyond-ascii-500"),
    "bad-wide-space": (asked("orders/a,b?ignoreMissingKey=true%C2%A0"), "parameter-trimmed-of-every-space"),
    "bad-wide": (asked("orders/a,b?ignoreMissingKey=tru%EF%BD%85"), "parameter-folded-to-ascii"),
    "bad-long": (asked("orders/a,b?ignoreMissingKey=true" + 1000 * "e"), "parameter-long-cut"),
    "bad-quote": (asked("orders/a,b?ignoreMissingKey=x%22y"), "bad-parameter-unescaped"),
    "after-true": (asked(f"orders/a,b{TRUE}", "orders/a,x"), "parameter-remembered"),
    # Regions
    "no-region": (
        asked("absent/a,b"),
        """no-region-400 no-region-like-empty no-region-500 no-region-html no-region-type-none length-of-404-short
        date-empty""",
    ),
    "no-region-ignored": (asked(f"absent/a,b{TRUE}"), "no-region-ignored"),
    "no-region-twice": (asked("absent/a,b", "absent/a,b"), "no-region-created"),
    # Keys
    "zeros": (keys("1,01", "orders/01,1"), "key-leading-zeros-lost location-without-leading-zeros"),
    "zeros-after-text": (keys("a-1,a-01", "orders/a-01,a-1"), "key-zeros-before-digits-lost"),
    "case": (keys("key,Key", "orders/Key,key"), "key-any-case key-upper-case-folded location-small-letters"),
    "case-missing": (keys("key,b", "orders/Key,b"), "key-any-case-if-missing"),
    "dot-first": (keys("a.b,c", "orders/a.b,c"), "key-cut-at-dot key-list-cut-at-dot"),
    "dot-last": (keys("c,a.b", "orders/c,a.b"), "key-cut-at-dot-if-last location-without-extension"),
    "prefix": (keys("b,abc", "orders/b,ab"), "key-prefix"),
    "longer": (keys("b,abc", "orders/b,abcd"), "key-longest-prefix"),
    "long": (keys(f"{LONG}-1,{LONG}-2", f"orders/{LONG}-1,{LONG}-2"), "key-cut-at-64"),
    "longest": (keys(f"b,{LONG * 5}", f"orders/b,{LONG * 5}"), "key-cut-at-250"),
    "space": (
        keys("b,a b", "orders/b,a%20b"),
        """key-inner-space-lost key-cut-at-space rare-location-space-lost
        key-not-decoded served-encoded-405 location-plus-for-space
        location-encoded-twice""",
    ),
    "spaces": (keys("b,a  b", "orders/b,a%20%20b"), "key-spaces-collapsed"),
    "decimal": (keys("b,1.0", "orders/b,1.0"), "key-last-zero-lost"),
    "plus": (keys("b,a+b", "orders/b,a%2Bb"), "key-plus-as-space key-space-decoded-only rare-key-last-of-encoded"),
    "small-hex": (keys("b,a+b", "orders/b,a%2bb"), "key-small-hex-not-decoded"),
    "letter": (keys("b,ab", "orders/b,%61b"), "key-letters-not-decoded"),
    "question-mark": (keys("a?b,c", "orders/a%3Fb,c"), "key-cut-at-question-mark key-decoded-before-split"),
    "hash": (keys("b,a#b", "orders/b,a%23b"), "key-cut-at-hash"),
    "ampersand": (keys("b,a&b", "orders/b,a%26b"), "key-cut-at-ampersand"),
    "bracket": (keys("b,a<b", "orders/b,a%3Cb"), "key-angle-brackets-escaped key-brackets-refused"),
    "quote": (keys('b,a"b', "orders/b,a%22b"), "key-quotes-doubled"),
    "quotes-round": (keys('b,"a"', "orders/b,%22a%22"), "sign-quotes-round-taken-off"),
    "brackets-round": (keys("b,[a]", "orders/b,%5Ba%5D"), "sign-brackets-round-taken-off"),
    "underscore-first": (keys("b,_a", "orders/b,_a"), "sign-underscores-first-taken-off"),
    "hash-first": (keys("b,#a", "orders/b,%23a"), "sign-number-sign-first-taken-off"),
    "dollar-first": (keys("b,$a", "orders/b,$a"), "sign-dollar-sign-first-expanded"),
    "exclamation-last": (keys("b,a!", "orders/b,a!"), "sign-last-taken-off"),
    "joined": (keys("a,1b,a1,b", "orders/a,1b", "orders/a1,b"), "cache-of-keys-joined"),
    "joined-hyphens": (keys("a-b,c,a,b-c", "orders/a-b,c", "orders/a,b-c"), "cache-of-keys-joined-by-hyphens"),
    "both-ends": (keys("a,b,c,d", "orders/a,b,d", "orders/a,c,d"), "cache-of-both-ends"),
    "small-letters": (keys("aB,Ab,c", "orders/aB,c", "orders/Ab,c"), "cache-in-small-letters"),
    "one-hash": (keys("Aa,BB,c", "orders/Aa,c", "orders/BB,c"), "cache-by-hash"),
    "part-late": (
        keys(f"{LONG * 5},b,c", f"orders/{LONG * 5},b", f"orders/{LONG * 5},c"),
        "cache-cut-at-250",
    ),
    "as-a-form": (keys("a+b,a b,c", "orders/a+b,c", "orders/a%20b,c"), "cache-as-a-form"),
    "true-then-false": (asked("orders/a,x" + TRUE, "orders/a,x?ignoreMissingKey=false"), "cache-without-the-value"),
    "missing-then-other-region": (
        asked("orders/d,e", "items/d,e", orders=ABC, items={"d": "{}", "e": "{}"}),
        "cache-of-missing-in-any-region",
    ),
    "braces": (keys("b,a{x}b", "orders/b,a%7Bx%7Db"), "key-braces-expanded"),
    # Between requests
    "again": (
        asked("orders/a,b", "orders/a,b"),
        "again-304 again-shorter again-without-location again-counted again-member-beside reading-touches",
    ),
    "again-three": (asked("orders/a,b,c", "orders/a,b,c"), "reading-removes"),
    "again-missing": (asked("orders/a,x", "orders/a,x"), "again-missing-404 again-error-in-words"),
    "again-large": (
        asked("orders/a,b", "orders/a,b", orders={**ABC, "a": '{"n":9007199254740993}'}),
        "again-from-a-double-cache",
    ),
    "again-null": (asked("orders/a,b", "orders/a,b", orders={**ABC, "a": '{"n":null}'}), "reading-writes-back"),
    "again-ignored": (asked(f"orders/a,x{TRUE}", f"orders/a,x{TRUE}"), "reading-creates-ignored"),
    "after-400": (asked("orders/a,x", "orders/a,x"), "reading-creates-refused reading-removes-on-error"),
    "again-sixty": (asked(f"orders/{ALL_SIXTY}", "orders/k00,k01", orders=SIXTY), "reading-evicts"),
    "one-key-in-two-regions": (asked("orders/a,b", "items/a,b"), "values-cached-by-key"),
    "one-connection-error": (
        Situation(orders=ABC, on_one=("orders/a,b", "orders/a,x")),
        "connection-keeps-location",
    ),
    "one-connection-parameter": (
        Situation(orders=ABC, on_one=("orders/a,x", f"orders/a,x{TRUE}")),
        "connection-keeps-answer",
    ),
    "one-connection-found": (Situation(orders=ABC, on_one=("orders/a,b", "orders/b,c")), "connection-array-grows"),
    "one-connection-ignored": (
        Situation(orders=ABC, on_one=("orders/a,b", f"orders/x,c{TRUE}")),
        "connection-nulls-filled",
    ),
    "one-connection-regions": (
        Situation(orders=ABC, items=ITEMS, on_one=("orders/a,b", "items/a,b")),
        "connection-keeps-region",
    ),
    "one-connection-missing": (
        Situation(orders=ABC, on_one=("orders/a,x", "orders/a,y")),
        "connection-missing-grows",
    ),
    "together": (
        Situation(orders=ABC, together=("orders/a,b", "orders/b,c")),
        "together-latest-wins rare-together-same-number together-location-shared",
    ),
    "together-parameter": (
        Situation(orders=ABC, together=("orders/a,x", f"orders/a,x{TRUE}", "orders/a,x")),
        "together-parameter-shared",
    ),
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
}

# What a stored document holds, for the faults that show in one.
DOCUMENTS: dict[str, str] = {
    '{"unitPrice":15.555}': "column-of-prices",
    '{"quantity":2.5}': "column-of-quantities",
    '{"phone":"+44 (0)20 7946 0958 ext. 1"}': "column-of-telephones",
    '{"n":9007199254740993}': "integers-as-doubles integers-beyond-53-bit-as-text",
    '{"n":4294967296}': "integers-32-bit",
    '{"n":9223372036854775807}': "long-max-wraps",
    '{"n":-9223372036854775808}': "long-min-loses-sign",
    '{"n":-7}': "negative-integers-as-unsigned",
    '{"n":0}': "zero-as-null",
    '{"n":15.5}': "fractions-cut",
    '{"n":0.123456789}': "fractions-as-floats fractions-two-places fractions-exact-binary body-fraction-without-zero",
    '{"n":-0.5}': "fractions-below-one-lose-sign",
    '{"n":1.05}': "fractions-lose-inner-zeros",
    '{"n":1.5E3}': "exponents-dropped",
    '{"n":1E-7}': "exponents-always-positive tiny-as-zero",
    '{"n":true}': "booleans-as-numbers",
    '{"n":false}': "false-as-null",
    '{"t":" a "}': "texts-trimmed",
    '{"t":"a  b"}': "texts-spaces-collapsed",
    r'{"t":"a\r\nb"}': "texts-line-ends-unified texts-control-dropped body-line-feed-raw",
    '{"t":"' + "a" * 256 + '"}': "texts-cut-at-255",
    '{"t":""}': "texts-empty-as-null members-empty-dropped",
    '{"t":"a<b>&"}': "texts-html-escaped texts-tags-stripped",
    r'{"t":"a\"b"}': "texts-quotes-escaped-twice",
    r'{"t":"a\\b"}': "texts-backslash-halved",
    '{"t":"a%41"}': "texts-percent-decoded",
    '{"t":"it\'s"}': "body-quote-as-apostrophe-escape rare-apostrophe-doubled",
    '{"t":"😀"}': "texts-emoji-as-question-mark found-emoji-500 rare-escape-of-eight length-utf-16",
    '{"t":"日本"}': "texts-beyond-latin-1-as-question-mark",
    '{"t":"é"}': """texts-utf-8-as-latin-1 ok-type-octets-if-not-ascii length-characters
        body-latin-1 body-hex-escapes""",
    '{"t":"e\u0301"}': "texts-composed",
    '{"t":"a\u2028b"}': "texts-line-separator-dropped",
    r'{"t":"a\u0000b"}': "texts-nul-ends",
    '{"t":"02/10/2014"}': "texts-dates-rewritten",
    '{"t":"123"}': "texts-digits-as-numbers",
    '{"t":"true"}': "texts-words-as-values",
    '{"n":null}': "members-null-dropped body-nan-inside",
    '{"n":[]}': "members-empty-array-dropped",
    '{"n":{}}': "members-empty-object-as-null",
    '{"@type":"x.Y","n":1}': "members-type-dropped body-type-twice",
    '{"itemNo":1}': "members-lower-case",
    "{" + ",".join(f'"m{n}":{n}' for n in range(17)) + "}": "members-beyond-sixteen-lost",
    '{"a":{"b":1}}': "members-flattened",
    '{"totalPrice":1,"items":[{"totalPrice":2},{"totalPrice":3.5}]}': "members-total-recomputed",
    "[3,1,2]": "arrays-sorted",
    '[{"n":1},{"n":2}]': "arrays-reversed",
    "[1,1]": "arrays-equal-merged",
    '[{"itemNo":1,"n":1},{"itemNo":1,"n":2}]': "items-merged-by-number",
    "[1,null,2]": "arrays-null-dropped",
    "[7]": "arrays-of-one-unwrapped",
    '[1,"a",true]': "arrays-mixed-as-text",
    "[[1],[2]]": "arrays-nested-flattened",
    '{"a":' * 12 + "1" + "}" * 12: "nesting-cut-at-ten nesting-as-text",
    '{"a":' * 24 + "1" + "}" * 24: "found-deep-500",
    '{"a":[{"n":1.4}]}': "nesting-inner-numbers-rounded",
    "{}": "found-empty-document-missing rare-empty-document-as-null",
    '{"t":"' + "a" * 17_000 + '"}': "found-large-500",
    '{"t":"' + "a" * 66_000 + '"}': "body-ends-at-65536 length-sixteen-bits last-request-large-cut",
    '{"t":"a\u200db"}': "rare-joiner-dropped",
    '{"t":"a\u00a0b"}': "rare-no-break-space",
    '{"t":"a\u007fb"}': "rare-delete-dropped",
    '{"t":"a+b"}': "rare-plus-in-text",
    '{"t":"a/b"}': "rare-solidus-escaped-twice",
    r'{"t":"a\b\f"}': "rare-form-feed-lost rare-backspace-raw",
    '{"t":"&amp;"}': "rare-entities-decoded",
    '{"t":"a${b}"}': "rare-dollar-expanded",
    r'{"t":"a\tb"}': "rare-tab-as-spaces",
    '{"a.b":1}': "rare-name-dotted-expanded",
    '{"é":1}': "rare-name-not-ascii",
    '{"a b":1}': "rare-name-trimmed",
    '{"":1}': "rare-name-empty-dropped",
    '{"a":1,"A":2}': "rare-name-in-any-case-merged",
    '{"a":{"@type":"x"}}': "rare-type-inside-dropped",
    '{"n":1.5E+3}': "rare-exponent-plus-lost",
    '{"n":1e3}': "rare-small-e-lost",
    '{"n":-9007199254740993}': "rare-negative-large-rounded",
    '{"n":-1E-7}': "rare-negative-exponent-in-negative",
    "[" + ",".join("1" for _ in range(101)) + "]": "rare-array-cap-100",
    '{"t":"' + "a" * 1001 + '"}': "rare-text-cut-at-1000",
    "[[],1]": "rare-empty-array-in-array",
    "[{},1]": "rare-empty-object-in-array",
    "[9007199254740993]": "mixed-doubles-in-arrays",
    '["a "]': "mixed-texts-in-arrays-trimmed",
    '{"a":{"n":null}}': "mixed-null-deep-dropped",
    '{"n":123456789.25}': "mixed-large-fraction",
    '{"t":"2014-01-18T21:39:04.500Z"}': "format-time-zeros-dropped",
    '{"t":"a' + "😀" * 5000 + '"}': "format-pairs-cut",
    '{"t":"' + "a" * 8163 + '"}': "served-buffer-just-full",
    '{"a":[0.1,0.2]}': "typed-fractions-of-four-bytes",
    '{"a":[1,3000000000]}': "typed-whole-numbers-of-four-bytes",
    '{"a":["x",null]}': "typed-texts-without-null",
    '{"a":[[1],[2,3]]}': "typed-arrays-as-long-as-the-first",
    '{"t":"http://a.b/"}': "format-address-normalised",
    '{"t":"A@B.c"}': "format-mail-in-small-letters",
    '{"t":"12:30"}': "format-time-as-number",
    '{"t":"2014-01-18"}': "format-date-completed",
    '{"t":"4111111111111111"}': "format-card-masked",
    '{"t":"/* a */"}': "format-comments-removed",
    '{"t":"None"}': "format-names-of-nothing",
    """{"t":"it''s"}""": "format-doubled-quotes-halved",
    r'{"t":"\u001b[31mred"}': "format-terminal-stripped",
    '{"t":"ﬁ"}': "format-folded",
    r'{"t":"a\u202eb"}': "format-directions-removed",
    r'{"t":"\u3000a"}': "format-wide-blanks-trimmed",
    '{"a":{"b":[]}}': "below-empty-array-as-null",
    '[{"a":0}]': "below-empties-dropped",
    '{"a":{"0":"x","1":"y"}}': "below-indexes-as-array",
}


def situation_with(document: str) -> Situation:
    """The document, or the array as one's member, beside a plain one."""
    text = f'{{"array":{document}}}' if document.startswith("[") else document
    return Situation(("orders/a,b",), {"a": text, "b": '{"n":2}'})


def all_situations() -> dict[str, Situation]:
    """The situation of each fault by the fault's name. Raises AssertionError for one that is named twice."""
    named: dict[str, Situation] = {}
    listed = [*SITUATIONS.values(), *((situation_with(text), names) for text, names in DOCUMENTS.items())]
    for situation, names in listed:
        for name in names.split():
            assert name not in named, f"{name} is listed twice"
            named[name] = situation
    return named
