"""The sixth blind set: people of every age and country, in English and German, with as many traps.

First run: 49 of 59 facts right (0.83), 45 of 54 found (0.83); of the ten wrong ones six were true and labelled badly, so
55 of 59 (0.93) and 46 of 54 (0.85) with the labels that stand here. Labels as in `blind_told`.
"""

from tests.memory.labelled import Label

TOLD: tuple[tuple[str, list[Label]], ...] = (
    # the young
    (
        "hiii I'm Zoya, 19, from Lahore but studying in Leeds",
        [
            ("name", "", "Zoya"),
            ("age", "", "19"),
            ("?origin", "", "Lahore"),
            ("?home", "", "Leeds"),
            ("?study", "", "Leeds"),
        ],
    ),
    ("my roommate Priya snores like a chainsaw", [("?family", "roommate", "Priya")]),
    ("I'm in my second year of dentistry", [("study", "", "dentistry")]),
    ("i skate every day after class", [("?likes", "", "skating|skating every day after class|skate")]),
    ("got my driving licence today omggg", [("event", "", "got my driving licence today")]),
    ("my exam got moved to Thursday", [("?plan", "", "exam got moved to Thursday|exam is on Thursday")]),
    ("I'm scared of thunderstorms, don't laugh", [("fear", "", "thunderstorms")]),
    ("I want to become a marine biologist one day", [("dream", "", "become a marine biologist|marine biologist")]),
    ("I've been vegetarian since I was nine", [("diet", "", "vegetarian")]),
    (
        "I broke up with Jonas last night",
        [("partner", "|boyfriend|partner", "Jonas|", "ends"), ("?partner", "", "", "ends")],
    ),
    # parents and workers
    ("I'm a single dad of twin girls", [("?relationship", "", "single"), ("?family", "girls|daughters", "twin girls")]),
    (
        "my eldest, Femi, starts school on Monday",
        [("family", "eldest|son|child", "Femi"), ("?plan", "", "starts school on Monday")],
    ),
    ("I drive a taxi in Accra", [("?job", "", "taxi driver|driving a taxi|taxi"), ("?home", "", "Accra")]),
    ("I've worked at the port of Santos for eleven years", [("employer", "", "port of Santos")]),
    (
        "I teach maths at a secondary school in Nairobi",
        [("job", "", "maths teacher|teacher|teaching maths|math teacher")],
    ),
    ("I was laid off on Friday", [("job", "", "", "ends"), ("employer", "", "", "ends")]),
    ("I've started a new job at a bakery", [("employer", "", "bakery")]),
    ("I'm a midwife, so I sleep when I can", [("job", "", "midwife")]),
    ("my wife is called Noriko", [("partner", "wife", "Noriko")]),
    ("we adopted a greyhound named Biscuit", [("pet", "greyhound|dog", "Biscuit")]),
    ("my husband Tomasz is a welder", [("partner", "husband", "Tomasz"), ("?job", "husband", "welder")]),
    ("our youngest is allergic to eggs", [("?allergy", "youngest", "eggs")]),
    (
        "I can't eat gluten, I have coeliac disease",
        [("?allergy", "", "gluten"), ("health", "", "coeliac disease"), ("?diet", "", "gluten-free|no gluten")],
    ),
    ("We're moving to Halifax in June", [("plan", "", "moving to Halifax in June")]),
    ("I've lived in Medellín all my life", [("home", "", "Medellín")]),
    ("I grew up in a village near Tromsø", [("origin", "", "Tromsø|a village near Tromsø|village near Tromsø")]),
    ("I don't work at the mill anymore", [("employer", "", "mill", "ends")]),
    ("I hate my commute", [("?dislikes", "", "commute")]),
    ("I adore Bollywood films", [("likes", "", "Bollywood films")]),
    ("my favourite season is autumn", [("favourite", "season", "autumn")]),
    ("I speak Tagalog at home and English at work", [("language", "", "Tagalog"), ("?language", "", "English")]),
    ("I'm learning to play the oud", [("learning", "", "play the oud|to play the oud|oud|playing the oud")]),
    ("We got engaged in Venice!!", [("relationship", "", "engaged")]),
    ("my sister Leilani just had a baby", [("family", "sister", "Leilani"), ("?event", "sister", "had a baby")]),
    # the old
    (
        "I'm 78 and I still ride my bicycle",
        [("age", "", "78"), ("?likes", "", "riding my bicycle"), ("?owns", "", "bicycle")],
    ),
    ("I retired from the railway in 2009", [("job", "", "retired"), ("?employer", "", "railway", "ends")]),
    ("my late wife's name was Concetta", [("?partner", "wife", "Concetta"), ("?partner", "wife", "Concetta", "ends")]),
    ("I've been a widower for six years now", [("relationship", "", "widower|widowed")]),
    ("my grandson Matteo comes every Sunday", [("family", "grandson", "Matteo")]),
    ("I have arthritis in both hands", [("health", "", "arthritis|arthritis in both hands")]),
    ("my cat Möhre is seventeen years old", [("pet", "cat", "Möhre"), ("?age", "cat|Möhre", "17|seventeen")]),
    ("I used to be a seamstress", [("job", "", "seamstress", "ends")]),
    ("I'm going into hospital on Tuesday", [("plan", "", "going into hospital on Tuesday")]),
    # German
    ("ich bin die Wiebke und komme aus Emden", [("name", "", "Wiebke"), ("origin", "", "Emden")]),
    ("ich bin 16 und gehe aufs Gymnasium", [("age", "", "16")]),
    ("ich wohne seit drei Jahren in Leipzig", [("home", "", "Leipzig")]),
    ("ich arbeite als Altenpflegerin", [("job", "", "Altenpflegerin")]),
    (
        "ich mache gerade eine Ausbildung zum Tischler",
        [
            ("?job", "", "Tischler|Ausbildung zum Tischler"),
            ("?study", "", "Tischler|Ausbildung zum Tischler"),
            ("?learning", "", "Tischler"),
        ],
    ),
    ("mein Opa Heinrich wird morgen neunzig", [("family", "grandpa", "Heinrich")]),
    ("meine Tochter heißt Jule", [("family", "tochter|Tochter|daughter", "Jule")]),
    ("unser Hund heißt Bruno", [("pet", "hund|Hund|dog", "Bruno")]),
    ("ich bin gegen Haselnüsse allergisch", [("allergy", "", "Haselnüsse")]),
    ("ich mag Krimis total gern", [("likes", "", "Krimis")]),
    ("ich hasse Rosenkohl", [("dislikes", "", "Rosenkohl")]),
    ("ich wohne nicht mehr in Kassel", [("home", "", "Kassel", "ends")]),
    (
        "ich habe nächste Woche eine OP am Knie",
        [
            (
                "plan",
                "",
                "nächste Woche eine OP|nächste Woche eine OP am Knie|habe nächste Woche eine OP am Knie",
            )
        ],
    ),
    ("ich studiere Maschinenbau in Aachen", [("study", "", "Maschinenbau"), ("?home", "", "Aachen")]),
    ("meine Lieblingsfarbe ist Türkis", [("favourite", "farbe|Farbe|colour", "Türkis")]),
    ("ich bin seit Mai geschieden", [("relationship", "", "geschieden")]),
    ("no no, I'm not a nurse, I only look like one", [("?job", "", "nurse", "ends")]),
    ("I hate mondays and I hate this monday most", [("?dislikes", "", "mondays")]),
    ("ich hab Angst vor Spinnen", [("fear", "", "Spinnen")]),
)

