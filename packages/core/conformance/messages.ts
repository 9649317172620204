/** Messages as OpenAI's API has them, and what becomes of them in the prompt. */

import type { Message } from "../src/index.js";
import { type Case, check, equal, fails, with_model } from "./platform.js";

const part = (text: string) => ({ type: "text" as const, text });

export const messages: Case[] = [
  {
    name: "contents are texts, lists of text parts, or null",
    run: (platform) =>
      with_model(platform, async (model) => {
        const as_text: Message[] = [
          { role: "user", content: "What is 3 plus 4?" },
          { role: "assistant", content: "" },
        ];
        const as_parts: Message[] = [
          { role: "user", content: [part("What is "), part("3 plus 4?")] },
          { role: "assistant", content: null },
        ];
        const prompt = await model.applyChatTemplate(as_text);
        check(prompt.includes("What is 3 plus 4?"), "the text is in the prompt");
        equal(await model.applyChatTemplate(as_parts), prompt, "the prompt of the parts");
        equal(await model.countTokens(as_parts), await model.countTokens(as_text), "the tokens of the parts");
      }),
  },
  {
    name: "contents that are no text are refused by name",
    run: (platform) =>
      with_model(platform, async (model) => {
        const image = { type: "image_url", image_url: { url: "data:image/png;base64," } };
        const refused = async (content: unknown) =>
          fails(platform, "INVALID_ARGUMENT", () =>
            model.applyChatTemplate([{ role: "user", content }] as unknown as Message[]),
          );
        const { message } = await refused([part("What is this?"), image]);
        check(message.includes("messages[0].content[1]") && message.includes("image_url"), `"${message}" names it`);
        check((await refused(5)).message.includes("messages[0].content"), "a number is refused");
      }),
  },
  {
    name: "model.info.templateCapabilities says what the chat template shows",
    run: (platform) =>
      with_model(platform, async (model) => {
        equal(
          model.info.templateCapabilities,
          { system: true, tools: true, parts: false, reasoning: false, parallelCalls: true },
          "the capabilities",
        );
      }),
  },
  {
    name: "no system message is lost, wherever it stands",
    run: (platform) =>
      with_model(platform, async (model) => {
        const prompt = await model.applyChatTemplate([
          { role: "system", content: "Be brief." },
          { role: "developer", content: [part("Be kind.")] },
          { role: "user", content: "Hello" },
          { role: "assistant", content: "Hi" },
          { role: "system", content: "Now rhyme." },
          { role: "user", content: "Bye" },
        ]);
        for (const text of ["Be brief.", "Be kind.", "Now rhyme."]) check(prompt.includes(text), `it has "${text}"`);
      }),
  },
];
