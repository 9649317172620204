"""Requests that a given tool answers, the call in JSON, and sometimes the tool's result put into words."""

import json
import random

from . import arithmetic, hearth_facts, small_talk
from .common import Conversation, city, exchange, expand, first_name, invented_name

WORDS = (
    "apple garden window river mountain music paper winter summer coffee bread table flower forest bridge"
    " island candle mirror pocket silver orange purple engine rocket planet pencil basket button camera"
    " castle dragon feather guitar hammer jacket kitchen ladder market needle ocean parrot quilt ribbon"
    " saddle tunnel umbrella violin wagon yellow zebra"
).split()
ROOMS = ["kitchen", "bedroom", "bathroom", "living room", "hall", "garden", "garage", "office", "cellar"]
LANGUAGES = [
    "French",
    "German",
    "Spanish",
    "Italian",
    "Chinese",
    "Japanese",
    "Arabic",
    "Hindi",
    "Portuguese",
    "Dutch",
    "Polish",
]
CURRENCIES = ["USD", "EUR", "GBP", "JPY", "CHF", "INR", "CAD", "AUD"]


def phrase(rng: random.Random) -> str:
    """A few words to search, to say or to remember."""
    return " ".join(
        rng.choice(WORDS) if rng.random() < 0.8 else invented_name(rng).lower()
        for _ in range(rng.randint(1, 4))
    )


def expression(rng: random.Random) -> str:
    """A calculation of any size."""
    first, second = rng.randint(0, 10 ** rng.randint(1, 4)), rng.randint(1, 10 ** rng.randint(1, 3))
    text = f"{first} {rng.choice('+-*/')} {second}"
    return f"{text} {rng.choice('+-*/')} {rng.randint(1, 99)}" if rng.random() < 0.2 else text


VALUES = {
    "city": city,
    "name": first_name,
    "phrase": phrase,
    "expression": expression,
    "word": lambda rng: rng.choice(WORDS) if rng.random() < 0.6 else invented_name(rng).lower(),
    "room": lambda rng: rng.choice(ROOMS),
    "language": lambda rng: rng.choice(LANGUAGES),
    "count": lambda rng: rng.randint(1, 90),
    "percent": lambda rng: rng.randint(0, 100),
    "currency": lambda rng: rng.choice(CURRENCIES),
    "file": lambda rng: (
        f"{rng.choice(WORDS)}{rng.choice(['', str(rng.randint(1, 99))])}.{rng.choice(['txt', 'md', 'json', 'csv'])}"
    ),
}

