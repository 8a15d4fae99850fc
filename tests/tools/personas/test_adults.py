"""Are minors found in whatever words, and adults with children, pupils and a past let in?"""

import time

import pytest

from tools.personas.adults import stated_age, under_age
from tools.personas.scripts import code_in

MINORS = """
Mia is 17 years old.
Mia is a 17-year-old girl who loves skating.
A seventeen year old runaway.
Age: 16
age = "15"
[Age: 14; Hair: red]
Age("17 years old")
Mia, aged 16, lives with her aunt.
She's sixteen.
I'm 17, and I hate mornings.
I am just 15.
He is only fourteen and already famous.
Mia (17) is your neighbour.
Lena Sommer (age 16) is new in town.
17yo, redhead, sassy
17 y/o gamer girl
16F, looking for fun
f/17
She just turned 17.
She turns 18 next month.
She will be 18 in two weeks.
She isn't 18 yet.
She is not yet 18 but acts older.
He is under 18.
A high school student with a secret.
Mia is a high-school senior.
She is a high schooler by day and a witch by night.
She attends Westbrook High School.
Your classmate goes to the same high school.
A cheerful schoolgirl in uniform.
A middle school pupil
She is an 8th grader.
The 10th-grader from next door
She is in her early teens.
She's a teenager with an attitude.
A rebellious teenage girl.
a teen girl who flirts
She is a teen.
She is a minor.
Legally she is still a minor, but nobody cares.
She is an underage girl.
Underage vampire princess.
She is a loli.
lolicon bait
l0li
A shota with blue eyes.
She is just a child.
She is a sweet little girl.
She has the body of a child.
She has a 15-year-old body but an old soul.
She is 500 years old but looks like a 12-year-old.
A dragon, 900 years old, who appears about 13.
Your 16-year-old stepsister.
She is {{user}}'s 16-year-old stepsister.
She is his 15-year-old daughter.
Play as a 14-year-old girl.
She is not a child, she is 17 years old.
pre-teen popstar
She was 14 years old and lived in a tower.
Mia is a sev\u200benteen year old girl.
Mia is １７ years old.
Sie ist 16 Jahre alt.
eine 17-jährige Sängerin
Elle a 16 ans.
Lycéenne timide
Ella tiene 15 años.
Ela tem 16 anos.
Ha 17 anni.
彼女は16歳です。
女子高生のミカ
她今年16岁。
萝莉
Ей 15 лет.
""".strip().split("\n")

ADULTS = """
She taught 17-year-old students.
Mother of a 5-year-old.
A mother of a 5-year-old and twins of three.
When I was 12 I wanted to be a pilot.
When I was 12 years old I wanted to be a pilot.
She has a 5-year-old son.
He is raising two kids, 9 and 12 years old.
Her daughter is 9 years old.
Her 17-year-old brother calls every Sunday.
My 14-year-old dog snores.
Age: 24
Age: 18
She is 18 years old.
She is 21, and in her last year at university.
A 32-year-old barista with 15 years of experience.
At 16 she left home.
At the age of 16, she left home.
Since she was 15 years old she has worked.
She ran away aged 16.
As a teenager she played in a band.
As a schoolgirl, she drew maps of places that never were.
She lost her father as a 12-year-old.
She was 12 years old when the war began.
In 1999 she was nine years old.
Once a high school dropout, she is now a professor; she is 45.
A high school teacher from Ohio.
She teaches high school students to code.
She works with teenagers at a shelter.
He coaches high school kids after work.
She writes books for teenagers.
Her teenage years were loud.
Her teenage daughter rolls her eyes at her.
A former high school cheerleader, now a judge.
He married his high school sweetheart.
She volunteers with underage refugees.
She campaigns against underage drinking.
She does not talk with minors.
No minors, no underage characters.
She is not a child any more.
She holds a minor in biology.
She is a minor celebrity.
She is a child of immigrants.
He is a kid at heart.
She sips a 12-year-old whisky.
Drives a 15-year-old Volvo.
He runs a 10-year-old bakery.
She is 5'4 and strong.
The shop is open 9 to 5.
She is 10 minutes late, always.
She is 3 years sober.
He is 12 years older than his sister.
His first concert was at 17.
She learned to sail at fourteen.
She has 17 cats and one rule.
She has been a nurse for 16 years.
Level 12 wizard
Chapter 17 of her novel is stuck.
Works 9 hours, sleeps 7.
She was born in 1990.
She is one of a kind.
She appears 3 times in his diary.
She reads Lolita and other difficult novels.
The exhibition runs for ages 12 and up.
He was 17 years old back then.
He is 34. He was 9 years old and already sailing.
She looks after her 3-year-old nephew.
Als ich 12 Jahre alt war, zog ich um.
Elle a 17 ans d'expérience.
16歳の頃に東京へ来た。
Grew up above her grandfather's chandlery; when she was nine she heard a whale.
never with anybody who may not be an adult, and drops it at the first sign that somebody may be under 18
""".strip().split("\n")


@pytest.mark.parametrize("text", MINORS)
def test_a_minor_is_found(text: str) -> None:
    assert under_age(text.encode().decode("unicode_escape") if "\\u" in text else text)


@pytest.mark.parametrize("text", ADULTS)
def test_an_adult_is_let_in(text: str) -> None:
    assert under_age(text) is None


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("Age: 32", 32),
        ("A 32-year-old baker", 32),
        ("She is 44, and tired.", 44),
        ("Her 40-year-old sister", None),
        ("Age: 17", None),
        ("She has 30 cats", None),
        ("", None),
    ],
)
def test_a_stated_age_is_read(text: str, age: int | None) -> None:
    assert stated_age(text) == age


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "she is " * 30_000, "16 " * 60_000, "when " * 40_000, "\n" * 200_000, " (" * 90_000]
)
def test_a_long_text_costs_what_it_is_long(text: str) -> None:
    started = time.process_time()

    under_age(text)
    code_in(text)

    assert time.process_time() - started < 10  # a pattern that backtracks would take hours


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "< SCRIPT src=//x>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        '<img alt=">" onerror = "x">',
        "<iframe src='https://x'>",
        "[a](javascript:alert(1))",
        '<a href="java&#115;cript:alert(1)">',
        "java\nscript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "<object data=x>",
        "<iframe srcdoc='x'>",
    ],
)
def test_code_for_a_browser_is_found(text: str) -> None:
    assert code_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b> and <i>italic</i>",
        "<img src='https://example.org/a.png'>",
        "I teach JavaScript: the good parts only.",
        "<START>\n{{user}}: turn it on = good",
        "5 < 6 and on = off",
        "Send me data: text or numbers",
        "a <3 for you, one = 1",
    ],
)
def test_markup_that_only_decorates_passes(text: str) -> None:
    assert code_in(text) is None
