"""Addition and subtraction of numbers from 0 to 99, in many phrasings, without the operand pairs held out for evaluation."""

import random
import zlib

from .common import Conversation, careless, exchange, expand, first_name

LARGEST = 99
ADDITIONS = (
    "What is {a}+{b}?|What is {a} + {b}?|What's {a} + {b}?|What's {a}+{b}?|{a}+{b}|{a} + {b}|{a}+{b}=|{a} +"
    " {b} =|{a}+{b}=?|{a} + {b} = ?|{a} plus {b}|What is {a} plus {b}?|How much is {a} plus {b}?|How much is"
    " {a} + {b}?|How much is {a}+{b}?|Compute {a} plus {b}.|Compute {a} + {b}.|Compute {a}+{b}|Calculate {a}"
    " + {b}.|Calculate {a} plus {b}|Add {a} and {b}.|Add {b} to {a}.|Please add {a} and {b}|What is the sum"
    " of {a} and {b}?|Sum of {a} and {b}|Can you add {a} and {b}?|Can you compute {a} + {b}?|Do you know {a}"
    " + {b}?|What do you get if you add {a} and {b}?|Tell me {a} + {b}.|Tell me what {a} plus {b} is.|I need"
    " {a} + {b}|Work out {a} + {b}.|What does {a} + {b} equal?|What does {a} plus {b} make?|{a} and {b}"
    " together?|Solve {a} + {b}|Solve: {a}+{b}|Quick: {a} plus {b}?"
).split("|")
SUBTRACTIONS = (
    "What is {a}-{b}?|What is {a} - {b}?|What's {a} - {b}?|What's {a}-{b}?|{a}-{b}|{a} - {b}|{a}-{b}=|{a} -"
    " {b} =|{a}-{b}=?|{a} - {b} = ?|{a} minus {b}|What is {a} minus {b}?|How much is {a} minus {b}?|How much"
    " is {a} - {b}?|How much is {a}-{b}?|Compute {a} minus {b}.|Compute {a} - {b}.|Compute {a}-{b}|Calculate"
    " {a} - {b}.|Calculate {a} minus {b}|Subtract {b} from {a}.|Take {b} away from {a}.|What is the"
    " difference of {a} and {b}?|Can you subtract {b} from {a}?|Can you compute {a} - {b}?|Do you know {a} -"
    " {b}?|What do you get if you take {b} from {a}?|Tell me {a} - {b}.|Tell me what {a} minus {b} is.|I need"
    " {a} - {b}|Work out {a} - {b}.|What does {a} - {b} equal?|What does {a} minus {b} make?|{a} less"
    " {b}?|Solve {a} - {b}|Solve: {a}-{b}|Quick: {a} minus {b}?"
).split("|")
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
THINGS = "apples books coins stones pencils cards shells eggs stickers marbles cookies flowers".split()


def is_held_out(a: int, b: int) -> bool:
    """Whether the pair is kept for evaluation: a tenth of all pairs, in either order and for both operations."""
    return zlib.crc32(f"{min(a, b)},{max(a, b)}".encode()) % 10 == 0


def answer(a: int, b: int, sign: str) -> str:
    """The one form of an answer: it repeats the problem, so that every phrasing becomes the same short sum."""
    return f"{a} {sign} {b} = {a + b if sign == '+' else a - b}."


def operand_pair(rng: random.Random) -> tuple[int, int]:
    """Two operands that are not held out; one-digit numbers appear more often than chance."""
    while True:
        roll = rng.random()
        a = rng.randint(0, 9 if roll < 0.18 else LARGEST)
        b = rng.randint(0, 9 if roll < 0.12 or 0.18 < roll < 0.24 else LARGEST)
        if not is_held_out(a, b):
            return a, b


