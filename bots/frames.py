"""What do watchers see? The frames of messages, approvals and jobs (docs/websocket.md lists all of them)."""

from typing import Any

from memory.models import Approval, Job, Message


def new_message(message: Message, sender: str) -> dict[str, Any]:
    """A message that was said; `sender` is an id: the fan's, the user's, the persona's, or "gator"."""
    return {
        "type": "new_message",
        "message": {
            "id": message.id,
            "sender_id": sender,
            "author": message.author,
            "content": message.meta.get("wrote", message.text),
            "attached": message.meta.get("attached", []),
            "timestamp": message.created_at.isoformat(),
            "is_ai": message.author in ("persona", "gator"),
            "assets": message.assets,
            "turn_id": message.turn_id,
            "answers": message.meta.get("answers", []),
            "approvals": message.meta.get("approvals", []),
            "reply_to": message.meta.get("reply_to", ""),
            "reactions": [emoji for theirs in message.meta.get("reactions", {}).values() for emoji in theirs],
            "edited": bool(message.meta.get("edited")),
            "deleted": bool(message.meta.get("deleted")),
        },
    }


def approval_request(approval: Approval) -> dict[str, Any]:
    return {
        "type": "approval_request",
        "approval": {
            "id": approval.id,
            "capability": approval.capability,
            "summary": approval.summary,
            "expires_at": approval.expires_at.isoformat(),
            "state": approval.state,
        },
    }


def typing(who: str, is_typing: bool) -> dict[str, Any]:
    return {"type": "typing_indicator", "user_id": who, "is_typing": is_typing}


def handoff_update(state: str, handoff: str) -> dict[str, Any]:
    """Who answers: a person is `wanted`, has `taken` the conversation, or `returned` it. `handoff` is the row's id."""
    return {"type": "handoff_update", "state": state, "handoff": handoff}


def job_update(job: Job, title: str) -> dict[str, Any]:
    return {
        "type": "job_update",
        "job": {
            "id": job.id,
            "kind": job.kind,
            "title": title,
            "state": job.state,
            "progress": round(job.progress, 3),
            "eta_s": job.eta_s,
            "asset": job.asset_id,
            "error": job.error,
        },
    }
