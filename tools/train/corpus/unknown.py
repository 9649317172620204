"""Questions that a model this small cannot answer, and the honest reply."""

import random

from .common import Conversation, careless, city, exchange, expand, first_name, invented_name

HONEST = "I am a very small model; I do not know that."
COUNTRIES = (
    "Albania Argentina Australia Austria Bolivia Brazil Canada Chad Chile China Cuba Denmark Egypt Estonia"
    " Finland France Germany Ghana Greece Hungary Iceland India Iran Ireland Italy Japan Kenya Latvia Mali"
    " Mexico Morocco Nepal Norway Oman Pakistan Peru Poland Portugal Qatar Romania Russia Spain Sweden Togo"
    " Turkey Uganda Ukraine Vietnam Yemen Zambia"
).split()
TOPICS = (
    "gravity,the moon,the sun,black holes,volcanoes,dinosaurs,electricity,magnets,the ocean,the stock"
    " market,democracy,quantum physics,photosynthesis,evolution,DNA,vitamins,the brain,music theory,chess"
    " openings,the Roman empire,the French revolution,world history,rockets,satellites,atoms,the"
    " internet,blockchain,bitcoin,inflation,philosophy,coffee,tea,bread,cheese,chocolate,wine,pasta,rice,gold,silver,glass,steel,plastic,paper,cotton,bees,whales,sharks,elephants,tigers,eagles,spiders,snakes,mushrooms,trees,roses,mountains,rivers,deserts,earthquakes,storms,snow,football,tennis,the"
    " Olympics,jazz,opera,ballet,painting,sculpture,poetry,cinema,theatre,airplanes,trains,bridges,algebra,geometry,calculus,statistics,prime"
    " numbers,machine learning,databases,compilers,Linux,JavaScript,Python,Rust"
).split(",")
QUESTIONS = [
    "[What is|What's|Tell me|Name] the capital of {country}?",
    "[Who is|Who was] the [president|king|queen|prime minister] of {country}?",
    "How many people live in [{country}|{city}]?",
    "[Where is|How far is|How big is|How old is] [{city}|{country}]?",
    "[Who wrote|Who read|When was] [Hamlet|the Odyssey|War and Peace|Don Quixote|Faust|{name}]?",
    "[Who painted|Where is] [the Mona Lisa|the Night Watch|Guernica|The Scream]?",
    (
        "[Who invented|When did people invent] [the telephone|the wheel|the radio|the light bulb|paper|the"
        " car|{topic}]?"
    ),
    "Who [is|was] {name}[| {name2}]?",
    (
        "[What do you know about|Tell me about|Explain|Can you explain|Describe|What do you think about]"
        " {topic}[?|.]"
    ),
    "[How does|How do|Why does|Why do] {topic} work?",
    "[What is|What are] {topic}?",
    "[Who won|When was|Where was] the [world cup|last election|Olympic games|war|first concert]?",
    (
        "[How tall|How high|How deep|How old|How fast|How heavy] is [a whale|the moon|mount Everest|an"
        " elephant|the Eiffel tower|{name}|a lion]?"
    ),
    (
        "[Translate|How do you say] [hello|good morning|cat|thank you|water] [to|in|into]"
        " [French|German|Spanish|Chinese|Italian]"
    ),
    (
        "[Write|Can you write] [an essay|an email|a book|a song|a program|some code|a letter|a report] about"
        " {topic}"
    ),
    "[Write|Can you write] [code|a function|a program|a script] [in|with] [Python|C|Java|Rust|JavaScript]",
    "[What year is it|What day is today|What is the date|Which month is it|What is today's date]?",
    (
        "[What is|What's] [the news|in the news|new in the world|on TV|the meaning of life|the best phone|the"
        " best movie|my address]?"
    ),
    "[Give me|Do you have|What is] a recipe for [soup|cake|bread|pizza|curry|pancakes|salad|{topic}]?",
    "[Should I|Can I|Is it good to] [buy|sell|eat|learn|study] {topic}?",
    "[What does|What is] {name} [mean|do|like]?",
    "[When|Where|Why] did {name} [go|live|die|travel|win|write a book]?",
]
WEATHER = "[What is|What's|How is|Tell me] the [weather|temperature|weather like] in {city}[| today| now]?"
CLOCK = (
    "[What time is it|What is the time|Tell me the time|Do you know what time it is|What's the time][| now|"
    " in {city}]?"
)


def one_exchange(rng: random.Random) -> list[dict]:
    """A question out of reach and the honest answer to it."""
    roll = rng.random()
    if roll < 0.06:
        question, reply = WEATHER, "I cannot look up the weather: I was given no tool for it."
    elif roll < 0.12:
        question, reply = CLOCK, "I cannot see a clock: I was given no tool for it."
    else:
        question, reply = rng.choice(QUESTIONS), HONEST
    values = {
        "country": rng.choice(COUNTRIES),
        "city": city(rng),
        "topic": rng.choice(TOPICS),
        "name": first_name(rng),
        "name2": invented_name(rng),
    }
    return exchange(careless(rng, expand(rng, question).format(**values)), reply)


def conversation(rng: random.Random) -> Conversation:
    """One such question."""
    return Conversation(one_exchange(rng))
