"""How do we talk to PostgreSQL? As SQLAlchemy does, save that its errors do not repeat what people wrote: they go to the log."""

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from gator.errors import Refused


def make_engine(url: str) -> AsyncEngine:
    # Without hstore, which no column of ours is: looking for it takes as long as all else at the first connection.
    engine = create_async_engine(url, pool_pre_ping=True, hide_parameters=True, use_native_hstore=False)
    event.listen(engine.sync_engine, "handle_error", _shorten)
    event.listen(engine.sync_engine, "handle_error", _name)
    return engine


def _shorten(context: ExceptionContext) -> None:
    """Of what the server said, the first line: below it stand the values of the row ("DETAIL: Failing row contains …")."""
    if getattr(context.original_exception, "sqlstate", None):
        for error in (context.original_exception, context.sqlalchemy_exception):
            if error and error.args:
                error.args = (str(error.args[0]).partition("\n")[0], *error.args[1:])


def _name(context: ExceptionContext) -> Refused | None:
    """A NUL, which no text of PostgreSQL holds: nothing has such an id or name, and whoever asks for it is told so."""
    if "cannot contain NUL" not in str(context.original_exception):
        return None
    return Refused("There is a NUL character (U+0000) in that.", remedy="Leave it out.")
