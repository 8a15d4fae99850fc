"""What is one unit of work? A transaction with the repositories of one workspace; only the store commits it."""

from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncSession

from gator.principal import Principal
from memory.repositories.accounts import Accounts
from memory.repositories.appearances import Appearances
from memory.repositories.approvals import Approvals
from memory.repositories.assets import Assets
from memory.repositories.audit import AuditLog
from memory.repositories.consents import Consents
from memory.repositories.conversations import Conversations
from memory.repositories.devices import Devices
from memory.repositories.feeds import Feeds
from memory.repositories.handoffs import Handoffs
from memory.repositories.jobs import Jobs
from memory.repositories.journal import Journal
from memory.repositories.outbox import Outbox
from memory.repositories.people import People
from memory.repositories.personas import Personas
from memory.repositories.posts import Posts
from memory.repositories.productions import Productions
from memory.repositories.spending import Spending
from memory.repositories.turns import Turns

SEEN = "gator_seen"  # in the info of a session that writes nothing: what was asked in it already


class Work:
    """One transaction. Every repository sees the rows of `principal.workspace` only."""

    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self.session = session
        self.principal = principal
        self.queued: list[str] = []

    @cached_property
    def people(self) -> People:
        return People(self.session, self.principal)

    @cached_property
    def personas(self) -> Personas:
        return Personas(self.session, self.principal)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self.session, self.principal)

    @cached_property
    def turns(self) -> Turns:
        return Turns(self.session, self.principal)

    @cached_property
    def journal(self) -> Journal:
        return Journal(self.session, self.principal)

    @cached_property
    def outbox(self) -> Outbox:
        return Outbox(self.session, self.principal)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.session, self.principal, self.queued)

    @cached_property
    def devices(self) -> Devices:
        return Devices(self.session, self.principal)

    @cached_property
    def assets(self) -> Assets:
        return Assets(self.session, self.principal)

    @cached_property
    def appearances(self) -> Appearances:
        return Appearances(self.session, self.principal)

    @cached_property
    def consents(self) -> Consents:
        return Consents(self.session, self.principal)

    @cached_property
    def approvals(self) -> Approvals:
        return Approvals(self.session, self.principal)

    @cached_property
    def spending(self) -> Spending:
        return Spending(self.session, self.principal)

    @cached_property
    def feeds(self) -> Feeds:
        return Feeds(self.session, self.principal)

    @cached_property
    def posts(self) -> Posts:
        return Posts(self.session, self.principal)

    @cached_property
    def productions(self) -> Productions:
        return Productions(self.session, self.principal)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.session, self.principal)

    @cached_property
    def handoffs(self) -> Handoffs:
        return Handoffs(self.session, self.principal)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self.session, self.principal)
