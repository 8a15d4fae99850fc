"""Who looks at a page of the console, and what may they do now? Asked again whenever the page does something."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request

from api.deps import Caller, identify
from api.permissions import Permission
from bots.core import Core
from gator.errors import Forbidden
from gator.ids import new_id
from gator.principal import Principal
from tools.capability import Turn

KEY = "gator_visit"


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that somebody opened."""

    core: Core
    request: Request
    caller: Caller

    @property
    def who(self) -> Principal:
        return self.caller.principal

    @property
    def zone(self) -> str:
        return self.caller.zone or self.core.settings.timezone

    def may(self, permission: Permission) -> bool:
        """Whether they could when the page was opened: for what is shown."""
        return permission in self.caller.permissions

    async def now(self, permission: Permission) -> Caller:
        """The caller, if they still may. Raises Unauthenticated when the session has ended, Forbidden."""
        caller = await identify(self.request)
        if caller.principal.subject != self.who.subject or permission not in caller.permissions:
            raise Forbidden(f"This needs the permission {permission}.")
        return caller

    def turn(self, caller: Caller) -> Turn:
        """A turn of its own, to call a capability in."""
        core = self.core
        return Turn(principal=caller.principal, store=core.store, settings=core.settings, id=new_id(), zone=self.zone)


def visit_of(request: HTTPConnection) -> Visit:
    """Whose page this is: the door has put it there."""
    visit: Visit = request.scope[KEY]
    return visit
