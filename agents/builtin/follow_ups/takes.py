"""Is a picture or a clip wanted once more? "Again with another seed", "again but at night", in English and in German.

A message counts only where all of it is understood. The tool keeps what was said then and changes what is named now
(`tools.again`). Neighbours: taking_up (which asks here first), fill_media, german.
"""

import re
from collections.abc import Sequence
from typing import Any

from agents.builtin import options
from agents.builtin.desk import Cannot, Step
from agents.builtin.drafting import Outcome
from agents.builtin.follow_ups.loose_takes import Loose, loose
from agents.builtin.follow_ups.threads import Thread
from agents.builtin.german import shapes, written
from agents.builtin.references import Made
from agents.builtin.said import Said, hear
from agents.builtin.studio import looks
from agents.builtin.studio.pictures_meant import by_title

_MAKERS = {"make_picture": "image_model", "make_clip": "clip_model"}
_PICTURE = r"(?:picture|image|photo|photograph|pic|portrait|selfie|scene|bild|foto|selfie)"
_CLIP = r"(?:clips?|video ?clip|animation)"
_OF = r"(?:\s+(?:of|von)\s+(?P<who>§p\d+))?"
_NOUN = rf"(?:(?:(?P<picture>{_PICTURE})|(?P<clip>{_CLIP})){_OF})"
_THE = (
    r"(?:the|that|this|my|our|her|his|das|dieses|den|diesen|ihr|sein)\s+"
    r"(?:(?:very |aller)?(?:last|latest|newest|same|letzten?s?|letzte|gleiche"
    r"|selbe|neueste)\s+)?"
)
_IT = (
    r"(?:it|that|this|the same(?: (?:one|thing))?|das|es|dasselbe|das gleiche|die selbe"
    rf"|(?:{_THE}|dasselbe\s+|denselben\s+|the same\s+)N)"
)
_DO = (
    r"(?:(?:make|do|create|generate|try|render|draw|paint|shoot|repeat|give me|i want|i'd like|let's have|let me see|show me"
    r"|get me|have|mach(?:e|st)?|erstell(?:e)?|erzeug(?:e)?|generier(?:e)?|versuch(?:e|s)?|probier(?:e|s)?|mal(?:e)?|zeig(?:e)?"
    r"|gib|ich will|ich möchte|ich hätte gern(?:e)?)\s+)"
)
_ME = r"(?:(?:me|us|mir|uns|bitte|mal|doch|please|es|einfach|jetzt|now)\s+)*"
_AGAIN = (
    r"(?:(?:just |all )?(?:once again|once more|one more time|another time|over again|again|anew|afresh"
    r"|noch ?mal(?:s)?|noch ein ?mal|nochmals|erneut|wieder|aufs neue|von neuem|neu))"
)
_TAKE = (
    r"(?:(?:(?:yet )?another|one more|a different|a new|a second|a fresh|noch eine?n?"
    r"|eine?n? (?:anderen?|neuen?|weiteren?|zweiten?)|andere[rn]?)"
    r"\s+(?:take|version|variant|variation|try|attempt|go|one|shot|variante|version|versuch|fassung|anlauf))"
)
_SEED = (
    r"(?:(?:(?:with|using|on|from|and|but with|mit|aber mit|und)\s+)?(?:an?\s+|the\s+|eine[mrn]?\s+|de[mrn]\s+)?"
    r"(?:(?P<other>another|different|new|other|fresh|anderen?m?|anderem|neuen?m?|neuem)|(?P<same>same|gleichen?|selben|demselben|derselben))"
    r"\s+(?:seed|startwert|zufallswert))"
)
_BUT = (
    r"(?:[\s,;:–-]+(?:but|only|just|except|though|this time|yet|aber|nur|diesmal|jedoch|doch)"
    r"(?:[\s,]+(?:this time|diesmal|now|jetzt|make it|make her|with her|mit ihr|it's|it is|lass es|lass sie))*"
    r"[\s,:]+(?P<but>\S.*)"
    r"|[\s,]+(?P<without>(?:without|with no|ohne)\s+\S.*)"
    r"|[\s,]+(?P<shape>(?:(?:in|as|im|als)(?: an?)?\s+)?(?:portrait|landscape|squared?|vertical|widescreen|hochformat|querformat"
    r"|hochkant|quadratisch|story-?format|9:16|16:9|4:5|1:1)(?: format)?))"
)
_FORMS = tuple(
    re.compile("(?i)" + form.replace("N", _NOUN, 1).replace("N", "(?!)"))
    for form in (
        rf"{_DO}?{_ME}{_IT}(?:\s+{_ME}{_AGAIN})(?:[\s,]+{_SEED})?{_BUT}?",
        rf"{_DO}?{_ME}(?:{_AGAIN})(?:[\s,]+{_SEED})?{_BUT}?",
        rf"{_DO}?{_ME}{_AGAIN}\s+(?:{_IT})(?:[\s,]+{_SEED})?{_BUT}?",
        rf"{_DO}?{_ME}{_TAKE}(?:\s+(?:of|von)\s+(?:{_IT}|de[mr]\s+N))?(?:[\s,]+{_SEED})?{_BUT}?",
        rf"{_DO}?{_ME}{_IT}(?:[\s,]+{_SEED}){_BUT}?",
        rf"{_DO}?{_ME}{_IT}{_BUT}",
        rf"{_SEED}{_BUT}?",
    )
)
_LEAD = re.compile(
    r"(?i)^(?:(?:please|ok(?:ay)?|now|so|and|then|hm+|nice|great|cool|good|can you|could you|would you|will you|bitte|jetzt"
    r"|und|dann|also|super|schön|toll|kannst du|könntest du|gator)[\s,.!]+)+"
)
_TAIL = re.compile(
    r"(?i)[\s,]*(?:\b(?:please|pls|thanks|thank you|bitte|danke|for me|für mich|machen|erstellen"
    r"|versuchen|generieren)\b[\s,.!?]*)+$|[\s.!?]+$"
)
_INSTEAD = re.compile(
    r"(?i)(?P<new>\S.*?)\s+(?:instead of|rather than|in place of|anstelle von|anstatt|statt)\s+(?P<old>\S.*)"
)
_ALONE = re.compile(r"(?i)[\s,]+(?:instead|stattdessen|this time|diesmal)$")
_IN_IT = re.compile(r"(?i)^(?:make it|in|as|im|als)\s*$")


