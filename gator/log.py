"""How does Gator log? Events with fields, ids not texts: one line each, JSON when nobody watches.

Tracebacks come without the values of variables, here and in processes that configure nothing (`gator.tracebacks`).
"""

import logging
import sys

import structlog

from gator.tracebacks import processors


def configure(level: str = "info") -> None:
    """Send structlog's and the libraries' lines to stderr; libraries speak from WARNING on.

    httpx and telegram log URLs at INFO, and a bot's token is part of its URL.
    """
    numeric = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    structlog.configure(
        processors=processors(watched=sys.stderr.isatty()),
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
