"""Small talk: greetings, thanks, feelings, names, simple jokes."""

import random

from .common import Conversation, careless, exchange, expand, first_name, read_replies

INTENTS = read_replies("small_talk.txt")

NAME_GIVEN = (
    "[My name is {name}|I am {name}|I'm {name}|Call me {name}|Hi, I am {name}|Hello, my name is {name}|Hi! My"
    " name is {name}|You can call me {name}|The name is {name}][.|!|]"
)
NAME_ASKED = (
    "[What is my name|What's my name|Do you remember my name|Do you know my name|Who am I|Say my name|Tell me"
    " my name][?|]"
)


def one_exchange(rng: random.Random) -> list[dict]:
    """One thing said and its answer."""
    said, reply = rng.choice(INTENTS)
    return exchange(careless(rng, expand(rng, said)), expand(rng, reply))


def name_exchange(rng: random.Random) -> list[dict]:
    """The user gives a name, and may ask for it a turn or two later."""
    name = first_name(rng)
    messages = exchange(
        expand(rng, NAME_GIVEN).format(name=name), f"Nice to meet you, {name}! How can I help you?"
    )
    if rng.random() < 0.7:
        if rng.random() < 0.4:
            messages += one_exchange(rng)
        messages += exchange(careless(rng, expand(rng, NAME_ASKED)), f"Your name is {name}.")
    return messages


def conversation(rng: random.Random) -> Conversation:
    """A short chat."""
    roll = rng.random()
    if roll < 0.15:
        return Conversation(name_exchange(rng))
    if roll < 0.18:
        question = careless(rng, expand(rng, NAME_ASKED))
        return Conversation(exchange(question, "You have not told me your name yet. What is it?"))
    messages = one_exchange(rng)
    if rng.random() < 0.25:
        messages += one_exchange(rng)
    return Conversation(messages)