def words(number: int) -> str:
    """An English number below one hundred."""
    if number < 20:
        return ONES[number]
    tens = TENS[number // 10 - 2]
    return tens if number % 10 == 0 else f"{tens}-{ONES[number % 10]}"


def problem(rng: random.Random) -> tuple[str, str]:
    """A question about one sum or difference, and its answer."""
    a, b = operand_pair(rng)
    sign = rng.choice("+-")
    question = rng.choice(ADDITIONS if sign == "+" else SUBTRACTIONS)
    if rng.random() < 0.15 and ("plus" in question or "minus" in question):
        question = question.format(a=words(a), b=words(b))
        question = question[0].upper() + question[1:]
    else:
        question = question.format(a=a, b=b)
    return careless(rng, question), answer(a, b, sign)


def problem_list(rng: random.Random) -> tuple[str, str]:
    """Several problems in one message, answered line by line."""
    questions, answers = [], []
    for _ in range(rng.randint(2, 5)):
        a, b = operand_pair(rng)
        sign = rng.choice("+-")
        questions.append(f"{a}{sign}{b}" if rng.random() < 0.5 else f"{a} {sign} {b}")
        answers.append(answer(a, b, sign))
    joined = rng.choice([", ", "\n", " and ", "; "]).join(questions)
    return expand(rng, "[|Compute |Compute these: |What is |Solve: |Please solve ]") + joined, "\n".join(
        answers
    )


def word_problem(rng: random.Random) -> tuple[str, str]:
    """A tiny story that asks for a sum or a difference."""
    a, b = operand_pair(rng)
    thing, name = rng.choice(THINGS), first_name(rng)
    if rng.random() < 0.5:
        event = expand(rng, "[gets {b} more|finds {b} more|buys {b} more|is given {b} more]")
        sign = "+"
    else:
        a, b = max(a, b), min(a, b)
        event = expand(rng, "[gives away {b}|loses {b}|sells {b}|breaks {b}]")
        sign = "-"
    question = f"{name} has {a} {thing} and {event.format(b=b)}. How many {thing} does {name} have?"
    result = a + b if sign == "+" else a - b
    return question, f"{answer(a, b, sign)} {name} has {result} {thing}."


def refusal(rng: random.Random) -> tuple[str, str]:
    """Arithmetic that the model is not meant to do, and an honest answer."""
    a, b = rng.randint(2, 99), rng.randint(2, 99)
    roll = rng.random()
    if roll < 0.5:
        sign = expand(rng, "[*| * | x | times | divided by |/| / | multiplied by ]")
        question = expand(rng, "[What is |How much is |Compute |]") + f"{a}{sign}{b}"
        reply = "I only learned to add and subtract; I cannot multiply or divide."
    elif roll < 0.8:
        a, b = rng.choice(
            [(rng.randint(100, 9999), b), (a, rng.randint(100, 9999)), (a * 37 + 100, b * 41 + 100)]
        )
        question = (
            expand(rng, "[What is |How much is |Compute |]")
            + f"{a} {rng.choice(['+', '-', 'plus', 'minus'])} {b}"
        )
        reply = "That is too large for me: I add and subtract numbers from 0 to 99."
    else:
        question = (
            expand(rng, "[What is |How much is |Compute |]")
            + f"{a} + {b} {rng.choice('+-')} {rng.randint(1, 99)}"
        )
        reply = "I can add or subtract two numbers at a time, not more."
    return careless(rng, question + rng.choice(["?", ".", ""])), reply


def one_exchange(rng: random.Random) -> tuple[str, str]:
    """A question and its answer, of any of the kinds above."""
    roll = rng.random()
    if roll < 0.86:
        return problem(rng)
    if roll < 0.92:
        return problem_list(rng)
    return word_problem(rng) if roll < 0.96 else refusal(rng)


def conversation(rng: random.Random) -> Conversation:
    """A chat about one problem, sometimes two or three in turn."""
    messages = []
    for _ in range(rng.choice([1, 1, 1, 1, 2, 3])):
        question, reply = one_exchange(rng)
        if messages and rng.random() < 0.3:
            question = (
                rng.choice(["And ", "And what about ", "Now ", "then "]) + question[0].lower() + question[1:]
            )
        messages += exchange(question, reply)
    return Conversation(messages)


def drill(rng: random.Random) -> str:
    """Bare sums, one a line: the same short form as in answers, far more of them in as many tokens."""
    lines = []
    for _ in range(rng.randint(1, 11)):
        a, b = operand_pair(rng)
        lines.append(answer(a, b, rng.choice("+-")))
    return "\n".join(lines)
