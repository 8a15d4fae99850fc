"""What is seen and heard in a reel? Orders for its pictures, voices and thumbnail, and the edit list: one design throughout."""

from collections.abc import Sequence
from dataclasses import dataclass

from gator.settings import Settings
from gpu_worker.edit_list import Captions, EditList, Motion, Music, Scene, Speech, Title, Transition
from gpu_worker.jobs import (
    VIDEO_SIZES_PX,
    DrawCard,
    MakeClip,
    MakePicture,
    MakeThumbnail,
    PictureFormat,
    Speak,
    VideoFormat,
)
from memory.models import Persona
from memory.work import Work
from tools import clips, imagery, voices
from tools.capability import Turn
from tools.clips import MakeClipAsk
from tools.imagery import MakePictureAsk
from tools.personas.character import Character
from tools.productions.script import FASTER, SceneWords, Script, lasts_s
from tools.productions.shapes import Brief
from tools.voices import SpeakText

CARD_FORMATS: dict[VideoFormat, PictureFormat] = {"9:16": "story", "1:1": "square", "16:9": "landscape"}
_MOTIONS: tuple[Motion, ...] = ("zoom_in", "zoom_out")
_OF_PICTURES: tuple[Motion, ...] = ("zoom_in", "pan_right", "zoom_out", "pan_left")
_ENOUGH = 0.7  # of the time asked for must be spoken, so that the rest may be shared out as pauses
_TITLE_S = 2.8
_COMING_S = 0.4
_SLOWER, _TAIL_S = 1.15, 0.6  # how much longer a voice may take than it should, and what a scene lasts beyond it


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scene shows: a picture, or a clip."""

    asset: str
    moves: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Who is in it and how it looks: what all scenes have in common."""

    brief: Brief
    script: Script
    persona: Persona
    character: Character

    @property
    def card_format(self) -> PictureFormat:
        return CARD_FORMATS[self.brief.format]

    @property
    def pace(self) -> float:
        """How much the voice hurries, to be in time."""
        speaks_s = lasts_s([scene.say for scene in self.script.scenes], self.character.voice.speed)
        return min(max(speaks_s / self.brief.length_s, 1.0), FASTER)

    def card(self, scene: SceneWords) -> DrawCard:
        return DrawCard(
            text=scene.card,
            attribution=scene.source or self.persona.name,
            design=self.character.media.card_design,
            format=self.card_format,
            look=self.brief.look,
            captions=True,
        )

    async def picture(self, work: Work, turn: Turn, scene: SceneWords) -> MakePicture:
        """The scene as a picture of an image model, with the persona's looks and style where she is in it."""
        ask = MakePictureAsk(prompt=scene.picture, persona=self.persona.name, format=self.card_format)
        return await imagery.planned(work, ask, turn.settings, self.character)

    def voice(self, scene: SceneWords, settings: Settings) -> Speak:
        speed = round(min(self.character.voice.speed * self.pace, 2.0), 2)
        language = self.brief.language or None
        ask = SpeakText(text=scene.say, persona=self.persona.name, speed=speed, format="wav", language=language)
        return voices.payload_for(ask, scene.say, self.character, settings.language, settings)

    async def clip(self, work: Work, turn: Turn, number: int, start: str | None) -> MakeClip:
        """The scene as a clip of a video model, from its picture where the model begins from one; as long as what is said."""
        scene = self.script.scenes[number - 1]
        _, longest_s = clips.able(turn.settings)
        said_s = lasts_s([scene.say], self.character.voice.speed * self.pace) * _SLOWER + _TAIL_S
        ask = MakeClipAsk(
            prompt=scene.picture, persona=self.persona.name, start=start, format=self.brief.format,
            length_s=round(min(max(said_s, 1.0), longest_s), 2),
        )  # fmt: skip
        return await clips.planned(work, turn, ask, self.persona if start else None, self.character)

    def thumbnail(self, video: str, cut: Sequence[int] | None = None) -> MakeThumbnail:
        """A frame of the video; `cut`: which scenes are in it, where it was cut anew by itself.

        The title is on it where the pictures do not say it by themselves, as the first card does.
        """
        wanted, said = self.brief.thumbnail, self.brief.drawn and not self.brief.moving
        titled = not said if wanted.titled is None else wanted.titled
        first = 1 if said and not titled and not wanted.place else None
        scene = wanted.scene or first
        if scene is not None and cut is not None:
            scene = cut.index(scene) + 1 if scene in cut else None
        return MakeThumbnail(
            video=video,
            scene=scene,
            place=wanted.place,
            title=self.script.title if titled else "",
            format=self.card_format,
            look=self.brief.look,
        )

    def edit(self, seen: Sequence[Seen], recordings: Sequence[str]) -> EditList:
        """Each scene as long as what is said to it; pauses fill the time asked for, where enough is said."""
        width, height = VIDEO_SIZES_PX[self.brief.format]
        speaks_s = lasts_s([scene.say for scene in self.script.scenes], self.character.voice.speed * self.pace)
        # Words that fade into words cannot be read.
        of_words = self.brief.drawn and not self.brief.moving
        motions, coming = (_MOTIONS, "slide") if of_words else (_OF_PICTURES, "fade")
        return EditList(
            width=width,
            height=height,
            duration_s=self.brief.length_s if speaks_s >= self.brief.length_s * _ENOUGH else None,
            scenes=tuple(
                _scene(
                    one, motions[place % len(motions)], Transition(kind=coming if place else "cut", length_s=_COMING_S)
                )
                for place, one in enumerate(seen)
            ),
            speech=tuple(Speech(asset=asset, scene=place) for place, asset in enumerate(recordings)),
            music=Music(asset=self.brief.music) if self.brief.music else None,
            captions=Captions(),
            titles=() if of_words else (Title(text=self.script.title, duration_s=_TITLE_S, place="top"),),
        )


def _scene(seen: Seen, motion: Motion, transition: Transition) -> Scene:
    if seen.moves:
        return Scene(asset=seen.asset, kind="clip", hold=True, fit="cover", transition=transition)
    return Scene(asset=seen.asset, motion=motion, fit="cover", transition=transition)
