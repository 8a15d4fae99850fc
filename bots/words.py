"""What does Gator itself say in a conversation? The texts of `prompts.words`, which tools and agents use as well."""

from prompts.words import USUAL, catalogue, languages, nearest, retold, say

__all__ = ["USUAL", "catalogue", "languages", "nearest", "retold", "say"]
