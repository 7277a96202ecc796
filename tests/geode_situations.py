"""The situations in which the faults of geode show, by what is asked; rare ones and documents stand elsewhere."""

from __future__ import annotations

from geode_documents import DOCUMENTS, situation_with
from geode_situation import ABC, ALL_SIXTY, FIVE, ITEMS, LONG, SIXTY, TRUE, Situation, asked, keys
from geode_situations_clients import CLIENTS
from geode_situations_rare import RARE

SITUATIONS: dict[str, tuple[Situation, str]] = {
    # name: situation, the faults that show in it
    "found": (
        asked("orders/a,b"),
        """member-capitalised member-count-beside array-bare rare-location-twice
        rare-location-ends-with-slash array-by-index array-reversed
        body-byte-order-mark body-second-text body-nul-terminated
        ok-type-none ok-type-text-json ok-type-two-in-one ok-type-joined ok-type-prefix-only ok-type-of-accept
        location-never location-as-location location-without-region
          length-two-values date-offset date-iso date-wrong-weekday
        last-request-no-location last-request-not-flushed
        members-type-added numbers-as-text first-answer-empty first-answer-without-type""",
    ),
    "found-three": (
        asked("orders/a,b,c"),
        """array-null-terminated served-two-keys-only location-first-repeated""",
    ),
    "hundred-on-one": (Situation((), ABC, ITEMS, on_one=("orders/a,b",) * 101), "connection-over-after-a-hundred"),
    "others-after-a-hundred": (
        Situation((), ABC, ITEMS, on_one=(*("orders/a,b",) * 101, "orders/c,a")),
        "connection-one-behind",
    ),
    "in-pieces": (Situation((), ABC, ITEMS, pieces=("orders/a,b",)), "reads-once"),
    "longer-then-shorter": (
        Situation((), ABC, ITEMS, on_one=("orders/a,b,c", "orders/a,b")),
        "behind-shorter-rest-of-longer behind-later-line-end",
    ),
    "true-then-missing": (
        Situation((), ABC, ITEMS, on_one=(f"orders/a,b{TRUE}", "orders/a,x")),
        "connection-keeps-true",
    ),
    "another-on-one": (
        Situation((), ABC, ITEMS, on_one=("orders/a,b", "orders/b,c")),
        "connection-keys-of-before later-said-to-be-compressed",
    ),
    "found-then-missing": (
        Situation((), ABC, ITEMS, on_one=("orders/a,b", "orders/a,x")),
        "used-connection-dies-of-errors",
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
    "as-many-missing": (asked("orders/a,x", "orders/a,y"), "cache-of-errors-by-count"),
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
}


def all_situations() -> dict[str, Situation]:
    """The situation of each fault by the fault's name. Raises AssertionError for one that is named twice."""
    named: dict[str, Situation] = {}
    listed = [
        *SITUATIONS.values(),
        *RARE.values(),
        *CLIENTS.values(),
        *((situation_with(text), names) for text, names in DOCUMENTS.items()),
    ]
    for situation, names in listed:
        for name in names.split():
            assert name not in named, f"{name} is listed twice"
            named[name] = situation
    return named
