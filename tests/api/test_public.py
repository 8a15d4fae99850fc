"""What does everybody see? The personas and posts meant for everybody, escaped, and a chat of their own."""

import io
from datetime import timedelta
from typing import Any

import httpx

from bots.core import Core
from gator.clock import now
from gator.ids import new_id
from gator.principal import Principal
from memory.models import Asset, Persona, Post
from tests.api.conftest import add_persona

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'"


def png(colour: str = "teal") -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("chara", "the whole secret character")
    out = io.BytesIO()
    Image.new("RGB", (900, 900), colour).save(out, "PNG", pnginfo=info)
    return out.getvalue()


async def add_asset(core: Core, who: Principal, data: bytes = b"", **about: Any) -> Asset:
    blob = core.blobs.put(data or png())
    known = {"kind": "picture", "state": "ready", "mime": "image/png", "title": "A heron", "alt_text": "A heron"}
    row = Asset(workspace=who.workspace, sha256=blob.sha256, size_bytes=blob.size_bytes, **(known | about))
    async with core.store.open_work(who) as work:
        work.session.add(row)
        await work.session.flush()
    return row


async def add_post(core: Core, who: Principal, persona: Persona, **about: Any) -> Post:
    known = {"text": "Low tide.", "state": "published", "due_at": now(), "published_at": now(), "key": new_id()}
    async with core.store.open_work(who) as work:
        return await work.posts.plan(Post(persona_id=persona.id, **(known | about)))


