"""What do people see in a browser? The gallery, a persona's page with its chat, sign-in, and pages for errors.

Rendered here, escaped by default; scripts and styles are files of ours in `api/static`, as the strict CSP demands.
"""

import hashlib
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, FastAPI, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agents.care.disclosure import language_for, notice
from api import showing
from api.deps import CoreDep, public
from api.passwords import check_length
from api.problems import Problem
from api.routes.auth import LockoutDep, SignIn, renew_password, set_session_cookie, sign_in_as
from api.security import LISTENS, address, same_site
from api.texts import VARY, Texts, language_of, liked_by
from gator.errors import Forbidden, GatorError, Unauthenticated
from tools.unseen import with_unseen_shown

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

HERE = Path(__file__).parent
POSTS = 24  # on a persona's page
LATEST = 1  # posts beside each persona in the gallery


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["day"] = _day
    made.filters["unseen_shown"] = with_unseen_shown
    made.globals["static"] = static
    return made


def _day(at: datetime, zone: str = "UTC") -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%-d %B %Y}"


@cache
def static(name: str) -> str:
    """The address of a file of ours; it changes with the file, so that browsers may keep what they have."""
    return f"/static/{name}?v={hashlib.sha256((HERE / 'static' / name).read_bytes()).hexdigest()[:10]}"


def page(
    name: str, status: int = 200, headers: dict[str, str] | None = None, *, language: str = "en", **facts: Any
) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(name).render(t=Texts(language), **facts), status, headers)


@router.get("/", dependencies=[public])
async def gallery_page(request: Request, core: CoreDep) -> Response:
    """Every persona that everybody may see, with their latest post."""
    async with core.store.open_work(await showing.public_principal(core), reads=True) as work:
        personas = await showing.shown_personas(work)
        rows = {one.id: await work.personas.get(one.id) for one in personas}
        latest = {id: await showing.shown_posts(core, work, row, LATEST) for id, row in rows.items()}
    return page("gallery.html", headers=VARY, language=language_of(request), personas=personas, latest=latest)


@router.get("/p/{slug}", dependencies=[public])
async def persona_page(slug: str, request: Request, core: CoreDep) -> Response:
    """A persona: who they are, what they published, and the chat."""
    async with core.store.open_work(await showing.public_principal(core), reads=True) as work:
        row = await showing.persona_of(work, slug)
        persona = showing.shown(row, row.id in await work.personas.portrayed())
        posts = await showing.shown_posts(core, work, row, POSTS)
    facts = notice_for(request, persona) | {"persona": persona, "posts": posts}
    return page("persona.html", headers=VARY | LISTENS, language=language_of(request), **facts)


def notice_for(request: Request, persona: showing.ShownPersona, asked: str = "") -> dict[str, Any]:
    """The AI notice for a page, in the reader's language rather than in the persona's."""
    language = language_for(asked, *liked_by(request), persona.character.language)
    return {"notice": notice(persona.name, language), "notice_language": language}


@router.get("/sign-in", dependencies=[public])
async def sign_in_page(code: Annotated[str, Query(max_length=200)] = "") -> Response:
    """The form; a code in the address is filled in, and used only when the person presses the button."""
    return page("sign_in.html", code=code, problem=None)


@router.post("/sign-in", dependencies=[public])
async def sign_in_form(
    request: Request,
    core: CoreDep,
    lockout: LockoutDep,
    code: Annotated[str, Form(max_length=200)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    new_password: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    """Sign in and go to the console, or say why not. With a code, a password for the next time can be set at once."""
    if not same_site(request, core.settings):
        raise Forbidden("Another site may not sign you in here.")
    try:
        ask = SignIn(code=code.strip(), name=name.strip(), password=password)
        if ask.code and new_password:
            check_length(new_password)  # before the code is used up
        user, session = await sign_in_as(core, lockout, ask, address(request))
    except GatorError as wrong:
        return page("sign_in.html", wrong.status, code=code if new_password else "", problem=wrong)
    if ask.code and new_password:
        session = await renew_password(core, user, new_password)
    response = RedirectResponse("/console", status_code=303)
    set_session_cookie(response, core, session.secret)
    return response


def _draw_problem(body: Problem, headers: dict[str, str]) -> Response:
    """An error for people: to the sign-in, or a page in the same hand as the others."""
    if body.status == Unauthenticated.status:
        return RedirectResponse("/sign-in", status_code=303)
    return page("problem.html", body.status, headers, problem=body)


def install(app: FastAPI) -> None:
    app.state.draw_problem = _draw_problem
