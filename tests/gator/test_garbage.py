"""Is what lives long left alone, and not for ever more of it?"""

import gc

from gator.garbage import Sparing


def test_what_survives_a_slow_pass_is_set_aside_so_many_times_and_no_more() -> None:
    sparing = Sparing(slow_s=0.0, most=2)
    sparing.start()
    try:
        kept, counts = [], []
        for _ in range(4):
            kept.append([[n] for n in range(500)])
            gc.collect()
            counts.append(gc.get_freeze_count())
        assert counts[1] >= counts[0] + 500
        assert counts[3] < counts[1] + 500
    finally:
        sparing.stop()
    assert gc.get_freeze_count() == 0


def test_a_quick_pass_sets_nothing_aside() -> None:
    sparing = Sparing(slow_s=60.0)
    sparing.start()
    try:
        before = gc.get_freeze_count()
        kept = [[n] for n in range(500)]
        gc.collect()
        assert gc.get_freeze_count() <= before
        assert len(kept) == 500
    finally:
        sparing.stop()
