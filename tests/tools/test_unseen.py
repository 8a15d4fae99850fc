"""Characters that a reader does not see."""

import pytest

from tools.unseen import cut, with_unseen_shown, without_controls, without_unseen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\u202eb\u2066c\u200bd\ufeffe\u00adf", "abcdef"),
        ("tag\U000e0041\U000e0042s", "tags"),
        ("one\ntwo\tthree\u2028four", "one two three four"),
        ("  much   space ", "much space"),
        ("new \U0001fae8 emoji", "new \U0001fae8 emoji"),  # younger than Python 3.11's tables
        ("❤\ufe0f", "❤\ufe0f"),
        ("a\u200db", "ab"),
    ],
)
def test_unseen_characters_go(text: str, seen: str) -> None:
    assert without_unseen(text) == seen


def test_lines_stay_where_they_are_wanted() -> None:
    assert without_unseen("a \r\n\tb\rc", lines=True) == "a\nb\nc"


def test_unseen_characters_are_written_out() -> None:
    assert with_unseen_shown("pay\u202e100\x07\n❤\ufe0f") == "pay⟨U+202E⟩100⟨U+0007⟩\n❤\ufe0f"


def test_what_writing_needs_is_no_control_character() -> None:
    assert without_controls(" a\x00b\x85\r\n\tc\u200fd\u202e ") == "ab\n\tc\u200fd\u202e"


def test_a_text_is_cut_between_words() -> None:
    assert cut("short", 10) == "short"
    assert cut("one two three", 10) == "one two…"
    assert cut("x" * 100, 10) == "x" * 9 + "…"
