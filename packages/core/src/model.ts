import { Chat, type ChatOptions } from "./chat.js";
import { type EmbedOptions, embed_texts, rerank_documents, type TextOrTokens } from "./embed.js";
import { type AnsweringModel, chat_json, type EngineModel } from "./engine.js";
import { HearthError } from "./errors.js";
import { check_options, check_value, conversation_options } from "./options.js";
import { tool_list } from "./tools.js";
import type {
  AdapterChoice,
  KernelTime,
  Message,
  MetadataValue,
  ModelInfo,
  ModelStatistics,
  PromptOptions,
  RankedDocument,
} from "./types.js";

/** A loaded model. `loadModel` makes them; `dispose` gives its memory back. */
export class Model implements AnsweringModel {
  readonly id: string;
  /** The platform's side of it. */
  readonly engine: EngineModel;
  #disposed = false;

  constructor(engine: EngineModel, id: string) {
    this.engine = engine;
    this.id = id;
  }

  get info(): ModelInfo {
    return this.engine.info;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Every key of the file's metadata; arrays are cut after `mostElements`, which may be Infinity. */
  async metadata(mostElements = 8): Promise<Record<string, MetadataValue>> {
    this.requireOpen();
    check_value("mostElements", { type: "number", least: 0, most: Infinity }, mostElements);
    return this.engine.metadata(Math.min(Math.floor(mostElements), 2 ** 31 - 1));
  }

  /** What it is doing and has done, and how the streaming of its weights goes. */
  statistics(): Promise<ModelStatistics> {
    this.requireOpen();
    return this.engine.statistics();
  }

  /**
   * What each of a GPU's kernels has taken since loading, the longest first, where the model was loaded with the option
   * `profile`; nothing where the processor computes. Times are as exact as the browser tells them, often to 0.1 ms.
   */
  profile(): Promise<KernelTime[]> {
    this.requireOpen();
    return this.engine.profile();
  }

  /**
   * With `addSpecial`, the beginning and end tokens that the vocabulary asks for are added. With `parseSpecial`, names
   * of control tokens in the text become those tokens: never set it for text that a user wrote.
   */
  async tokenize(text: string, options: { addSpecial?: boolean; parseSpecial?: boolean } = {}): Promise<number[]> {
    this.requireOpen();
    check_value("text", { type: "text" }, text);
    check_options(options, { addSpecial: { type: "flag" }, parseSpecial: { type: "flag" } });
    return Array.from(await this.engine.tokenize(text, options.addSpecial ?? false, options.parseSpecial ?? false));
  }

  /** With `withSpecial`, control tokens are shown by name, and otherwise as nothing. */
  async detokenize(tokens: ArrayLike<number>, options: { withSpecial?: boolean } = {}): Promise<string> {
    this.requireOpen();
    check_value("tokens", { type: "tokens" }, tokens);
    check_options(options, { withSpecial: { type: "flag" } });
    return this.engine.detokenize(Int32Array.from(tokens), options.withSpecial ?? false);
  }

  /** Tokens of a text, or of a conversation as the model would get it. */
  async countTokens(input: string | Message[]): Promise<number> {
    this.requireOpen();
    if (typeof input === "string") return (await this.engine.tokenize(input, false, false)).length;
    return (await this.engine.chatTokens(chat_json({ messages: input }))).length;
  }

  /** The prompt that a conversation becomes, as text to look at. */
  async applyChatTemplate(
    messages: Message[],
    options: {
      tools?: PromptOptions["tools"];
      templateVariables?: Record<string, unknown>;
      addGenerationPrompt?: boolean;
    } = {},
  ): Promise<string> {
    this.requireOpen();
    const { tools, templateVariables } = conversation_options;
    check_options(options, { tools, templateVariables, addGenerationPrompt: { type: "flag" } });
    return this.engine.applyChatTemplate(chat_json({ messages, ...options, tools: tool_list(options.tools) }));
  }

  /**
   * One vector per text, of length 1 unless `normalize` is false. Many texts at once take far less time than one by one.
   * A list of tokens stands for the text that they are, its beginning and end tokens included.
   */
  embed(text: string, options?: EmbedOptions): Promise<Float32Array>;
  embed(texts: TextOrTokens[], options?: EmbedOptions): Promise<Float32Array[]>;
  async embed(texts: string | TextOrTokens[], options: EmbedOptions = {}): Promise<Float32Array | Float32Array[]> {
    this.requireOpen();
    const vectors = await embed_texts(this.engine, Array.isArray(texts) ? texts : [texts], options);
    return Array.isArray(texts) ? vectors : (vectors[0] as Float32Array);
  }

  /** The documents by how well each answers the query, the best first, for models that are made for it. */
  async rerank(query: string, documents: string[]): Promise<RankedDocument[]> {
    this.requireOpen();
    check_value("query", { type: "text" }, query);
    check_value("documents", { type: "list" }, documents);
    for (const document of documents) check_value("document", { type: "text" }, document);
    return rerank_documents(this.engine, query, documents);
  }

  /** A conversation that remembers what was said. */
  createChat(options: ChatOptions = {}): Chat {
    this.requireOpen();
    return new Chat(this, options);
  }

  /**
   * What finished answers have read, as bytes to keep: a later run of the same model that gets them back does not read
   * those texts again.
   */
  async saveState(): Promise<Uint8Array> {
    this.requireOpen();
    return this.engine.saveState();
  }

  /** INVALID_ARGUMENT for the state of another model or kvType, INTEGRITY for a damaged one. */
  async restoreState(state: Uint8Array): Promise<void> {
    this.requireOpen();
    if (!(state instanceof Uint8Array)) {
      throw new HearthError("INVALID_ARGUMENT", "a state is the Uint8Array that saveState gave");
    }
    return this.engine.restoreState(state);
  }

  /**
   * Takes in a low-rank adapter (LoRA) of this model, a GGUF file as bytes, or as a path where the engine can read files
   * (in Node.js with the addon). Requests choose it by the id that this gives: `adapters: [{ id, scale: 0.5 }]`.
   * INVALID_MODEL for what is no adapter, INVALID_ARGUMENT for one of another model, naming the tensor.
   */
  async loadAdapter(source: Uint8Array | string): Promise<number> {
    this.requireOpen();
    if (typeof source === "string") return this.engine.loadAdapter(source, new Uint8Array());
    if (!(source instanceof Uint8Array)) {
      throw new HearthError("INVALID_ARGUMENT", "an adapter is the bytes of a GGUF file, or its path");
    }
    return this.engine.loadAdapter("", source);
  }

  /** Answers that are being written keep it. NOT_FOUND where there is none of that id. */
  async unloadAdapter(id: number): Promise<void> {
    this.requireOpen();
    check_value("id", { type: "integer", least: 0 }, id);
    return this.engine.unloadAdapter(id);
  }

  /** From now on these are added where a request names none, and for embeddings. */
  async useAdapters(adapters: AdapterChoice[]): Promise<void> {
    this.requireOpen();
    check_value("adapters", { type: "adapters" }, adapters);
    return this.engine.useAdapters(adapters);
  }

  /** What still runs ends with DISPOSED. Settled when memory and threads have been given back. */
  dispose(): Promise<void> {
    this.#disposed = true;
    return this.engine.dispose();
  }

  /** @internal */
  requireOpen(): void {
    if (this.#disposed) throw new HearthError("DISPOSED", `the model '${this.id}' was disposed`);
  }
}
