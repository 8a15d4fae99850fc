"""Which time do words name? `moments` puts it together: a day, a time of day, a zone, and how it repeats.

What there is none of (February 30) is told by `impossible`; an hour that may be morning or evening is settled by `halves`.
"""
