"""Posts on the personas' own gallery: planned by capabilities, carried out by `publish_due`, which holds no model.

`calendar` reckons repetitions, `references` finds the post that somebody means, `gallery` publishes.
"""

from tools.publishing.gallery import Outcome, is_public, next_due, publish_due

__all__ = ["Outcome", "is_public", "next_due", "publish_due"]
