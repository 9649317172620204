#!/usr/bin/env python3
"""Checks that each C++ file includes what it uses of the project and of the standard library, itself or by what it
includes: builds compile a folder's sources together (HEARTH_UNITY), which hides that one leans on its neighbour.

Usage: tools/check_includes.py

It reads names, not the language, so that it takes seconds where a compiler takes ten minutes: what the headers of
the project declare in namespaces, and what is used most of the standard library, is looked for in all files. A name
that stands in what a file includes, or that it gives to something itself, is taken for that one: so a fault may be
missed, and seldom is something reported that is none.
"""

import functools
import re
import subprocess
import sys
from pathlib import Path

# What is used most of the standard library, and the headers that promise it.
STANDARD = {
    "algorithm": "all_of any_of copy copy_n count_if equal fill fill_n find_if lower_bound max_element none_of"
    " partial_sort remove_if replace reverse rotate sort stable_sort transform unique upper_bound",
    "array": "array",
    "atomic": "atomic",
    "bit": "bit_cast bit_ceil bit_width countr_zero countl_zero popcount",
    "charconv": "from_chars to_chars",
    "chrono": "chrono",
    "cmath": "abs ceil cos exp fabs floor fma isfinite isnan log lround pow round sin sqrt tanh",
    "condition_variable": "condition_variable",
    "cstring": "memcmp memcpy memset strlen",
    "deque": "deque",
    "filesystem": "filesystem",
    "fstream": "fstream ifstream ofstream",
    "functional": "function greater less",
    "iterator": "back_inserter distance istreambuf_iterator next prev",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "make_shared make_unique shared_ptr unique_ptr weak_ptr",
    "mutex": "lock_guard mutex once_flag scoped_lock unique_lock",
    "new": "align_val_t bad_alloc nothrow",
    "numbers": "numbers",
    "numeric": "accumulate inner_product iota reduce",
    "optional": "nullopt optional",
    "random": "mt19937 mt19937_64 random_device uniform_int_distribution",
    "set": "set multiset",
    "span": "span",
    "sstream": "istringstream ostringstream stringstream",
    "string": "getline stof stoi string stoull to_string",
    "string_view": "string_view",
    "thread": "jthread this_thread thread",
    "tuple": "tie tuple",
    "unordered_map": "unordered_map",
    "unordered_set": "unordered_set",
    "variant": "get_if holds_alternative monostate variant visit",
    "vector": "vector",
}
# Headers that promise what others have.
ALSO = {
    "string": ["string_view"],
    "map": ["tuple"],
    "nlohmann/json.hpp": [
        "string",
        "vector",
        "map",
        "string_view",
        "optional",
        "functional",
        "memory",
        "iterator",
    ],
}


# Parts that only what includes them makes whole.
PARTS = re.compile(r"-inl\.h$|^engine/compute/cuda/language/")

# What headers declare; clang-format puts what stands in a namespace at the beginning of the line. Functions of one word
# are left out: their names are anybody's.
DECLARATIONS = [
    re.compile(
        r"^(?:template <[^;{]*> ?)?(?:struct|class|enum class|union) (?:alignas\(\d+\) )?(\w+)[ :{]",
        re.MULTILINE,
    ),
    re.compile(r"^using (\w+) =", re.MULTILINE),
    re.compile(
        r"^(?:template <[^;{]*>\s)?[\w:<>,&*\[\]][\w:<>,&*\[\] ]*[ &*](\w+_\w+)\([^;{]*[;{]", re.MULTILINE
    ),
    re.compile(r"^(?:inline |static )*constexpr [\w:<>, ]+ (k[A-Z]\w*)", re.MULTILINE),
    re.compile(r"^ *# *define (HEARTH_\w+)", re.MULTILINE),
]
# How a file uses a function, or something else; a type before it would make it a declaration, and a dot or colons
# someone else's.
CALL = r"(?:^\s+|[=(,!{|;+<-] *|[?:] |\b(?:return|co_await|co_return|throw|else) )NAME\("
USE = r"(?<![.>:\w])NAME\b"
# How it gives the name to something itself: a type, a test, an enumerator, a function.
OWN = (
    r"\b(?:struct|class|enum|using|typename|union|concept|auto) NAME\b|#define NAME\b|^ +NAME,$|"
    r"(?:TEST|TEST_F|TEST_P|SUITE_P)\(NAME,|(?<!return)(?<!else)(?<!throw)[\w>&*\]] [&*]*NAME\("
)


@functools.cache
def code_of(name):
    """A file's text without comments, strings, JavaScript and what it includes."""
    text = Path(name).read_text(encoding="utf-8")
    text = re.sub(r"^EM_\w*JS\(.*?\}\);", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r'R"(\w*)\(.*?\)\1"', '""', text, flags=re.DOTALL)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|//[^\n]*|/\*.*?\*/', '""', text, flags=re.DOTALL)
    return re.sub(r"^ *# *include.*", "", text, flags=re.MULTILINE)


@functools.cache
def words_of(name):
    return frozenset(re.findall(r"\w+", code_of(name)))


@functools.cache
def includes(name):
    """A file of ours and what it includes, directly or not; of a file of others what it promises."""
    if name == "hearth.h":  # as those know it who use it
        return includes("engine/hearth.h")
    if not Path(name).is_file():
        return frozenset([name, *ALSO.get(name, ())])
    named = re.findall(
        r'^ *# *include ["<]([^">]+)[">]', Path(name).read_text(encoding="utf-8"), re.MULTILINE
    )
    return frozenset([name]).union(*(includes(each) for each in named if each != name))


def owners_of_names(headers):
    """The names of the project, and the headers that declare each."""
    owners = {}
    for header in headers:
        for declaration in DECLARATIONS:
            for name in declaration.findall(code_of(header)):
                owners.setdefault(name, set()).add(header)
    return owners


def missing_of_ours(file, owners):
    others = [each for each in includes(file) if each != file and Path(each).is_file()]
    known = frozenset().union(*map(words_of, others))
    for name in sorted(words_of(file) & owners.keys() - known):
        use = (CALL if name[0].islower() else USE).replace("NAME", name)
        is_used = re.search(use, code_of(file), re.MULTILINE)
        is_own = file in owners[name] or re.search(OWN.replace("NAME", name), code_of(file), re.MULTILINE)
        if is_used and not is_own:
            yield f"{file} uses {name}, and does not include {' or '.join(sorted(owners[name]))}"


def missing_of_the_standard(file):
    for header, names in STANDARD.items():
        used = re.search(rf"\bstd::({names.replace(' ', '|')})\b", code_of(file))
        if used and header not in includes(file):
            yield f"{file} uses std::{used[1]}, and does not include <{header}>"


def main():
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.cpp", "*.h"]
    names = subprocess.run(listed, capture_output=True, check=True, text=True).stdout.split()
    files = sorted(name for name in names if Path(name).is_file() and not PARTS.search(name))
    owners = owners_of_names([file for file in files if file.endswith(".h")])
    faults = [
        fault for file in files for fault in (*missing_of_ours(file, owners), *missing_of_the_standard(file))
    ]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
