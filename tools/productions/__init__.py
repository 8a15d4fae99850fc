"""Productions: a reel from one sentence, in steps that can be made again alone.

`capabilities` are the doors, `script` what is said, `scenes` what is seen, `making` keeps the steps in order, `showing` tells.
"""
