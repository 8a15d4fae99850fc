"""How does Gator log? Events with fields, ids not texts: one line each, JSON when nobody watches."""

import logging
import sys

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer


def configure(level: str = "info") -> None:
    """Send structlog's and the libraries' lines to stderr; libraries speak from WARNING on.

    httpx and telegram log URLs at INFO, and a bot's token is part of its URL.
    """
    numeric = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    watched = sys.stderr.isatty()
    # Tracebacks without the values of variables: those are what people wrote, and secrets.
    traces = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback) if watched else traces,
            *([] if watched else [structlog.processors.JSONRenderer()]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
