"""The tables, a family a module."""

from memory.models.appearance import Appearance, AppearanceView
from memory.models.base import Base
from memory.models.channel import Account, Handoff, Identity, Miss
from memory.models.consent import ClonedVoice, Consent
from memory.models.conversation import Conversation, Fan, Inbound, Message, Outbound, TurnRow
from memory.models.embedding import EmbeddedBy
from memory.models.persona import LoreState, Persona, PersonaVersion
from memory.models.production import Production, ProductionStep
from memory.models.publishing import Feed, Post, Story
from memory.models.vault import Episode, Erasure, Fact, MemoryChoice, OwnWord, RecallPage, Recollection
from memory.models.work import Approval, Asset, Audit, Device, Job, Spend, SpendTotal
from memory.models.workspace import Token, User, Workspace

__all__ = [
    "Account",
    "Appearance",
    "AppearanceView",
    "Approval",
    "Asset",
    "Audit",
    "Base",
    "ClonedVoice",
    "Consent",
    "Conversation",
    "Device",
    "EmbeddedBy",
    "Episode",
    "Erasure",
    "Fact",
    "Fan",
    "Feed",
    "Handoff",
    "Identity",
    "Inbound",
    "Job",
    "LoreState",
    "MemoryChoice",
    "Message",
    "Miss",
    "Outbound",
    "OwnWord",
    "Persona",
    "PersonaVersion",
    "Post",
    "Production",
    "ProductionStep",
    "RecallPage",
    "Recollection",
    "Spend",
    "SpendTotal",
    "Story",
    "Token",
    "TurnRow",
    "User",
    "Workspace",
]
