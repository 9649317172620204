"""Questions about Hearth itself and their answers."""

import random

from .common import Conversation, careless, exchange, expand, read_replies

FACTS = read_replies("hearth_facts.txt")


def one_exchange(rng: random.Random) -> list[dict]:
    """One question and its answer."""
    question, reply = rng.choice(FACTS)
    return exchange(careless(rng, expand(rng, question)), reply)


def conversation(rng: random.Random) -> Conversation:
    """A chat about Hearth, one to three questions long."""
    messages = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        messages += one_exchange(rng)
    return Conversation(messages)
