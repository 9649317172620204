import type {
  CommonLoadOptions,
  generateText,
  HearthError,
  Model,
  ModelRegistry,
  RegistryOptions,
  streamText,
  ValidateOptions,
  WorkflowFault,
  WorkflowOptions,
  WorkflowRun,
  WorkflowState,
} from "../src/index.js";

/** A package under test, and the files that its cases need, as sources that its loadModel takes. */
export interface Platform {
  api: {
    loadModel: (source: never, options?: CommonLoadOptions) => Promise<Model>;
    generateText: typeof generateText;
    streamText: typeof streamText;
    HearthError: typeof HearthError;
    /** Missing where the package runs no workflows. */
    executeLlmYaml?: (yaml: string, state?: WorkflowState, options?: WorkflowOptions) => WorkflowRun;
    validateWorkflow?: (yaml: string, options?: ValidateOptions) => Promise<WorkflowFault[]>;
    Hearth: new (options?: RegistryOptions) => ModelRegistry<never, CommonLoadOptions>;
  };
  /** models/hearth-spark.gguf of the repository. */
  model: unknown;
  /** The same as thinking_model makes it. */
  thinking: () => Promise<unknown>;
  /** A file that is no model: the text "no model". */
  broken: unknown;
  /** A name under which there is nothing. */
  missing: unknown;
}

export interface Case {
  name: string;
  run: (platform: Platform) => Promise<void>;
}

export function check(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

export function equal<T>(found: T, expected: T, what: string): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what}: ${a} instead of ${b}`);
}

/** The error that `work` ends with must be a HearthError of `code` that says something. */
export async function fails(
  platform: Platform,
  code: string,
  work: () => Promise<unknown> | unknown,
): Promise<HearthError> {
  try {
    await work();
  } catch (error) {
    check(error instanceof platform.api.HearthError, `${String(error)} is a HearthError`);
    equal(error.code, code, `the code of "${error.message}"`);
    check(error.message.length > 10, "the message says something");
    return error;
  }
  throw new Error(`nothing failed; ${code} was expected`);
}

export function load(platform: Platform, options?: CommonLoadOptions): Promise<Model> {
  return platform.api.loadModel(platform.model as never, { threads: 1, ...options });
}

/** Runs `work` with a model that is disposed afterwards. */
export async function with_model<T>(
  platform: Platform,
  work: (model: Model) => Promise<T>,
  options?: CommonLoadOptions,
): Promise<T> {
  const model = await load(platform, options);
  try {
    return await work(model);
  } finally {
    await model.dispose();
  }
}
