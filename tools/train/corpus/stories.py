"""Short stories of 80 to 150 words: ten plots, each told with many heroes, places and turns of phrase."""

import random

from .common import FIRST_NAMES, Conversation, careless, exchange, expand, invented_name

# kind of hero -> where it lives
ANIMALS = {
    "fox": "in the forest",
    "rabbit": "in a green meadow",
    "bear": "in the forest",
    "mouse": "in an old barn",
    "owl": "in a tall oak tree",
    "cat": "in a small house",
    "dog": "on a farm",
    "duck": "by a quiet pond",
    "frog": "by a quiet pond",
    "hedgehog": "in a garden",
    "squirrel": "in a tall oak tree",
    "turtle": "on a warm beach",
    "robot": "in a busy workshop",
    "dragon": "on a high mountain",
    "elephant": "on a wide plain",
    "penguin": "on an icy shore",
    "horse": "on a farm",
    "goat": "on a high mountain",
}
CHILDREN = {
    "girl": "in a small village",
    "boy": "in a small town",
    "baker": "in a busy town",
    "sailor": "by a white harbour",
    "king": "in a stone castle",
}
HEROES = ANIMALS | CHILDREN
OTHER_KINDS = (
    "wolf lion tiger monkey whale dolphin seal crab snail bee ant spider goose swan hen rooster pig cow sheep"
    " donkey camel parrot crow raven eagle badger beaver otter deer moose zebra giraffe witch wizard knight"
    " princess prince queen giant pirate farmer clown cook painter soldier teacher doctor fairy ghost monster"
    " unicorn kitten puppy snowman train tractor car boat cloud"
).split()
THEMES = (
    "friendship,the sea,magic,winter,summer,courage,kindness,the moon,a journey,love,sharing,animals,the"
    " night".split(",")
)
TRAITS = "little kind brave shy curious cheerful clever quiet young gentle".split()
TREASURES = [
    "red scarf",
    "silver bell",
    "blue ball",
    "golden key",
    "little lamp",
    "wooden flute",
    "round stone",
    "paper kite",
]
FOODS = ["apple pie", "warm soup", "honey cake", "fresh bread", "berry jam", "ginger cookies"]

OPENING = (
    "[Once upon a time|Long ago|One day|One spring], [there was|there lived] a {trait} {kind} named {hero}."
    " {hero} lived {place}. "
)
MORAL_FRIEND = (
    "[From that day on, {hero} and {friend} were the best of friends.|{hero} and {friend} have been best"
    " friends ever since.|And so {hero} learned that a friend is the best thing to have.]"
)

