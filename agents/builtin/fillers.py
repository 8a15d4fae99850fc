"""Which filler turns a clause into steps, for each capability? The table that intents are looked up in.

Neighbours: intents (which tell the capability), drafting (which calls the filler).
"""

from collections.abc import Callable

from agents.builtin import (
    face_views,
    fill_clips,
    fill_cuts,
    fill_feeds,
    fill_lists,
    fill_media,
    fill_personas,
    fill_pictures,
    fill_posts,
    fill_reels,
    fill_texts,
    fill_videos,
    holding,
    told_media,
)
from agents.builtin.changes import change_persona
from agents.builtin.corrections import correct
from agents.builtin.desk import Desk
from agents.builtin.fill_moves import reschedule_post
from agents.builtin.heads import Reading

Filler = Callable[[Reading, Desk], None]


def _plain(tool: str) -> Filler:
    return lambda _, desk: desk.put(tool)


def _person(tool: str) -> Filler:
    return lambda reading, desk: fill_personas.name_persona(tool, reading, desk)


FILLERS: dict[str, Filler] = {
    "create_persona": fill_personas.create_persona, "change_persona": change_persona,
    "show_persona": _person("show_persona"),
    "list_personas": _plain("list_personas"), "show_persona_history": _person("show_persona_history"),
    "roll_back_persona": fill_personas.roll_back, "remove_persona": _person("remove_persona"),
    "pause_persona": _person("pause_persona"),
    "resume_persona": _person("resume_persona"), "write_text": fill_texts.write_text, "draw_card": fill_media.draw_card,
    "make_picture": fill_pictures.make_picture, "make_views": face_views.make_views,
    "speak_text": fill_media.speak_text, "make_video": fill_videos.make_video,
    "make_clip": fill_clips.make_clip, "edit_video": fill_cuts.edit_video,
    "pause_job": holding.hold, "resume_job": holding.go_on,
    "make_reel": fill_reels.make_reel, "redo_reel": fill_reels.redo_reel, "show_reel": fill_reels.show_reel,
    "list_reels": _plain("list_reels"), "list_media": fill_lists.list_media, "show_media": told_media.show_media,
    "list_jobs": fill_lists.list_jobs, "cancel_job": lambda reading, desk: fill_lists.name_job("cancel_job", reading,
    desk),
    "retry_job": lambda reading, desk: fill_lists.name_job("retry_job", reading, desk), "add_feed": fill_feeds.add_feed,
    "remove_feed": fill_feeds.remove_feed, "swap_feed": fill_feeds.swap_feed,
    "list_feeds": _plain("list_feeds"), "read_feeds": fill_feeds.read_feeds,
    "schedule_post": fill_posts.schedule_post, "reschedule_post": reschedule_post,
    "cancel_post": fill_posts.cancel_post,
    "list_posts": fill_posts.list_posts, "list_zones": _plain("list_zones"), "list_records": fill_lists.list_records,
    "show_status": _plain("show_status"), "show_spending": fill_lists.show_spending,
    "list_approvals": _plain("list_approvals"),
    "list_conversations": fill_lists.list_conversations, "correct": correct,
}  # fmt: skip
