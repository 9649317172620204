/** What the interpreter asks of its host, by kind: docs/workflows.md (Hosts) says what each has and what answers it. */

import { HearthError } from "../errors.js";
import { allowed_origins, type HttpRequest, request_http } from "./http.js";
import { type CallContext, embed, type GenerateRequest, generate, rerank, tokenize, with_model } from "./models.js";
import { ask_store, MemoryStore, type StoreRequest } from "./store.js";
import type { WorkflowOptions } from "./types.js";

/** A `call` event. */
export interface WorkflowCall {
  id: number;
  kind: string;
  request: unknown;
  node: string;
  task: number;
}

/** Carries out calls, as the options of a run allow. */
export type CarryOut = (call: WorkflowCall, context: CallContext) => Promise<unknown>;

export function host_of(options: WorkflowOptions): CarryOut {
  const { model: models, functions = {}, store = new MemoryStore() } = options;
  const allowed = allowed_origins(options.allowOrigins ?? []);
  return async ({ kind, request, node }, context) => {
    switch (kind) {
      case "generate": {
        const asked = request as GenerateRequest;
        return with_model(models, asked.model, kind, (model) => generate(model, asked, context));
      }
      case "embed": {
        const asked = request as { model: string; texts: string[] };
        return with_model(models, asked.model, kind, (model) => embed(model, asked, context));
      }
      case "rerank": {
        const asked = request as { model: string; query: string; documents: string[] };
        return with_model(models, asked.model, kind, (model) => rerank(model, asked));
      }
      case "tokenize": {
        const asked = request as { model: string; text: string };
        return with_model(models, asked.model, kind, (model) => tokenize(model, asked));
      }
      case "store":
        return ask_store(store, request as StoreRequest);
      case "http":
        return request_http(request as HttpRequest, allowed, context.signal);
      case "function": {
        const { name, parameters, state } = request as { name: string; parameters: object; state: never };
        const { [name]: called } = Object.hasOwn(functions, name) ? functions : {};
        if (!called) throw new HearthError("NOT_FOUND", `there is no function '${name}'`);
        return (await called(parameters, state, { signal: context.signal, node })) ?? null;
      }
      default:
        throw new HearthError("UNSUPPORTED", `there is nothing here for calls of the kind '${kind}'`);
    }
  };
}
