/** The page's side of starting a worker, and with it a model. */

import { HearthError, type LoadProgress } from "@hearth/core";
import { type Answer, type Channel, Connection, load_over, type Opened } from "@hearth/core/remote";
import { type Pool, start_pool } from "@hearth/wasm";
import { hold_until_the_end, life_name, when_dead } from "./lifetime.js";
import type { LoadRequest, WantedHelpers } from "./load_request.js";
import { can_share, new_read_ahead_worker, new_shared_worker, new_worker } from "./worker_files.js";

export interface StartOptions {
  /** Milliseconds that the worker may be silent while it owes an answer. */
  timeout?: number;
  /** One worker for all tabs that load the same model in the same way: its key. */
  shared?: string;
  signal?: AbortSignal;
  onProgress?: (progress: LoadProgress) => void;
}

/** How long a worker that was told to stop loading may go on before it is ended. */
const patience_ms = 200;

/** WORKER_NOT_SUPPORTED where there are no workers. */
export async function start_in_worker(
  load: Omit<LoadRequest, "alive" | "page">,
  options: StartOptions,
  onIdle: () => void,
): Promise<Opened> {
  const started = new StartedWorker(options.shared);
  const connection = new Connection(started.channel, {
    timeout: options.timeout,
    onIdle,
    onFailure: () => started.end(),
  });
  started.on_death = (error) => connection.fail(error);
  try {
    const loaded = await load_into(connection, started, load, options);
    const close = async () => {
      if (options.shared !== undefined) started.channel.postMessage({ id: 0, type: "terminate" }, []);
      started.end();
    };
    return { connection, ...loaded, close };
  } catch (error) {
    started.end();
    throw error;
  }
}

async function load_into(connection: Connection, started: StartedWorker, load: LoadRequest, options: StartOptions) {
  const { signal, onProgress } = options;
  const page = options.shared === undefined ? undefined : life_name();
  await hold_until_the_end(page);
  const onAnswer = (answer: Answer) => {
    started.seen_alive();
    if (answer.type !== "help") return;
    const fail = (error: unknown) => connection.fail(HearthError.from(error));
    started.start_helpers(answer.wanted as WantedHelpers, fail).then(({ workers, ahead }) => {
      const transfer = [...workers, ...(ahead ? [ahead] : [])];
      connection.tell({ id: answer.id, type: "help", help: { workers, ahead } }, transfer);
    }, fail);
  };
  const request: LoadRequest = { ...load, alive: started.life, page };
  return load_over(connection, request, { signal, onProgress, onAnswer, patience: patience_ms });
}

/** A worker, dedicated or shared, with the page's workers for its engine's threads. */
class StartedWorker {
  readonly channel: Channel;
  /** The lock that it holds while it lives. */
  readonly life: string;
  on_death: (error: HearthError) => void = () => {};
  readonly #terminate: () => void;
  readonly #watching = new AbortController();
  #pool: Pool | undefined;
  #reader: Worker | undefined;
  #seen = false;

  constructor(shared: string | undefined) {
    this.life = life_name();
    const worker = shared !== undefined && can_share() ? new_shared_worker(shared) : new_worker();
    worker.addEventListener("error", (event) => this.#died((event as ErrorEvent).message));
    if (worker instanceof Worker) {
      this.channel = worker as unknown as Channel;
      this.#terminate = () => worker.terminate();
    } else {
      const { port } = worker;
      port.start();
      this.channel = port as unknown as Channel;
      this.#terminate = () => port.close();
    }
  }

  /** From the first answer on, it holds its lock. */
  seen_alive(): void {
    if (this.#seen) return;
    this.#seen = true;
    when_dead(this.life, this.#watching.signal).then(
      () => this.#died(""),
      () => {},
    );
  }

  /** `on_failure` is called if the one that reads ahead, which the engine waits for, ends. */
  async start_helpers({ module, threads, readsAhead }: WantedHelpers, on_failure: (error: Error) => void) {
    this.#end_helpers(); // those of a module that turned out too small
    this.#pool = await start_pool(module, threads);
    const { ports: workers } = this.#pool;
    if (!readsAhead) return { workers };
    this.#reader = new_read_ahead_worker();
    this.#reader.onerror = (event) => on_failure(new Error(`the worker that reads ahead failed: ${event.message}`));
    const { port1, port2: ahead } = new MessageChannel();
    this.#reader.postMessage(port1, [port1]);
    return { workers, ahead };
  }

  end(): void {
    this.#watching.abort();
    this.#terminate();
    this.#end_helpers();
  }

  #end_helpers(): void {
    this.#pool?.terminate();
    this.#reader?.terminate();
  }

  #died(message: string): void {
    if (this.#watching.signal.aborted) return;
    const why = message ? `: ${message}` : "";
    this.on_death(
      this.#seen
        ? new HearthError("INTERNAL", `the model's worker has ended${why}; load the model again`)
        : new HearthError("WORKER_NOT_SUPPORTED", `the worker could not be started${why}`),
    );
  }
}
