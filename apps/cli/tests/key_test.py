"""hearth key: making, showing and changing the keys of a server's callers."""

import json
import os
import pathlib
import stat
import tempfile
import unittest

from program import hearth, hearth_json, main


class Key(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "hearth" / "keys.json"

    def key(self, action, *arguments):
        return hearth("key", action, *arguments, "--keys", self.file)

    def create(self, name="one", *arguments):
        return json.loads(self.key("create", "--name", name, "--json", *arguments).stdout)

    def test_prints_a_new_key_once_and_keeps_no_more_than_its_hash(self):
        made = self.key("create", "--name", "laptop")
        self.assertEqual(made.returncode, 0, made.stderr)
        secret = made.stdout.decode().strip()
        self.assertRegex(secret, r"^sk-hearth-[0-9a-f]{8}-[0-9a-f]{64}$")
        self.assertIn(b"of laptop; it is shown this once", made.stderr)
        self.assertNotIn(secret.split("-")[3], self.file.read_text())
        self.assertNotIn(secret.encode(), self.key("list").stdout)
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)

    def test_lists_keys_with_what_they_allow(self):
        one = self.create()
        two = self.create(
            "two",
            "--tenant",
            "acme",
            "--scope",
            "admin",
            "--scope",
            "models",
            "--model",
            "chat",
            "--requests-per-minute",
            "60",
            "--priority",
            "-2",
        )
        listed = hearth_json("key", "list", "--json", "--keys", self.file)
        self.assertEqual([key["id"] for key in listed], [one["id"], two["id"]])
        self.assertEqual(listed[0]["scopes"], ["models"])
        self.assertEqual(listed[0]["tenant"], one["id"])
        self.assertEqual(listed[1]["scopes"], ["models", "admin"])
        self.assertEqual(listed[1]["models"], ["chat"])
        self.assertEqual((listed[1]["requestsPerMinute"], listed[1]["priority"]), (60, -2))
        self.assertNotIn("sha256", listed[0])
        lines = self.key("list").stdout.decode().splitlines()
        self.assertRegex(lines[0], r"^ID +NAME +TENANT +SCOPES +CREATED +STATE$")
        self.assertRegex(lines[2], rf"^{two['id']} +two +acme +models, admin +20.*Z +enabled$")

    def test_disables_enables_and_rotates_by_id(self):
        made = self.create()
        told = self.key("disable", made["id"])
        self.assertEqual(told.stdout.decode(), f"{made['id']} of one is disabled\n")
        self.assertTrue(hearth_json("key", "list", "--json", "--keys", self.file)[0]["disabled"])
        self.assertEqual(self.key("enable", made["id"]).stdout.decode(), f"{made['id']} of one is enabled\n")
        rotated = json.loads(self.key("rotate", made["id"], "--json").stdout)
        self.assertEqual(rotated["id"], made["id"])
        self.assertNotEqual(rotated["key"], made["key"])

    def test_says_what_is_not_there(self):
        for action in (["list"], ["disable", "00000000"]):
            ended = self.key(*action)
            self.assertEqual(ended.returncode, 1)
            self.assertRegex(ended.stderr.decode(), r"^hearth: NOT_FOUND: .*keys.json")
        self.create()
        ended = self.key("rotate", "ffffffffff")
        self.assertEqual(ended.returncode, 1)
        self.assertIn(b"no key with the id 'ffffffffff'", ended.stderr)

    def test_wrong_usage_ends_with_2(self):
        for arguments in ([], ["create"], ["create", "--name", "a", "--scope", "root"], ["disable"]):
            ended = hearth("key", *arguments)
            self.assertEqual(ended.returncode, 2, ended.stderr)
        self.assertIn(b"there is no command 'creat'; the nearest is 'create'", hearth("key", "creat").stderr)
        misspelt = hearth("key", "create", "--nam", "a")
        self.assertIn(b"there is no option '--nam'; the nearest is '--name'", misspelt.stderr)

    def test_keeps_keys_in_the_users_folder_unless_told(self):
        folder = self.file.parents[1]
        made = hearth(
            "key",
            "create",
            "--name",
            "one",
            preexec_fn=lambda: os.environ.update(XDG_CONFIG_HOME=str(folder)),
        )
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertTrue(self.file.exists())


if __name__ == "__main__":
    main()
