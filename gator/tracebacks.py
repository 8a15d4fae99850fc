"""How do secrets stay out of tracebacks? structlog's own setting shows the values of variables: what people wrote, and keys.

So in every process that has `gator` in it structlog gets another setting as soon as it is loaded, whoever loads it and
whether or not the process configures its log (`gator.log`). It is watched for and not loaded here: `gator --help` has no
time for it.
"""

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def keep_values_out() -> None:
    """Set structlog's default right after it was loaded, now if it is, before whoever asked for it goes on."""
    if "structlog" in sys.modules:
        _set_default()
    else:
        sys.meta_path.insert(0, _Watch())


def processors(watched: bool) -> list[Any]:
    """What makes a line of an event, for a person who watches or for a program; without variables in both."""
    import structlog
    from structlog.tracebacks import ExceptionDictTransformer

    shared = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if watched:
        return [*shared, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    traces = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    return [*shared, traces, structlog.processors.JSONRenderer()]


def _set_default() -> None:
    import structlog

    structlog.configure(processors=processors(watched=True))


class _Watch(MetaPathFinder):
    def find_spec(self, fullname: str, *_: Any) -> ModuleSpec | None:
        """For structlog what Python finds itself, with the setting put behind its loading; None for all others."""
        if fullname != "structlog":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec and spec.loader:
            load = spec.loader.exec_module

            def load_and_set(module: ModuleType) -> None:
                load(module)
                _set_default()

            spec.loader.exec_module = load_and_set  # type: ignore[method-assign]
        return spec
