"""What can be done, all of it: one line a capability. Adding one here opens its doors."""

from gator.principal import Kind
from tools import (
    clips,
    cuts,
    dns,
    fan,
    feeds,
    files_told,
    imagery,
    jobs,
    media,
    overview,
    pictures,
    texts,
    videos,
    views,
    voices,
)
from tools.capability import Capability
from tools.personas import capabilities as personas
from tools.productions import capabilities as productions
from tools.publishing import capabilities as publishing

CATALOGUE: tuple[Capability, ...] = (
    personas.create_persona,
    personas.change_persona,
    personas.show_persona,
    personas.list_personas,
    personas.show_persona_history,
    personas.roll_back_persona,
    personas.remove_persona,
    personas.pause_persona,
    personas.resume_persona,
    feeds.add_feed,
    feeds.remove_feed,
    feeds.list_feeds,
    feeds.read_feeds,
    publishing.schedule_post,
    publishing.reschedule_post,
    publishing.cancel_post,
    publishing.list_posts,
    texts.write_text,
    pictures.draw_card,
    imagery.make_picture,
    views.make_views,
    voices.speak_text,
    videos.make_video,
    cuts.edit_video,
    clips.make_clip,
    productions.make_reel,
    productions.redo_reel,
    productions.show_reel,
    productions.list_reels,
    dns.list_zones,
    dns.list_records,
    overview.show_status,
    overview.show_spending,
    overview.list_approvals,
    overview.list_conversations,
    media.list_media,
    files_told.show_media,
    jobs.list_jobs,
    jobs.cancel_job,
    jobs.cancel_jobs,
    jobs.retry_job,
    jobs.pause_job,
    jobs.resume_job,
    fan.recall,
    fan.recent_posts,
)


def capabilities_for(kind: Kind) -> list[Capability]:
    """Those that a principal of this kind may use; a graph is built with nothing else."""
    return [capability for capability in CATALOGUE if kind in capability.audience]


def named(name: str) -> Capability | None:
    return next((capability for capability in CATALOGUE if capability.name == name), None)
