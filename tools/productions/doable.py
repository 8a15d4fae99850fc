"""What does a redo change of a reel's script, and is anything made then? Where nothing is, it is said why."""

from gator.errors import Refused
from gator.settings import Settings
from tools import clips
from tools.productions.script import Script, changed
from tools.productions.shapes import Brief, RedoReel


def check(ask: RedoReel, script: Script, brief: Brief, settings: Settings) -> None:
    """Raises Refused, or Unavailable where nobody here makes it."""
    _check_scene(ask, script)
    if ask.step == "posts" and not brief.platforms:
        raise Refused(
            "There are no texts to post with this reel: no platform was named for it.",
            remedy="Make a reel that names them (`--platform`).",
        )
    _check_what_is_seen(ask, script, brief, settings)
    _check_it_is_new(ask, script, brief)


def _check_scene(ask: RedoReel, script: Script) -> None:
    if (ask.step in ("scene", "picture", "clip") or ask.asset) and ask.scene is None:
        raise Refused("Which scene?", remedy=f"Give its number: the reel has {len(script.scenes)}.")
    if ask.scene is not None and ask.scene > len(script.scenes):
        raise Refused(f"There is no scene {ask.scene}: the reel has {len(script.scenes)}.")


def _check_what_is_seen(ask: RedoReel, script: Script, brief: Brief, settings: Settings) -> None:
    if ask.asset:
        return
    if ask.step == "clip" and not brief.moving:
        clips.ready(settings)
        raise Refused(
            "The scenes of this reel are pictures, not clips.", remedy="Make a reel with moving scenes (`--moving`)."
        )
    given = bool(script.scenes[(ask.scene or 1) - 1].asset)
    if ask.step == "picture" and brief.moving and not given and not _begins_with_pictures(brief, settings):
        raise Refused(f"Scene {ask.scene} is a clip that begins with no picture.", remedy="Make its clip again.")
    if ask.step == "scene" and given and not (ask.say.strip() or ask.show.strip()):
        raise Refused(
            f"Scene {ask.scene} shows what it was given.", remedy="Make its picture again, or give it another one."
        )


def _begins_with_pictures(brief: Brief, settings: Settings) -> bool:
    return not brief.drawn and "image" in clips.able(settings)[0]


def _check_it_is_new(ask: RedoReel, script: Script, brief: Brief) -> None:
    told = ask.asset or (ask.step == "scene" and (ask.say.strip() or ask.show.strip()))
    if told and changed_script(ask, script, brief) == script:
        raise Refused(f"Scene {ask.scene} is like that already.", remedy="Say what else is to change.")


def check_made(ask: RedoReel, made: bool) -> None:
    """Raises Refused where nothing came of it."""
    if made:
        return
    if ask.step == "script":
        raise Refused("The script came out as it was, so nothing is made again.", remedy="Give the words yourself.")
    raise Refused("Nothing of the reel would be another.", remedy="Say what else is to change.")


def changed_script(ask: RedoReel, script: Script, brief: Brief) -> Script:
    """The script with what is told of one scene; a picture or clip that is made anew takes the place of what it was given."""
    if ask.say.strip() or ask.show.strip():
        drawn = brief.drawn and not brief.moving
        script = changed(script, ask.scene or 1, ask.say, ask.show, drawn=drawn)
    anew = ask.step in ("picture", "clip") or bool(ask.show.strip())
    if ask.scene is None or not (ask.asset or anew):
        return script
    scenes = [*script.scenes]
    scenes[ask.scene - 1] = scenes[ask.scene - 1].model_copy(update={"asset": ask.asset})
    return script.model_copy(update={"scenes": scenes})
