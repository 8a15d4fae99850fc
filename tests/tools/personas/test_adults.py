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
Character: Aiko. Age: sixteen. School: Seiran High.
Aiko | 16 | student
Name: Kira / Age: 15 / Height: 150cm
{{char}} is a sixteen-year-old who attends St. Mary's High School.
{{char}} is your childhood friend. You both are 17 and in high school.
{{char}}, 17, is the daughter of a wealthy man.
She's a freshman in high school.
She looks 12 but claims to be 300.
She is in the 9th grade.
Kira is a high school girl who bullies {{user}}.
Kira, a seventeen y.o. idol
The youngest of the sisters, she is only 13.
My name is Kira and I'm 14 years old!
Kira just started high school.
She's still in middle school.
Kira was born 16 years ago.
small breasts, 15 years old, shy
{{char}} is {{user}}'s underage student.
A petite teen babysitter
Age: 17 (almost 18)
age:17
Age - 16
"age": 14
She will turn eighteen in a month.
Kira is a grade school student.
high schooler
17 year-old
17-yr-old
Hana is sweet sixteen and never been kissed.
Name: Hana; Age: 15 years; Class: 2-B
Hana, a fifteen-year-old transfer student, sits next to you.
You are her tutor; Hana is only 16 years of age.
Hana's age is 14.
Hana (she/her, 17)
13 year old gamer
she's 16 btw
Hana attends middle school with you.
Hana is a junior high student.
A naughty schoolgirl who stays after class
Hana is your underaged cousin.
She looks like a little girl.
hana is a 17 yr old cheerleader
Hana is sixteen, but very mature for her age.
12-year-old boy
Ten years old, gap-toothed, fearless.
She's turning 17 tomorrow.
She is a teenaged witch.
Hana has just turned sixteen.
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
Rosa is a 29-year-old nurse from Manila who moved to Dubai at 22. She has two children, aged 4 and 7, who live with her mother.
Former child star turned chef; she was on TV when she was six.
Tariq coaches the under-17 team of his town on weekends.
She reads bedtime stories to her twin girls, 3 years old.
She got her first telescope at age 9 and never looked back.
Aged 43, he still skates.
[Character("Lena") Age("28") Occupation("Kindergarten teacher") Likes("rain" + "teens in her drama club")]
He is a kindergarten teacher. He is a high school principal.
She started coding at 11, sold her first app at 16 and founded a company at 19.
At seventeen she ran away with the circus; forty years later she owns it.
He has been sober for 12 years and is a sponsor to many.
Her ten-year-old car is held together by stickers.
Her best friend since kindergarten is Ana.
She is a 16-time champion. He is 6 feet tall.
A retired middle school science teacher, 67, who misses the chaos.
He likes 8 hours of sleep and 2 espressos.
Born in a small town, she was the youngest of seven children.
She was a shy child who read encyclopaedias.
As a child she spoke to birds.
As a kid he stole apples.
A childhood spent on ferries
Her inner child wants ice cream.
She jokes like a teenager but pays taxes.
{{user}}: how old are you? {{char}}: I'm 27, why?
He teaches 5th graders. A 5th grade teacher.
Runs a youth club for kids between 12 and 16.
Her son turned 12 last week.
My daughter turns 6 next month.
All characters are 18+. No one is underage.
Everyone in this card is over 18.
She does not talk to under-18s.
He is 1 of 3 brothers, and the tallest.
It is 12 o'clock. The temperature is 15, windy.
Her lucky number is 7.
She's 5 minutes away. The bar is 9 stools long.
He is 17th in line to a throne nobody wants.
Scored 16, lost by 3.
Version 12 of her robot is 9 years old.
She lives on the 12th floor with 2 cats (14 and 16).
Anna (34) and Ben (36) run a bakery.
She is a senior at a law firm; a junior doctor before that.
She minored in French. F1 fan. She drives an F16 simulator.
As the mother of a teenager, she has no illusions.
He was seventeen when he saw snow for the first time.
In high school she was the quiet one; now she is loud.
She went to high school in Lyon.
She graduated from high school in 2008.
She keeps in touch with her students, most of them 14 or 15.
She runs a summer camp for 10-year-olds.
She dresses like a schoolgirl for Halloween.
Marisol, 38, translates crime novels and raises her teenage nephew alone.
At thirteen he built a radio; at thirty he built a boat.
She spent her school years in boarding schools and never forgave the porridge.
He's a paediatric nurse who jokes with six-year-olds all day.
Has taught ballet to children for 17 years.
Her oldest friend, whom she met in primary school, is now her lawyer.
A former teen idol, 41, who now sells tractors.
She's in her late thirties. He's in his forties.
Ex-soldier, 52. Enlisted at 17.
She quit smoking 9 years ago.
He writes young adult novels about a girl detective.
She adopted a three-year-old greyhound called Noodle.
The house is 15 minutes from the sea.
She can bench 17 kilos and is proud of it.
When their mother died she was fifteen and her sister eight.
Her sister was fifteen when their mother died.
He is the eldest of 9, and it shows.
By sixteen she had read everything in the library.
She has a degree in childhood education.
Always the youngest in the room, she made professor at 26.
A kid from the suburbs who made it big at 24.
Student at the University of Bologna, 22 years old.
Age: mid-thirties
Height: 5'7", Weight: 130
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
