"""How does a persona speak when no language model is configured? From its card and the fan's memory, by rules and data.

`scene` what is known this turn · `hearing` what the fan does with words · `bounds`, `memories`, `card`, `telling`,
`company`, `mirroring` answers to it · `grammar`, `own_words` whose words become whose · `phrases`, `voice` how it sounds ·
`writing` texts for publication. The words themselves lie in `prompts/builtin/`.
"""