PLOTS = {
    "lost": [
        "{hero} had a {treasure} and loved it more than anything. ",
        (
            "One morning the {treasure} was gone! {hero} looked [under the bed|behind the door|in every"
            " corner], but it was not there. "
        ),
        (
            '[Feeling sad|With a heavy heart], {hero} went out and met {friend} the {kind2}. "[Why are you'
            ' sad|What is wrong]?" asked {friend}. '
        ),
        (
            '"I have lost my {treasure}," said {hero}. "[Then let us look together|Do not worry, I will help'
            ' you]," said {friend}. '
        ),
        (
            "They looked [by the river|near the old bridge|along the path] and [under the leaves|between the"
            " stones|in the tall grass]. "
        ),
        (
            "At last {friend} saw something shine. It was the {treasure}! {hero} [jumped for joy|laughed with"
            ' joy|danced around]. "Thank you!" {hero} said. '
        ),
        MORAL_FRIEND,
    ],
    "storm": [
        (
            "One evening a [big|great|dark] storm came. The wind [howled|roared] and the rain fell [hard|all"
            " night]. "
        ),
        "{hero} was [safe and warm|dry and warm] inside, but then there was a knock at the door. ",
        (
            'It was {friend} the {kind2}, [wet and cold|shaking with cold]. "My home is [full of water|blown'
            ' away]," said {friend}. "May I come in?" '
        ),
        (
            '"Of course," said {hero}. "There is room for two." {hero} [lit a fire|brought a blanket] and'
            " made some {food}. "
        ),
        "They told each other stories until the storm was over. In the morning the sun was shining. ",
        "{hero} helped {friend} to [build a new home|mend the roof], and they worked until [noon|evening]. ",
        MORAL_FRIEND,
    ],
    "seed": [
        (
            'One day {hero} found a tiny seed [on the path|by the river|in an old pot]. "I will plant it,"'
            " said {hero}. "
        ),
        "{hero} put the seed in the ground and gave it water every day. But nothing happened. ",
        (
            '"[It will never grow|That seed is too small]," said {friend} the {kind2}. But {hero} did not'
            " give up. "
        ),
        (
            "{hero} [sang to the seed|talked to the seed|sat by the seed] in the sun and [kept it"
            " warm|watched over it] in the wind. "
        ),
        (
            "After many days, a small green leaf came out. It grew and grew until it was [a tall tree|a"
            " golden sunflower|a tree full of apples]. "
        ),
        (
            '"You were right," said {friend}. "[How did you do it|What is your secret]?" {hero} smiled. "I'
            ' only waited, and I never gave up." '
        ),
        "[And they sat together in its shade all summer.|From then on, they looked after it together.]",
    ],
    "dark": [
        "{hero} was [brave by day|never afraid by day], but at night {hero} was afraid of the dark. ",
        (
            "One night there was a strange sound outside. [Tap, tap, tap!|Whoo, whoo!|Creak, creak!] {hero}"
            " hid under the blanket. "
        ),
        (
            'Then {hero} thought, "If I do not look, I will never know." So {hero} took a small lamp and'
            " opened the door. "
        ),
        (
            'There stood {friend} the {kind2}, who had lost the way home. "[I saw your light|Your lamp is so'
            ' bright]," said {friend}. "Can you help me?" '
        ),
        (
            "{hero} held up the lamp, and they walked through the night together. On the way they saw [a"
            " thousand stars|the silver moon|glowing fireflies]. "
        ),
        (
            '"The dark is [beautiful|not so bad]," said {hero}. When they reached the home of {friend}, they'
            " [laughed|hugged] and said good night. "
        ),
        "[And {hero} was never afraid of the dark again.|After that night, {hero} was not afraid any more.]",
    ],
    "race": [
        (
            'One day there was a [big|great] race, and {friend} the {kind2} was the fastest of all. "[You'
            ' will never win|You are too slow]," laughed {friend}. '
        ),
        (
            '"I will try anyway," said {hero}. The race began, and {friend} ran far ahead. {hero} went on,'
            " step by step. "
        ),
        (
            "In the middle of the way, {friend} fell into [a deep hole|the mud|a cold stream] and could not"
            ' get out. "Help!" {friend} cried. '
        ),
        (
            "{hero} could have won the race now. But {hero} stopped, [took a long stick|found a rope], and"
            " pulled {friend} out. "
        ),
        (
            '"[Why did you stop|Why did you help me]?" asked {friend}. "A friend is better than a prize,"'
            " said {hero}. "
        ),
        "They walked to the end side by side, and everyone cheered for them both. ",
        MORAL_FRIEND,
    ],
    "bake": [
        "It was the birthday of {friend} the {kind2}, and {hero} wanted to make {food}. ",
        (
            "{hero} [put everything in a big bowl|mixed and stirred], but then [the bowl fell down|the pot"
            " fell over] and it was all over the floor. "
        ),
        '"Now I have nothing to give," said {hero}, and [a tear fell down|felt very sad]. ',
        (
            'A [neighbour|kind old owl|friendly bird] heard this and said, "Start again. I will help you." So'
            " they [started again|tried once more], slowly and with care. "
        ),
        (
            "This time the {food} was [perfect|warm and sweet|better than ever]. {hero} ran all the way to"
            " {friend}. "
        ),
        '"It is the best gift of all," said {friend}, "because you made it for me." ',
        (
            "[They shared it with everyone and sang until the evening.|They ate it together and laughed until"
            " the stars came out.]"
        ),
    ],
    "music": [
        (
            '{hero} wanted to play music, but every note came out wrong. "[Please stop|That hurts my ears],"'
            " said the neighbours. "
        ),
        (
            'Only {friend} the {kind2} did not laugh. "[Play a little every day|Try again tomorrow]," said'
            ' {friend}. "It will come." '
        ),
        (
            "So {hero} went to [the top of the hill|the old bridge|a quiet place] each morning and played."
            " Days and weeks went by. "
        ),
        (
            "One day the bell of the town [broke|fell down], on the very day of the [summer feast|spring"
            " feast|great dance]. There was no music, and everyone was sad. "
        ),
        (
            "Then {hero} stepped forward and began to play. The tune was [soft and clear|bright and merry],"
            " and soon [everyone danced|all were dancing]. "
        ),
        '"Play it again!" they called. {hero} looked at {friend} and smiled. ',
        "[And from then on there was music every evening.|A little every day had been enough.]",
    ],
    "star": [
        (
            "One night {hero} saw a small star fall [into the lake|behind the hill|into the garden]. {hero}"
            " ran to look and found it, pale and cold. "
        ),
        '"I have lost my place in the sky," said the star. "[Can you take me home|Will you help me home]?" ',
        (
            '{hero} did not know how. So {hero} asked {friend} the {kind2}. "We must climb the highest'
            ' [hill|tower|mountain]," said {friend}. '
        ),
        (
            "They climbed all night, and {hero} carried the star [close to the heart|in both hands|in a warm"
            " scarf]. It grew brighter with every step. "
        ),
        (
            "At the top, {hero} lifted it up high. The star rose slowly, up and up, until it was back in its"
            " place. "
        ),
        '"Thank you," it whispered. "I will always shine for you." ',
        (
            "[And every night since, one star has been a little brighter than the others.|Since then {hero}"
            " looks up each night, and the star twinkles back.]"
        ),
    ],
    "share": [
        "The winter was long, and {hero} had only a little {food} left. {hero} wanted to keep it all. ",
        (
            'Then {friend} the {kind2} came by, thin and hungry. "Do you have something to eat?" {friend}'
            " asked. "
        ),
        (
            '{hero} looked at the {food} and thought for a while. "[Take half of it|We can share it]," {hero}'
            " said at last. "
        ),
        (
            '"You are kind," said {friend}. "Now I will show you something." {friend} led {hero} [through the'
            " snow|over the hill|along the frozen river] to a hidden place. "
        ),
        (
            'There were [nuts and apples|dry fruit and nuts|sacks of corn] for the whole winter! "I could not'
            ' [carry it|open it] alone," said {friend}. '
        ),
        "Together they [carried it home|brought it home], and neither of them was hungry again. ",
        "[What you share comes back to you.|So {hero} learned that sharing makes more, not less.]",
    ],
    "journey": [
        (
            "Every day {hero} looked at the [far hills|wide sea|long road] and wondered what was on the other"
            " side. "
        ),
        (
            '"I will go and see," said {hero} one morning, and packed [a bag|some bread|a small basket] and a'
            " {treasure}. "
        ),
        (
            'On the way {hero} met {friend} the {kind2}. "[Where are you going|What are you looking for]?"'
            ' asked {friend}. "[To the other side|I want to see the world]," said {hero}. "Come with me!" '
        ),
        (
            "They [crossed a river|walked for three days|went through a dark wood] and [slept under the"
            " stars|sang all the way]. When they were lost, the {treasure} [brought them luck|gave them"
            " hope]. "
        ),
        (
            "At last they came to the other side. It was beautiful, with [flowers everywhere|a blue"
            " lake|golden fields]. "
        ),
        (
            'But in the evening {hero} thought of home. "The best part was the way with you," said {hero} to'
            " {friend}. "
        ),
        (
            "[So they went home together, and they told the story to everyone.|And together they turned back,"
            " full of stories to tell.]"
        ),
    ],
}

