"""Clips, which are moving pictures: `making` on a device of ours (diffusers), `elsewhere` at a provider.

`families` and `offers` say what can be ordered and are light: other rooms ask them.
"""
