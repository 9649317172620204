/** Answers that are held to grammars. */

import { type Case, check, equal, fails, with_model } from "./platform.js";

const question = { prompt: "Tell me a story", maxTokens: 60, temperature: 1.5, seed: 3 };

export const constrained: Case[] = [
  {
    name: "an answer follows its grammar to the end, and says length where the limit cuts it",
    run: (platform) =>
      with_model(platform, async (model) => {
        const grammar = 'root ::= "{" [a-z]{3,8} (", " [0-9]{1,3}){2} "}" # a word and two numbers';
        const whole = await platform.api.generateText({ model, ...question, grammar });
        check(/^\{[a-z]{3,8}(, [0-9]{1,3}){2}\}$/.test(whole.text), `"${whole.text}" follows the grammar`);
        equal(whole.finishReason, "stop", "finishReason of a whole answer");
        const cut = await platform.api.generateText({
          model,
          ...question,
          grammar: "root ::= [a-z]{500}",
          maxTokens: 3,
        });
        equal(cut.finishReason, "length", "finishReason of a cut one");
        await fails(platform, "INVALID_ARGUMENT", () =>
          platform.api.generateText({ model, ...question, grammar: "root ::= other" }),
        );
      }),
  },
  {
    name: "an answer is one of the choices",
    run: (platform) =>
      with_model(platform, async (model) => {
        const choices = ["red", "green", "blue"];
        let text = "";
        for await (const piece of platform.api.streamText({ model, ...question, choices })) text += piece;
        check(choices.includes(text), `"${text}" is a choice`);
        await fails(platform, "INVALID_ARGUMENT", () =>
          platform.api.generateText({ model, ...question, choices, grammar: 'root ::= "red"' }),
        );
      }),
  },
  {
    name: "an answer is matched by a regular expression",
    run: (platform) =>
      with_model(platform, async (model) => {
        const { text } = await platform.api.generateText({ model, ...question, regex: "\\d{4}-\\d{2}-\\d{2}" });
        check(/^\d{4}-\d{2}-\d{2}$/.test(text), `"${text}" is matched`);
        await fails(platform, "INVALID_ARGUMENT", () => platform.api.generateText({ model, ...question, regex: "(" }));
      }),
  },
  {
    name: "an answer is JSON that a schema allows",
    run: (platform) =>
      with_model(platform, async (model) => {
        const jsonSchema = {
          type: "object",
          properties: { name: { type: "string", maxLength: 8 }, age: { type: "integer", minimum: 0, maximum: 99 } },
          required: ["name", "age"],
          additionalProperties: false,
        };
        for (const schema of [jsonSchema, JSON.stringify(jsonSchema)]) {
          const { text } = await platform.api.generateText({ model, ...question, jsonSchema: schema });
          const value = JSON.parse(text);
          equal(Object.keys(value), ["name", "age"], "properties");
          check(typeof value.name === "string" && Number.isInteger(value.age), `${text} has their types`);
        }
        const dangling = { $ref: "#/$defs/missing" };
        await fails(platform, "INVALID_ARGUMENT", () =>
          platform.api.generateText({ model, ...question, jsonSchema: dangling }),
        );
      }),
  },
];
