"""OpenAI's Responses API, as it is on the wire."""

import json
import pathlib
import tempfile
import unittest

import answers
from server import BUNDLED, InFolder, Server, main, post

WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "Tells the weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}

MESSAGE_EVENTS = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
]


def request(given="What is 2+2?", **members):
    return {"model": "hearth-spark", "max_output_tokens": 60, "temperature": 0, "input": given, **members}


def text_of(response):
    [message] = [item for item in response["output"] if item["type"] == "message"]
    return message["content"][0]["text"]


class ResponsesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        thinker = pathlib.Path(folder) / "thinker.gguf"
        answers.write_thinking_model(thinker)
        cls.server = cls.enterClassContext(Server(BUNDLED, thinker))

    def respond(self, body):
        status, _, response = self.server.request("POST", "/v1/responses", body)
        self.assertEqual(status, 200, response)
        return response

    def events(self, body):
        status, headers, body = self.server.request("POST", "/v1/responses", {**body, "stream": True})
        self.assertEqual(status, 200, body)
        self.assertTrue(headers["Content-Type"].startswith("text/event-stream"))
        events = answers.events(body)
        for number, (name, data) in enumerate(events):
            self.assertEqual((name, number), (data["type"], data["sequence_number"]))
        return [data for _, data in events]

    def error(self, body, status, param, path="/v1/responses", method="POST"):
        answered, _, error = self.server.request(method, path, body)
        self.assertEqual((answered, error["error"]["param"]), (status, param), error)
        return error["error"]["message"]

    def test_answers_with_a_response(self):
        response = self.respond(request(metadata={"a": "b"}))
        self.assertRegex(response["id"], "^resp_")
        self.assertEqual((response["object"], response["status"]), ("response", "completed"))
        self.assertEqual(response["metadata"], {"a": "b"})
        [message] = response["output"]
        self.assertRegex(message.pop("id"), "^msg_")
        part = {"type": "output_text", "annotations": [], "logprobs": [], "text": "2 + 2 = 4."}
        self.assertEqual(
            message, {"type": "message", "status": "completed", "role": "assistant", "content": [part]}
        )
        usage = response["usage"]
        self.assertEqual(usage["output_tokens"], 8)
        self.assertEqual(usage["total_tokens"], usage["input_tokens"] + 8)

    def test_streams_the_same_response(self):
        events = self.events(request())
        kinds = [event["type"] for event in events]
        self.assertEqual(list(dict.fromkeys(kinds)), MESSAGE_EVENTS)
        deltas = [event["delta"] for event in events if event["type"] == "response.output_text.delta"]
        self.assertGreater(len(deltas), 1)
        self.assertEqual("".join(deltas), "2 + 2 = 4.")
        self.assertEqual(events[0]["response"]["status"], "in_progress")
        self.assertEqual(text_of(events[-1]["response"]), "2 + 2 = 4.")

    def test_what_the_limit_cuts_is_incomplete(self):
        events = self.events(request(max_output_tokens=3))
        self.assertEqual(events[-1]["type"], "response.incomplete")
        response = events[-1]["response"]
        self.assertEqual(response["incomplete_details"], {"reason": "max_output_tokens"})
        self.assertEqual(response["usage"]["output_tokens"], 3)

    def test_calls_a_function_and_answers_to_its_output(self):
        question = {"role": "user", "content": "What is the weather in Rome?"}
        response = self.respond(request([question], tools=[WEATHER]))
        [call] = response["output"]
        self.assertEqual((call["type"], call["name"]), ("function_call", "weather"))
        self.assertEqual(json.loads(call["arguments"]), {"city": "Rome"})
        output = {
            "type": "function_call_output",
            "call_id": call["call_id"],
            "output": '{"weather":"sunny"}',
        }
        answer = self.respond(request([question, call, output], tools=[WEATHER]))
        self.assertIn("in Rome", text_of(answer))
        kept = self.respond(request([output], tools=[WEATHER], previous_response_id=response["id"]))
        self.assertEqual(text_of(kept), text_of(answer))

    def test_streams_the_arguments_of_a_call(self):
        events = self.events(request("What is the weather in Rome?", tools=[WEATHER]))
        kinds = [event["type"].removeprefix("response.") for event in events]
        expected = ["output_item.added", "function_call_arguments.delta", "function_call_arguments.done"]
        self.assertEqual(list(dict.fromkeys(kinds))[2:5], expected)
        done = events[kinds.index("function_call_arguments.done")]
        deltas = [e["delta"] for e in events if e["type"] == "response.function_call_arguments.delta"]
        self.assertEqual("".join(deltas), done["arguments"])

    def test_keeps_to_the_tool_choice(self):
        def kinds(choice):
            response = self.respond(request("Hello!", tools=[WEATHER], tool_choice=choice))
            return [item["type"] for item in response["output"]]

        self.assertEqual(kinds("required"), ["function_call"])
        self.assertEqual(kinds({"type": "function", "name": "weather"}), ["function_call"])
        self.assertEqual(kinds("none"), ["message"])

    def test_goes_on_in_a_conversation_that_is_kept(self):
        first = self.respond(request("What is 2+2?"))
        second = self.respond(request("What is 3+4?", previous_response_id=first["id"]))
        self.assertEqual(second["previous_response_id"], first["id"])
        turns = [
            {"role": "user", "content": "What is 2+2?"},
            {"role": "assistant", "content": text_of(first)},
            {"role": "user", "content": "What is 3+4?"},
        ]
        whole = self.respond(request(turns))
        self.assertEqual(second["usage"]["input_tokens"], whole["usage"]["input_tokens"])
        reference = [{"role": "user", "content": "What is 2+2?"}, {"id": first["output"][0]["id"]}, turns[2]]
        referred = self.respond(request(reference))
        self.assertEqual(referred["usage"]["input_tokens"], whole["usage"]["input_tokens"])

    def test_gives_back_what_is_kept(self):
        first = self.respond(request("What is 2+2?"))
        second = self.respond(request("What is 3+4?", previous_response_id=first["id"]))
        path = f"/v1/responses/{second['id']}"
        self.assertEqual(self.server.request("GET", path)[2], second)
        items = self.server.request("GET", path + "/input_items?order=asc")[2]
        roles = [item["role"] for item in items["data"]]
        self.assertEqual(roles, ["user", "assistant", "user"])
        page = self.server.request("GET", path + "/input_items?limit=1")[2]
        self.assertEqual((page["data"], page["has_more"]), (items["data"][2:], True))
        self.assertEqual(page["last_id"], page["data"][0]["id"])
        rest = self.server.request("GET", f"{path}/input_items?after={page['last_id']}")[2]
        self.assertEqual(rest["data"], items["data"][1::-1])
        deleted = self.server.request("DELETE", path)[2]
        self.assertEqual(deleted, {"id": second["id"], "object": "response", "deleted": True})
        self.error(None, 404, None, path, "GET")
        self.error(None, 404, None, path, "DELETE")
        self.error(request(previous_response_id=second["id"]), 404, "previous_response_id")

    def test_keeps_nothing_where_it_is_told_so(self):
        response = self.respond(request(store=False))
        self.error(None, 404, None, f"/v1/responses/{response['id']}", "GET")

    def test_shows_what_is_thought(self):
        asked = request(model="thinker", reasoning={"effort": "low"})
        asked["max_output_tokens"] = 12
        kinds = [event["type"] for event in self.events(asked)]
        self.assertIn("response.reasoning_text.delta", kinds)
        asked["reasoning"]["summary"] = "auto"
        kinds = [event["type"] for event in self.events(asked)]
        self.assertIn("response.reasoning_summary_text.delta", kinds)
        response = self.respond(asked)
        self.assertEqual(response["output"][0]["type"], "reasoning")
        self.assertNotEqual(response["output"][0]["summary"][0]["text"], "")
        self.assertGreater(response["usage"]["output_tokens_details"]["reasoning_tokens"], 0)
        quiet = self.respond(request(model="thinker", reasoning={"effort": "none"}))
        self.assertEqual([item["type"] for item in quiet["output"]], ["message"])

    def test_holds_the_answer_to_a_schema(self):
        schema = {
            "type": "object",
            "properties": {"n": {"const": 4}},
            "required": ["n"],
            "additionalProperties": False,
        }
        config = {"format": {"type": "json_schema", "name": "answer", "schema": schema}}
        self.assertEqual(json.loads(text_of(self.respond(request(text=config)))), {"n": 4})

    def test_tells_logprobs_where_they_are_included(self):
        asked = request(include=["message.output_text.logprobs"], top_logprobs=2)
        logprobs = self.respond(asked)["output"][0]["content"][0]["logprobs"]
        self.assertEqual("".join(token["token"] for token in logprobs), "2 + 2 = 4.")
        self.assertEqual(len(logprobs[0]["top_logprobs"]), 2)
        events = self.events(asked)
        told = [token for event in events if "delta" in event for token in event["logprobs"]]
        self.assertEqual(told, logprobs)

    def test_leaves_out_old_turns_where_that_is_allowed(self):
        turns = []
        for _ in range(40):
            turns.append({"role": "user", "content": "Tell me again: what is 2+2? " * 2})
            turns.append({"role": "assistant", "content": "4."})
        turns.append({"role": "user", "content": "What is 2+2?"})
        self.assertIn("2 + 2", text_of(self.respond(request(turns, truncation="auto"))))
        self.error(request(turns), 400, None)
        self.error(request(turns, stream=True), 400, None)

    def test_counts_the_tokens_of_its_input(self):
        count = self.server.request("POST", "/v1/responses/input_tokens", request())[2]
        self.assertEqual(count["input_tokens"], self.respond(request())["usage"]["input_tokens"])

    def test_says_what_is_wrong_and_where(self):
        self.error(request(None), 400, "input")
        self.error(request(model="none"), 404, "model")
        self.assertIn("web_search", self.error(request(tools=[{"type": "web_search"}]), 400, "tools[0].type"))
        self.error(request(background=True), 400, "background")
        self.error(request(temperature="hot"), 400, "temperature")
        image = [{"role": "user", "content": [{"type": "input_image", "image_url": "data:"}]}]
        self.error(request(image), 400, "input[0].content[0].type")

    def test_who_leaves_in_the_middle_harms_nobody(self):
        body = request("Tell me a story.", max_output_tokens=400, stream=True)
        with self.server.connect() as connection:
            connection.sendall(post("/v1/responses", body))
            connection.recv(200)
        self.assertEqual(text_of(self.respond(request())), "2 + 2 = 4.")


class Tenants(InFolder):
    def test_find_their_own_responses_alone(self):
        one, two = self.key("one"), self.key("two")
        server = self.serve("--keys", self.keys)

        def ask(key, method, path, body=None):
            return server.request(method, path, body, {"Authorization": f"Bearer {key}"})

        response = ask(one, "POST", "/v1/responses", request())[2]
        path = f"/v1/responses/{response['id']}"
        after = request(previous_response_id=response["id"])
        self.assertEqual(ask(one, "GET", path)[2], response)
        self.assertEqual(ask(one, "POST", "/v1/responses", after)[0], 200)
        self.assertEqual(ask(two, "GET", path)[0], 404)
        self.assertEqual(ask(two, "GET", path + "/input_items")[0], 404)
        self.assertEqual(ask(two, "DELETE", path)[0], 404)
        self.assertEqual(ask(two, "POST", "/v1/responses", after)[0], 404)
        reference = [{"type": "item_reference", "id": response["output"][0]["id"]}]
        self.assertEqual(ask(two, "POST", "/v1/responses", request(reference))[0], 400)


if __name__ == "__main__":
    main()
