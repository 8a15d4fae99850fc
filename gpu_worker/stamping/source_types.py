"""From which source is it, in IPTC's words? The terms that Gator uses, as IPTC defines them since 2024.

https://cv.iptc.org/newscodes/digitalsourcetype/ - what platforms read to label media as made by AI.
"""

from collections.abc import Iterable

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
ALGORITHMIC = _IPTC + "algorithmicMedia"  # by code that learnt from no samples
LEARNT = _IPTC + "trainedAlgorithmicMedia"  # created by a model
RETOUCHED = _IPTC + "compositeWithTrainedAlgorithmicMedia"  # changed by a model, such as painted anew in a part
_WITH_LEARNT = _IPTC + "compositeSynthetic"  # of several elements, one of which at least is a model's
_COMPOSITE = _IPTC + "composite"  # of several elements of any kind


def put_together(parts: Iterable[str]) -> str:
    """The type of what code makes of media of these types; the empty one is of what somebody sent."""
    found = {*parts}
    if found & {LEARNT, RETOUCHED, _WITH_LEARNT}:
        return _WITH_LEARNT
    return ALGORITHMIC if found <= {ALGORITHMIC} else _COMPOSITE
