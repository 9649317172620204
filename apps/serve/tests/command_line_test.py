"""What the command line tells the server of its models and callers."""

import subprocess

from server import BUNDLED, InFolder, PROGRAM, Server, chat, main
from web_socket import Socket

CHAT = "/v1/chat/completions"


def bearer(key):
    return {"Authorization": f"Bearer {key}"}


class CommandLine(InFolder):
    def refused(self, *arguments):
        """What is said of arguments that can't be."""
        ended = subprocess.run(
            [PROGRAM, "serve", "--port", "0", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertNotEqual(ended.returncode, 0)
        return ended.stderr

    def asks(self, server, key, path=CHAT):
        return server.request("POST", path, chat(max_tokens=1), bearer(key) if key else {})[0]

    def test_has_keys(self):
        server = self.serve("--api-key", "first secret", "--api-key", "second")
        for key, status in (("first secret", 200), ("second", 200), ("first", 401), ("", 401)):
            self.assertEqual(self.asks(server, key), status)
        self.assertEqual(server.request("POST", CHAT, chat(max_tokens=1), {"x-api-key": "second"})[0], 200)
        self.assertEqual(server.request("GET", "/metrics", headers=bearer("second"))[0], 200)
        self.assertEqual(server.request("GET", "/health")[0], 200)
        said = server.end()
        self.assertNotIn("secret", said)
        self.assertIn("api-key-2", said)

    def test_has_keys_beside_those_of_a_file(self):
        key = self.key("one")
        server = self.serve("--api-key", "given", "--keys", self.keys)
        self.assertEqual([self.asks(server, each) for each in (key, "given", "other")], [200, 200, 401])

    def test_has_keys_for_sockets(self):
        socket = Socket(self.serve("--api-key", "given"), key="given")
        self.addCleanup(socket.close)
        socket.send(1, "health")
        self.assertEqual(socket.last(1)[1]["status"], "complete")

    def test_takes_a_key_from_the_environment(self):
        server = self.serve(environment={"HEARTH_API_KEY": "of the environment"})
        self.assertEqual([self.asks(server, each) for each in ("of the environment", "")], [200, 401])

    def test_with_a_key_listens_for_other_machines(self):
        self.serve("--api-key", "given", "--host", "0.0.0.0")
        self.assertIn("--api-key", self.refused("--api-key", ""))

    def test_prints_no_key(self):
        printed = subprocess.run(
            [PROGRAM, "serve", "--api-key", "given", "--print-config"],
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        self.assertNotIn("given", printed)

    def test_names_its_model(self):
        server = self.serve("--alias", "mine,other", BUNDLED)
        for name in ("mine", "other"):
            status, _, answer = server.request("POST", CHAT, chat(max_tokens=1, model=name))
            self.assertEqual((status, answer["model"]), (200, "mine"))
        models = server.request("GET", "/v1/models")[2]["data"]
        self.assertEqual(models[0]["id"], "mine")
        self.assertEqual(server.request("POST", CHAT, chat(model="hearth-spark"))[0], 404)
        self.assertIn("--alias", self.refused("--alias", "a", BUNDLED, BUNDLED))

    def test_answers_to_any_name_where_it_shall(self):
        server = self.serve("--any-model-name")
        for path, body in (
            (CHAT, chat(max_tokens=1)),
            ("/completion", {"prompt": "a", "n_predict": 1}),
            ("/v1/messages", chat(max_tokens=1)),
        ):
            status, _, answer = server.request("POST", path, {**body, "model": "test"})
            self.assertEqual((status, answer["model"]), (200, "hearth-spark"))
        self.assertEqual(self.serve().request("POST", CHAT, chat(model="test"))[0], 404)

    def test_says_how_models_are_loaded(self):
        server = Server("--context", "256", "--max-sequences", "2", "--kv-type", "q8_0")
        self.addCleanup(server.end)
        props = server.request("GET", "/props")[2]
        self.assertEqual(props["total_slots"], 2)
        self.assertEqual(props["default_generation_settings"]["n_ctx"], 256)


if __name__ == "__main__":
    main()
