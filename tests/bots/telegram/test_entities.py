"""CommonMark becomes text and entities that Telegram takes, whatever it holds, and long texts are parted where they may be."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bots.telegram.entities import Rendered, escaped, first_units, render, units
from bots.telegram.splitting import MESSAGE, split
from tests.servers.telegram_checks import check_text

_SIGNS = [
    "**",
    "*",
    "_",
    "`",
    "```\n",
    "~~",
    "[",
    "](https://a.test)",
    "\n",
    "\n\n",
    "- ",
    "1. ",
    "> ",
    "# ",
    "\\",
    "<b>",
]
_WORDS = ["word ", "😀", "é", "a.b ", "5 * 3 ", "end. ", "！"]
MARKDOWN = st.lists(st.sampled_from([*_SIGNS, *_WORDS]), max_size=60).map("".join)


def marked(page: Rendered) -> list[tuple[str, str]]:
    """Each style with the words it is on."""
    encoded = page.text.encode("utf-16-le")
    return [(one.type, encoded[2 * one.offset : 2 * one.end].decode("utf-16-le")) for one in page.entities]


def check(page: Rendered, most: int = 1 << 20) -> None:
    """As the server would."""
    entities = [
        {"type": one.type, "offset": one.offset, "length": one.length, **({"url": one.url} if one.url else {})}
        for one in page.entities
    ]
    if page.text:
        check_text(page.text, entities, most)


@pytest.mark.parametrize(
    ("source", "text", "styles"),
    [
        ("**bold 😀 *both***!", "bold 😀 both!", [("bold", "bold 😀 both"), ("italic", "both")]),
        ("a\nb", "a\nb", []),
        ("- a\n- **b**\n  - c\n\n3. x\n4. y", "• a\n• b\n  • c\n\n3. x\n4. y", [("bold", "b")]),
        ("You:\n1. x\n2. y\nWork:\n3. z\nend", "You:\n1. x\n2. y\nWork:\n3. z\nend", []),
        ("You:\n\n1. x", "You:\n\n1. x", []),
        ("# Head\ntext", "Head\n\ntext", [("bold", "Head")]),
        ("> one\n> two\n\nafter", "one\ntwo\n\nafter", [("blockquote", "one\ntwo")]),
        ("```py\nx = 1\n```\nafter", "x = 1\n\nafter", [("pre", "x = 1")]),
        ("see [this](https://a.test/b)", "see this", [("text_link", "this")]),
        ("see [this](tg://user?id=1)", "see this", []),
        ("snake_case_name, 5 * 3 * 2, <b>no</b> &amp; a", "snake_case_name, 5 * 3 * 2, <b>no</b> & a", []),
        ("    indented\nTitle\n---", "indented\nTitle\n---", []),
        ("**`code`**", "code", [("code", "code")]),
        ("~~gone~~", "gone", [("strikethrough", "gone")]),
        ("  \n ", "", []),
    ],
)
def test_markup_becomes_styles(source: str, text: str, styles: list[tuple[str, str]]) -> None:
    page = render(source)
    assert page.text == text
    kept = [one for one in marked(page) if one not in [("bold", "code")]]
    assert kept == styles


@given(MARKDOWN)
@settings(max_examples=300, deadline=None)
def test_whatever_is_written_the_server_takes_it(source: str) -> None:
    check(render(source))


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_escaped_text_says_itself(text: str) -> None:
    plain = " ".join(text.split())
    page = render(escaped(plain))
    assert page.text == plain.replace("\0", "\ufffd")
    assert not page.entities


@given(MARKDOWN.map(lambda text: (text + "words go on. ") * 12), st.integers(60, 400))
@example("~~~~```\n" + "words go on. ~~~~```\n" * 12, 63)
@settings(max_examples=60, deadline=None)
def test_parts_fit_and_hold_every_word(source: str, most: int) -> None:
    parts = split(source, most)
    for part in parts:
        page = render(part)
        assert 0 < page.length <= most
        check(page, most)
    letters = [sign for sign in render(source).text if sign.isalpha() or sign == "😀"]
    assert [sign for part in parts for sign in render(part).text if sign.isalpha() or sign == "😀"] == letters


def test_a_long_text_is_parted_between_paragraphs() -> None:
    paragraph = "A sentence about maps. " * 60
    parts = split("\n\n".join([paragraph] * 5))
    assert [render(part).text.count("maps.") for part in parts] == [120, 120, 60]
    assert all(render(part).text.endswith("maps.") for part in parts)


def test_a_style_is_not_torn() -> None:
    source = "x " * 40 + "**these words belong together** " + "y " * 40
    parts = [render(part) for part in split(source, 100)]
    assert [one for page in parts for one in marked(page)] == [("bold", "these words belong together")]


def test_a_style_longer_than_a_message_is_given_up_and_no_word_is_lost() -> None:
    parts = [render(part) for part in split(f"**{'word ' * 2000}end**")]
    assert sum(page.text.count("word") for page in parts) == 2000
    assert all(page.length <= MESSAGE for page in parts)


def test_code_is_parted_between_lines_and_stays_code() -> None:
    source = "```py\n" + "\n".join(f"x = {n}" for n in range(2000)) + "\n```"
    parts = [render(part) for part in split(source)]
    assert len(parts) > 1
    assert all(page.entities[0].type == "pre" and page.entities[0].length == page.length for page in parts)
    assert "\n".join(page.text for page in parts).split("\n") == [f"x = {n}" for n in range(2000)]


def test_no_character_is_cut_in_two() -> None:
    assert first_units("a😀b", 2) == "a"
    parts = split("😀" * 5000)
    assert [units(part) for part in parts] == [4096, 4096, 1808]
