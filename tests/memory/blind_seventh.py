"""The seventh blind set: written after the rules were mended with the sixth, of people as different, with as many traps.

First run: 29 of 29 facts right, 29 of 35 found (0.83). Labels as in `blind_told`.
"""

from tests.memory.labelled import Label

TOLD: tuple[tuple[str, list[Label]], ...] = (
    ("hello Nova, my name is Thandiwe and I live in Durban", [("name", "", "Thandiwe"), ("home", "", "Durban")]),
    (
        "I'm 14 and I play the trumpet in our school band",
        [("age", "", "14"), ("likes", "", "playing the trumpet|playing trumpet|trumpet")],
    ),
    ("I've worked for the city council since 1998", [("employer", "", "city council")]),
    ("I've lived in Reykjavík for almost twenty years", [("home", "", "Reykjavík")]),
    ("I want to open a small bookshop one day", [("dream", "", "open a small bookshop")]),
    ("I'm learning to play the harmonica", [("learning", "", "harmonica")]),
    ("my brother Luca plays for Torino", [("family", "brother", "Luca")]),
    ("I'm a fisherman, my father was one too", [("job", "", "fisherman"), ("?job", "father", "fisherman", "ends")]),
    ("I gave birth to a boy on Sunday!", [("event", "", "gave birth to a boy on Sunday|gave birth to a boy")]),
    ("we have three hens and a goat called Pilar", [("pet", "goat", "Pilar"), ("?pet", "hens", "three hens")]),
    ("I'm lactose intolerant", [("allergy|health|diet", "", "lactose|lactose intolerant")]),
    (
        "I have a job interview tomorrow at nine",
        [("plan", "", "a job interview tomorrow|a job interview tomorrow at nine")],
    ),
    ("my boyfriend Karim is on night shift", [("partner", "boyfriend", "Karim")]),
    ("I don't eat pork", [("diet", "", "no pork|pork")]),
    ("I love the smell of rain", [("likes", "", "smell of rain")]),
    ("my favourite dish is jollof rice", [("favourite", "dish", "jollof rice")]),
    ("I come from Cebu", [("origin", "", "Cebu")]),
    ("I'm 66 and freshly retired", [("age", "", "66"), ("job", "", "retired")]),
    ("I left Siemens in March", [("employer", "", "Siemens", "ends")]),
    ("my granddaughter Inès starts walking", [("family", "granddaughter", "Inès")]),
    ("hallo, ich bin der Malte und wohne in Rostock", [("name", "", "Malte"), ("home", "", "Rostock")]),
    ("meine Oma Gerda wird am Samstag achtzig", [("family", "grandma", "Gerda")]),
    ("ich trinke keinen Alkohol", [("diet", "", "no alcohol|kein Alkohol|keinen Alkohol|Alkohol")]),
    ("ich lerne gerade Japanisch", [("learning", "", "Japanisch")]),
    ("ich arbeite in einer Apotheke", [("employer", "", "Apotheke")]),
    ("mein Kater heißt Fritz", [("pet", "kater|Kater|cat", "Fritz")]),
    ("ich liebe Bergwandern sehr", [("likes", "", "Bergwandern")]),
    ("ich bin 71 und verwitwet", [("age", "", "71"), ("relationship", "", "verwitwet")]),
    (
        "am Freitag habe ich einen Zahnarzttermin",
        [("plan", "", "am Freitag habe ich einen Zahnarzttermin|Zahnarzttermin")],
    ),
    ("wir haben uns letzten Monat getrennt", [("partner", "", "", "ends")]),
)

TRAPS: dict[str, tuple[str, ...]] = {
    "joke": (
        "I'm fluent in sarcasm and broken dreams",
        "I live in my hoodie, rent is cheap",
        "I'm allergic to mornings",
        "my dog thinks I'm the butler, he's right",
        "ich bin Profi im Aufschieben",
    ),
    "hypothetical": (
        "if I were 25 again I'd move to Rio",
        "imagine I'm your landlord",
        "suppose I work for the CIA, would I tell you?",
        "wäre ich Lehrer, gäbe es keine Hausaufgaben",
    ),
    "third person": (
        "my landlord says I live in a palace",
        "Beyoncé is from Houston and she's 40 something",
        "my best friend is a vegan and hates leather",
        "sein Sohn heißt Emil und studiert Jura",
        "my ex always said I'm a bad cook",
    ),
    "song or quotation": (
        "my favourite line, I'm a creep, sounds sad live",
        "“my name is Luka, I live on the second floor” plays in the kitchen",
        "der Refrain, ich bin ein Astronaut, geht mir nicht aus dem Kopf",
        "he wrote in the letter: I live in Bath now",
    ),
    "negation": (
        "I'm not really from Texas, it's just the accent",
        "I've never had a cat called Simba",
        "ich wohne nicht in Wien, das verwechselst du",
    ),
    "wish": (
        "I wish I was a pianist",
        "wish I lived in a lighthouse",
        "ich hätte so gern einen Hund namens Balu",
    ),
    "role play": (
        "*my name is Count Orlok and I live in this castle*",
        "pretend I'm a pilot and you're the tower",
        "in my story I'm a baker from Lyon",
    ),
    "question": (
        "do I live in Rome or did I dream that?",
        "weißt du noch, wie meine Katze heißt?",
    ),
    "passing": (
        "I'm at the airport in Doha, four hours to go",
        "I'm a wreck without coffee",
    ),
}
