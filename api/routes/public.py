"""What anybody may see and do: personas with their published posts, and a chat session as an anonymous fan."""

import secrets
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from agents.care.disclosure import language_for, notice
from api import showing
from api.deps import FAN_COOKIE, CoreDep, public
from api.security import address, same_site
from api.shapes import Body, FromRow, Page
from api.texts import liked_by
from api.tokens import FAN_SESSION_LIVES, Session, open_session, sign_access
from bots.cleaning import clean
from bots.core import Core
from gator.errors import Forbidden, NotFound
from gator.principal import Kind, Principal, service
from memory.directory import workspace_of_token
from prompts.words import say
from tools.personas import macros
from tools.unseen import without_unseen

router = APIRouter(prefix="/public", tags=["public"])


class PersonaCard(FromRow):
    id: str
    slug: str
    name: str
    tagline: str
    occupation: str
    home: str
    languages: list[str]
    is_ai: bool = True
    url: str
    portrait: str | None


class PostOut(FromRow):
    id: str
    text: str
    published_at: datetime
    media: list[showing.Media]


class OpenChat(Body):
    name: str = Field("", max_length=80, description="how the persona may call you")
    cookie: bool = Field(
        True, description="remember this visitor by an HttpOnly cookie; else a secret is in the answer"
    )
    refresh_token: str = Field("", max_length=200, description="the secret of an earlier session; empty: the cookie")


class Chat(Body):
    """A session of a fan with one persona."""

    access_token: str
    expires_at: datetime
    user: str = Field(description="for /ws/{user}")
    conversation: str
    notice: str = Field(description="that this is an AI: to be shown before the first word")
    greeting: str
    refresh_token: str | None = None


def _card(one: showing.ShownPersona) -> PersonaCard:
    who = one.character
    return PersonaCard(
        id=one.id,
        slug=one.slug,
        name=who.name,
        tagline=who.tagline,
        occupation=who.occupation,
        home=who.home,
        languages=who.languages,
        url=f"/p/{one.slug}",
        portrait=one.portrait_url,
    )


@router.get("/personas", dependencies=[public])
async def public_personas(core: CoreDep) -> list[PersonaCard]:
    """The personas that everybody may see."""
    async with core.store.open_work(await showing.public_principal(core), reads=True) as work:
        return [_card(one) for one in await showing.shown_personas(work)]


@router.get("/personas/{slug}", dependencies=[public])
async def public_persona(slug: str, core: CoreDep) -> PersonaCard:
    async with core.store.open_work(await showing.public_principal(core), reads=True) as work:
        row = await showing.persona_of(work, slug)
        return _card(showing.shown(row, row.id in await work.personas.portrayed()))


@router.get("/personas/{slug}/portrait", response_class=Response, dependencies=[public])
async def public_portrait(slug: str, request: Request, core: CoreDep) -> Response:
    """The persona's portrait as JPEG."""
    looking = await showing.public_principal(core)
    async with core.store.open_work(looking, reads=True) as work:
        row = await showing.persona_of(work, slug)

    async def picture() -> bytes | None:
        async with core.store.open_work(looking, reads=True) as work:
            found, _ = await work.personas.files(await work.personas.get(row.id))
        return found

    jpeg = await request.app.state.portraits.of(row.id, row.version, picture)
    if jpeg is None:
        raise NotFound(f"{row.name} has no portrait.")
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "public, max-age=3600"})


@router.get("/personas/{slug}/gallery", dependencies=[public])
async def public_gallery(
    slug: str,
    core: CoreDep,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
    before: Annotated[datetime | None, Query(description="`next` of the page before")] = None,
) -> Page[PostOut]:
    """What the persona has published, newest first."""
    async with core.store.open_work(await showing.public_principal(core), reads=True) as work:
        row = await showing.persona_of(work, slug)
        posts = await showing.shown_posts(core, work, row, limit, before)
    cursor = posts[-1].published_at.isoformat() if len(posts) == limit else None
    return Page(items=[PostOut.model_validate(post) for post in posts], next=cursor)


async def _known_fan(core: Core, secret: str) -> tuple[str, str] | None:
    """(fan, session) of the visitor who holds the secret of an earlier session."""
    workspace = await workspace_of_token(core.store, secret) if secret else None
    if workspace is None:
        return None
    async with core.store.open_work(service(workspace, "public"), reads=True) as work:
        row = await work.people.token("fan", secret)
        return (row.subject, row.id) if row else None


async def _new_fan(core: Core, workspace: str, persona: str, name: str) -> tuple[Principal, Session]:
    async with core.store.open_work(service(workspace, "public")) as work:
        fan = await work.people.meet_fan("web", secrets.token_urlsafe(18), clean(name))
        principal = Principal(workspace, Kind.fan, fan.id, persona=persona)
        return principal, await open_session(work, core.settings.secret, principal, name="visitor")


@router.post("/personas/{slug}/session", status_code=201, dependencies=[public])
async def open_chat(slug: str, ask: OpenChat, request: Request, response: Response, core: CoreDep) -> Chat:
    """Start to chat with a persona, or go on: who comes back with the cookie or the secret is the same fan as before."""
    if not same_site(request, core.settings):
        raise Forbidden("Another site may not open a chat for you.")
    looking = await showing.public_principal(core)
    async with core.store.open_work(looking, reads=True) as work:
        persona = await showing.persona_of(work, slug)
    known = await _known_fan(core, ask.refresh_token or request.cookies.get(FAN_COOKIE, ""))
    refresh = None
    if known:
        principal = Principal(looking.workspace, Kind.fan, known[0], persona=persona.id)
        access, ends = sign_access(core.settings.secret, principal, known[1])
    else:
        request.app.state.newcomers.take(address(request), "new visitors")
        principal, session = await _new_fan(core, looking.workspace, persona.id, without_unseen(ask.name))
        access, ends = session.access, session.expires_at
        refresh = None if ask.cookie else session.secret
        if ask.cookie:
            _remember(response, core, session.secret)
    conversation = await core.converse(principal, persona=persona.id)
    character = showing.shown(persona, has_portrait=False).character
    called = ask.name or say("you", character.language)
    return Chat(
        access_token=access,
        expires_at=ends,
        user=principal.subject,
        conversation=conversation.id,
        notice=notice(character.name, language_for(*liked_by(request), character.language)),
        greeting=macros.fill(character.greeting, character.nickname or character.name, called),
        refresh_token=refresh,
    )


def _remember(response: Response, core: Core, secret: str) -> None:
    response.set_cookie(
        FAN_COOKIE,
        secret,
        max_age=int(FAN_SESSION_LIVES.total_seconds()),
        path="/api/v1/public",
        httponly=True,
        samesite="strict",
        secure=core.settings.url.startswith("https://"),
    )
