"""GTINs, the numbers under bar codes: GTIN-8, -12, -13 and -14 of one item differ by leading zeros only."""

LENGTHS = (8, 12, 13, 14)


def gtin(text: str) -> str:
    """As 14 digits; empty where it is none, by its length or its check digit. GS1 General Specifications 7.9."""
    if not (text.isascii() and text.isdigit() and len(text) in LENGTHS):
        return ""
    number = text.zfill(14)
    total = sum(int(digit) * (1 if at % 2 else 3) for at, digit in enumerate(number))
    return number if total % 10 == 0 and int(number) else ""


def in_house(number: str) -> bool:
    """Given by whoever uses it, for its own premises: two companies have it for two things. Of 14 digits, or empty.

    GS1 General Specifications 1.4: prefixes 02, 04 and 2 of GTIN-13, 0 and 2 of GTIN-8.
    """
    if number.startswith("000000"):
        return number[6] in "02"
    return number[1:2] == "2" or number[1:3] in ("02", "04")


def spellings(number: str) -> list[str]:
    """All ways a GTIN of 14 digits may be kept."""
    return [number[-length:] for length in LENGTHS if not int(number[:-length] or 0)]
