"""Names come into the texts of cards where other programs put them."""

import pytest

from tools.personas.macros import fill


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{char}} waves at {{user}}.", "Nova waves at Ada."),
        ("{{Char}} and {{ USER }}", "Nova and Ada"),
        ("<BOT> sees <user>", "Nova sees Ada"),
        ("{{link:shop}} <b> {{charm}}", "{{link:shop}} <b> {{charm}}"),
    ],
)
def test_names_are_put_in_their_places(text: str, said: str) -> None:
    assert fill(text, "Nova", "Ada") == said
