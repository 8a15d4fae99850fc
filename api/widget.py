"""How does a persona's chat stand on somebody else's site? One script, what it asks for, and the chat as a page for a frame.

`<script src="https://YOUR-GATOR/widget.js" data-persona="SLUG" async></script>`. Only sites of GATOR_CORS_ORIGINS may frame
the page or read what the script asks for: elsewhere no button is shown. The chat itself is that of the persona's page.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from pydantic import BaseModel

from api import pages, showing
from api.deps import CoreDep, public
from api.security import CSP, LISTENS
from api.texts import VARY, Texts, catalogue, language_of
from bots.core import Core

router = APIRouter(include_in_schema=False)

_SCRIPT = pages.HERE / "static" / "widget.js"
_WORDS = ("open", "close", "said", "opening", "lost", "alone")
Language = Annotated[str, Query(max_length=10, description="language of the page; without it, the reader's")]


class Shown(BaseModel):
    """What the button needs to know."""

    language: str
    words: dict[str, str]


def _language(asked: str, request: Request) -> str:
    return asked if asked in catalogue() else language_of(request)


async def _persona(core: Core, slug: str) -> showing.ShownPersona:
    async with core.store.open_work(await showing.public_principal(core), reads=True) as work:
        return showing.shown(await showing.persona_of(work, slug), has_portrait=False)


@router.get("/widget.js", dependencies=[public])
async def widget_script() -> Response:
    """The script that a site of yours names; what it shows is fetched with the site's own right to it."""
    headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "public, max-age=3600"}
    return FileResponse(_SCRIPT, media_type="text/javascript", headers=headers)


@router.get("/p/{slug}/widget", dependencies=[public])
async def widget_words(
    slug: str, request: Request, response: Response, core: CoreDep, language: Language = ""
) -> Shown:
    """Whom the button opens a chat with, in the reader's language. Read over CORS, so by allowed sites only."""
    persona, t = await _persona(core, slug), Texts(_language(language, request))
    response.headers.update(VARY)
    words = {one: t(f"widget_{one}", name=persona.first_name) for one in _WORDS}
    return Shown(language=t.language, words=words)


@router.get("/p/{slug}/embed", dependencies=[public], response_class=HTMLResponse)
async def embedded_chat(slug: str, request: Request, core: CoreDep, language: Language = "") -> Response:
    """The chat of a persona's page and nothing else, for a frame on an allowed site."""
    persona = await _persona(core, slug)
    notice = pages.notice_for(request, persona, asked=language)
    headers = VARY | LISTENS | _framed_by(core.settings.cors_origins)
    return pages.page("embed.html", headers=headers, language=_language(language, request), persona=persona, **notice)


def _framed_by(sites: tuple[str, ...]) -> dict[str, str]:
    """Headers by which only these sites frame the page.

    Who knows frame-ancestors passes over X-Frame-Options (CSP 3 section 6.4.2.3), which cannot name another site.
    """
    if not sites:
        return {}
    policy = CSP.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(sites)}")
    return {"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"}
