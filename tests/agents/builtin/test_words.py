"""Are the sentences of a text those that it has: with their marks of quotation, without mark-up, whatever its lines are?"""

from agents.builtin.speech.words import sentences


def test_a_sentence_keeps_its_marks_of_quotation() -> None:
    assert sentences("She said “No.” Then she left.") == ["She said “No.”", "Then she left."]


def test_a_date_ends_no_sentence() -> None:
    assert sentences("Ich war am 3. Mai da. Es war schön.") == ["Ich war am 3. Mai da.", "Es war schön."]


def test_mark_up_is_left_out_and_a_line_goes_on() -> None:
    assert sentences("> *The tide*\ncomes in. `Now`.") == ["The tide comes in.", "Now."]
