"""Counts with their nouns, as people read them."""


def many(count: int, one: str, more: str | None = None) -> str:
    """`1 case`, `2 cases`, `1,000 cases`; `more` is the plural where an s does not make it."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"
