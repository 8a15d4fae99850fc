"""Which words carry a sentence, and are two of them the same word? Light stems, good enough to find a subject again."""

import re
from functools import lru_cache

WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")

# Words that say nothing about the subject of a sentence.
COMMON = frozenset(
    ["a", "about", "after", "again", "all", "also", "always", "am", "an", "and", "another", "any", "anybody", "anything", "are", "around", "as", "ask", "at", "away", "back", "be", "because", "been", "before", "being", "best", "better", "big", "bit", "both", "but", "by", "call", "came", "can", "cant", "come", "could", "day", "did", "didnt", "do", "does", "doesnt", "doing", "done", "dont", "down", "each", "else", "enough", "even", "ever", "every", "everybody", "everything", "far", "feel", "few", "find", "first", "for", "from", "fun", "get", "getting", "give", "go", "going", "good", "got", "great", "had", "happen", "has", "have", "having", "he", "hear", "hello", "help", "her", "here", "hers", "hey", "hi", "him", "his", "how", "i", "id", "if", "ill", "im", "in", "into", "is", "isnt", "it", "its", "itself", "ive", "just", "keep", "kind", "knew", "know", "last", "later", "least", "let", "lets", "life", "like", "little", "long", "look", "lot", "lots", "love", "made", "make", "many", "may", "maybe", "me", "mean", "mine", "more", "most", "much", "must", "my", "myself", "name", "need", "never", "new", "next", "nice", "no", "nobody", "none", "not", "nothing", "now", "of", "off", "often", "ok", "okay", "old", "on", "once", "one", "only", "or", "other", "our", "out", "over", "own", "people", "perhaps", "person", "place", "please", "put", "quite", "rather", "really", "remember", "right", "said", "same", "saw", "say", "says", "see", "seem", "she", "should", "show", "since", "so", "some", "somebody", "someone", "something", "sometimes", "somewhere", "soon", "sort", "still", "stuff", "such", "sure", "take", "talk", "tell", "than", "thank", "thanks", "that", "thats", "the", "their", "them", "then", "there", "these", "they", "theyre", "thing", "things", "think", "this", "those", "though", "thought", "three", "through", "time", "to", "today", "together", "told", "tomorrow", "tonight", "too", "took", "try", "turn", "two", "under", "until", "up", "us", "use", "used", "very", "want", "wanna", "was", "way", "we", "week", "well", "went", "were", "what", "whatever", "whats", "when", "where", "whether", "which", "while", "who", "whom", "whose", "why", "will", "with", "without", "wont", "work", "world", "would", "yeah", "year", "years", "yes", "yesterday", "yet", "you", "youd", "youll", "your", "youre", "yours", "yourself", "youve", "u", "ur", "r", "aber", "alle", "alles", "als", "also", "am", "an", "andere", "auch", "auf", "aus", "bei", "beim", "bin", "bis", "bist", "bitte", "da", "dabei", "damit", "dann", "das", "dass", "dein", "deine", "deinem", "deinen", "deiner", "dem", "den", "denn", "der", "des", "dich", "die", "dies", "diese", "dieser", "dieses", "dir", "doch", "dort", "du", "durch", "ein", "eine", "einem", "einen", "einer", "eines", "einfach", "er", "erst", "es", "etwas", "euch", "fur", "gab", "ganz", "geht", "gehen", "gerade", "gern", "gerne", "gestern", "gibt", "gut", "habe", "haben", "hast", "hat", "hatte", "heute", "hier", "hin", "ich", "ihm", "ihn", "ihr", "ihre", "im", "immer", "in", "ins", "ist", "ja", "jede", "jeder", "jemand", "jetzt", "kann", "kannst", "kein", "keine", "konnen", "lange", "leben", "machen", "macht", "mag", "magst", "mal", "man", "mehr", "mein", "meine", "meinem", "meinen", "meiner", "mich", "mir", "mit", "morgen", "muss", "nach", "name", "nein", "nicht", "nichts", "nie", "noch", "nun", "nur", "ob", "oder", "ohne", "sag", "sagen", "schon", "sehr", "sein", "seine", "sich", "sie", "sind", "so", "soll", "sollte", "sonst", "tag", "tun", "uber", "um", "und", "uns", "unser", "unter", "viel", "viele", "vom", "von", "vor", "war", "waren", "warum", "was", "weil", "weiss", "weisst", "welche", "welcher", "wem", "wen", "wenn", "wer", "werden", "wie", "wieder", "will", "wir", "wird", "wirst", "wo", "woher", "wohl", "wurde", "zeit", "zu", "zum", "zur", "zwei", "erzahl", "erzahlen", "findest", "denkst"]
)
_ENDINGS = ("ings", "ing", "ies", "ied", "ers", "ern", "ed", "es", "en", "er", "em", "s", "e", "y", "n")
_FOLDS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e", "ñ": "n", "å": "a", "ø": "o"})


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """What "skating", "skates" and "skate" share."""
    word = word.lower().translate(_FOLDS).replace("’", "'").removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word.removesuffix("i")


def content(text: str) -> list[str]:
    """The words that carry a text, as written, each once."""
    found: dict[str, str] = {}
    for word in WORD.findall(text):
        bare = word.lower().translate(_FOLDS).replace("'", "").replace("’", "")
        if len(bare) > 2 and bare not in COMMON:
            found.setdefault(stem(word), word)
    return list(found.values())


def stems(text: str) -> frozenset[str]:
    """The stems of the words that carry a text; hyphenated words also by their parts."""
    return frozenset(stem(part) for word in content(text) for part in (word, *re.split(r"[-']", word)) if len(part) > 2)


def sentences(text: str) -> list[str]:
    """The sentences of a prose text, without mark-up."""
    text = re.sub(r"\s+", " ", re.sub(r"[*_`#>]+", "", text)).strip()
    parts = re.split(r"(?<=[.!?…])[\"”]?\s+(?=[\"“A-ZÀ-ÖØ-Þ\d])", text)
    whole: list[str] = []
    for part in parts:
        if whole and re.search(r"\b(?:Mrs|Mr|Ms|Dr|St|No|vs)\.$", whole[-1]):
            whole[-1] += f" {part}"
        elif part:
            whole.append(part)
    return whole
