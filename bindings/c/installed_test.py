"""What an outside program finds where Hearth is installed: installed_test.py BUILD"""

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

    def test_the_library_shows_the_functions_of_its_header_and_nothing_else(self):
        header = re.sub(r"/\*.*?\*/", "", (self.prefix / "include/hearth.h").read_text(), flags=re.DOTALL)
        declared = set(re.findall(r"^\w[^;(]*\b(hearth_\w+)\(", header, flags=re.MULTILINE))
        self.assertIn("hearth_version", declared)
        shown = run("nm", "--dynamic", "--defined-only", "--format=just-symbols", self.library).split()
        self.assertEqual(sorted(shown), sorted(declared))

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
