/** A model whose answer goes on with a text that the assistant has already begun. */

import type { AnsweringModel, EngineModel, Model } from "@hearth/web";

export function with_prefix(model: Model, prefix: string): AnsweringModel {
  return { id: model.id, requireOpen: () => model.requireOpen(), engine: begun_by(model.engine, prefix) };
}

function begun_by(engine: EngineModel, prefix: string): EngineModel {
  // Answers to what tools gave begin anew.
  let [begins, next] = ["", prefix];
  const changed: Partial<EngineModel> = {
    async chatTokens(chat, signal) {
      [begins, next] = [next, ""];
      const [tokens, begun] = await Promise.all([
        engine.chatTokens(chat, signal),
        engine.tokenize(begins, false, false, signal),
      ]);
      return Int32Array.from([...tokens, ...begun]);
    },
    generate(tokens, options, onEvent) {
      const rest = behind(begins);
      const asked = { ...options, continuesText: begins !== "" };
      return engine.generate(tokens, asked, (text, result, extras) => onEvent(rest(text), result, extras));
    },
  };
  return new Proxy(engine, {
    get(target, name) {
      const value: unknown = Reflect.get(name in changed ? changed : target, name);
      return typeof value === "function" && !(name in changed) ? value.bind(target) : value;
    },
  });
}

/** Takes the prefix off a text that comes in pieces: the engine gives the assistant's message from its beginning. */
function behind(prefix: string): (piece: string) => string {
  let left = prefix;
  return (piece) => {
    // It leaves out white space at the beginning.
    if (left === prefix && piece !== "" && !piece.startsWith(left.charAt(0))) left = left.trimStart();
    const length = Math.min(left.length, piece.length);
    const is_known = piece.startsWith(left.slice(0, length));
    left = is_known ? left.slice(length) : "";
    return is_known ? piece.slice(length) : piece;
  };
}
