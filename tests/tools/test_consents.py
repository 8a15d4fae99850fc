"""Is it written down who agreed to what, shown by something, and does it end when they take it back?"""

from datetime import timedelta
from typing import Any

import pytest

from gator.clock import now
from gator.errors import Conflict, Forbidden, GatorError, NotFound, Refused
from gator.ids import new_id
from gator.principal import Kind, Principal
from memory import storage
from memory.models import Asset
from tools.capability import Turn
from tools.catalogue import CATALOGUE
from tools.consents import (
    AddConsent,
    ConsentList,
    ConsentShown,
    ListConsents,
    NameConsent,
    add_consent,
    list_consents,
    revoke_consent,
)
from tools.ratings import Rate, Rated, rate_media

HASH = "ab" * 32


async def agreed(turn: Turn, **more: Any) -> ConsentShown:
    told = {"subject": "Ada  Berg", "kind": "voice", "scope": "Nova may speak with my voice.", "given_at": now()}
    told |= {"evidence_sha256": HASH.upper(), **more}
    made = await add_consent(AddConsent(**told), turn)
    assert isinstance(made, ConsentShown)
    return made


async def a_file(turn: Turn, state: str = "ready") -> str:
    async with turn.open_work() as work:
        asset = Asset(workspace=turn.principal.workspace, kind="document", state=state, sha256="cd" * 32)
        work.session.add(asset)
        await work.session.flush()
        return asset.id


async def test_a_consent_is_recorded_and_found_by_its_subject(turn: Turn) -> None:
    given = now()
    made = await agreed(turn, given_at=given)
    assert (await agreed(turn, given_at=given)).id == made.id, "told twice, it is one"
    await agreed(turn, subject="Bo", kind="likeness")

    found = await list_consents(ListConsents(subject="ada berg"), turn)
    assert isinstance(found, ConsentList)
    assert [one.id for one in found.consents] == [made.id]
    assert (made.subject, made.evidence_sha256, made.recorded_by) == ("Ada Berg", HASH, str(turn.principal))
    async with turn.open_work(reads=True) as work:
        assert (held := await work.consents.of("ADA BERG", "voice"))
        assert held.id == made.id
        assert await work.consents.of("Ada Berg", "likeness") is None
        [noted] = [row for row in await work.audit.recent() if row.subject == made.id]
        assert (noted.action, noted.detail) == ("consent.add", {"kind": "voice", "evidence": HASH})


async def test_what_was_taken_back_holds_no_more(turn: Turn) -> None:
    made = await agreed(turn)
    gone = await revoke_consent(NameConsent(consent=made.id), turn)
    assert isinstance(gone, ConsentShown)
    assert gone.revoked_at
    assert "revoked on" in gone.in_words()
    with pytest.raises(Conflict, match="revoked already"):
        await revoke_consent(NameConsent(consent=made.id), turn)
    async with turn.open_work(reads=True) as work:
        with pytest.raises(Forbidden, match="taken the consent back"):
            await work.consents.holding(made.id, "voice")
        assert await work.consents.of("Ada Berg", "voice") is None


async def test_a_consent_to_a_voice_is_none_to_a_likeness(turn: Turn) -> None:
    made = await agreed(turn)
    async with turn.open_work(reads=True) as work:
        assert (await work.consents.holding(made.id, "voice")).subject == "Ada Berg"
        with pytest.raises(Forbidden, match="not of their likeness"):
            await work.consents.holding(made.id, "likeness")


async def test_a_file_that_shows_a_consent_stays(turn: Turn) -> None:
    file = await a_file(turn)
    made = await agreed(turn, evidence=file, evidence_sha256=None)
    assert (made.evidence, made.evidence_sha256) == (file, "cd" * 32)
    async with turn.open_work() as work:
        with pytest.raises(Conflict, match="a consent needs"):
            await storage.remove(work, file)


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"given_at": now() + timedelta(days=1)}, Refused, "future"),
        ({"evidence": new_id()}, NotFound, "no asset"),
        ({"scope": "  "}, Refused, "what they agreed to"),
    ],
)
async def test_what_is_no_consent_is_refused(
    turn: Turn, more: dict[str, Any], error: type[GatorError], said: str
) -> None:
    with pytest.raises(error, match=said):
        await agreed(turn, **more)


async def test_evidence_must_be_there_and_the_same(turn: Turn) -> None:
    with pytest.raises(Refused, match="needs evidence"):
        await agreed(turn, evidence_sha256=None)
    with pytest.raises(Refused, match="is pending"):
        await agreed(turn, evidence=await a_file(turn, "pending"))
    with pytest.raises(Refused, match="not of one another"):
        await agreed(turn, evidence=await a_file(turn))


async def test_consents_are_for_people_to_record(turn: Turn) -> None:
    names = {one.name for one in CATALOGUE}
    assert not names & {add_consent.name, revoke_consent.name}
    for kind in (Kind.fan, Kind.loop):
        stranger = Principal(turn.principal.workspace, kind, "x")
        with pytest.raises(Forbidden):
            await list_consents(ListConsents(), Turn(stranger, turn.store, turn.settings, turn.id))


async def test_what_was_made_by_it_is_shown_to_nobody_when_it_is_taken_back(turn: Turn) -> None:
    made = await agreed(turn, kind="likeness")
    async with turn.open_work() as work:
        hers = Asset(
            workspace=turn.principal.workspace, kind="picture", state="ready", provenance={"consents": [made.id]}
        )
        other = Asset(workspace=turn.principal.workspace, kind="picture", state="ready", provenance={"prompt": made.id})
        work.session.add_all([hers, other])
    await revoke_consent(NameConsent(consent=made.id), turn)

    async with turn.open_work(reads=True) as work:
        assert [(await work.assets.get(one.id)).rating for one in (hers, other)] == ["unknown", "general"]
    with pytest.raises(Forbidden, match="taken the consent back"):
        await rate_media(Rate(asset=hers.id, rating="general"), turn)
    assert isinstance(await rate_media(Rate(asset=other.id, rating="general"), turn), Rated)
