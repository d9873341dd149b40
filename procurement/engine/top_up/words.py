"""How days are said."""


def days_words(count: int) -> str:
    return f"{count} day{'s' if count != 1 else ''}"