def another_take(text: str, said: Said, thread: Thread) -> Outcome | None:
    """The last picture or clip once more, with what is named changed; or a picture that is named by its title."""
    plain, id = by_title(text, thread.desk())
    if id and (one := once_more(hear(plain, said.kept.names), "make_picture")) and one[0] == "make_picture":
        return Outcome((Step("make_picture", {**one[1], "again": id}),), focus=thread.before.focus, clauses=(text,))
    steps = thread.done.steps or thread.before.steps
    last = steps[-1].tool if steps else ""
    found = once_more(said, last)
    if found is None and last in _MAKERS and (several := _loosely(text, said, last, thread)):
        return several
    if last not in _MAKERS and (words := _seedless(said, last, thread)):
        return Outcome(words=words, focus=thread.before.focus)
    if found is None or found[0] not in thread.reader.tools or not thread.reader.context.get(_MAKERS[found[0]]):
        return None
    tool, args = found
    return Outcome((Step(tool, args),), focus=args.get("persona") or thread.before.focus, clauses=(text,))


def _loosely(text: str, said: Said, last: str, thread: Thread) -> Outcome | None:
    """What was made last once more, asked for in looser words; several times where so many are wanted."""
    found = loose(_TAIL.sub("", _LEAD.sub("", written(said))))
    if found is None or last not in thread.reader.tools or not thread.reader.context.get(_MAKERS[last]):
        return None
    if (whom := said.named()) and (swapped := _of_another(whom, found, last, thread)):
        return Outcome((swapped,), focus=whom[0], clauses=(text,))
    if whom and whom[0] != thread.before.focus:
        return None
    try:
        args = {"again": "last"} | (different(found.but, said, last) if found.but else {"other_seed": True})
    except Cannot as cannot:
        return Outcome(words=str(cannot), focus=thread.before.focus)
    more = (Step(last, {"again": Made(place - 1), "other_seed": True}) for place in range(1, found.count))
    return Outcome((Step(last, args), *more), focus=thread.before.focus, clauses=(text,))


