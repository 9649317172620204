"""Anthropic's Messages API, as it is on the wire."""

import json
import pathlib
import tempfile
import unittest

import answers
from server import BUNDLED, Server, main, post

WEATHER = {
    "name": "weather",
    "description": "Tells the weather",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def request(content="What is 2+2?", **members):
    messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
    return {
        "model": "hearth-spark",
        "max_tokens": 60,
        "temperature": 0,
        "messages": messages,
        **members,
    }


class AnthropicTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        thinker = pathlib.Path(folder) / "thinker.gguf"
        answers.write_thinking_model(thinker)
        cls.server = cls.enterClassContext(Server(BUNDLED, thinker))

    def ask(self, body, path="/v1/messages"):
        headers = {"x-api-key": "any", "anthropic-version": "2023-06-01"}
        return self.server.request("POST", path, body, headers)

    def message(self, body):
        status, _, message = self.ask(body)
        self.assertEqual(status, 200, message)
        return message

    def events(self, body):
        status, headers, body = self.ask({**body, "stream": True})
        self.assertEqual(status, 200, body)
        self.assertTrue(headers["Content-Type"].startswith("text/event-stream"))
        for name, data in answers.events(body):
            self.assertEqual(name, data["type"])
        return [data for _, data in answers.events(body)]

    def error(self, body, status, kind, path="/v1/messages"):
        answered, _, error = self.ask(body, path)
        self.assertEqual(answered, status, error)
        self.assertEqual(error["type"], "error")
        self.assertEqual(error["error"]["type"], kind)
        return error["error"]["message"]

    def test_answers_with_a_message(self):
        message = self.message(request())
        self.assertRegex(message.pop("id"), "^msg_")
        usage = message.pop("usage")
        self.assertEqual(
            message,
            {
                "type": "message",
                "role": "assistant",
                "model": "hearth-spark",
                "content": [{"type": "text", "text": "2 + 2 = 4."}],
                "stop_reason": "end_turn",
                "stop_sequence": None,
            },
        )
        self.assertGreater(usage["input_tokens"] + usage["cache_read_input_tokens"], 10)
        self.assertEqual(usage["output_tokens"], 8)

    def test_streams_the_same_message(self):
        events = self.events(request())
        kinds = [event["type"] for event in events]
        self.assertEqual(kinds[:3], ["message_start", "content_block_start", "ping"])
        self.assertEqual(kinds[-3:], ["content_block_stop", "message_delta", "message_stop"])
        self.assertEqual(set(kinds[3:-3]), {"content_block_delta"})
        text = "".join(event["delta"]["text"] for event in events[3:-3])
        self.assertEqual(text, "2 + 2 = 4.")
        self.assertEqual(events[0]["message"]["content"], [])
        self.assertEqual(events[-2]["delta"], {"stop_reason": "end_turn", "stop_sequence": None})
        self.assertEqual(events[-2]["usage"]["output_tokens"], 8)

    def test_ends_at_a_stop_sequence_and_says_which(self):
        message = self.message(request(stop_sequences=["never", " ="]))
        self.assertEqual(message["content"][0]["text"], "2 + 2")
        self.assertEqual((message["stop_reason"], message["stop_sequence"]), ("stop_sequence", " ="))

    def test_ends_at_the_most_tokens(self):
        message = self.message(request(max_tokens=3))
        self.assertEqual(message["stop_reason"], "max_tokens")
        self.assertEqual(message["usage"]["output_tokens"], 3)

    def test_goes_on_in_what_the_assistant_has_begun(self):
        begun = [{"role": "user", "content": "What is 12+13?"}, {"role": "assistant", "content": "12 + 13"}]
        self.assertEqual(self.message(request(begun))["content"][0]["text"], " = 25.")
        pieces = [event["delta"].get("text", "") for event in self.events(request(begun)) if "delta" in event]
        self.assertEqual("".join(pieces), " = 25.")

    def test_tokens_from_the_cache_are_counted_apart(self):
        long = request("Tell me again: what is 2+2? " * 8, system="You answer. " * 8)
        first = self.message(long)["usage"]
        second = self.message(long)["usage"]
        whole = first["input_tokens"] + first["cache_read_input_tokens"]
        self.assertGreater(second["cache_read_input_tokens"], 0)
        self.assertEqual(second["input_tokens"] + second["cache_read_input_tokens"], whole)

    def test_calls_a_tool_and_answers_to_its_result(self):
        question = {"role": "user", "content": "What is the weather in Rome?"}
        message = self.message(request([question], tools=[WEATHER]))
        self.assertEqual(message["stop_reason"], "tool_use")
        [call] = message["content"]
        self.assertEqual(
            (call["type"], call["name"], call["input"]), ("tool_use", "weather", {"city": "Rome"})
        )
        result = {"type": "tool_result", "tool_use_id": call["id"], "content": '{"weather":"sunny"}'}
        turns = [
            question,
            {"role": "assistant", "content": message["content"]},
            {"role": "user", "content": [result]},
        ]
        answer = self.message(request(turns, tools=[WEATHER]))
        self.assertEqual(answer["stop_reason"], "end_turn")
        self.assertIn("in Rome", answer["content"][0]["text"])

    def test_streams_the_input_of_a_call_as_json(self):
        events = self.events(request("What is the weather in Rome?", tools=[WEATHER]))
        block = events[1]["content_block"]
        self.assertEqual((block["type"], block["name"], block["input"]), ("tool_use", "weather", {}))
        pieces = [event["delta"] for event in events if event["type"] == "content_block_delta"]
        self.assertEqual({piece["type"] for piece in pieces}, {"input_json_delta"})
        self.assertEqual("".join(piece["partial_json"] for piece in pieces), '{"city": "Rome"}')
        self.assertEqual(events[-2]["delta"]["stop_reason"], "tool_use")

    def test_keeps_to_the_tool_choice(self):
        def kinds(choice):
            message = self.message(request("Hello!", tools=[WEATHER], tool_choice=choice))
            return [block["type"] for block in message["content"]]

        self.assertEqual(kinds({"type": "any"}), ["tool_use"])
        self.assertEqual(kinds({"type": "tool", "name": "weather"}), ["tool_use"])
        self.assertEqual(kinds({"type": "none"}), ["text"])
        one = {"type": "any", "disable_parallel_tool_use": True}
        self.assertEqual(kinds(one), ["tool_use"])

    def test_holds_the_answer_to_a_schema(self):
        schema = {"type": "object", "properties": {"n": {"const": 4}}, "required": ["n"]}
        schema["additionalProperties"] = False
        config = {"format": {"type": "json_schema", "schema": schema}}
        text = self.message(request(output_config=config))["content"][0]["text"]
        self.assertEqual(json.loads(text), {"n": 4})

    def test_shows_what_is_thought_where_it_is_asked_for(self):
        thinking = {"type": "enabled", "budget_tokens": 4}
        asked = request(model="thinker", thinking=thinking)
        thought, said = self.message(asked)["content"]
        self.assertEqual((thought["type"], said["type"]), ("thinking", "text"))
        self.assertNotEqual(thought["thinking"], "")
        self.assertNotEqual(thought["signature"], "")
        events = self.events(asked)
        deltas = [event["delta"]["type"] for event in events if event["type"] == "content_block_delta"]
        self.assertEqual(deltas[0], "thinking_delta")
        at = deltas.index("signature_delta")
        self.assertEqual(set(deltas[:at]), {"thinking_delta"})
        self.assertEqual(set(deltas[at + 1 :]), {"text_delta"})
        stops = [event["index"] for event in events if event["type"] == "content_block_stop"]
        self.assertEqual(stops, [0, 1])

    def test_thinks_nothing_where_nobody_asks(self):
        kinds = [block["type"] for block in self.message(request(model="thinker"))["content"]]
        self.assertEqual(kinds, ["text"])

    def test_counts_the_tokens_that_a_message_has(self):
        body = request(tools=[WEATHER], system="Be brief.")
        usage = self.message(body)["usage"]
        del body["max_tokens"]
        status, _, count = self.ask(body, "/v1/messages/count_tokens")
        self.assertEqual(status, 200)
        whole = usage["input_tokens"] + usage["cache_read_input_tokens"]
        self.assertEqual(count, {"input_tokens": whole})

    def test_says_what_is_wrong_in_its_own_form(self):
        wrong = "invalid_request_error"
        self.assertIn("max_tokens", self.error(request(max_tokens=None), 400, wrong))
        self.assertIn("temperature", self.error(request(temperature=2), 400, wrong))
        self.assertIn("messages.0.role", self.error(request([{"role": "x", "content": ""}]), 400, wrong))
        image = [{"role": "user", "content": [{"type": "image", "source": {}}]}]
        self.assertIn("image", self.error(request(image), 400, wrong))
        hosted = {"type": "web_search_20250305", "name": "web_search"}
        self.assertIn("web_search_20250305", self.error(request(tools=[hosted]), 400, wrong))
        self.assertIn("JSON", self.error("{", 400, wrong))
        self.error(request(model="none"), 404, "not_found_error")
        self.error(request("word " * 2000), 400, wrong)

    def test_a_request_has_an_id_in_its_answer_and_in_its_error(self):
        for body in (request(max_tokens=1), request(max_tokens=1, stream=True)):
            headers = self.ask(body)[1]
            self.assertRegex(headers["request-id"], "^req_[0-9a-f]+$")
            self.assertEqual(headers["request-id"], headers["x-request-id"])
        status, headers, error = self.ask({"messages": []})
        self.assertEqual((status, error["request_id"]), (400, headers["request-id"]))

    def test_refuses_before_a_stream_begins(self):
        self.error(request("word " * 2000, stream=True), 400, "invalid_request_error")

    def test_who_leaves_in_the_middle_harms_nobody(self):
        body = request("Tell me a story.", max_tokens=400, stream=True)
        with self.server.connect() as connection:
            connection.sendall(post("/v1/messages", body))
            connection.recv(200)
        self.assertEqual(self.message(request())["content"][0]["text"], "2 + 2 = 4.")


if __name__ == "__main__":
    main()
