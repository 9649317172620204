"""Files that commands write: what they may replace, and what is left where writing ends early."""

import os
import pathlib
import resource
import shutil
import signal
import stat
import struct
import subprocess
import tempfile
import threading
import unittest

from program import PROGRAM, STORIES, hearth, main, needs_testdata


def part_of_a_split_model(number):
    """The first or second part of a model with one tensor, which is in the second."""

    def text(value):
        return struct.pack("<Q", len(value)) + value

    keys = [b"split.no", b"split.count", b"split.tensors.count"]
    values = [text(key) + struct.pack("<II", 4, value) for key, value in zip(keys, [number, 2, 1])]
    values.append(text(b"general.architecture") + struct.pack("<I", 8) + text(b"llama"))
    tensor = text(b"output_norm.weight") + struct.pack("<IQIQ", 1, 32, 0, 0)
    header = b"GGUF" + struct.pack("<IQQ", 3, number, len(values)) + b"".join(values) + tensor * number
    return header + bytes(-len(header) % 32) + bytes(128 * number)


@needs_testdata
class Output(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.out = self.folder / "out"

    def writers(self):
        """Each command that writes a file, but for the file's name."""
        return {
            "convert": ["convert", STORIES, "{}", "--type", "F16"],
            "logits": ["logits", STORIES, "--tokens", "1,403", "--out", "{}"],
            "make-model": ["make-model", "tiny-llama", "{}", "--type", "F16"],
        }.items()

    def write(self, command, path, **options):
        return hearth(*[path if argument == "{}" else argument for argument in command], **options)

    def test_a_link_stays_and_what_it_leads_to_is_replaced(self):
        for name, command in self.writers():
            with self.subTest(name):
                target = self.folder / f"{name}.target"
                target.write_bytes(b"old")
                link = self.folder / f"{name}.link"
                link.symlink_to(target.name)
                self.assertEqual(self.write(command, link).returncode, 0)
                self.assertTrue(link.is_symlink())
                self.assertGreater(target.stat().st_size, 1000)

    def test_a_device_is_written_to_and_stays_one(self):
        for name, command in self.writers():
            with self.subTest(name):
                self.assertEqual(self.write(command, "/dev/null").returncode, 0)
                self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
                full = self.write(command, "/dev/full")
                self.assertEqual(full.returncode, 1)
                self.assertEqual(
                    full.stderr, b"hearth: IO: /dev/full: cannot write to it: No space left on device\n"
                )

    def test_a_pipe_gets_the_bytes_that_a_file_gets(self):
        for name, command in self.writers():
            with self.subTest(name):
                file = self.folder / f"{name}.file"
                self.assertEqual(self.write(command, file).returncode, 0)
                self.assertEqual(self.write(command, "/dev/stdout").stdout, file.read_bytes())
                pipe = self.folder / f"{name}.pipe"
                os.mkfifo(pipe)
                read = []
                reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
                reader.start()
                self.assertEqual(self.write(command, pipe).returncode, 0)
                reader.join()
                self.assertEqual(read, [file.read_bytes()])
                self.assertTrue(pipe.is_fifo())

    def test_a_folder_is_refused(self):
        for name, command in self.writers():
            with self.subTest(name):
                ended = self.write(command, self.folder)
                self.assertEqual(ended.returncode, 1)
                self.assertIn(b"hearth: INVALID_ARGUMENT: " + os.fsencode(self.folder), ended.stderr)

    def test_a_model_is_not_written_over_while_it_is_read(self):
        model = pathlib.Path(shutil.copy(STORIES, self.folder / "model.gguf"))
        link = self.folder / "link.gguf"
        link.symlink_to(model)
        for path in (model, link, self.folder / "." / "model.gguf"):
            for command in (
                ["convert", model, path, "--type", "F16"],
                ["logits", model, "--tokens", "1", "--out", path],
            ):
                with self.subTest(command):
                    ended = hearth(*command)
                    self.assertEqual(ended.returncode, 1)
                    self.assertIn(b"hearth: INVALID_ARGUMENT: " + os.fsencode(path), ended.stderr)
        self.assertEqual(model.read_bytes(), STORIES.read_bytes())

    def test_a_part_of_a_split_model_is_one_of_its_files(self):
        parts = [self.folder / f"model-0000{number}-of-00002.gguf" for number in (1, 2)]
        for number, part in enumerate(parts):
            part.write_bytes(part_of_a_split_model(number))
        for part in parts:
            ended = hearth("convert", parts[0], part, "--type", "F16")
            self.assertEqual(ended.returncode, 1)
            self.assertIn(b"hearth: INVALID_ARGUMENT: " + os.fsencode(part), ended.stderr)
        self.assertEqual(parts[1].read_bytes(), part_of_a_split_model(1))
        self.assertEqual(hearth("convert", parts[0], self.out, "--type", "F16").returncode, 0)

    def test_a_full_disk_leaves_what_was_there(self):
        def with_small_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))

        self.out.write_bytes(b"old")
        for name, command in self.writers():
            with self.subTest(name):
                ended = self.write(command, self.out, preexec_fn=with_small_files)
                self.assertEqual(ended.returncode, 1)
                self.assertIn(
                    b"hearth: IO: " + os.fsencode(self.out) + b": cannot write to it: File too", ended.stderr
                )
                self.assertEqual(os.listdir(self.folder), ["out"])
                self.assertEqual(self.out.read_bytes(), b"old")

    def test_a_signal_leaves_no_half_written_file(self):
        def hangs_up():  # also where the tests run under nohup
            signal.signal(signal.SIGHUP, signal.SIG_DFL)

        for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(ending):
                program = subprocess.Popen(
                    [PROGRAM, "make-model", "llama3.2-1b", self.out, "--type", "F32"],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    preexec_fn=hangs_up,
                )
                while not os.listdir(self.folder):
                    self.assertIsNone(program.poll())
                program.send_signal(ending)
                said = program.communicate(timeout=60)
                self.assertEqual(program.returncode, 128 + ending)
                self.assertEqual(said, (b"", b""))
                self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    main()
