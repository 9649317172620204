/** What of a session's options a text model can do at all. */

import type { CoreOptions, Expected } from "./create_options.js";
import type { LanguageModelMessageType } from "./types.js";

const inputs: LanguageModelMessageType[] = ["text", "tool-response"];
const outputs: LanguageModelMessageType[] = ["text", "tool-call"];

/** `languages`: those that the model is for; undefined: all that have a name. */
export function is_supported(options: CoreOptions, languages: string[] | undefined): boolean {
  return (
    options.expectedInputs.every((expected) => can_be(expected, inputs, languages)) &&
    options.expectedOutputs.every((expected) => can_be(expected, outputs, languages))
  );
}

function can_be(expected: Expected, types: LanguageModelMessageType[], languages: string[] | undefined): boolean {
  return types.includes(expected.type) && expected.languages.every((tag) => is_spoken(tag, languages));
}

function is_spoken(tag: string, languages: string[] | undefined): boolean {
  const { language } = new Intl.Locale(tag);
  if (languages) return languages.some((known) => new Intl.Locale(known).language === language);
  return new Intl.DisplayNames("en", { type: "language", fallback: "none" }).of(language) !== undefined;
}
