"""What an outside program finds where Hearth is installed: installed_test.py BUILD"""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = Path(sys.argv.pop(1)).resolve()
ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/hearth-spark.gguf"
CHAT = '{"messages": [{"role": "user", "content": "What is 37 + 48?"}]}'
CMAKE = os.environ.get("CMAKE", "cmake")


WORKFLOW_PROGRAM = r"""
#include <hearth_workflow.h>
#include <stdio.h>
#include <string.h>

static const char* events =
    "[[\"{\",1,1,\"\",\"\"],[\"=\",1,1,\"nodes\",\"plain\",\"\",\"\"],[\"[\",1,8,\"\",\"\"],"
    "[\"{\",1,9,\"\",\"\"],[\"=\",1,9,\"name\",\"plain\",\"\",\"\"],[\"=\",1,15,\"a\",\"plain\",\"\",\"\"],"
    "[\"}\"],[\"]\"],[\"}\"]]";

int main(void) {
  hearth_workflow* workflow = NULL;
  hearth_workflow_run* run = NULL;
  hearth_text told = {0};
  if (hearth_workflow_create("a.yaml", NULL, &workflow) != HEARTH_OK) return 1;
  if (hearth_workflow_add(workflow, events, strlen(events)) != HEARTH_OK) return 2;
  if (hearth_workflow_start(workflow, "{\"n\": 1}", 8, &run) != HEARTH_OK) return 3;
  if (hearth_workflow_run_advance(run, 0, &told) != HEARTH_OK) return 4;
  puts(told.data);
  hearth_text_free(&told);
  hearth_workflow_run_free(run);
  hearth_workflow_free(workflow);
  return 0;
}
"""


def run(*command, **environment) -> str:
    """What it prints; a command that fails fails the test, with all that it said."""
    ended = subprocess.run(
        [str(word) for word in command],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    )
    if ended.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {ended.returncode}:\n{ended.stdout}")
    return ended.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.work = Path(cls.folder.name)
        # Moved after it was installed: nothing in it may know where it was.
        run(CMAKE, "--install", BUILD, "--prefix", cls.work / "first")
        cls.prefix = (cls.work / "first").rename(cls.work / "prefix")
        (cls.library,) = cls.prefix.rglob("libhearth.so")
        cls.pkgconfig = {"PKG_CONFIG_PATH": str(cls.library.parent / "pkgconfig")}

    def test_the_library_shows_the_functions_of_its_headers_and_nothing_else(self):
        headers = "".join(path.read_text() for path in (self.prefix / "include").iterdir())
        code = re.sub(r"/\*.*?\*/", "", headers, flags=re.DOTALL)
        declared = set(re.findall(r"^\w[^;(]*\b(hearth_\w+)\(", code, flags=re.MULTILINE))
        self.assertLessEqual({"hearth_version", "hearth_workflow_create"}, declared)
        shown = run("nm", "--dynamic", "--defined-only", "--format=just-symbols", self.library).split()
        self.assertEqual(sorted(shown), sorted(declared))

    def test_a_c_program_runs_a_workflow(self):
        source = self.work / "workflow.c"
        source.write_text(WORKFLOW_PROGRAM)
        flags = run("pkg-config", "--cflags", "--libs", "hearth", **self.pkgconfig).split()
        program = self.work / "workflow"
        compiler = os.environ.get("CC", "cc")
        run(compiler, source, "-std=c99", "-pedantic", "-Wall", "-Werror", "-o", program, *flags)
        told = json.loads(run(program, LD_LIBRARY_PATH=str(self.library.parent)))
        self.assertEqual(told["events"][-1]["state"], {"n": 1})

    def test_the_library_asks_for_the_interfaces_version_and_only_for_what_every_system_has(self):
        dynamic = run("readelf", "--dynamic", self.library)
        version = re.search(r"HEARTH_ABI_VERSION (\d+)", (self.prefix / "include/hearth.h").read_text())[1]
        self.assertIn(f"Library soname: [libhearth.so.{version}]", dynamic)
        needed = re.findall(r"\(NEEDED\).*\[(.*?)\.so", dynamic)
        self.assertLessEqual(
            set(needed), {"libc", "libm", "libstdc++", "ld-linux-x86-64", "ld-linux-aarch64"}
        )

    def test_a_c_program_is_built_with_what_pkg_config_says_and_gets_an_answer(self):
        flags = run("pkg-config", "--cflags", "--libs", "hearth", **self.pkgconfig).split()
        program = self.work / "ask_c"
        run(os.environ.get("CC", "cc"), ROOT / "examples/c/ask.c", "-Wall", "-Werror", "-o", program, *flags)
        answer = run(program, MODEL, CHAT, LD_LIBRARY_PATH=str(self.library.parent))
        self.assertEqual(answer, "37 + 48 = 85.\n")

    def test_a_cpp_program_is_built_with_the_package_of_cmake_and_gets_an_answer(self):
        build = self.work / "ask_cpp"
        run(
            CMAKE,
            "-S",
            ROOT / "examples/cpp",
            "-B",
            build,
            "-G",
            "Ninja",
            f"-DCMAKE_PREFIX_PATH={self.prefix}",
        )
        run(CMAKE, "--build", build)
        self.assertEqual(run(build / "ask", MODEL, CHAT), "37 + 48 = 85.\n")

    def test_both_find_the_same_version(self):
        (config,) = self.prefix.rglob("HearthConfigVersion.cmake")
        version = re.search(r'PACKAGE_VERSION "(.*?)"', config.read_text())[1]
        self.assertEqual(run("pkg-config", "--modversion", "hearth", **self.pkgconfig).strip(), version)


if __name__ == "__main__":
    unittest.main()
