"""The corpus: endless conversations of every kind, made by patterns and a seed."""

import random
from collections.abc import Iterator

from . import arithmetic, hearth_facts, small_talk, stories, tool_calls, unknown
from .common import Conversation

# Share of the samples. Drills and sums are short, so they are fewer of the tokens than of the samples.
# The vocabulary is learned with these; stages of training change some.
SHARES = {
    "drill": 0.42,
    "plain_story": 0.003,
    "arithmetic": 0.20,
    "small_talk": 0.08,
    "hearth_facts": 0.09,
    "unknown": 0.05,
    "stories": 0.03,
    "tool_calls": 0.10,
    "mixed": 0.03,
}
SYSTEM_TEXTS = (
    "You are a helpful assistant.",
    "You are Hearth Spark, a small and friendly assistant.",
    "You are a helpful AI assistant.",
    "You are a friendly assistant. Answer briefly.",
    "Answer briefly.",
    "You are an assistant that runs on the user's machine.",
    "Be kind and helpful.",
    "You are Spark, a helpful assistant.",
    "Use the tools when they help.",
    "You are a small language model.",
)
SOURCES = {
    "arithmetic": arithmetic,
    "small_talk": small_talk,
    "hearth_facts": hearth_facts,
    "unknown": unknown,
    "stories": stories,
    "tool_calls": tool_calls,
}


def mixed(rng: random.Random) -> Conversation:
    """A longer chat that changes its subject: each turn is answered as if it stood alone."""
    makers = [
        lambda: [*_arithmetic(rng)],
        lambda: [*_arithmetic(rng)],
        lambda: small_talk.one_exchange(rng),
        lambda: hearth_facts.one_exchange(rng),
        lambda: unknown.one_exchange(rng),
    ]
    messages = []
    for _ in range(rng.randint(2, 6)):
        messages += rng.choice(makers)()
    if rng.random() < 0.2:
        messages += stories.one_exchange(rng)
    if rng.random() < 0.3:
        messages += rng.choice(makers)()
    return Conversation(messages)


def _arithmetic(rng: random.Random) -> list[dict]:
    question, reply = arithmetic.one_exchange(rng)
    return [{"role": "user", "content": question}, {"role": "assistant", "content": reply}]


def samples(seed: int | str, changed: dict[str, float] | None = None) -> Iterator[Conversation | str]:
    """Endless samples: a conversation, or plain text without roles. Some shares may be changed."""
    rng = random.Random(seed)
    names, weights = list(SHARES), list((SHARES | (changed or {})).values())
    while True:
        name = rng.choices(names, weights)[0]
        if name == "drill":
            yield arithmetic.drill(rng)
            continue
        if name == "plain_story":
            yield stories.plain(rng)
            continue
        conversation = mixed(rng) if name == "mixed" else SOURCES[name].conversation(rng)
        if rng.random() < 0.2:
            conversation.system = rng.choice(SYSTEM_TEXTS)
        yield conversation
