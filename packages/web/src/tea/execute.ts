/** Workflows as The Edge Agent runs them: from a text and a state to the state at the end. */

import { execute_workflow } from "@hearth/core/workflow";
import { platform } from "../workflow.js";
import { by_handler, type LlmHandler, set_llm_handler } from "./handler.js";
import { initLlm, the_model } from "./llm.js";

export interface TeaLlmConfig {
  /** Loaded where there is no handler. */
  modelUrl?: string;
  /** 0: as many as are good. */
  threads?: number;
  verbose?: boolean;
}

/** Has workflows ask `llmHandler`, or without one the model at `modelUrl`. */
export async function initTeaLlm(config: TeaLlmConfig = {}, llmHandler?: LlmHandler): Promise<void> {
  const { modelUrl, threads, verbose } = config;
  if (llmHandler) set_llm_handler(llmHandler);
  else await initLlm({ modelUrl, nThreads: threads || undefined, verbose });
}

/** Nothing is to be done: what runs workflows is loaded with the first one. */
export async function initYamlEngine(_config: { verbose?: boolean } = {}): Promise<void> {}

/** The state at the end, after nodes that asked the handler, or the model of initLlm where there is none. */
export async function executeLlmYaml(
  yaml: string,
  initialState: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const answer = { ...platform, answer: by_handler };
  return (await execute_workflow(yaml, initialState, { model: the_model }, answer)).state;
}

/** The same in JSON. */
export async function execute_yaml(yaml: string, stateJson: string): Promise<string> {
  return JSON.stringify(await executeLlmYaml(yaml, JSON.parse(stateJson)));
}
