"""What keys open, and how they are managed while the server runs."""

import concurrent.futures
import http.client
import json
import signal

from server import BUNDLED, InFolder, bearer, chat, hearth, main, until
from web_socket import Socket

CHAT = "/v1/chat/completions"


class ForSomeModels(InFolder):
    """A key that may use one model is served as if there were no other."""

    def setUp(self):
        super().setUp()
        models = "\n".join(f"  - {{name: {name}, source: {BUNDLED}}}" for name in ("hidden", "shown"))
        config = self.write("hearth.yaml", f"models:\n{models}\n")
        self.one = self.key("one", "--model", "shown")
        self.admin = self.key("two", "--scope", "admin")
        self.server = self.serve("--config", config, "--keys", self.keys)

    def ask(self, method, path, body=None, key=None):
        headers = {**bearer(key or self.one), "X-Request-Id": "the.same"}  # some answers have it
        status, _, answer = self.server.request(method, path, body, headers)
        return status, answer

    def test_lists_have_no_others(self):
        self.ask("POST", "/v1/hearth/load", {"model": "hidden"}, self.key("three"))
        self.ask("POST", "/v1/hearth/load", {"model": "shown"})
        for path, list_name, name in (
            ("/v1/models", "data", "id"),
            ("/v1/models", "models", "name"),
            ("/api/tags", "models", "name"),
            ("/api/ps", "models", "name"),
        ):
            status, answer = self.ask("GET", path)
            self.assertEqual(status, 200)
            self.assertEqual([each[name].split(":")[0] for each in answer[list_name]], ["shown"], path)
            self.assertNotIn("hidden", str(answer))
        socket = Socket(self.server, key=self.one)
        self.addCleanup(socket.close)
        socket.send("m", "models")
        self.assertEqual([model["id"] for model in socket.last("m")[1]["data"]["models"]], ["shown"])

    def test_others_are_not_there_and_nothing_names_them(self):
        message = [{"role": "user", "content": "Hi"}]
        asked = {"model": "hidden", "messages": message, "prompt": "Hi", "input": "Hi", "max_tokens": 1}
        for method, path, body in (
            ("GET", "/v1/models/hidden", None),
            ("POST", CHAT, asked),
            ("POST", "/v1/embeddings", asked),
            ("POST", "/v1/responses", {"model": "hidden", "input": "Hi"}),
            ("POST", "/v1/messages", asked),
            ("POST", "/completion", asked),
            ("GET", "/props?model=hidden", None),
            ("POST", "/api/show", {"model": "hidden"}),
            ("POST", "/api/chat", asked),
            ("POST", "/v1/hearth/load", {"model": "hidden"}),
            ("POST", "/v1/hearth/call", {"model": "hidden", "name": "info", "arguments": []}),
        ):
            status, answer = self.ask(method, path, body)
            # Loading tells by events, which have begun.
            self.assertEqual(status, 200 if isinstance(answer, bytes) else 404, path)
            text = str(answer)
            self.assertIn("there is no model 'hidden' that the key may use; there is 'shown'", text, path)
            nothing = {**body, "model": "nothing"} if body else None
            same = self.ask(method, path.replace("hidden", "nothing"), nothing)[1]
            self.assertEqual(str(same).replace("nothing", "hidden"), text)
        socket = Socket(self.server, key=self.one)
        self.addCleanup(socket.close)
        socket.send("g", "generate", prompt="Hi", model="hidden")
        error = socket.last("g")[1]["error"]
        self.assertEqual(error["code"], "NOT_FOUND")
        self.assertIn("there is 'shown'", error["message"])

    def test_its_own_answers_where_none_is_named(self):
        for name in ("", "gpt-4o"):
            status, answer = self.ask("POST", CHAT, chat(model=name, max_tokens=1))
            self.assertEqual((status, answer["model"]), (200, "shown"))

    def test_who_manages_the_server_knows_all_and_uses_none(self):
        status, answer = self.ask("GET", "/v1/models", key=self.admin)
        self.assertEqual([model["id"] for model in answer["data"]], ["hidden", "shown"])
        status, answer = self.ask("POST", CHAT, chat(model="hidden", max_tokens=1), self.admin)
        self.assertEqual((status, answer["error"]["type"]), (403, "permission_error"))


