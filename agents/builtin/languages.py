"""Which language is meant? English names of languages and their BCP 47 tags. Neighbours: options, portraits."""

import re

TAGS = {
    "afrikaans": "af", "albanian": "sq", "arabic": "ar", "armenian": "hy", "basque": "eu", "bengali": "bn",
    "bosnian": "bs",
    "brazilian portuguese": "pt-BR", "brazilian": "pt-BR", "british english": "en-GB", "american english": "en-US",
    "bulgarian": "bg",
    "cantonese": "yue", "catalan": "ca", "chinese": "zh", "croatian": "hr", "czech": "cs", "danish": "da",
    "dutch": "nl",
    "english": "en", "esperanto": "eo", "estonian": "et", "farsi": "fa", "finnish": "fi", "flemish": "nl",
    "french": "fr",
    "galician": "gl", "georgian": "ka", "german": "de", "greek": "el", "gujarati": "gu", "hebrew": "he", "hindi": "hi",
    "hungarian": "hu", "icelandic": "is", "indonesian": "id", "irish": "ga", "italian": "it", "japanese": "ja",
    "kannada": "kn",
    "korean": "ko", "latin": "la", "latvian": "lv", "lithuanian": "lt", "macedonian": "mk", "malay": "ms",
    "malayalam": "ml",
    "mandarin": "zh", "marathi": "mr", "mexican spanish": "es-MX", "nepali": "ne", "norwegian": "nb", "persian": "fa",
    "polish": "pl",
    "portuguese": "pt", "punjabi": "pa", "romanian": "ro", "russian": "ru", "serbian": "sr", "slovak": "sk",
    "slovenian": "sl",
    "somali": "so", "spanish": "es", "swahili": "sw", "swedish": "sv", "swiss german": "gsw", "tagalog": "tl",
    "tamil": "ta",
    "telugu": "te", "thai": "th", "turkish": "tr", "ukrainian": "uk", "urdu": "ur", "vietnamese": "vi", "welsh": "cy",
    "yoruba": "yo",
    "zulu": "zu", "deutsch": "de", "español": "es", "français": "fr", "italiano": "it", "português": "pt",
}  # fmt: skip
LANGUAGE = "|".join(sorted(TAGS, key=len, reverse=True))
LIST = (
    rf"(?:{LANGUAGE})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s*/\s*)(?:also\s+)?(?:some\s+|a bit of\s+"
    rf"|a little\s+)?(?:{LANGUAGE})\b)*"
)


def tags(text: str) -> list[str]:
    """The languages that a text names, in order, as tags."""
    return list(dict.fromkeys(TAGS[name] for name in re.findall(rf"\b({LANGUAGE})\b", text)))
