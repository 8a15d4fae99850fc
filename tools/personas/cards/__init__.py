"""Which files do people share characters in? Character Card V1, V2 and V3 (JSON, PNG, APNG, CharX) and our own YAML.

`reading` and `writing` are the doors. Specifications: https://github.com/malfoyslastname/character-card-spec-v2 (V1, V2) and
https://github.com/kwaroran/character-card-spec-v3 (V3, CharX). A card comes from a stranger: everything has a limit.
"""