def _of_another(whom: Sequence[str], found: Loose, tool: str, thread: Thread) -> Step | None:
    """The same of another persona: her name in the place of the one before, where the words of that one are known."""
    if not re.fullmatch(r"(?:with|of|for|as|mit|von|für)\s+§p\d+(?:\s+(?:instead|statt \S+))?", found.but):
        return None
    args = next((step.args for step in reversed(thread.done.steps) if step.tool == tool), {})
    old, prompt = str(args.get("persona") or ""), str(args.get("prompt") or "")
    if not old or old == whom[0] or not re.search(rf"(?i)\b{re.escape(old)}\b", prompt):
        return None
    named = re.sub(rf"(?i)\b{re.escape(old)}\b", whom[0], prompt)
    return Step(
        tool, {**{key: value for key, value in args.items() if key != "start"}, "prompt": named, "persona": whom[0]}
    )


def _seedless(said: Said, last: str, thread: Thread) -> str:
    """Why it cannot be made with another seed, where that is asked for and nothing is known that has one."""
    hit = _once_more(said)
    told = hit.groupdict() if hit else {}
    if not (told.get("other") or told.get("same")):
        return ""
    context = thread.reader.context
    if last != "draw_card" and any(context.get(model) for model in _MAKERS.values()):
        return ""  # the tool finds the last one that has one
    there = next(iter(context.get("media") or []), None)
    if re.search(r"(?i)\b(?:mit|mach|gleich\w+|selben|startwert)\b", said.raw):
        made = f" Zuletzt entstand: {there['title']} ({there['kind']})." if there else ""
        return f"Nur Bilder und Clips, die ein Modell gemacht hat, haben einen Seed.{made}"
    made = f" What was made last is the {there['kind']} “{there['title']}”." if there else ""
    return f"Only pictures and clips that a model made have a seed.{made}"


def _once_more(said: Said) -> re.Match[str] | None:
    read = _TAIL.sub("", _LEAD.sub("", written(said)))
    return next((found for form in _FORMS if (found := form.fullmatch(read))), None)


def once_more(said: Said, last: str) -> tuple[str, dict[str, Any]] | None:
    """The tool and its arguments, where the same is asked for once more; `last`: the tool of the request before."""
    hit = _once_more(said)
    if hit is None or last == "draw_card":  # a card is drawn anew by its words
        return None
    told = hit.groupdict()
    seed, but = (
        bool(told.get("other") or told.get("same")),
        told.get("but") or told.get("without") or told.get("shape") or "",
    )
    noun = "make_picture" if told.get("picture") else "make_clip" if told.get("clip") else ""
    tool = noun or (last if last in _MAKERS else "" if last else "make_picture" if seed else "")
    if not tool:
        return None
    args: dict[str, Any] = {"again": "last"}
    if told.get("who"):
        args["persona"] = said.kept.names[int(told["who"][2:])]
    if told.get("other") or not (but or told.get("same")):
        args["other_seed"] = True
    return tool, args | (different(but, said, tool) if but else {})


def taken_once_more(said: Said, *, behind: bool) -> dict[str, Any] | None:
    """The order of the last picture once more; `behind`: it may be asked for without a word for a picture."""
    if found := once_more(said, "make_picture" if behind else ""):
        return found[1] if found[0] == "make_picture" else None
    if said.named() or not (behind and (taken := loose(_TAIL.sub("", _LEAD.sub("", written(said)))))):
        return None
    return {"again": "last"} | (different(taken.but, said, "make_picture") if taken.but else {"other_seed": True})


def different(but: str, said: Said, tool: str) -> dict[str, Any]:
    """What is named: a format, a length, and words that are added or take the place of others."""
    plain = re.sub(r"§p(\d+)", lambda token: said.kept.names[int(token[1])], but)
    change = hear(shapes(_ALONE.sub("", plain), tool), [])
    args: dict[str, Any] = {}
    if tool == "make_picture":
        args["loras"], change = looks.loras(change)
        args["larger"], change = looks.larger(change)
    args["model"], change = looks.model(change)
    shape, rest = (options.video_format if tool == "make_clip" else options.picture_format)(change)
    if tool == "make_clip":
        args["length_s"], rest = options.duration(rest)
    words = rest.text().strip(" ,.!")
    words = "" if _IN_IT.fullmatch(words) or words.lower() in ("long", "lang", "and", "und") else words
    if hit := _INSTEAD.fullmatch(words):
        words, args["instead_of"] = hit["new"], hit["old"]
    told = {"format": shape, "but": words, **args}
    return {name: value for name, value in told.items() if value or value == []}
