"""How do people say which scene, how many seconds, which place? In English and in German. Neighbours: cutting."""

import re

from agents.builtin import counting

_DE_NUMBERS = {
    "null": 0, "ein": 1, "eins": 1, "eine": 1, "einer": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
    "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12, "fünfzehn": 15, "zwanzig": 20, "halbe": 0.5,
    "eine halbe": 0.5, "anderthalb": 1.5, "eineinhalb": 1.5,
}  # fmt: skip
_DE_PLACES = {
    "erst": 1, "zweit": 2, "dritt": 3, "viert": 4, "fünft": 5, "sechst": 6, "siebt": 7, "siebent": 7, "acht": 8, "neunt": 9,
    "zehnt": 10, "elft": 11, "zwölft": 12, "letzt": -1, "allerletzt": -1, "vorletzt": -2,
}  # fmt: skip
_EN_LAST = {"last": -1, "final": -1, "closing": -1, "very last": -1, "opening": 1, "very first": 1,
            "second to last": -2, "second last": -2, "penultimate": -2, "next to last": -2}  # fmt: skip

_OF_DE = "|".join(sorted(_DE_NUMBERS, key=len, reverse=True))
NUMBER = rf"(?:\d+(?:[.,]\d+)?|a couple of|half a|one and a half|{_OF_DE}|{counting.SPELLED}|an?|another)"
SECONDS = rf"(?P<s>{NUMBER})[- ]?(?:seconds?|secs?|sekunden?|sek|s)\b"
_PLACE_EN = rf"(?:{'|'.join(sorted(_EN_LAST, key=len, reverse=True))}|{counting.ORDINAL})"
_PLACE_DE = rf"(?:(?:{'|'.join(sorted(_DE_PLACES, key=len, reverse=True))})e[nrs]?|\d{{1,3}}\.)"
_NOUN = r"(?:scenes?|shots?|slides?|szenen?|einstellung(?:en)?)"
_AFTER = rf"(?:(?:number |no\.? ?|nummer |nr\.? ?|#)?(?:\d{{1,3}}\b|(?:{_OF_DE}|{counting.SPELLED})\b))"
_THE = r"(?:(?:the|that|this|my|our|die|der|das|den|dem|diese[rn]?)\s+)?"
# A scene that is told: by its place before the noun, or by its number behind it.
SCENE = rf"{_THE}(?:(?:{_PLACE_EN}|{_PLACE_DE})\s+{_NOUN}|{_NOUN}\s+{_AFTER})"
# One of which nobody says which.
SOME_SCENE = r"(?:(?:the|that|this|an?|one|die|eine|diese|irgendeine|einer)\s+)(?:scene|shot|slide|szene|einstellung)\b"
# Behind "scenes": a number or a place by itself.
BARE = rf"(?:{_THE}(?:{_PLACE_EN}|{_PLACE_DE})|{_AFTER})"


def seconds(words: str) -> float:
    """How many they are."""
    plain = " ".join(words.lower().split())
    if plain in ("one and a half", "anderthalb", "eineinhalb"):
        return 1.5
    known = _DE_NUMBERS.get(plain, {"another": 1.0}.get(plain))
    found = known if known is not None else counting.number(plain)
    assert found is not None, words  # the pattern takes nothing else
    return float(found)


def scene(words: str) -> int:
    """Its number; below 0 counted from the end. The words are as SCENE or BARE takes them."""
    plain = " ".join(words.lower().split())
    plain = re.sub(rf"^{_THE}", "", plain)
    if hit := re.fullmatch(rf"(?:{_NOUN}\s+)?(?:number |no\.? ?|nummer |nr\.? ?|#)?(.+?)(?:\s+{_NOUN})?", plain):
        plain = hit[1]
    if plain in _EN_LAST:
        return _EN_LAST[plain]
    if plain in _DE_NUMBERS:
        return int(_DE_NUMBERS[plain])
    stem = re.sub(r"e[nrs]?$", "", plain)
    if stem in _DE_PLACES:
        return _DE_PLACES[stem]
    found = counting.whole(plain) or counting.ordinal(plain.rstrip("."))
    assert found is not None, words
    return found