# Names a caller may give the tool; what it says about itself; arguments as (names, type, kind of value); requests,
# where {0} is the first argument; and, for some, a result and the sentence it becomes.
TOOLS = [
    {
        "names": "get_weather|weather|current_weather|get_current_weather|weather_lookup|fetch_weather",
        "about": "[Get|Look up|Returns|Find] the [current |]weather [in|of|for] a [city|place|town].",
        "arguments": [("city|location|place|city|city", "string", "city")],
        "requests": (
            "[What is|What's|How is|Tell me|Show me|Check|Get|I need] the weather [|like ]in {0}[| today|"
            " now| right now|, please]?;How is the weather in {0}?;Is it"
            " [raining|sunny|cold|warm|hot|windy|snowing] in {0}[| today]?;Weather in {0};{0} weather;Do I"
            " need [an umbrella|a coat] in {0}?;[What|How hot] is [the temperature|it] in {0}?"
        ),
        "result": ('{"temperature": %d, "sky": "%s"}', "It is %d degrees and %s in {0}."),
    },
    {
        "names": "get_time|time|current_time|get_current_time|clock|world_clock",
        "about": "[Get|Look up|Returns|Tell] the [current |local |]time in a [city|place|town].",
        "arguments": [("city|place|location|city|city", "string", "city")],
        "requests": (
            "What time is it in {0}[| now| right now]?;[What is|What's|Tell me|Get|Check] the [local |current"
            " |]time in {0}[|, please]?;Time in {0};How late is it in {0}?;Do you know what time it is in"
            " {0}?"
        ),
        "result": ('{"time": "%02d:%02d"}', "It is %02d:%02d in {0}."),
    },
    {
        "names": "calculator|calculate|math|evaluate|compute",
        "about": (
            "[Evaluate|Compute|Calculate|Work out] [an expression|a calculation|a formula|an arithmetic"
            " expression]."
        ),
        "arguments": [("expression|formula|expression|expression", "string", "expression")],
        "requests": (
            "[What is|What's|Compute|Calculate|How much is|Work out|Please compute|Evaluate]"
            " {0}[?|.|];{0};Use the calculator for {0};Can you calculate {0}?"
        ),
        "result": ('{"result": %d}', "The result is %d."),
    },
    {
        "names": "search|web_search|search_web|find|lookup",
        "about": "[Search|Look in] [the web|the internet|the documents|the notes] [for|by] [a query|words].",
        "arguments": [("query|text|q|query", "string", "phrase")],
        "requests": (
            "[Search|Look|Please search] [|the web ]for {0}[|, please|.];[Find|Look up|Google] {0}[|,"
            " please|.];Can you search for {0}?;Find [something|pages] about {0}."
        ),
    },
    {
        "names": "set_timer|timer|start_timer|create_timer",
        "about": "[Set|Start] a timer [|for some minutes].",
        "arguments": [("minutes|duration|minutes", "integer", "count")],
        "requests": (
            "[Set|Start|Please set|Can you set] a timer for {0} minutes[|, please|.];Wake me in {0}"
            " minutes.;Timer, {0} minutes;[Remind|Call] me in {0} minutes.;{0} minute timer"
        ),
    },
    {
        "names": "translate|translate_text|translator",
        "about": "Translate [a text|words] [into|to] [a|another] language.",
        "arguments": [
            ("text|words|text", "string", "phrase"),
            ("language|to|target|language", "string", "language"),
        ],
        "requests": (
            "Translate {0} [into|to] {1}[|, please|.];How do you say {0} in {1}?;What is {0} in {1}?;Say {0}"
            " in {1}."
        ),
    },
    {
        "names": "send_message|message|send_text|send_note",
        "about": "Send [a message|a text|a note] to [someone|a person|a contact].",
        "arguments": [
            ("to|recipient|name|to", "string", "name"),
            ("text|message|body|text", "string", "phrase"),
        ],
        "requests": (
            "[Send|Write] {0} [the message|a message saying|a note saying] {1}.;Tell {0}: {1};[Text|Message]"
            " {0} {1};Send {0} this: {1}"
        ),
    },
    {
        "names": "turn_on_light|light_on|switch_on_light|lights",
        "about": "[Turn|Switch] on the light in a room.",
        "arguments": [("room|place|room", "string", "room")],
        "requests": (
            "[Turn|Switch|Please turn] on the light[|s] in the {0}[|, please|.];Lights on in the {0};[It is"
            " dark|It's too dark] in the {0}.;{0} light on;Turn the {0} light on."
        ),
    },
    {
        "names": "set_volume|volume|change_volume",
        "about": "Set the [volume|loudness] [|in percent].",
        "arguments": [("percent|level|volume|level", "integer", "percent")],
        "requests": (
            "[Set|Change|Turn|Please set] the volume to {0}[| percent| %][|, please|.];Volume {0};[Make"
            " it|Put it at] {0} percent loud."
        ),
    },
    {
        "names": "define|define_word|dictionary|lookup_word",
        "about": "[Look up|Give|Find] the [meaning|definition] of a word.",
        "arguments": [("word|term|word", "string", "word")],
        "requests": (
            "[Define|Please define|Look up the word] {0}[|.];What does {0} mean?;What is the"
            " [meaning|definition] of {0}?;Meaning of {0}"
        ),
    },
    {
        "names": "read_file|open_file|load_file|cat",
        "about": "[Read|Open|Show] a file.",
        "arguments": [("path|file|filename|path", "string", "file")],
        "requests": (
            "[Read|Open|Show me|Show|Print|Please open] [|the file ]{0}[|, please];What is in"
            " {0}?;[Can|Could] you [read|open] {0}?"
        ),
    },
    {
        "names": "play_music|play|play_song|music",
        "about": "Play [a song|music|a tune].",
        "arguments": [("song|title|query|song", "string", "phrase")],
        "requests": (
            "Play [|the song |me ]{0}[|, please|.];[I want to hear|Put on|Start] {0}[|.];Can you play {0}?"
        ),
    },
    {
        "names": "convert_currency|exchange|convert|currency",
        "about": "Convert [an amount|money] [from one currency to another|between currencies].",
        "arguments": [
            ("amount|value|amount", "integer", "count"),
            ("from|source|from", "string", "currency"),
            ("to|target|to", "string", "currency"),
        ],
        "requests": (
            "[Convert|Change|Exchange] {0} {1} [to|into|in] {2}[|, please|.];How much is {0} {1} in {2}?;What"
            " are {0} {1} in {2}?;{0} {1} to {2}"
        ),
    },
    {
        "names": "get_user|find_contact|get_contact|find_person",
        "about": "[Find|Look up|Get] [a contact|a person|a user] by name.",
        "arguments": [("name|person|user|name", "string", "name")],
        "requests": (
            "[Find|Look up|Get|Show] [|the contact |the user ]{0}[|.];What is the [number|address|email] of"
            " {0}?;Do I have {0} in my contacts?;How can I reach {0}?"
        ),
    },
]


