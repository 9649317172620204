"""OpenAI's chat completions as its clients ask for them, against the bundled model."""

import json
import pathlib
import tempfile

from answers import write_thinking_model
from openai_served import QUESTION, Served
from server import Server, main

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
CITY = {
    "type": "object",
    "properties": {"city": {"enum": ["Rome", "Oslo"]}},
    "required": ["city"],
    "additionalProperties": False,
}
SUNNY = json.dumps({"temperature": 20, "sky": "sunny"})
ANSWER = "2 + 2 = 4."


class ChatCompletions(Served):
    def test_have_what_clients_read(self):
        answer = self.chat()
        self.assertRegex(answer["id"], r"^chatcmpl-\w{24}$")
        self.assertEqual(answer["object"], "chat.completion")
        self.assertEqual(answer["model"], "hearth-spark")
        self.assertTrue(answer["system_fingerprint"].startswith("b"))
        choice = answer["choices"][0]
        self.assertEqual(choice["message"], {"role": "assistant", "content": ANSWER, "refusal": None})
        self.assertEqual(choice["finish_reason"], "stop")
        usage = answer["usage"]
        self.assertEqual(usage["total_tokens"], usage["prompt_tokens"] + usage["completion_tokens"])
        self.assertEqual(usage["completion_tokens_details"]["reasoning_tokens"], 0)
        timings = answer["timings"]
        self.assertEqual(timings["prompt_n"] + timings["cache_n"], usage["prompt_tokens"])
        self.assertEqual(timings["predicted_n"], usage["completion_tokens"])
        self.assertNotEqual(answer["id"], self.chat()["id"])

    def test_are_cut_at_their_limit_under_each_of_its_names(self):
        for name in ("max_tokens", "max_completion_tokens", "n_predict"):
            answer = self.chat(**{name: 3})
            self.assertEqual(answer["choices"][0]["finish_reason"], "length")
            self.assertEqual(answer["usage"]["completion_tokens"], 3)
        answer = self.chat(max_tokens=0)
        self.assertEqual(answer["choices"][0]["message"]["content"], "")
        self.assertEqual(answer["usage"]["completion_tokens"], 0)

    def test_stream_the_role_the_text_and_the_end(self):
        chunks = self.chunks()
        self.assertEqual(chunks[0]["choices"][0]["delta"], {"role": "assistant", "content": None})
        self.assertEqual(len({chunk["id"] for chunk in chunks}), 1)
        text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
        self.assertEqual(text, ANSWER)
        self.assertEqual(chunks[-1]["choices"][0]["delta"], {})
        self.assertEqual(chunks[-1]["choices"][0]["finish_reason"], "stop")
        self.assertNotIn("usage", chunks[-1])

    def test_stream_usage_where_it_is_asked_for(self):
        chunks = self.chunks(stream_options={"include_usage": True})
        self.assertEqual({chunk["usage"] for chunk in chunks[:-1]}, {None})
        self.assertEqual(chunks[-1]["choices"], [])
        self.assertEqual(chunks[-1]["usage"]["completion_tokens"], self.chat()["usage"]["completion_tokens"])

    def test_have_several_choices(self):
        answer = self.chat(n=3, max_tokens=4)
        self.assertEqual([choice["index"] for choice in answer["choices"]], [0, 1, 2])
        self.assertEqual(answer["usage"]["completion_tokens"], 12)
        ended = [chunk["choices"][0] for chunk in self.chunks(n=2, max_tokens=4)]
        self.assertEqual(sorted(c["index"] for c in ended if c["finish_reason"]), [0, 1])
        several = self.chat("Tell me a story", n=4, temperature=2, seed=7, max_tokens=20)
        texts = [choice["message"]["content"] for choice in several["choices"]]
        self.assertGreater(len(set(texts)), 1, "each has a seed of its own")
        again = self.chat("Tell me a story", n=4, temperature=2, seed=7, max_tokens=20)
        self.assertEqual([choice["message"]["content"] for choice in again["choices"]], texts)

    def test_tell_how_likely_tokens_were(self):
        answer = self.chat(logprobs=True, top_logprobs=2, max_tokens=4)
        tokens = answer["choices"][0]["logprobs"]["content"]
        self.assertEqual(
            "".join(token["token"] for token in tokens), answer["choices"][0]["message"]["content"]
        )
        for token in tokens:
            self.assertLessEqual(token["logprob"], 0)
            self.assertEqual(bytes(token["bytes"]).decode(), token["token"])
            self.assertEqual(len(token["top_logprobs"]), 2)
            self.assertEqual(token["top_logprobs"][0]["token"], token["token"])
        streamed = [
            token
            for chunk in self.chunks(logprobs=True, top_logprobs=2, max_tokens=4)
            for token in (chunk["choices"][0]["logprobs"] or {"content": []})["content"]
        ]
        self.assertEqual([token["token"] for token in streamed], [token["token"] for token in tokens])

    def test_are_ended_by_stop_texts(self):
        for stop in (" 2", ["nowhere", " 2"], ["", " 2"]):
            choice = self.chat(stop=stop)["choices"][0]
            self.assertEqual((choice["message"]["content"], choice["finish_reason"]), ("2 +", "stop"))
        self.assertEqual(self.chat(stop=[])["choices"][0]["message"]["content"], ANSWER)

    def test_follow_biases_of_tokens_and_of_texts(self):
        four = self.post("/tokenize", {"content": "4"})["tokens"]
        for biases in ({str(four[0]): -100}, {" = ": -100}, [[four[0], False]], [["4", -100]]):
            text = self.chat(logit_bias=biases)["choices"][0]["message"]["content"]
            self.assertNotEqual(text, ANSWER, biases)

    def test_keep_to_a_schema(self):
        forms = (
            {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": CITY}},
            {"type": "json_schema", "schema": CITY},
            {"type": "json_object", "schema": CITY},
        )
        for form in forms:
            text = self.chat("A city?", response_format=form)["choices"][0]["message"]["content"]
            self.assertIn(json.loads(text)["city"], ("Rome", "Oslo"))
        text = self.chat("A city?", json_schema=CITY)["choices"][0]["message"]["content"]
        self.assertIn(json.loads(text)["city"], ("Rome", "Oslo"))
        answer = self.chat("A city?", response_format={"type": "json_object"}, max_tokens=20)
        self.assertTrue(answer["choices"][0]["message"]["content"].lstrip().startswith("{"))
        text = self.chat("A?", grammar='root ::= "a"{5,5}')["choices"][0]["message"]["content"]
        self.assertEqual(text, "aaaaa")

    def test_go_on_with_what_the_assistant_has_begun(self):
        question = {"role": "user", "content": QUESTION}
        for begun in ("2 + 2", [{"type": "text", "text": "2 "}, {"type": "text", "text": "+ 2"}]):
            messages = [question, {"role": "assistant", "content": begun}]
            answer = self.post("/v1/chat/completions", {"messages": messages, "temperature": 0})
            self.assertEqual(answer["choices"][0]["message"]["content"], " = 4.")

    def test_take_contents_in_parts(self):
        parts = [{"type": "text", "text": "What is "}, {"type": "text", "text": "2+2?"}]
        body = {"messages": [{"role": "user", "content": parts}], "temperature": 0}
        answer = self.post("/v1/chat/completions", body)
        self.assertEqual(answer["choices"][0]["message"]["content"], ANSWER)

    def test_ignore_what_they_do_not_know(self):
        more = {
            "store": True,
            "user": "someone",
            "metadata": {"a": "b"},
            "service_tier": "auto",
            "nobody": [1],
        }
        self.assertEqual(self.chat(**more)["choices"][0]["message"]["content"], ANSWER)
        self.assertEqual(self.chat(stop=None, n=None, tools=None)["choices"][0]["message"]["content"], ANSWER)

    def test_name_the_member_that_is_wrong(self):
        wrong = {
            "max_tokens": "many",
            "temperature": "hot",
            "top_p": 2,
            "n": 0,
            "top_logprobs": 3,
            "stop": [1],
            "logit_bias": 3,
            "stream": "yes",
            "tool_choice": "sometimes",
            "seed": 1.5,
            "reasoning_effort": "endless",
        }
        for param, value in wrong.items():
            self.assert_refused(param, self.chat(status=400, **{param: value}))
        self.assert_refused("response_format.type", self.chat(status=400, response_format={"type": "sound"}))
        self.assert_refused(
            "response_format.schema",
            self.chat(status=400, response_format={"type": "json_object", "schema": 1}),
        )
        self.assertEqual(self.chat(status=400, grammar="root ::= (")["error"]["code"], "INVALID_ARGUMENT")

    def test_refuse_messages_that_are_none(self):
        cases = (
            (None, "messages"),
            ("text", "messages"),
            ([], "messages"),
            ([1], "messages[0]"),
            ([{}], "messages[0].role"),
            ([{"role": 1}], "messages[0].role"),
            ([{"role": "user", "content": 1}], "messages[0].content"),
            ([{"role": "user", "content": [1]}], "messages[0].content[0]"),
            (
                [{"role": "user", "content": "a"}] + [{"role": "assistant", "content": "b"}] * 2,
                "messages[2]",
            ),
        )
        for messages, param in cases:
            self.assert_refused(param, self.post("/v1/chat/completions", {"messages": messages}, 400))

    def test_refuse_numbers_that_are_too_large(self):
        status, _, answer = self.server.request("POST", "/v1/chat/completions", '{"temperature": 1e999}')
        self.assertEqual((status, answer["error"]["code"]), (400, "INVALID_ARGUMENT"))

    def test_refuse_images_by_name(self):
        part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
        body = {"messages": [{"role": "user", "content": [part]}]}
        self.assert_refused(
            "messages[0].content[0]", self.post("/v1/chat/completions", body, 400), "UNSUPPORTED"
        )

    def test_say_how_long_a_prompt_is_that_does_not_fit(self):
        for stream in (False, True):
            error = self.chat("word " * 600, status=400, stream=stream)["error"]
            self.assertEqual(error["type"], "exceed_context_size_error")
            self.assertGreater(error["n_prompt_tokens"], 600)
            self.assertEqual(error["n_ctx"], 512)

    def test_refuse_a_model_that_is_none(self):
        answer = self.chat(status=404, model="nobody")
        self.assertEqual(answer["error"]["type"], "not_found_error")


class Tools(Served):
    WEATHER_QUESTION = "What is the weather in Rome?"

    def test_are_called(self):
        for choice in ("auto", "required", {"type": "function", "function": {"name": "weather"}}):
            answer = self.chat(self.WEATHER_QUESTION, tools=[WEATHER], tool_choice=choice)["choices"][0]
            self.assertEqual(answer["finish_reason"], "tool_calls")
            self.assertIsNone(answer["message"]["content"])
            call = answer["message"]["tool_calls"][0]
            self.assertEqual((call["type"], call["function"]["name"]), ("function", "weather"))
            self.assertEqual(json.loads(call["function"]["arguments"]), {"city": "Rome"})
            self.assertTrue(call["id"])

    def test_are_not_called_where_they_shall_not_be(self):
        answer = self.chat(self.WEATHER_QUESTION, tools=[WEATHER], tool_choice="none")["choices"][0]
        self.assertNotIn("tool_calls", answer["message"])

    def test_are_streamed_with_id_and_name_first(self):
        chunks = self.chunks(self.WEATHER_QUESTION, tools=[WEATHER])
        calls = [call for chunk in chunks for call in chunk["choices"][0]["delta"].get("tool_calls", [])]
        self.assertTrue(calls[0]["id"])
        self.assertEqual(calls[0]["function"]["name"], "weather")
        self.assertFalse(any("id" in call or "name" in call["function"] for call in calls[1:]))
        arguments = "".join(call["function"]["arguments"] for call in calls)
        self.assertEqual(json.loads(arguments), {"city": "Rome"})
        self.assertEqual(chunks[-1]["choices"][0]["finish_reason"], "tool_calls")

    def test_have_results_that_are_answered(self):
        question = {"role": "user", "content": self.WEATHER_QUESTION}
        called = self.chat(self.WEATHER_QUESTION, tools=[WEATHER])["choices"][0]["message"]
        result = {"role": "tool", "tool_call_id": called["tool_calls"][0]["id"], "content": SUNNY}
        body = {"messages": [question, called, result], "tools": [WEATHER], "temperature": 0}
        answer = self.post("/v1/chat/completions", body)["choices"][0]
        self.assertIn("20 degrees", answer["message"]["content"])

    def test_may_be_functions_as_they_once_were(self):
        functions = [WEATHER["function"]]
        answer = self.chat(self.WEATHER_QUESTION, functions=functions, function_call={"name": "weather"})[
            "choices"
        ][0]
        self.assertEqual(answer["finish_reason"], "function_call")
        self.assertEqual(answer["message"]["function_call"]["name"], "weather")
        chunks = self.chunks(self.WEATHER_QUESTION, functions=functions)
        calls = [chunk["choices"][0]["delta"].get("function_call", {}) for chunk in chunks]
        self.assertEqual(json.loads("".join(c.get("arguments", "") for c in calls)), {"city": "Rome"})
        question = {"role": "user", "content": self.WEATHER_QUESTION}
        result = {"role": "function", "name": "weather", "content": SUNNY}
        body = {"messages": [question, answer["message"], result], "functions": functions, "temperature": 0}
        self.assertIn(
            "20 degrees", self.post("/v1/chat/completions", body)["choices"][0]["message"]["content"]
        )

    def test_are_checked(self):
        self.assert_refused("tools[0]", self.chat(status=400, tools=[1]))
        self.assert_refused("tools[0].function", self.chat(status=400, tools=[{"type": "function"}]))
        self.assert_refused("tool_choice", self.chat(status=400, tool_choice="required"))
        nobody = {"type": "function", "function": {"name": "nobody"}}
        self.assert_refused("tool_choice", self.chat(status=400, tools=[WEATHER], tool_choice=nobody))


class Reasoning(Served):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        thinker = pathlib.Path(folder) / "thinker.gguf"
        write_thinking_model(thinker)
        cls.server = cls.enterClassContext(Server(thinker))

    def test_is_told_apart_from_what_is_said(self):
        answer = self.chat(thinking_budget_tokens=4, max_tokens=20)
        message = answer["choices"][0]["message"]
        self.assertTrue(message["reasoning_content"])
        self.assertNotIn("<think>", message["content"])
        self.assertGreater(answer["usage"]["completion_tokens_details"]["reasoning_tokens"], 0)
        deltas = [c["choices"][0]["delta"] for c in self.chunks(thinking_budget_tokens=4, max_tokens=20)]
        thought = "".join(delta.get("reasoning_content", "") for delta in deltas)
        self.assertEqual(thought, message["reasoning_content"])

    def test_is_as_much_as_is_asked_for(self):
        message = self.chat(reasoning_effort="none", max_tokens=20)["choices"][0]["message"]
        self.assertNotIn("reasoning_content", message)
        same = self.chat(chat_template_kwargs={"enable_thinking": False}, max_tokens=20)
        self.assertEqual(same["choices"][0]["message"]["content"], message["content"])
        kept = self.chat(reasoning_format="none", max_tokens=20)["choices"][0]["message"]
        self.assertNotIn("reasoning_content", kept)


if __name__ == "__main__":
    main()
