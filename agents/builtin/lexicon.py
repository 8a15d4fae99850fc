"""Which words does an operator's trade have, and which family does each belong to?

Verbs and things come in families (to make, to show, to put off; cards, voices, feeds); a request is a verb of one with a
thing of another. Words are compared by their stems, so that "scheduling" and "schedules" are one; a word that is nearly
one of ours and no other word we know is taken for a slip of the pen. Neighbours: said, frames.
"""

from functools import cache, lru_cache


def word_set(text: str) -> frozenset[str]:
    """The words of a text, once each."""
    return frozenset(text.split())


VERBS: dict[str, str] = {
    "make": "make create build generate produce prepare craft design draw render assemble compile paint sketch mock"
    " invent"
    " illustrate combine merge join mix splice introduce cook do need want get give bring turn convert cut edit stitch",
    "write": "write reply respond answer comment draft compose pen author formulate phrase jot caption",
    "speak": "speak say read narrate record voice pronounce recite utter dictate vocalise vocalize synthesise"
    " synthesize",
    "show": "show list display see view open print tell describe check look present fetch enumerate find summarise"
    " summarize"
    " report inspect review browse explain pull retrieve recap know hear name read",
    "add": "add follow subscribe track watch import register include monitor connect append put",
    "remove": "remove delete erase drop unfollow unsubscribe discard trash forget purge destroy kill scrap ditch"
    " unregister",
    "pause": "pause suspend freeze deactivate disable mute halt hibernate sleep rest",
    "resume": "resume unpause reactivate wake activate enable continue unfreeze unmute unsuspend restart",
    "cancel": "cancel abort stop unschedule abandon withdraw revoke annul terminate",
    "retry": "retry rerun redo repeat restart",
    "post": "post publish schedule share release queue upload announce tweet broadcast submit plan",
    "move": "move reschedule postpone delay shift push defer advance bring",
    "change": "change swap update set edit modify alter adjust rename switch replace correct tweak rewrite make give"
    " turn"
    " call amend trade exchange"
    " bump increase decrease raise lower",
    "revert": "revert restore undo rollback reset return",
    "approve": "approve confirm reject decline deny authorise authorize accept",
}

THINGS: dict[str, str] = {
    "persona": "persona personas character characters personality personalities avatar avatars influencer influencers"
    " people bot face",
    "card": "card cards picture pictures image images graphic graphics visual visuals tile tiles poster posters photo"
    " photos pic pics"
    " illustration banner drawing thumbnail quotecard",
    "voice": "voice voices voiceover voiceovers voice-over voice-overs audio speech narration narrations recording"
    " recordings mp3 wav"
    " ogg podcast",
    "video": "video videos clip clips reel reels movie movies film films vid vids slideshow animation mp4",
    "text": "caption captions text texts reply replies blurb answer copy tagline tweet paragraph paragraphs message update line"
    " lines sentence sentences one-liner oneliner",
    "post": "post posts publication publications schedule calendar posting postings",
    "job": "job jobs task tasks queue worker rendering render renders work progress",
    "feed": "feed feeds rss atom subscription subscriptions source sources newsfeed newsfeeds",
    "story": "story stories news headline headlines article articles item items entry entries",
    "media": "media asset assets library files file",
    "zone": "zone zones domain domains",
    "record": "record records dns",
    "version": "version versions history revision revisions changelog",
    "status": "status health state configuration setup diagnostics system",
    "cost": "cost costs spending spendings expense expenses bill spend budget money expenditure charges price",
    "approval": "approval approvals permission permissions",
    "conversation": "conversation conversations chat chats dm dms fans fan messages inbox",
}

