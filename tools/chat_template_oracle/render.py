#!/usr/bin/env python3
"""Renders templates with Python's Jinja, the way transformers sets it up.

    render.py DATA                     writes the table that reference_test.cpp compares with to stdout
    render.py DATA TEMPLATE CONTEXT    writes one rendered prompt, to see where ours differs
    render.py --cases FILE             writes what Python makes of the small templates in FILE into it

DATA is the shared testdata's folder chat-templates; FILE is engine/text/jinja/reference_cases.json, which takes
new templates without an "expected". Made with Jinja 3.1.6 and MarkupSafe 3.0.3; older ones differ in few places.
"""

import datetime
import json
import pathlib
import sys

import jinja2
import jinja2.ext
import jinja2.sandbox

CONTEXTS = ["simple", "system", "tool_use", "tool_use_objects"]
NOW = datetime.datetime(2024, 9, 3, 12, 0, 0)


class Raised(Exception):
    """The template called raise_exception."""


class Generation(jinja2.ext.Extension):
    """{% generation %}: a block that renders its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def raise_exception(message):
    raise Raised(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    # default=list: Hearth's filters give lists where Jinja's give generators.
    return json.dumps(
        value,
        ensure_ascii=ensure_ascii,
        indent=indent,
        separators=separators,
        sort_keys=sort_keys,
        default=list,
    )


def environment():
    # Not the immutable sandbox: some templates append to lists.
    made = jinja2.sandbox.SandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    made.filters.update(tojson=tojson, from_json=json.loads)
    made.globals.update(raise_exception=raise_exception, strftime_now=NOW.strftime)
    return made


def context(data, name):
    values = json.loads((data / "contexts" / (name.removesuffix("_objects") + ".json")).read_text())
    if name.endswith("_objects"):
        for message in values["messages"]:
            for call in message.get("tool_calls", []):
                call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return values


def fnv1a(data):
    digest = 0xCBF29CE484222325
    for byte in data:
        digest = (digest ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return digest


def render(data, template, name):
    return environment().from_string((data / "templates" / template).read_text()).render(context(data, name))


def verdict(data, template, name):
    try:
        rendered = render(data, template, name).encode()
    except Raised:
        return "raises\t-\t-"
    except Exception:  # whatever else Python refuses: a missing name, a string where a dict is due
        return "fails\t-\t-"
    return f"renders\t{len(rendered)}\t{fnv1a(rendered)}"


def write_cases(path):
    """Fills in "expected": the rendered text, or null where Python refuses the template. One case per line."""
    cases = json.loads(path.read_text())
    lines = []
    for case in cases["cases"]:
        variables = json.loads(json.dumps(cases["variables"]))  # a template may change them
        try:
            expected = environment().from_string(case["template"]).render(variables)
        except Exception:
            expected = None
        lines.append(
            "  " + json.dumps({"template": case["template"], "expected": expected}, ensure_ascii=False)
        )
    variables = json.dumps(cases["variables"], ensure_ascii=False)
    path.write_text('{"variables": %s,\n "cases": [\n%s\n]}\n' % (variables, ",\n".join(lines)))


def main():
    if sys.argv[1] == "--cases":
        write_cases(pathlib.Path(sys.argv[2]))
        return
    data = pathlib.Path(sys.argv[1])
    if len(sys.argv) == 4:
        sys.stdout.write(render(data, sys.argv[2], sys.argv[3]))
        return
    print("template\tcontext\tverdict\tbytes\tfnv1a")
    for template in sorted(path.name for path in (data / "templates").iterdir()):
        for name in CONTEXTS:
            print(f"{template}\t{name}\t{verdict(data, template, name)}")


if __name__ == "__main__":
    main()
