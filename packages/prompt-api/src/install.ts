/** Makes the LanguageModel of a page: the class with its static methods, on a model of the page's choice. */

import type { LoadOptions, SamplingOptions } from "@hearth/web";
import { abortable } from "./abortable.js";
import { is_supported } from "./availability.js";
import { Conversation } from "./conversation.js";
import { type CreateOptions, core_options, create_options } from "./create_options.js";
import { exception_of } from "./errors.js";
import { construct, destroy_with, LanguageModel, type SessionState } from "./language_model.js";
import { ModelHost, type ModelSource } from "./model_host.js";
import { DownloadMonitor } from "./monitor.js";
import { params, type SessionSampling, session_sampling } from "./sampling.js";
import type {
  Availability,
  LanguageModelCreateCoreOptions,
  LanguageModelCreateOptions,
  LanguageModelParams,
} from "./types.js";

export interface PromptApiOptions {
  model: ModelSource;
  /** Options of loadModel. */
  load?: LoadOptions;
  /** Options of every answer, such as maxTokens, where a session's sampling mode says nothing else. */
  sampling?: SamplingOptions;
  /** The languages that the model is for; default: any. */
  languages?: string[];
  /** Heeds topK and temperature, and has params(), as browsers do in extensions only. */
  samplingParameters?: boolean;
  /** Whether a download needs a page that the user has clicked or typed in, as browsers ask for. Default true. */
  requireUserActivation?: boolean;
}

export interface InstallOptions extends PromptApiOptions {
  /** Also in place of the browser's own. */
  force?: boolean;
}

export interface LanguageModelClass {
  readonly prototype: LanguageModel;
  /** Always throws: sessions are made by `create`. */
  new (): LanguageModel;
  create(options?: LanguageModelCreateOptions): Promise<LanguageModel>;
  availability(options?: LanguageModelCreateCoreOptions): Promise<Availability>;
  /** Where `samplingParameters` was set. */
  params?(): Promise<LanguageModelParams | null>;
}

/** Puts LanguageModel into the page where there is none. Gives the one that is there afterwards. */
export function installPromptApi({ force = false, ...options }: InstallOptions): LanguageModelClass {
  const { LanguageModel: native } = globalThis as { LanguageModel?: LanguageModelClass };
  if (native && !force) return native;
  const value = createLanguageModel(options);
  Object.defineProperty(globalThis, "LanguageModel", { value, writable: true, configurable: true, enumerable: false });
  return value;
}

/** The class alone; the page stays as it is. */
export function createLanguageModel(options: PromptApiOptions): LanguageModelClass {
  const factory = new SessionFactory(options);
  const Session: LanguageModelClass = class LanguageModelSession extends LanguageModel {
    static create(given?: LanguageModelCreateOptions): Promise<LanguageModel> {
      return factory.create(given, Session);
    }

    static availability(given?: LanguageModelCreateCoreOptions): Promise<Availability> {
      return factory.availability(given);
    }
  };
  Object.defineProperty(Session, "name", { value: "LanguageModel" });
  if (options.samplingParameters) Session.params = () => factory.params();
  return Session;
}

type Constructor = new (key: symbol, state: SessionState) => LanguageModel;

class SessionFactory {
  readonly #options: PromptApiOptions;
  readonly #host: ModelHost;

  constructor(options: PromptApiOptions) {
    this.#options = options;
    this.#host = new ModelHost(options.model, options.load ?? {});
  }

  async availability(given: unknown): Promise<Availability> {
    check_active();
    const options = core_options(given);
    return is_supported(options, this.#options.languages) ? this.#host.availability() : "unavailable";
  }

  async params(): Promise<LanguageModelParams | null> {
    return (await this.#host.availability()) === "unavailable" ? null : { ...params };
  }

  async create(given: unknown, Session: LanguageModelClass): Promise<LanguageModel> {
    check_active();
    const options = create_options(given);
    const { sampling = {}, samplingParameters = false } = this.#options;
    const chosen = session_sampling(options, sampling, samplingParameters);
    const { signal } = options;
    signal?.throwIfAborted();
    const monitor = new DownloadMonitor();
    options.monitor?.(monitor);
    const begun = this.#begin(options, chosen, monitor);
    const conversation = await abortable(signal, begun).catch((error) => {
      throw exception_of(error, "OperationError");
    });
    const session = new (Session as unknown as Constructor)(construct, { ...chosen, conversation });
    signal?.addEventListener("abort", () => session[destroy_with](signal.reason), { once: true });
    return session;
  }

  /** Loading goes on where the session is given up meanwhile: the next one finds more of the model there. */
  async #begin(options: CreateOptions, { sampling }: SessionSampling, monitor: DownloadMonitor): Promise<Conversation> {
    const { signal, tools, initialMessages } = options;
    await this.#check_available(options);
    const tell = (fraction: number) => {
      if (!signal?.aborted) monitor.tell(fraction);
    };
    await a_task();
    tell(0);
    // The end is told when it is reached.
    const ready = await this.#host.load((fraction) => tell(Math.min(fraction, 1 - 2 ** -16)));
    await a_task();
    tell(1);
    await a_task();
    return Conversation.begin({ ...ready, tools, sampling }, initialMessages);
  }

  async #check_available(options: CreateOptions): Promise<void> {
    const supported = is_supported(options, this.#options.languages);
    const availability = supported ? await this.#host.availability() : "unavailable";
    if (availability === "unavailable") {
      const why = supported
        ? "this browser cannot run the engine"
        : "the model is for text only, or for other languages";
      throw new DOMException(`the language model is not available: ${why}`, "NotSupportedError");
    }
    const { requireUserActivation = true } = this.#options;
    const active = globalThis.navigator?.userActivation?.hasBeenActive ?? true;
    if (availability === "downloadable" && requireUserActivation && !active) {
      const message = "a model is downloaded only after the user has clicked or typed in the page";
      throw new DOMException(message, "NotAllowedError");
    }
  }
}

/** InvalidStateError in a frame that was taken out of its page. */
function check_active(): void {
  if (globalThis.document && !globalThis.document.defaultView) {
    throw new DOMException("the document is not active", "InvalidStateError");
  }
}

/** Lets what waits for events run before the next one. */
function a_task(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