REQUESTS = [
    (
        "[Tell me|Tell|Write|Write me|Can you tell me|Please tell me|I want|I would like|Could you tell"
        " me|Give me|Make up|Do you know] a [short |little |nice |small |||bedtime |new ]story[| please|,"
        " please]."
    ),
    "[A|Another|One] [short |]story[, please|]",
    (
        "[Story|Story please|Story time|Read me a story|Tell me something nice|Another story|One more"
        " story|Do you know any stories|Can you tell stories]"
    ),
]
REQUESTS_ABOUT = (
    "[Tell me|Write|Write me|Can you tell me|Please tell me|I want|Give me|Make up|A] a [short |little |nice"
    " |||bedtime ]story about"
)


def hero_name(rng: random.Random) -> str:
    """A name for a hero of a story."""
    return rng.choice(FIRST_NAMES) if rng.random() < 0.85 else invented_name(rng)


def tell(rng: random.Random, kind: str, hero: str) -> str:
    """One story about the hero."""
    kind2 = rng.choice([animal for animal in ANIMALS if animal != kind])
    friend = rng.choice([name for name in FIRST_NAMES if name != hero])
    place = HEROES.get(kind) or rng.choice(list(HEROES.values()))
    text = OPENING + "".join(PLOTS[rng.choice(list(PLOTS))])
    return expand(rng, text).format(
        hero=hero,
        kind=kind,
        kind2=kind2,
        friend=friend,
        place=place,
        trait=rng.choice(TRAITS),
        treasure=rng.choice(TREASURES),
        food=rng.choice(FOODS),
    )


def hero_kind(rng: random.Random) -> str:
    """What the hero is: mostly one of the well-known kinds, sometimes a rarer or an invented one."""
    roll = rng.random()
    if roll < 0.7:
        return rng.choice(list(HEROES))
    return rng.choice(OTHER_KINDS) if roll < 0.92 else invented_name(rng).lower()


def one_exchange(rng: random.Random) -> list[dict]:
    """A request and its story; half of the requests say whom it shall be about."""
    kind = hero_kind(rng)
    hero = hero_name(rng)
    roll = rng.random()
    article = "an" if kind[0] in "aeiou" else "a"
    if roll < 0.38:
        request = expand(rng, rng.choice(REQUESTS))
    else:
        request = expand(rng, REQUESTS_ABOUT).replace("A a", "A").replace("  ", " ")
        if roll < 0.45:
            request += f" {rng.choice(THEMES)}"
        elif roll < 0.7:
            request += f" {article} {kind}"
        elif roll < 0.9:
            request += f" {article} {kind} {rng.choice(['named', 'called'])} {hero}"
        else:
            request += f" {hero} the {kind}"
        request += rng.choice([".", "", "", "!", ", please."])
    return exchange(careless(rng, request), tell(rng, kind, hero))


def conversation(rng: random.Random) -> Conversation:
    """One story."""
    return Conversation(one_exchange(rng))


def plain(rng: random.Random) -> str:
    """A story alone, as text to be continued."""
    return tell(rng, hero_kind(rng), hero_name(rng))
