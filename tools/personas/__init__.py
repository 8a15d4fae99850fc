"""Who are the personas? Their characters, versions, cards and lorebooks.

`character` is what a persona is, `admission` decides who may come in, `capabilities` is what operators can do with them,
`cards` reads and writes the files that other programs share characters in, `lorebook` says which lore a reply needs.
"""