def offer(rng: random.Random, tool: dict) -> dict:
    """The tool as a caller may define it: a name, a description and argument names, each one of several."""
    names = [rng.choice(names.split("|")) for names, _, _ in tool["arguments"]]
    properties = {name: {"type": kind} for name, (_, kind, _) in zip(names, tool["arguments"])}
    description = expand(rng, tool["about"])
    function = {
        "name": rng.choice(tool["names"].split("|")),
        "description": description if rng.random() < 0.7 else description.rstrip("."),
        "parameters": {"type": "object", "properties": properties, "required": names},
    }
    return {"type": "function", "function": function}


def call_text(function: dict) -> str:
    """A call as the chat template writes it."""
    return f"<tool_call>{json.dumps(function, ensure_ascii=False)}</tool_call>"


def request_and_call(rng: random.Random, tool: dict, offered: dict) -> tuple[str, dict, list]:
    """A request for the tool, the call that answers it, and the values of its arguments."""
    values = [VALUES[kind](rng) for _, _, kind in tool["arguments"]]
    request = expand(rng, rng.choice(tool["requests"].split(";")))
    if rng.random() < 0.12:
        request = request.lower()
        values = [value.lower() if isinstance(value, str) else value for value in values]
    request = request.format(*values)
    request = request[0].upper() + request[1:] if rng.random() < 0.5 else request
    if rng.random() < 0.15:
        request = rng.choice(["Please ", "Hey, ", "Hi! ", "Can you help? ", "OK, "]) + request
    if rng.random() < 0.15:
        request = request.rstrip(".?")
    names = list(offered["function"]["parameters"]["properties"])
    return request, {"name": offered["function"]["name"], "arguments": dict(zip(names, values))}, values


def result_exchange(rng: random.Random, tool: dict, values: list) -> list[dict]:
    """What the tool returned, and the sentence that tells the user."""
    result, sentence = tool["result"]
    slots = {
        "temperature": (rng.randint(-20, 40), rng.choice("sunny cloudy rainy windy foggy snowy".split()))
    }
    slots["time"] = (rng.randint(0, 23), rng.randint(0, 59))
    slots["result"] = (rng.randint(0, 9999),)
    filled = next(value for key, value in slots.items() if f'"{key}"' in result)
    return [
        {"role": "tool", "content": result % filled},
        {"role": "assistant", "content": sentence.format(*values) % filled},
    ]


def missing_tool(rng: random.Random, chosen: list[dict]) -> tuple[str, str] | None:
    """A request for a tool that is not at hand, and the honest answer; None where another tool might do."""
    general = ("search", "define", "translate", "calculator", "get_user")
    absent = [tool for tool in TOOLS if tool not in chosen and not tool["names"].startswith(general)]
    if any(tool["names"].startswith(("search", "define", "get_user")) for tool in chosen):
        return None
    tool = rng.choice(absent)
    return request_and_call(rng, tool, offer(rng, tool))[0], "I was given no tool for that."


def conversation(rng: random.Random) -> Conversation:
    """A request with tools at hand: mostly one call, sometimes a question that needs none."""
    chosen = rng.sample(TOOLS, rng.choice([1, 2, 2, 3, 3, 4]))
    offered = [offer(rng, tool) for tool in chosen]
    has_calculator = any(tool["names"].startswith("calculator") for tool in chosen)
    roll = rng.random()
    missing = missing_tool(rng, chosen) if roll < 0.06 else None
    if missing:
        messages = exchange(*missing)
    elif roll < 0.2:
        source = rng.choice(
            [small_talk, hearth_facts] if has_calculator else [small_talk, hearth_facts, arithmetic]
        )
        messages = exchange(*arithmetic.problem(rng)) if source is arithmetic else source.one_exchange(rng)
    else:
        messages = small_talk.one_exchange(rng) if rng.random() < 0.08 else []
        for _ in range(rng.choice([1, 1, 1, 1, 2])):
            place = rng.randrange(len(chosen))
            request, call, values = request_and_call(rng, chosen[place], offered[place])
            messages += exchange(request, call_text(call))
            if "result" in chosen[place] and rng.random() < 0.4:
                messages += result_exchange(rng, chosen[place], values)
    return Conversation(messages, tools=offered)
