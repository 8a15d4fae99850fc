"""How does Gator log? Events with fields, ids not texts: one line each, JSON when nobody watches."""

import logging
import sys

import structlog


def configure(level: str = "info") -> None:
    """Send structlog's and the libraries' lines to stderr; libraries speak from WARNING on.

    httpx and telegram log URLs at INFO, and a bot's token is part of its URL.
    """
    numeric = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    watched = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if watched else structlog.processors.dict_tracebacks,
            *([] if watched else [structlog.processors.JSONRenderer()]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