class OverHttp(InFolder):
    """`hearth key`, for those whose key has the scope admin."""

    def setUp(self):
        super().setUp()
        self.admin = self.key("admin", "--scope", "models", "--scope", "admin")
        self.admin_id = self.admin.split("-")[2]
        self.server = self.serve("--keys", self.keys)

    def ask(self, method, path, body=None, key=None, status=200):
        got, headers, answer = self.server.request(method, path, body, bearer(key or self.admin))
        self.assertEqual(got, status, answer)
        if status == 200:
            self.assertEqual(headers["Cache-Control"], "no-store" if "key" in answer else None)
            self.assertNotIn("sha256", str(answer))
        return answer

    def create(self, **wanted):
        return self.ask("POST", "/v1/keys", {"name": "new", **wanted})

    def opens(self, key):
        return self.server.request("GET", "/v1/models", headers=bearer(key))[0] == 200

    def test_a_key_is_made_and_told_once(self):
        made = self.create(
            tenant="acme", scopes=["models"], models=["hearth-spark"], requestsPerMinute=60, priority=-2
        )
        secret = made.pop("key")
        self.assertRegex(secret, rf"^sk-hearth-{made['id']}-[0-9a-f]{{64}}$")
        self.assertTrue(self.opens(secret))
        listed = self.ask("GET", "/v1/keys")["data"]
        self.assertEqual([key["name"] for key in listed], ["admin", "new"])
        self.assertEqual(listed[1], made)
        self.assertEqual(
            (made["tenant"], made["models"], made["disabled"]), ("acme", ["hearth-spark"], False)
        )
        self.assertEqual(json.loads(hearth("key", "list", "--json", "--keys", self.keys)), listed)
        self.assertNotIn(secret.split("-")[3], str(listed) + self.keys.read_text())

    def test_a_key_is_changed_with_effect_at_once(self):
        made = self.create(concurrency=3)
        path = f"/v1/keys/{made['id']}"
        self.assertTrue(self.ask("PATCH", path, {"disabled": True})["disabled"])
        self.assertFalse(self.opens(made["key"]))
        changed = self.ask("PATCH", path, {"disabled": False, "name": "other", "concurrency": None})
        self.assertEqual((changed["name"], "concurrency" in changed), ("other", False))
        self.assertTrue(self.opens(made["key"]))
        rotated = self.ask("POST", f"{path}/rotate")
        self.assertEqual(rotated["id"], made["id"])
        self.assertEqual([self.opens(made["key"]), self.opens(rotated["key"])], [False, True])

    def test_what_is_wrong_is_named_and_changes_nothing(self):
        made = self.create()
        before = self.keys.read_text()
        path = f"/v1/keys/{made['id']}"
        for body, param in (
            ({"priority": 5000}, "priority"),
            ({"priority": 1, "models": [1]}, "models"),
            ({"scopes": ["all"]}, "scopes"),
            ({"name": None}, "name"),
            ({"sha256": "0" * 64}, "sha256"),
            ({"id": "00000000"}, "id"),
            ({"limits": {}}, "limits"),
        ):
            for method, to in (("PATCH", path), ("POST", "/v1/keys")):
                error = self.ask(method, to, {"name": "new", **body}, status=400)["error"]
                self.assertEqual((error["param"], error["code"]), (param, "INVALID_ARGUMENT"))
        self.assertEqual(self.ask("POST", "/v1/keys", {}, status=400)["error"]["param"], "name")
        self.ask("PATCH", "/v1/keys/00000000", {"priority": 1}, status=404)
        self.ask("POST", "/v1/keys/00000000/rotate", status=404)
        self.ask("POST", path, status=404)
        self.assertEqual(self.keys.read_text(), before)

    def test_others_may_not(self):
        key = self.create()["key"]
        for method, path, body in (
            ("GET", "/v1/keys", None),
            ("POST", "/v1/keys", {"name": "mine", "scopes": ["admin"]}),
            ("PATCH", f"/v1/keys/{self.admin_id}", {"disabled": True}),
            ("POST", f"/v1/keys/{self.admin_id}/rotate", None),
        ):
            self.ask(method, path, body, key, status=403)

    def test_the_last_key_that_manages_the_server_goes_on_doing_so(self):
        path = f"/v1/keys/{self.admin_id}"
        for body in ({"disabled": True}, {"scopes": ["models"]}):
            error = self.ask("PATCH", path, body, status=400)["error"]
            self.assertIn("make or enable another first", error["message"])
        other = self.create(scopes=["admin"])
        self.ask("PATCH", path, {"disabled": True})
        self.assertFalse(self.opens(self.admin))
        self.ask("PATCH", f"/v1/keys/{other['id']}", {"disabled": True}, other["key"], status=400)
        self.assertEqual(self.server.request("GET", "/v1/models")[0], 401)

    def test_changes_that_come_at_once_are_all_there(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda number: self.create(name=f"key {number}"), range(16)))
        self.assertEqual(len({key["id"] for key in made}), 16)
        listed = {key["id"]: key["name"] for key in self.ask("GET", "/v1/keys")["data"]}
        self.assertEqual({key["id"]: key["name"] for key in made}.items() - listed.items(), set())

    def test_a_server_that_is_killed_loses_no_key_that_it_has_told(self):
        made = []

        def make():
            try:
                while True:
                    made.append(self.create()["id"])
            except (OSError, http.client.HTTPException):
                pass  # it was killed

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            makers = [pool.submit(make) for _ in range(4)]
            self.assertTrue(until(lambda: len(made) >= 8))
            self.server.end(signal.SIGKILL)
            for maker in makers:
                maker.result()
        listed = json.loads(hearth("key", "list", "--json", "--keys", self.keys))
        self.assertEqual(set(made) - {key["id"] for key in listed}, set())

    def test_callers_learn_who_they_are(self):
        key = self.create(models=["hearth-spark"])
        caller = self.ask("GET", "/v1/hearth/caller", key=key["key"])
        self.assertEqual(caller, {name: value for name, value in key.items() if name != "key"})
        self.assertEqual(self.ask("GET", "/v1/hearth/caller")["scopes"], ["models", "admin"])

    def test_a_server_without_keys_says_how_the_first_is_made(self):
        server = self.serve()
        self.assertEqual(server.request("GET", "/v1/hearth/caller")[2], {"scopes": ["models", "admin"]})
        for method in ("GET", "POST"):
            status, _, answer = server.request(method, "/v1/keys", {"name": "one"})
            self.assertEqual(status, 409)
            self.assertIn("hearth key create", answer["error"]["message"])


if __name__ == "__main__":
    main()
