"""Posts on the personas' own gallery: planned by capabilities, carried out by `publish_due`, which holds no model.

`calendar` reckons repetitions, `references` finds the post that somebody means, `gallery` publishes.
"""

from tools.publishing.gallery import Outcome, publish_due

__all__ = ["Outcome", "publish_due"]
