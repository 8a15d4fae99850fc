"""What is asked and told of posts."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field

from tools.capability import Shape
from tools.publishing import calendar
from tools.unseen import cut, with_unseen_shown, without_controls
from tools.wording import clock_time

MAX_TEXT_CHARS = 5000
MAX_ASSETS = 10  # what the gallery shows side by side

State = Literal["scheduled", "published", "cancelled", "missed", "failed"]

# Cleaned before anybody approves it, so that what was approved is what is published.
Text = Annotated[str, AfterValidator(without_controls)]


class SchedulePost(Shape):
    persona: Text = Field(description="name of the persona who posts")
    text: Text = Field("", max_length=MAX_TEXT_CHARS, description="what the post says; may be empty where it has media")
    assets: list[str] = Field(
        default_factory=list, max_length=MAX_ASSETS, description="ids of pictures, voices and videos to show"
    )
    at: AwareDatetime | None = Field(None, description="when, with its UTC offset; left out: now")
    repeat: str = Field(
        "", description="how it repeats, as an RFC 5545 RRULE without DTSTART: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    )
    zone: str | None = Field(
        None, description="IANA time zone whose clock the repetition keeps; left out: the asker's own"
    )

    def in_words(self) -> str:
        when = _moment(self.at, self.zone) if self.at else "at once"
        text = f": “{with_unseen_shown(self.text)}”" if self.text.strip() else ""
        media = f" with {len(self.assets)} media" if self.assets else ""
        return f"Publish as {with_unseen_shown(self.persona)}{media}, {when}{_repeated(self.repeat)}{text}"


class ReschedulePost(Shape):
    post: Text = Field(description="which post: its id, `last` (made last), `next` (due next), or words of its text")
    at: AwareDatetime = Field(description="the new time, with its UTC offset")

    def in_words(self) -> str:
        return f"Move the post “{with_unseen_shown(self.post)}” to {_moment(self.at, None)}"


class NamePost(Shape):
    post: Text = Field(description="which post: its id, `last` (made last), `next` (due next), or words of its text")


class ListPosts(Shape):
    persona: str | None = Field(None, description="only posts of this persona; left out: of all")
    state: State | None = Field(None, description="only posts in this state; left out: all that are not cancelled")
    since: AwareDatetime | None = Field(None, description="only posts due at or after this time")
    until: AwareDatetime | None = Field(None, description="only posts due before this time")


class PostShown(Shape):
    id: str
    persona: str
    text: str
    assets: list[str]
    due_at: datetime
    state: str
    repeat: str
    zone: str = "UTC"
    url: str = ""
    trouble: str = ""

    def in_words(self) -> str:
        when = clock_time(self.due_at, self.zone)
        said = {
            "scheduled": f"is scheduled for {when}",
            "series": f"is scheduled{_repeated(self.repeat)}, first on {when}",
            "published": f"was published on {when}: {self.url}",
            "cancelled": "is cancelled",
            "missed": f"was missed: it was due on {when}",
            "failed": f"could not be published on {when}",
            "ended": "has ended",
        }[self.state]
        again = f" ({calendar.in_words(self.repeat)})" if self.repeat and self.state != "series" else ""
        trouble = f" {self.trouble}" if self.trouble else ""
        return f"{self.persona}'s post {_title(self.text, self.assets)} {said}{again}.{trouble}"


class PostList(Shape):
    posts: list[PostShown]

    def in_words(self) -> str:
        if not self.posts:
            return "There are no such posts."
        return "\n".join(f"- {post.in_words()}" for post in self.posts)


def _title(text: str, assets: list[str]) -> str:
    return f"“{cut(' '.join(text.split()), 60)}”" if text.strip() else f"with {len(assets)} media"


def _moment(at: datetime, zone: str | None) -> str:
    if zone:
        return clock_time(at, zone)
    return f"{at:%a} {at.day} {at:%b %Y, %H:%M} (UTC{at:%z})"


def _repeated(repeat: str) -> str:
    return f", {calendar.in_words(calendar.read_rule(repeat))}" if repeat.strip() else ""
