"""How much is "twenty-five", "half a", "a couple of"? Numbers as people write them. Neighbours: moments, options."""

import re

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fourty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
VAGUE = {
    "a": 1,
    "an": 1,
    "half": 0.5,
    "half a": 0.5,
    "half an": 0.5,
    "a half": 0.5,
    "a couple of": 2,
    "a couple": 2,
    "couple of": 2,
}
VAGUE |= {
    "couple": 2,
    "a dozen": 12,
    "another": 1,
    "a pair of": 2,
    "a quarter of an": 0.25,
    "a quarter of a": 0.25,
    "three quarters of a": 0.75,
    "three quarters of an": 0.75,
    "a quarter": 0.25,
}
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17,
    "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip

_TEENS = "|".join(sorted(UNITS, key=len, reverse=True))
_TENS = "|".join(TENS)
SPELLED = rf"(?:(?:{_TENS})(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|{_TEENS})"
COUNT = rf"(?:\d+(?:[.,]\d+)?|{SPELLED})"
AMOUNT = rf"(?:{COUNT}|a quarter of an?|three quarters of an?|half an?|a half|a couple of|couple of|a couple|a dozen|another|an?)"
ORDINAL = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)|(?:{_TENS})[- ](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    rf"|{'|'.join(ORDINALS)})"
)


def number(text: str) -> float | None:
    """The number that a text says, in digits or words; None when it says none."""
    text = re.sub(r"\s+", " ", text.strip().lower())
    if re.fullmatch(r"\d+(?:[.,]\d+)?", text):
        return float(text.replace(",", "."))
    if text in VAGUE:
        return float(VAGUE[text])
    hundred = re.fullmatch(rf"(?:(an?|{_TEENS}) )?hundred(?: and)?(?: (.+))?", text)
    if hundred:
        rest = number(hundred[2]) if hundred[2] else 0
        return None if rest is None else 100 * (UNITS.get(hundred[1] or "", 1)) + rest
    words = re.split(r"[- ]", text)
    if len(words) == 1:
        value = UNITS.get(words[0], TENS.get(words[0]))
        return None if value is None else float(value)
    if len(words) == 2 and words[0] in TENS and 0 < UNITS.get(words[1], 0) < 10:
        return float(TENS[words[0]] + UNITS[words[1]])
    return None


def whole(text: str) -> int | None:
    """The same as a whole number."""
    value = number(text)
    return int(value) if value is not None and value == int(value) else None


def ordinal(text: str) -> int | None:
    """Which place "third", "3rd" or "twenty-first" is."""
    text = text.strip().lower()
    digits = re.fullmatch(r"(\d{1,3})(?:st|nd|rd|th)?", text)
    if digits:
        return int(digits[1])
    if text in ORDINALS:
        return ORDINALS[text]
    words = re.split(r"[- ]", text)
    if len(words) == 2 and words[0] in TENS and words[1] in ORDINALS:
        return TENS[words[0]] + ORDINALS[words[1]]
    return None
