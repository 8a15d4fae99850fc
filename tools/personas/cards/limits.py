"""How large may what comes in be? Real cards are some 100 KB of text and a few MB of pictures."""

MIB = 1024 * 1024

MAX_FILE = 32 * MIB
MAX_CARD = 8 * MIB  # of JSON, wherever it stands
MAX_YAML = 1 * MIB  # its parser takes about a second for that
MAX_CHUNK = 24 * MIB  # of a PNG
MAX_CHUNKS = 20_000
MAX_PIXELS = 50_000_000
MAX_UNPACKED = 128 * MIB  # of a CharX
MAX_RATIO = 100  # unpacked to packed; deflate reaches 1032, text seldom 20
MAX_ENTRIES = 2_000
MAX_DEPTH = 64  # of nested JSON; a card with a lorebook has about 8
