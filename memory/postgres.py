"""How do we talk to PostgreSQL? As SQLAlchemy does, save that its errors do not repeat what people wrote: they go to the log."""

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def make_engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    event.listen(engine.sync_engine, "handle_error", _shorten)
    return engine


def _shorten(context: ExceptionContext) -> None:
    """Of what the server said, the first line: below it stand the values of the row ("DETAIL: Failing row contains …")."""
    if getattr(context.original_exception, "sqlstate", None):
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error and error.args:
                error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])
