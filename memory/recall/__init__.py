"""What of all that was said answers a question? An index of one vault, and how its parts are weighed.

    Shelf.add     a message -> words (BM25), vector, nature (who, when, a question or a statement, names, numbers)
    search        a question -> asked (who is meant, which kind of answer, which days)
                  -> words, vectors, neighbours, speakers, answers, times -> fusion (weights.toml) -> the best first

A part a file: `words` what carries meaning, `lexicon` BM25, `vectors` cosines, `nature` what a message is like,
`speakers` who is meant, `asked` what is asked for, `times` days and seasons, `neighbours` what was said around it,
`fusion` the sum of all, `then` a question for a time and no more, `search` the best, `budget` what fits. Each can be
switched off (`Parts`). Nothing here keeps a text, or reads a row: that is `memory.vault`. Measured by
`python -m bench.recall`; trained by `python -m bench.recall_training`.
"""