# Words that are at home in requests, so that a slip in them is mended; those of VERBS and THINGS are added.
OPTIONS = (
    "square portrait landscape vertical horizontal story bold quote editorial gradient minimal widescreen"
    " upright slowly faster slower"
    " quickly short medium long seconds second minutes minute hours hour tomorrow today tonight yesterday"
    " monday tuesday wednesday"
    " thursday friday saturday sunday january february march april june july august september october november"
    " december weekday"
    " weekdays weekend weekends every daily weekly monthly morning evening afternoon midnight noon called"
    " named titled about saying"
    " interests interest language languages headline subtitles captions format design occupation birthday"
    " greeting catchphrase please"
    " latest newest upcoming scheduled published cancelled failed running finished queued waiting pending"
    " gallery previous history"
    " german french spanish english italian portuguese dutch polish swedish music persona's"
)
# Words of every day that lie one slip away from ours and are meant as they stand.
MEANT = word_set(
    "cart carts care cared cars hard yard ward past pasta host hosts most cost costs lost port ports pest poet"
    " poets pots stop stops spot spots fed food feet feel need needs weed seed deed reed fees free made male mike"
    " lake take makes maker makers wake cake bake fake drawn drew raw dawn brown crown store stores stormy sorry"
    " storey stork glory last lest fist mist lists lisp shot shop snow slow shows slows real lead road head bread"
    " dead ready read reads reader moon soon noun speaks sneak steak peak weak squire squares squared choice"
    " invoice void vote notice sad said sand send land lend and end say says stay way day days paused cause pulse"
    " nurse purse close chosen phrase praise raise rise wise nose those these this that then than them their there"
    " here hear heard her hers him his she he thing things think king ring sing song long along among wrong strong"
    " string wring spring being bring brink drink friend friends fend trend trends movie moved mood wood good told"
    " tall tale tail deal meal seal steal sleep steep sheep cheap cheep chess cheese text next test tests texts"
    " taste waste paste haste state status statue statues late later latter letter better bitter butter matter"
    " water winter writer writers written wrote white while whole quote quiet quite suite site sites sight eight"
    " light night right might fight tight bright flight plan plane planes plans plant plants place play plays"
    " player plaid paid pain pains paint painted point points joint print prints sprint mint hint tint dint lint"
    " fint count county country court course coarse curse cards carbon weekly week weeks wear were where when went"
    " want wants wait waits wail mail main rain train trail fail fails failed falls fall call calls called cell"
    " cells sell spell small smell shell hello help held hero zero home come some same name names named game fame"
    " tame lame came cane core corn born horn torn turn turns burn run runs sun fun gun nun nut cut cuts cup cute"
    " but bus bug sharing share shape shapes sharp shore score scare scarf stars start starts star stare stone"
    " alone clone clown claim climb reel reels feeling feelings feeding leading loading landing lending ending"
    " sending spending spent spend spends speed speeds dear year years near nearly neatly early yearly dearly"
    " daily dairy diary fairy fair hair pair chair stair stir stirs sir air voiced forced force forces farce"
    " source sources sauce house horse horses note notes noted voted quoted mover cover covers lover over lower"
    " power tower flower shower slower lowers mute mutes minute minutes menu menus mend mean means meant story"
    " stories history mystery mastery master faster fasten fast feast beast least lease please pleased pleases"
    " pleasure release increase decrease create created creates creative creature creator crate crates great grate"
    " greet greets green greeting meeting delete deleted delight relate related relay relax replay replays reply"
    " replies repair report reports resort retort record recorded reward regard remove removed remote remodel"
    " resume resumes presume consume costume custom customs update updated upset upload uploads unload download"
    " caption captain captains mansion mention mentions motion motions notion nation nations station stations"
    " ration action actions auction fiction friction section sections session version versions vision visions"
    " mission missions passion passionate pension person persons personal personality parson poison prison season"
    " reason reasons treason lesson lessons melon lemon lemons demon demons sound sounds round ground found wound"
    " bound pound hound mound mount amount fount front from form forms format foam frame frames flame blame shame"
    " stamp stamps stump trump tramp cramp clamp lamp lamps camp camps cam clip clips flip slip slips ship ships"
    " chip chips whip trip trips tip tips top tops toy boy boys joy joys jay lay pay pays may ray fly flies try"
    " tries cry cries dry designs designer resign assign signs singer design draft drafts craft crafts raft after"
    " alter editor editors edition chart charts chat chats cheat heat heats seat seats beat beats boat boats coat"
    " coats goat goats roads load loads toad artist artists artistic article particle optical zones zone bone tone"
    " tones phone phones prone drone drones throne shown showed domain remain domains romaine women woman human"
    " humans humane humor humour tumor rumor rumour musical musician physician magician publish punish polish"
    " polishes public republic fresh flesh brush crush rush push pushed bush cushion fashion mashing washing"
    " wishing fishing dishing finishing funny sunny bunny penny honey money monkey donkey key keys hey they grey"
    " prey pray gray tray slay clay minimal animal animals criminal terminal gradient ingredient bald bold gold"
    " cold fold hold holds sold soul foul fool cool pool tool tools wool stood moody muddy buddy body bodies baby"
    " babies bays"
)


