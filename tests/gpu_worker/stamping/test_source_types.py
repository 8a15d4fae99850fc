"""What is put together says that a model had a hand in it where one had, and only there."""

import pytest

from gpu_worker.stamping.source_types import ALGORITHMIC, LEARNT, RETOUCHED, put_together

SENT = ""  # by somebody: it says nothing


@pytest.mark.parametrize(
    ("parts", "term"),
    [
        ([], "algorithmicMedia"),
        ([ALGORITHMIC, ALGORITHMIC], "algorithmicMedia"),
        ([ALGORITHMIC, SENT], "composite"),
        ([ALGORITHMIC, LEARNT], "compositeSynthetic"),
        ([RETOUCHED, SENT], "compositeSynthetic"),
        ([put_together([ALGORITHMIC, LEARNT]), ALGORITHMIC], "compositeSynthetic"),
        ([put_together([ALGORITHMIC, SENT]), ALGORITHMIC], "composite"),
    ],
)
def test_the_term_follows_from_the_parts(parts: list[str], term: str) -> None:
    assert put_together(parts) == f"http://cv.iptc.org/newscodes/digitalsourcetype/{term}"
