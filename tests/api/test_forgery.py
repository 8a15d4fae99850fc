"""Can a token be made up? Only what we signed, for whom we signed it, while it lasts, opens anything."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api import tokens
from api.tokens import Session, make_api_key, open_session, sign_access
from bots.core import Core
from gator.clock import set_to
from gator.crypto import derive
from gator.errors import Unauthenticated
from gator.principal import Kind, Principal

SECRET = "a key for tests only"


def ours() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derive(SECRET, "jwt"))


def said(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def unsigned(claims: dict[str, Any], header: dict[str, Any], signature: str = "") -> str:
    parts = [json.dumps(part).encode() for part in (header, claims)]
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, signature])


def public_pem() -> bytes:
    return ours().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def resigned(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    """The token with changed claims, signed with our own key: what remains to be checked is what they say."""

    def make(token: str) -> str:
        claims = said(token)
        change(claims)
        return jwt.encode(claims, ours(), algorithm="EdDSA")

    return make


def hmac_with_public_key(token: str) -> str:
    import hmac

    head = unsigned(said(token), {"alg": "HS256", "typ": "JWT"}).rstrip(".")
    tag = hmac.digest(public_pem(), head.encode(), "sha256")
    return f"{head}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


HOUR = 3600
FORGERIES: dict[str, Callable[[str], str]] = {
    "no algorithm": lambda token: unsigned(said(token), {"alg": "none", "typ": "JWT"}),
    "no algorithm, in capitals": lambda token: unsigned(said(token), {"alg": "NONE"}, "x"),
    "the public key as a secret": hmac_with_public_key,
    "another's key": lambda token: jwt.encode(said(token), Ed25519PrivateKey.generate(), algorithm="EdDSA"),
    "a key in its header": lambda token: jwt.encode(
        said(token), Ed25519PrivateKey.generate(), algorithm="EdDSA", headers={"jwk": {"kty": "OKP"}, "kid": "../x"}
    ),
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "a changed signature": lambda token: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
    "changed claims": lambda token: unsigned(
        said(token) | {"sub": "someone"}, {"alg": "EdDSA"}, token.rpartition(".")[2]
    ),
    "ended": resigned(lambda claims: claims.update(exp=claims["iat"] - HOUR)),
    "not yet": resigned(lambda claims: claims.update(nbf=claims["iat"] + HOUR)),
    "from the future": resigned(lambda claims: claims.update(iat=claims["iat"] + HOUR)),
    "for another service": resigned(lambda claims: claims.update(aud="another")),
    "for several services": resigned(lambda claims: claims.update(aud=[tokens.AUDIENCE, "another"])),
    "from another service": resigned(lambda claims: claims.update(iss="another")),
    "an end that is text": resigned(lambda claims: claims.update(exp="tomorrow")),
    "an endless end": resigned(lambda claims: claims.update(exp=10**30)),
    "a kind that is not": resigned(lambda claims: claims.update(kind="god")),
    "a service": resigned(lambda claims: claims.update(kind="service")),
    "a fan's claim on a user's session": resigned(lambda claims: claims.update(kind="fan")),
    "another user's session": resigned(lambda claims: claims.update(sub="01900000-0000-7000-8000-000000000009")),
    "no such session": resigned(lambda claims: claims.update(sid="01900000-0000-7000-8000-000000000009")),
    "a session that is no id": resigned(lambda claims: claims.update(sid="' OR 1=1 --")),
    "another workspace": resigned(lambda claims: claims.update(ws="01900000-0000-7000-8000-000000000009")),
    "empty": lambda _token: "",
    "two dots": lambda _token: "..",
    "noise": lambda _token: "eyJ" + "A" * 5000,
} | {
    f"without {claim}": resigned(lambda claims, claim=claim: claims.pop(claim))  # type: ignore[misc]
    for claim in tokens._CLAIMS
}


async def test_a_forged_token_opens_nothing(anybody: httpx.AsyncClient, core: Core, operator: Principal) -> None:
    async with core.store.open_work(operator) as work:
        session = await open_session(work, SECRET, operator)
    good = await anybody.get("/api/v1/me", headers={"Authorization": f"Bearer {session.access}"})
    assert good.status_code == 200
    assert len(FORGERIES) >= 35
    for name, forge in FORGERIES.items():
        bad = await anybody.get("/api/v1/me", headers={"Authorization": f"Bearer {forge(session.access)}"})
        assert (bad.status_code, bad.json()["code"]) == (401, "unauthenticated"), name


def test_an_access_token_lives_a_quarter_of_an_hour() -> None:
    who = Principal("w", Kind.operator, "u")
    with set_to(lambda: datetime.now(UTC) - timedelta(minutes=16)):
        old, ends = sign_access(SECRET, who, "s")
        assert ends - datetime.now(UTC) < timedelta(0)
    with pytest.raises(Unauthenticated):
        tokens.read_access(SECRET, old)
    young, _ = sign_access(SECRET, who, "s")
    assert tokens.read_access(SECRET, young).subject == "u"
    with pytest.raises(Unauthenticated):
        tokens.read_access("another Gator's key", young)


async def test_a_fan_cannot_become_an_operator(
    anybody: httpx.AsyncClient, fans_session: Session, operator: Principal
) -> None:
    token = resigned(lambda claims: claims.update(kind="operator"))(fans_session.access)
    assert (await anybody.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})).status_code == 401


async def test_other_credentials_open_nothing(anybody: httpx.AsyncClient, operator: Principal) -> None:
    for header in ("Basic b3duZXI6", "Bearer", "bearer gtr_guess", "Token x", "gtr_guess"):
        assert (await anybody.get("/api/v1/me", headers={"Authorization": header})).status_code == 401, header


async def test_a_session_secret_is_no_bearer_token(anybody: httpx.AsyncClient, core: Core, operator: Principal) -> None:
    async with core.store.open_work(operator) as work:
        session = await open_session(work, SECRET, operator)
    assert (await anybody.get("/api/v1/me", headers={"Authorization": f"Bearer {session.secret}"})).status_code == 401


async def test_an_api_key_does_what_its_scopes_say_until_it_is_revoked(
    owner: httpx.AsyncClient, anybody: httpx.AsyncClient
) -> None:
    ask = {"name": "reader", "scopes": ["jobs:read", "personas:read"]}
    made = (await owner.post("/api/v1/tokens", json=ask)).json()
    anybody.headers["Authorization"] = f"Bearer {made['key']}"

    assert made["key"].startswith("gtr_")
    assert (await anybody.get("/api/v1/jobs")).status_code == 200
    assert (await anybody.get("/api/v1/audit")).status_code == 403
    assert (await anybody.post("/api/v1/personas", json={"name": "X"})).status_code == 403
    listed = (await owner.get("/api/v1/tokens")).json()
    assert [one["id"] for one in listed] == [made["id"]]
    assert "key" not in listed[0]
    assert (await owner.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
    assert (await anybody.get("/api/v1/jobs")).status_code == 401


async def test_a_key_cannot_be_given_more_than_its_maker_may(core: Core, owner: httpx.AsyncClient) -> None:
    from tests.api.conftest import visiting

    made = (await owner.post("/api/v1/tokens", json={"name": "maker", "scopes": ["tokens:write"]})).json()
    async with visiting(owner._transport.app, made["key"]) as key:  # type: ignore[attr-defined]
        beyond = await key.post("/api/v1/tokens", json={"name": "more", "scopes": ["audit:read"]})
        unknown = await key.post("/api/v1/tokens", json={"name": "more", "scopes": ["jobs:raed"]})
    assert (beyond.status_code, unknown.status_code) == (403, 422)
    assert unknown.json()["remedy"] == "Did you mean jobs:read?"


async def test_a_key_asked_for_twice_with_one_idempotency_key_is_one(owner: httpx.AsyncClient) -> None:
    ask, named = {"name": "ci", "scopes": ["me"]}, {"Idempotency-Key": "abc"}
    first = (await owner.post("/api/v1/tokens", json=ask, headers=named)).json()
    again = (await owner.post("/api/v1/tokens", json=ask, headers=named)).json()
    other = (await owner.post("/api/v1/tokens", json=ask | {"name": "cd"}, headers=named)).json()
    assert first == again
    assert other["key"] != first["key"]

    await owner.delete(f"/api/v1/tokens/{first['id']}")
    assert (await owner.post("/api/v1/tokens", json=ask, headers=named)).status_code == 409


async def test_a_user_cannot_revoke_anothers_key(
    core: Core, owner: httpx.AsyncClient, anybody: httpx.AsyncClient, operator: Principal
) -> None:
    from tests.api.conftest import session_of

    made = (await owner.post("/api/v1/tokens", json={"name": "mine", "scopes": ["me"]})).json()
    session = await session_of(core, operator.workspace, "operator")
    anybody.headers["Authorization"] = f"Bearer {session.access}"
    assert (await anybody.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404
    anybody.headers["Authorization"] = f"Bearer {made['key']}"
    assert (await anybody.get("/api/v1/me")).status_code == 200


async def test_an_ended_key_opens_nothing(core: Core, operator: Principal, anybody: httpx.AsyncClient) -> None:
    async with core.store.open_work(operator) as work:
        _, key = await make_api_key(work, operator.subject, name="old", scopes=["me"], lives=timedelta(seconds=-1))
    assert (await anybody.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})).status_code == 401
