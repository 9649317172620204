"""What every generator of the corpus shares: random choice by pattern, invented names, and a user's careless typing."""

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

GROUP = re.compile(r"\[([^\[\]]*)\]")


@dataclass
class Conversation:
    """One sample: optional system text and tools (OpenAI function objects), then user, assistant and tool messages."""

    messages: list[dict] = field(default_factory=list)
    system: str = ""
    tools: list[dict] = field(default_factory=list)


def expand(rng: random.Random, pattern: str) -> str:
    """Replace every `[one|two|]` of the pattern by one of its choices, innermost first."""
    while True:
        replaced = GROUP.sub(lambda match: rng.choice(match.group(1).split("|")), pattern)
        if replaced == pattern:
            return pattern
        pattern = replaced


def exchange(user: str, assistant: str) -> list[dict]:
    """A question and its answer as chat messages."""
    return [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]


def read_replies(name: str) -> list[tuple[str, str]]:
    """Pairs of patterns, what a user may say and what is answered, from a text file of this folder.

    Blocks are separated by empty lines. Each has the things said, one a line; `~` and the endings these may take,
    if any; and `=` and the answer.
    """
    pairs = []
    for block in Path(__file__).with_name(name).read_text().strip().split("\n\n"):
        said = [line for line in block.splitlines() if line[:2] not in ("~ ", "= ")]
        endings = "".join(f"[{line[2:]}]" for line in block.splitlines() if line.startswith("~ "))
        pattern = said[0] if len(said) == 1 else "[" + "|".join(said) + "]"
        pairs.append((pattern + endings, block.rpartition("\n= ")[2]))
    return pairs


def careless(rng: random.Random, text: str) -> str:
    """The same words as a hurried person may type them: case, final punctuation, a greeting or a please."""
    roll = rng.random()
    if roll < 0.45:
        return text
    if rng.random() < 0.35:
        text = text.rstrip("?.!")
    if roll < 0.75:
        text = text.lower()
    elif roll < 0.79:
        text = text.upper()
    elif roll < 0.86:
        text = rng.choice(["Hey, ", "Hi! ", "Hello, ", "OK, ", "So, ", "Hi, ", "Hmm, ", "Well, "]) + text
    elif roll < 0.91:
        text = text.rstrip("?.!") + rng.choice([", please.", " please", ", please?", "!", "??", " ?", "..."])
    elif roll < 0.95 and len(text) > 8:
        place = rng.randrange(1, len(text) - 1)
        if text[place].isalpha():
            text = text[:place] + text[place + 1 :]
    return text


FIRST_NAMES = (
    "Ada Alex Alice Amir Ana Anna Ben Bruno Carla Chen Clara David Dora Elena Emil Emma Eva Felix Finn Greta"
    " Hana Hugo Ida Ines Iris Ivan Jack Jana Jonas Julia Kai Karim Lara Leo Lena Lina Lucy Luis Maria Marco"
    " Max Maya Mia Mila Nina Noah Nora Olga Omar Oscar Paul Petra Priya Rosa Sam Sara Simon Sofia Tara Theo"
    " Tom Uma Vera Victor Yara Yuki Zoe"
).split()

CITIES = (
    "Amsterdam Athens Auckland Baghdad Bangkok Barcelona Beijing Berlin Bogota Boston Brussels Budapest Cairo"
    " Chicago Copenhagen Dakar Delhi Dublin Geneva Hamburg Hanoi Havana Helsinki Istanbul Jakarta Kyoto Lagos"
    " Lima Lisbon London Lyon Madrid Manila Melbourne Miami Milan Montreal Moscow Munich Nairobi Naples Osaka"
    " Oslo Ottawa Paris Prague Quito Rome Santiago Seattle Seoul Shanghai Stockholm Sydney Tokyo Toronto"
    " Tunis Venice Vienna Warsaw Zurich"
).split() + [
    "New York",
    "San Francisco",
    "Los Angeles",
    "Buenos Aires",
    "Cape Town",
    "Hong Kong",
    "Mexico City",
]

ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pr qu r s sh sk st t th tr v w z".split()
VOWELS = "a a e e i o o u ai ea ee ia oo ou".split()
CODAS = ["", "", "", "l", "m", "n", "nd", "ng", "r", "rk", "s", "st", "t", "x"]


def invented_name(rng: random.Random) -> str:
    """A pronounceable name that no list holds, so that copying is learned and not the list."""
    syllables = rng.choice([1, 2, 2, 2, 3])
    return "".join(
        rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(syllables)
    ).capitalize()


def city(rng: random.Random) -> str:
    """A real city most of the time, an invented one otherwise."""
    return rng.choice(CITIES) if rng.random() < 0.5 else invented_name(rng)


def first_name(rng: random.Random) -> str:
    """A first name, sometimes invented."""
    return rng.choice(FIRST_NAMES) if rng.random() < 0.7 else invented_name(rng)
