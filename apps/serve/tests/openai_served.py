"""What the tests of OpenAI's API share: questions to a server, and what a refusal has."""

import unittest

from answers import events
from server import Server, chat

QUESTION = "What is 2+2?"


class Served(unittest.TestCase):
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.arguments)
        cls.addClassCleanup(cls.server.end)

    def post(self, path, body, status=200):
        got, _, answer = self.server.request("POST", path, body)
        self.assertEqual(got, status, answer)
        return answer

    def chat(self, text=QUESTION, status=200, **more):
        return self.post("/v1/chat/completions", chat(text, **{"temperature": 0, **more}), status)

    def chunks(self, text=QUESTION, **more):
        body = events(self.chat(text, stream=True, **more))
        self.assertEqual(body[-1], (None, "[DONE]"))
        return [data for _, data in body[:-1]]

    def complete(self, prompt, status=200, **more):
        return self.post("/v1/completions", {"prompt": prompt, "temperature": 0, **more}, status)

    def assert_refused(self, param, answer, code="INVALID_ARGUMENT"):
        error = answer["error"]
        self.assertEqual((error["param"], error["code"]), (param, code), error)
        self.assertEqual(error["type"], "invalid_request_error")
        self.assertTrue(error["message"])