async def test_the_gallery_shows_personas_with_their_latest_post(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    await add_post(core, operator, nova, text="An older one", published_at=now() - timedelta(days=2))
    await add_post(core, operator, nova, text="The newest one")
    await add_post(core, operator, nova, text="A planned one", state="scheduled", published_at=None)
    page = (await anybody.get("/")).text

    assert 'href="/p/nova"' in page
    assert "The newest one" in page
    assert "A planned one" not in page
    assert "An older one" not in page


async def test_an_empty_gallery_says_how_to_begin(anybody: httpx.AsyncClient, operator: Principal) -> None:
    assert "gator chat" in (await anybody.get("/")).text


async def test_a_persona_page_shows_who_it_is_its_posts_and_that_it_is_an_ai(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    picture = await add_asset(core, operator)
    voice = await add_asset(core, operator, b"RIFF", kind="voice", mime="audio/wav", title="Spoken")
    film = await add_asset(core, operator, b"mp4", kind="video", mime="video/mp4", title="Film")
    post = await add_post(core, operator, nova, assets=[picture.id, voice.id, film.id])
    page = (await anybody.get("/p/nova")).text

    assert "Nova is an AI character, not a person." in page
    assert f'id="post-{post.id}"' in page
    assert "Low tide." in page
    assert 'alt="A heron"' in page
    assert "<audio" in page
    assert "<video" in page
    assert page.count(f"/media/{picture.id}/small?") == page.count(f"/media/{picture.id}?") == 1
    assert page.count(f'poster="/media/{film.id}/small?') == page.count(f'src="/media/{film.id}?') == 1
    assert 'aria-live="polite"' in page
    assert "Hello you." in page


async def test_names_and_posts_are_escaped(anybody: httpx.AsyncClient, core: Core, operator: Principal) -> None:
    evil = await add_persona(core, operator, EVIL[:60], tagline=EVIL, greeting=EVIL, interests=[EVIL], home=EVIL)
    async with core.store.open_work(operator) as work:
        row = await work.personas.get(evil.id)
        row.slug = "evil"
        await work.session.flush()
    asset = await add_asset(core, operator, alt_text=EVIL, title=EVIL)
    await add_post(core, operator, evil, text=EVIL, assets=[asset.id])

    for path in ("/", "/p/evil"):
        page = (await anybody.get(path)).text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
    problem = await anybody.get("/p/" + "%3Cscript%3Ealert(1)", headers={"Accept": "text/html"})
    assert "<script>alert" not in problem.text


async def test_what_is_not_for_everybody_is_not_shown(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, stranger: Principal, nova: Persona
) -> None:
    await add_persona(core, operator, "Mature", rating="mature")
    await add_persona(core, stranger, "Foreign")
    hot = await add_asset(core, operator, rating="mature", title="Not for all")
    pending = await add_asset(core, operator, state="pending", title="Not yet")
    await add_post(core, operator, nova, assets=[hot.id, pending.id, new_id()])

    names = [one["slug"] for one in (await anybody.get("/api/v1/public/personas")).json()]
    gallery = (await anybody.get("/api/v1/public/personas/nova/gallery")).json()
    assert names == ["nova"]
    assert gallery["items"][0]["media"] == []
    for slug in ("mature", "foreign", "nobody"):
        assert (await anybody.get(f"/p/{slug}")).status_code == 404
        assert (await anybody.post(f"/api/v1/public/personas/{slug}/session", json={})).status_code == 404


async def test_a_removed_persona_is_gone_from_everywhere(owner: httpx.AsyncClient, nova: Persona) -> None:
    assert (await owner.delete("/api/v1/personas/nova")).status_code == 200
    assert (await owner.get("/p/nova")).status_code == 404
    assert (await owner.get("/api/v1/public/personas")).json() == []


async def test_the_gallery_is_read_page_by_page(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    for hours in range(5):
        await add_post(core, operator, nova, text=f"post {hours}", published_at=now() - timedelta(hours=hours))
    first = (await anybody.get("/api/v1/public/personas/nova/gallery?limit=3")).json()
    rest = (
        await anybody.get("/api/v1/public/personas/nova/gallery", params={"limit": 3, "before": first["next"]})
    ).json()

    assert [one["text"] for one in first["items"] + rest["items"]] == [f"post {hours}" for hours in range(5)]
    assert rest["next"] is None


async def test_a_portrait_is_a_picture_and_nothing_else(
    anybody: httpx.AsyncClient, core: Core, operator: Principal, nova: Persona
) -> None:
    assert (await anybody.get("/api/v1/public/personas/nova/portrait")).status_code == 404
    async with core.store.open_work(operator) as work:
        row = await work.personas.get(nova.id)
        row.portrait = png()
        await work.session.flush()
    answer = await anybody.get("/api/v1/public/personas/nova/portrait")

    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8")
    assert b"secret" not in answer.content
    assert 'src="/api/v1/public/personas/nova/portrait' in (await anybody.get("/")).text


async def test_a_visitor_gets_a_chat_of_their_own_and_comes_back_to_it(
    anybody: httpx.AsyncClient, nova: Persona, core: Core, operator: Principal
) -> None:
    await add_persona(core, operator, "Orla")
    first = await anybody.post("/api/v1/public/personas/nova/session", json={})
    again = await anybody.post("/api/v1/public/personas/nova/session", json={})
    other = await anybody.post("/api/v1/public/personas/orla/session", json={})
    anybody.cookies.clear()
    german = {"Accept-Language": "xx, en;q=0.4, de-AT;q=0.9"}
    somebody = await anybody.post("/api/v1/public/personas/nova/session", json={"name": "Bo"}, headers=german)

    said = first.json()
    assert first.status_code == 201
    assert "AI" in said["notice"]
    assert said["greeting"] == "Hello you."
    assert "KI" in somebody.json()["notice"]  # the notice is the reader's, the greeting the card's author's
    assert somebody.json()["greeting"] == said["greeting"]
    assert "HttpOnly" in first.headers["set-cookie"]
    assert said["refresh_token"] is None
    assert (again.json()["user"], again.json()["conversation"]) == (said["user"], said["conversation"])
    assert other.json()["user"] == said["user"]
    assert other.json()["conversation"] != said["conversation"]
    assert somebody.json()["user"] != said["user"]


async def test_a_program_keeps_its_fan_by_a_secret(anybody: httpx.AsyncClient, nova: Persona) -> None:
    first = (await anybody.post("/api/v1/public/personas/nova/session", json={"cookie": False})).json()
    assert not anybody.cookies
    ask = {"cookie": False, "refresh_token": first["refresh_token"]}
    again = (await anybody.post("/api/v1/public/personas/nova/session", json=ask)).json()
    assert again["user"] == first["user"]


async def test_new_visitors_of_one_address_are_limited(anybody: httpx.AsyncClient, nova: Persona) -> None:
    ask = {"cookie": False}
    codes = [(await anybody.post("/api/v1/public/personas/nova/session", json=ask)).status_code for _ in range(32)]
    assert codes[:30] == [201] * 30
    assert codes[-1] == 429


async def test_another_site_opens_no_chat(anybody: httpx.AsyncClient, nova: Persona) -> None:
    answer = await anybody.post(
        "/api/v1/public/personas/nova/session", json={}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403


async def test_a_fans_cookie_is_no_session_of_the_console(anybody: httpx.AsyncClient, nova: Persona) -> None:
    await anybody.post("/api/v1/public/personas/nova/session", json={})
    secret = anybody.cookies["gator_fan"]
    anybody.cookies.clear()
    anybody.cookies.set("gator_session", secret)
    assert (await anybody.get("/api/v1/me")).status_code == 401
