"""hearth bundle, up to its files: tests/browser/bundle.test.ts visits them."""

import hashlib
import json
import os
import pathlib
import resource
import signal
import subprocess
import tarfile
import tempfile
import unittest

from program import PROGRAM, ROOT, hearth, hearth_json, main

SPARK = ROOT / "models/hearth-spark.gguf"
PLACE = "<!-- hearth: carried -->"


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Bundle(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.web = self.web_files()
        self.site = self.folder / "site"

    def web_files(self):
        """As tools/build_bundle.sh names them."""
        web = self.folder / "web"
        for name, text in {
            "service_worker.js": "keep();\n",
            "single.html": f"<!doctype html><body>{PLACE}<script>run()</script></body>",
            "hearth/start.js": "start();\n",
            "hearth/dist/index.js": "export {};\n",
            "page/index.html": "<!DOCTYPE html>\n<html><HEAD lang=en><title>Chat</title></head></html>",
            "single_workflow.html": f"<!doctype html><body>workflow {PLACE}</body>",
            "workflow_page/index.html": "<title>Workflow</title>",
            "icons/icon.svg": "<svg/>",
            "icons/icon-192.png": "192",
            "icons/icon-512.png": "512",
        }.items():
            path = web / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return web

    def bundle(self, *arguments):
        return hearth("bundle", *arguments, "--web", self.web)

    def refused(self, code, says, *arguments):
        before = contents(self.folder)
        ended = self.bundle(*arguments)
        self.assertEqual(ended.returncode, 1, ended.stderr)
        self.assertRegex(ended.stderr.decode(), f"^hearth: {code}: .*{says}")
        self.assertEqual(contents(self.folder), before)
        self.assertEqual([path for path in self.folder.iterdir() if path.name.startswith(".")], [])

    def test_a_folder_has_the_page_the_engine_and_the_model_with_their_hashes(self):
        wrote = hearth_json("bundle", "-o", self.site, "--chunk", "1MB", "--web", self.web, "--json")
        files = contents(self.site)
        self.assertEqual(wrote["name"], "Hearth Spark")
        self.assertEqual(wrote["chunks"], 3)
        self.assertEqual(wrote["bytes"], sum(map(len, files.values())))
        manifest = json.loads(files["model/manifest.json"])
        model = b"".join(files[f"model/{chunk['url']}"] for chunk in manifest["chunks"])
        self.assertEqual(model, SPARK.read_bytes())
        self.assertEqual(manifest["sha256"], hashlib.sha256(model).hexdigest())
        self.assertIn(manifest["sha256"][:16], manifest["chunks"][0]["url"])
        said = json.loads(files["bundle.json"])
        self.assertEqual((said["name"], said["version"]), (wrote["name"], wrote["version"]))
        self.assertEqual(said["model"]["sha256"], manifest["sha256"])
        told, rest = files["service_worker.js"].split(b";\n", 1)
        self.assertEqual(rest, b"keep();\n")
        kept = json.loads(told.removeprefix(b"self.bundle = "))
        self.assertEqual(kept["version"], said["version"])
        chunks = {f"model/{chunk['url']}" for chunk in manifest["chunks"]}
        self.assertEqual(set(kept["files"]), set(files) - chunks - {"service_worker.js"})
        for name, sha256 in kept["files"].items():
            self.assertEqual(hashlib.sha256(files[name]).hexdigest(), sha256)
        self.assertIn(b'<HEAD lang=en><link rel="manifest"', files["index.html"])
        self.assertIn(b'<script src="hearth/start.js"></script><title>', files["index.html"])
        self.assertEqual(json.loads(files["manifest.webmanifest"])["name"], "Hearth Spark")

    def test_the_same_gives_the_same_bytes_and_a_tar_file_has_those_of_the_folder(self):
        self.bundle("-o", self.site, "--tar", self.folder / "one.tar")
        self.bundle("--tar", self.folder / "two.tar")
        self.assertEqual((self.folder / "one.tar").read_bytes(), (self.folder / "two.tar").read_bytes())
        with tarfile.open(self.folder / "one.tar") as tar:
            packed = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}
            self.assertEqual(list(packed), sorted(packed))
            self.assertEqual({member.mtime for member in tar.getmembers()}, {0})
        self.assertEqual(packed, contents(self.site))
        self.assertEqual(
            sorted(path.name for path in self.folder.iterdir()), ["one.tar", "site", "two.tar", "web"]
        )

    def test_another_page_model_or_name_is_another_version(self):
        versions = []
        for options in ([], ["--name", "Mine"], ["--workflow", self.workflow()]):
            self.bundle("-o", self.site, "--force", *options)
            versions.append(json.loads((self.site / "bundle.json").read_bytes())["version"])
        self.assertEqual(len(set(versions)), 3)

    def workflow(self, called="deep/b.yaml"):
        folder = self.folder / "flow"
        (folder / "deep").mkdir(parents=True, exist_ok=True)
        (folder / "a.yaml").write_text(
            "name: Both\ninput_schema: {x: {type: int, default: 3}}\n"
            f"nodes: [{{name: n, subgraph: {called}, input: {{}}}}]\n"
        )
        (folder / "deep/b.yaml").write_text("nodes: [{name: m, uses: state.set, with: {y: 1}}]\n")
        return folder / "a.yaml"

    def test_a_workflow_comes_with_the_files_that_it_calls(self):
        path = self.workflow()
        ended = self.bundle("-o", self.site, "--workflow", path)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        files = contents(self.site)
        self.assertIn(b"<title>Workflow</title>", files["index.html"])
        self.assertEqual(files["workflow/a.yaml"], path.read_bytes())
        self.assertEqual(files["workflow/deep/b.yaml"], (path.parent / "deep/b.yaml").read_bytes())
        said = json.loads(files["bundle.json"])["workflow"]
        self.assertEqual((said["file"], said["name"]), ("workflow/a.yaml", "Both"))
        self.assertEqual(said["inputSchema"]["properties"]["x"]["default"], 3)
        page = self.folder / "page.html"
        self.bundle("--single", "-o", page, "--workflow", path)
        text = page.read_text()
        carried = json.loads(text.split('id="hearth-bundle">')[1].split("</script>")[0])["workflow"]
        self.assertEqual((carried["file"], set(carried["files"])), ("a.yaml", {"a.yaml", "deep/b.yaml"}))

    def test_a_workflow_that_does_not_run_is_not_carried(self):
        path = self.workflow("../outside.yaml")
        (self.folder / "outside.yaml").write_text("nodes: [{name: m, uses: state.set, with: {y: 1}}]\n")
        self.refused("INVALID_ARGUMENT", "not below its folder", "-o", self.site, "--workflow", path)
        path.write_text("nodes:\n  - {name: m, uses: no.such}\n")
        self.refused("INVALID_ARGUMENT", "a.yaml:2:.*no.such", "-o", self.site, "--workflow", path)

    def test_a_page_of_ones_own(self):
        page = self.folder / "page"
        (page / "deep").mkdir(parents=True)
        (page / ".git").mkdir()
        (page / ".git/HEAD").write_text("x")
        self.refused("INVALID_ARGUMENT", "no index.html", "-o", self.site, "--page", page)
        (page / "index.html").write_text('<link rel="manifest" href="m.json"><header>Hi</header>')
        (page / "deep/a b.txt").write_text("kept")
        self.bundle("-o", self.site, "--page", page)
        files = contents(self.site)
        self.assertTrue(files["index.html"].startswith(b'<script src="hearth/start.js"></script><link'))
        self.assertEqual(files["deep/a b.txt"], b"kept")
        self.assertNotIn(".git/HEAD", files)
        (page / "model").mkdir()
        (page / "model/x").write_text("")
        self.refused("INVALID_ARGUMENT", "another name", "-o", self.folder / "other", "--page", page)
        self.refused("INVALID_ARGUMENT", "must not lie in each other", "-o", page / "out", "--page", page)

    def test_replaces_only_bundles_and_only_when_told(self):
        self.bundle("-o", self.site)
        self.refused("INVALID_ARGUMENT", "--force", "-o", self.site)
        (self.site / "old").write_text("")
        self.assertEqual(self.bundle("-o", self.site, "--force").returncode, 0)
        self.assertNotIn("old", contents(self.site))
        mine = self.folder / "mine"
        mine.mkdir()
        (mine / "letter").write_text("")
        self.refused("INVALID_ARGUMENT", "it is no bundle", "-o", mine, "--force")
        model = self.site / "my.gguf"
        model.write_bytes(SPARK.read_bytes())
        self.refused("INVALID_ARGUMENT", "my.gguf, which is read", model, "-o", self.site, "--force")

    def test_a_failure_leaves_what_was_there(self):
        self.bundle("-o", self.site)
        broken = self.folder / "broken.gguf"
        broken.write_bytes(SPARK.read_bytes()[:100000])
        self.refused("INVALID_MODEL", "", broken, "-o", self.site, "--force")
        self.web = self.folder / "none"
        self.refused("NOT_FOUND", "build_bundle.sh", "-o", self.site, "--force")

    def test_no_room_is_io_with_the_place(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

        ended = hearth("bundle", "-o", self.site, "--web", self.web, preexec_fn=limit)
        self.assertEqual(ended.returncode, 1)
        self.assertRegex(ended.stderr.decode(), "^hearth: IO: .*site.*: cannot write")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["web"])

    def test_interrupted_it_leaves_nothing(self):
        large = self.folder / "large.gguf"
        large.write_bytes(SPARK.read_bytes())
        os.truncate(large, 1 << 30)
        process = subprocess.Popen(
            [PROGRAM, "bundle", large, "-o", self.site, "--chunk", "1MB", "--web", self.web],
            stderr=subprocess.DEVNULL,
        )
        while not list(self.folder.glob(".site.*/model/*.001")) and process.poll() is None:
            pass
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 130)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["large.gguf", "web"])

    def test_a_single_page_has_the_model_in_it(self):
        page = self.folder / "page.html"
        self.bundle("--single", "-o", page, "--name", "A </script> B")
        text = page.read_bytes().decode()
        self.assertNotIn("\0", text)
        _, after = text.split('class="hearth-model">', 1)
        model, after = after.split("</script>", 1)
        self.assertEqual(from_seven_bits(model), SPARK.read_bytes())
        said = json.loads(after.split(">", 1)[1].split("</script>", 1)[0])
        self.assertEqual(said["name"], "A </script> B")
        self.assertEqual(said["model"]["sha256"], hashlib.sha256(SPARK.read_bytes()).hexdigest())
        self.assertLess(page.stat().st_size, SPARK.stat().st_size * 1.2)
        self.refused("INVALID_ARGUMENT", "--force", "--single", "-o", page)

    def test_a_model_that_is_too_large_for_one_page_is_told_what_to_do(self):
        large = self.folder / "large.gguf"
        large.touch()
        os.truncate(large, 100_000_001)
        self.refused(
            "MODEL_TOO_LARGE", "101 MB.*leave out --single", large, "--single", "-o", self.folder / "p.html"
        )

    def test_what_does_not_go_together_is_wrong_usage(self):
        for options in (
            ["--single", "--tar", "x"],
            ["--single", "--page", "x"],
            ["--chunk", "0"],
            ["--workflow", "no"],
        ):
            self.assertEqual(self.bundle(*options).returncode, 2)


def from_seven_bits(text):
    """One whole number of all bits would take minutes: eight characters are seven bytes."""
    values = [(ord(character) & 127) ^ 64 for character in text]
    values += [0] * (-len(values) % 8)
    made = bytearray()
    for at in range(0, len(values), 8):
        number = 0
        for value in values[at : at + 8]:
            number = number << 7 | value
        made += number.to_bytes(7, "big")
    return bytes(made[: len(text) * 7 // 8])


if __name__ == "__main__":
    main()
