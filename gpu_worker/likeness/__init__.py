"""Is it her, and whom is it fit for? Looked at when a picture is made: `examining` has it seen, `judging` says what follows.

Models of the shelf see: an image encoder (kind `clip-vision`) compares faces, classifiers tell age and nudity. Without them the
picture is `unchecked` and its rating stays unknown. `seeing` needs torch; the rest is light.
"""
