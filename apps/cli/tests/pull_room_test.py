"""hearth pull where there is no room: what was there stays, and what has come is no model and goes on later."""

import os
import pathlib
import resource

from model_server import MODEL, Answer, PullTest, gguf
from program import hearth, main

LIMIT = 300_000
NEWER = gguf(filler=b"\x02")


def limit_files():
    """From here on the process can write files up to LIMIT, as after `ulimit -f`."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


class NoRoom(PullTest):
    def setUp(self):
        super().setUp()
        self.server.repository("me/mine", {"a.gguf": MODEL})

    def test_a_file_that_the_disk_cannot_hold_is_not_begun(self):
        self.server["/m.gguf"] = Answer(length=2**60)
        self.assert_refused(hearth("pull", self.url("/m.gguf")), "CACHE_QUOTA", str(2**60), "'hearth rm'")
        self.assertEqual(self.files(), [])

    def test_what_finds_no_more_room_goes_on_later(self):
        done = hearth("pull", "hf:me/mine", preexec_fn=limit_files)
        self.assert_refused(done, "CACHE_QUOTA", "a.gguf.partial", "'hearth rm --unfinished'")
        self.assertEqual(self.listed(), [])
        self.assertEqual(self.files(), ["a.gguf.partial", "a.gguf.partial.tag"])
        self.assertEqual(pathlib.Path(self.pull("hf:me/mine")["path"]).read_bytes(), MODEL)
        self.assertEqual(self.server.asked[-1][1]["Range"], f"bytes={LIMIT}-")
        self.assertEqual(self.files(), ["a.gguf", "a.gguf.entry"])

    def test_what_was_there_stays_where_a_newer_one_has_no_room(self):
        old = self.pull("hf:me/mine")
        self.server.repository("me/mine", {"a.gguf": NEWER})
        done = hearth("pull", "hf:me/mine", preexec_fn=limit_files)
        self.assert_refused(done, "CACHE_QUOTA", "a.gguf.partial")
        self.assertEqual(pathlib.Path(old["path"]).read_bytes(), MODEL)
        self.assertEqual([model["sha256"] for model in self.listed()], [old["sha256"]])
        hearth("rm", "--unfinished")
        self.assertEqual(self.files(), ["a.gguf", "a.gguf.entry"])

    def test_a_disk_that_is_full_is_said(self):
        old = pathlib.Path(self.pull("hf:me/mine")["path"])
        self.server.repository("me/mine", {"a.gguf": NEWER})
        os.symlink("/dev/full", f"{old}.partial")
        self.assert_refused(hearth("pull", "hf:me/mine"), "CACHE_QUOTA", "the disk is full")
        self.assertEqual(old.read_bytes(), MODEL)


if __name__ == "__main__":
    main()
