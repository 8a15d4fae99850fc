"""What is seen and heard in a reel? Orders for its pictures, voices and thumbnail, and the edit list: one design throughout."""

from collections.abc import Sequence
from dataclasses import dataclass

from gator.settings import Settings
from gpu_worker.edit_list import Captions, EditList, Motion, Music, Scene, Speech, Title, Transition
from gpu_worker.jobs import VIDEO_SIZES_PX, DrawCard, MakePicture, MakeThumbnail, PictureFormat, Speak, VideoFormat
from memory.models import Persona
from memory.work import Work
from tools import imagery, voices
from tools.capability import Turn
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
        ask = SpeakText(text=scene.say, persona=self.persona.name, speed=speed, format="wav")
        return voices.payload_for(ask, scene.say, self.character, settings.language, settings)

    def thumbnail(self, pictures: Sequence[str]) -> DrawCard | MakeThumbnail:
        """The title: on a card as the others are, or on the best of the pictures."""
        if self.brief.drawn:
            return self.card(SceneWords(say="", card=self.script.title)).model_copy(update={"captions": False})
        return MakeThumbnail(
            pictures=tuple(pictures), title=self.script.title, format=self.card_format, look=self.brief.look
        )

    def edit(self, pictures: Sequence[str], recordings: Sequence[str]) -> EditList:
        """Each scene as long as what is said to it; pauses fill the time asked for, where enough is said."""
        width, height = VIDEO_SIZES_PX[self.brief.format]
        speaks_s = lasts_s([scene.say for scene in self.script.scenes], self.character.voice.speed * self.pace)
        # Words that fade into words cannot be read.
        motions, coming = (_MOTIONS, "slide") if self.brief.drawn else (_OF_PICTURES, "fade")
        return EditList(
            width=width,
            height=height,
            duration_s=self.brief.length_s if speaks_s >= self.brief.length_s * _ENOUGH else None,
            scenes=tuple(
                Scene(
                    asset=asset,
                    motion=motions[place % len(motions)],
                    fit="cover",
                    transition=Transition(kind=coming if place else "cut", length_s=_COMING_S),
                )
                for place, asset in enumerate(pictures)
            ),
            speech=tuple(Speech(asset=asset, scene=place) for place, asset in enumerate(recordings)),
            music=Music(asset=self.brief.music) if self.brief.music else None,
            captions=Captions(),
            titles=() if self.brief.drawn else (Title(text=self.script.title, duration_s=_TITLE_S, place="top"),),
        )