# Slips in words too short to be told by their letters.
SLIPS = {
    "mak": "make",
    "sayin": "saying",
    "pics": "pictures",
    "wud": "would",
    "vids": "videos",
    "readin": "reading",
    "mkae": "make",
    "shw": "show",
    "sho": "show",
    "lst": "list",
    "pst": "post",
    "crd": "card",
    "hwo": "who",
}


def _words(table: dict[str, str]) -> dict[str, set[str]]:
    return {family: set(words.split()) for family, words in table.items()}


@cache
def _vocabulary() -> frozenset[str]:
    words = {word for table in (VERBS, THINGS) for line in table.values() for word in line.split()}
    return frozenset(words | set(OPTIONS.split()))


@cache
def _stemmer() -> "object":
    from snowballstemmer import stemmer

    return stemmer("english")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of an English word: "scheduling" and "schedules" are both "schedul"."""
    return str(_stemmer().stemWord(word))  # type: ignore[attr-defined]


@cache
def _stems() -> frozenset[str]:
    return frozenset(stem(word) for word in _vocabulary())


def known(word: str) -> bool:
    """Whether it is a word of the trade or a plain word that only looks like one."""
    return word in _vocabulary() or word in MEANT or stem(word) in _stems()


@lru_cache(maxsize=20_000)
def mended(word: str, *, capital: bool = False) -> str:
    """The word, or the one of ours that it is a slip of. A capital in the middle of a sentence is somebody's name."""
    if word in SLIPS:
        return SLIPS[word]
    if not capital and word not in _vocabulary() and word not in MEANT and (whole := _cut_short().get(word)):
        return whole
    if capital or not 4 <= len(word) <= 14 or "'" in word or known(word):
        return word
    from rapidfuzz.distance import OSA

    limit = 2 if len(word) >= 9 else 1
    near = [(OSA.distance(word, other, score_cutoff=limit), other) for other in _targets(word[0], word[1])]
    near = sorted(pair for pair in near if pair[0] <= limit and _plausible(word, pair[1], pair[0]))
    return near[0][1] if near else word


@cache
def _cut_short() -> dict[str, str]:
    """A verb without its last letter is its own stem: "creat", "schedul"."""
    verbs = {word for line in VERBS.values() for word in line.split()}
    return {word[:-1]: word for word in verbs if len(word) >= 6 and word.endswith("e") and stem(word) == word[:-1]}


@cache
def _targets(*letters: str) -> tuple[str, ...]:
    """Our words that begin with one of these letters: the first letter is seldom wrong, but it may be swapped."""
    return tuple(sorted(word for word in _vocabulary() if len(word) >= 4 and word[0] in letters))


def _plausible(word: str, target: str, distance: int) -> bool:
    """Short words are too close to each other: there only a swap, or from five letters on a letter too many or too few."""
    if word[0] != target[0] and sorted(word[:2]) != sorted(target[:2]):
        return False
    if sorted(word) == sorted(target):
        return True
    if distance > 1:
        return len(target) >= 8
    longest = max(len(word), len(target))
    if len(word) != len(target):
        return longest >= 6
    return longest >= 7


@cache
def verb_families() -> dict[str, tuple[str, ...]]:
    """Stem of a verb -> the families it is in, in the order of VERBS."""
    table: dict[str, list[str]] = {}
    for family, words in _words(VERBS).items():
        for word in words:
            table.setdefault(word, []).append(family)
            table.setdefault(stem(word), []).append(family)
    return {word: tuple(dict.fromkeys(families)) for word, families in table.items()}


@cache
def thing_families() -> dict[str, str]:
    """Word for a thing -> its family."""
    return {word: family for family, words in _words(THINGS).items() for word in words}


def verb(word: str) -> tuple[str, ...]:
    """The families of a verb in its plain form; empty for any other word."""
    return verb_families().get(word, ())


@lru_cache(maxsize=2_000)
def plain_verb(word: str) -> str:
    """The plain form of one of our verbs: "publishing" is "publish"; another word as it is."""
    known_verbs = sorted({one for line in VERBS.values() for one in line.split()}, key=len)
    return next((one for one in known_verbs if stem(one) == stem(word)), word)


def thing(word: str) -> str:
    """The family of a thing; empty for any other word."""
    word = word.removesuffix("'s").removesuffix("'")
    return thing_families().get(word, "")
