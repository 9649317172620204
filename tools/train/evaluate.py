"""Measure an exported model on what the corpus never showed it. Answers are greedy, from the weights as Q8_0 has them."""

import argparse
import json
import random
import re
from pathlib import Path

import torch
from chat_format import prompt
from corpus import Conversation, arithmetic, tool_calls
from evaluation_questions import HEARTH, SMALL_TALK, UNKNOWN, UNSEEN_CITIES
from generate import answers, load

PHRASINGS = {
    "+": ["What is {a}+{b}?", "{a} + {b}", "How much is {a} plus {b}"],
    "-": ["What is {a}-{b}?", "Compute {a} minus {b}.", "{a} - {b}"],
}
TOOL_SAMPLES = 300
SEED = 7


def chat(question: str, tools: list[dict] | None = None) -> str:
    """The prompt of one question."""
    return prompt(Conversation([{"role": "user", "content": question}], tools=tools or []))


def held_out_problems() -> list[tuple[int, int, str]]:
    """All problems over held-out pairs: both orders, both operations."""
    numbers = range(arithmetic.LARGEST + 1)
    return [(a, b, sign) for a in numbers for b in numbers if arithmetic.is_held_out(a, b) for sign in "+-"]


def shown_problems(count: int) -> list[tuple[int, int, str]]:
    """Some problems over pairs that the corpus may show, to compare."""
    rng = random.Random(SEED)
    return [(*arithmetic.operand_pair(rng), rng.choice("+-")) for _ in range(count)]


def report(name: str, passed: list[bool], failures: list[str], show: int) -> None:
    """Print a share and some of what failed."""
    print(f"{name}: {sum(passed)} of {len(passed)} = {100 * sum(passed) / len(passed):.1f} %", flush=True)
    for failure in failures[:show]:
        print(f"    {failure}")


def check_sums(name: str, ask, problems: list, show: int) -> None:
    """Every problem in one phrasing; right means that the answer ends with the right number."""
    phrased = []
    for index, (a, b, sign) in enumerate(problems):
        forms = PHRASINGS[sign]
        phrased.append(forms[index // 2 % len(forms)].format(a=a, b=b))
    replies = ask([chat(question) for question in phrased])
    passed, failures = [], []
    for (a, b, sign), question, reply in zip(problems, phrased, replies):
        passed.append(bool(re.search(rf"= {a + b if sign == '+' else a - b}\.$", reply)))
        if not passed[-1]:
            failures.append(f"{question} -> {reply}")
    report(name, passed, failures, show)


def check_tools(name: str, ask, replaced_cities: list[str] | None, show: int) -> None:
    """Requests with tools at hand; right means exactly the one expected call."""
    rng = random.Random(SEED)
    prompts, expected, requests = [], [], []
    while len(prompts) < TOOL_SAMPLES:
        chosen = rng.sample(tool_calls.TOOLS, 3)
        if replaced_cities:
            chosen = [tool_calls.TOOLS[rng.randint(0, 1)], *rng.sample(tool_calls.TOOLS[2:], 2)]
        offered = [tool_calls.offer(rng, tool) for tool in chosen]
        request, call, values = tool_calls.request_and_call(rng, chosen[0], offered[0])
        if replaced_cities:
            city = rng.choice(replaced_cities)
            request = request.replace(values[0], city)
            call["arguments"] = {key: city for key in call["arguments"]}
        order = rng.sample(offered, len(offered))
        prompts.append(chat(request, order))
        expected.append(call)
        requests.append(request)
    passed, failures = [], []
    for request, call, reply in zip(requests, expected, ask(prompts)):
        found = re.fullmatch(r"<tool_call>(.*)</tool_call>", reply, re.DOTALL)
        try:
            passed.append(bool(found) and json.loads(found[1]) == call)
        except json.JSONDecodeError:
            passed.append(False)
        if not passed[-1]:
            failures.append(f"{request} -> {reply}")
    report(name, passed, failures, show)


def check_questions(name: str, ask, questions: list[tuple[str, str]], show: int) -> None:
    """Questions worded as the corpus never words them; right means that the answer matches the pattern."""
    replies = ask([chat(question) for question, _ in questions])
    passed = [bool(re.search(pattern, reply)) for (_, pattern), reply in zip(questions, replies)]
    failures = [
        f"{question} -> {reply}" for (question, _), reply, ok in zip(questions, replies, passed) if not ok
    ]
    report(name, passed, failures, show)


def check_stories(name: str, ask, show: int) -> None:
    """Requests for stories; right means 80 to 150 words about the hero asked for, ending with a full stop."""
    heroes = [
        ("fox", "Mia"),
        ("robot", "Otto"),
        ("bear", "Lena"),
        ("girl", "Paula"),
        ("dragon", "Fred"),
        ("mouse", "Tilly"),
    ]
    requests = [f"Tell me a short story about a {kind} named {name}." for kind, name in heroes]
    passed, failures = [], []
    for (kind, hero), reply in zip(heroes, ask([chat(request) for request in requests])):
        words = len(reply.split())
        passed.append(
            80 <= words <= 150 and f"{kind} named {hero}" in reply and reply.rstrip('"').endswith(".")
        )
        if not passed[-1]:
            failures.append(f"{kind} {hero}: {words} words: {reply}")
    report(name, passed, failures, show)


def main() -> None:
    """Run every check on one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", default=Path("models/hearth-spark.gguf"))
    parser.add_argument("--show", type=int, default=5, help="failures to print for each check")
    parser.add_argument(
        "--every", type=int, default=1, help="only every n-th held-out problem, for a quick look"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    model, tokenizer = load(options.model)

    def ask(prompts: list[str]) -> list[str]:
        return answers(model, tokenizer, prompts)

    check_sums(
        "sums and differences, held-out pairs", ask, held_out_problems()[:: options.every], options.show
    )
    check_sums("sums and differences, shown pairs", ask, shown_problems(400 // options.every), options.show)
    check_tools("tool calls", ask, None, options.show)
    check_tools("tool calls with unseen cities", ask, UNSEEN_CITIES, options.show)
    check_questions("questions about Hearth", ask, HEARTH, options.show)
    check_questions("small talk", ask, SMALL_TALK, options.show)
    check_questions("questions out of reach", ask, UNKNOWN, options.show)
    check_stories("stories", ask, options.show)


if __name__ == "__main__":
    main()