TRAPS: dict[str, tuple[str, ...]] = {
    "joke": (
        "I'm basically married to my espresso machine",
        "my cat is the CEO and I'm her intern",
        "yeah I live in the gym now lol",
        "I'm 102 years old when I get out of bed, ha",
        "my hobby is collecting parking tickets apparently",
        "ich bin offiziell mit meinem Sofa verheiratet",
        "I was born tired and I'll die tired",
        "I identify as a potato before ten",
    ),
    "hypothetical": (
        "if I lived in Iceland I'd never leave the pool",
        "what if I was a spy and you had no idea",
        "I could be a chef in another life",
        "would you still talk to me if I was a worm",
        "wenn ich in Hamburg wohnen würde, wär ich jeden Tag am Hafen",
        "let's say I'm a millionaire, what do we buy first",
        "had I studied law my mum would be happy",
    ),
    "third person": (
        "my neighbour lives in a van and works at Tesco",
        "the guy in the film says I'm a doctor and everybody believes him",
        "my colleague told me: I hate cats, I love dogs",
        "she goes I'm pregnant and I just froze",
        "he is from Chile and he's a dentist, that's all I know",
        "meine Chefin wohnt in Zürich und hasst Hunde",
        "their son is called Milo, isn't that cute",
        "people keep telling me I'm a vegan, no idea why",
    ),
    "song or quotation": (
        "♪ I'm a barbie girl in a barbie world ♪",
        "“I live on a chair”, that's the whole poem",
        "that line, I was born in the USA, gets me each time",
        "the book starts with: my name is Ishmael",
        "as Elton sings, I'm a rocket man",
        "'ich bin ein Berliner', sagte Kennedy",
    ),
    "negation": (
        "I'm not from around here, can you tell",
        "I've never lived in Madrid, only visited",
        "I don't have a sister called Anna, where did you get that",
        "ich bin kein Lehrer, keine Sorge",
    ),
    "wish": (
        "I wish I had a dog called Bandit",
        "I'd love to live in Kyoto",
        "if only I were a singer",
        "ich wäre so gern Pilotin",
        "how I'd like to be 20 again",
    ),
    "role play": (
        "*I am the duchess of the north and this is my dragon Smok*",
        "you're the waiter, I'm a rude guest called Gunther. go!",
        "in our story my name is Captain Vale and I live on a ship",
        "let's play: I'm a detective from Chicago",
        "my dnd character is a gnome called Fizz, she hates elves",
    ),
    "question": (
        "do you think I'm an introvert?",
        "am I a bad mother, Nova?",
        "guess how old I am, I'm 30 something, right?",
        "hab ich dir erzählt wo ich wohne?",
    ),
    "of the persona": (
        "you live in Porto and you love sardines, right",
        "your dog is called Luna if I remember",
        "du bist doch Malerin und kommst aus Porto",
    ),
    "passing": (
        "I'm in Berlin for two hours, changing trains",
        "I'm a mess today",
        "I love you more than coffee",
        "I'm dead, that was so funny",
        "I have a feeling it'll rain",
        "I'm at work, my boss is a clown",
        "ich bin gleich da, bin im Stau",
        "I'm on fire today",
    ),
}
