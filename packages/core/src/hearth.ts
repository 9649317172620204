import { HearthError } from "./errors.js";
import type { Model } from "./model.js";
import type { OptionTable } from "./option.js";
import { check_options } from "./options.js";
import { ModelRegistry, type RegistryOptions, registry_options } from "./registry.js";
import { Server, type ServerModel } from "./server/server.js";
import { type ServerOptions, server_options } from "./server/server_options.js";
import type { CommonLoadOptions } from "./types.js";

export type HearthOptions = RegistryOptions | (Omit<RegistryOptions, "mode"> & ServerOptions);

type Load<Source, Options> = (source: Source, options?: Options) => Promise<Model>;

const hearth_options: OptionTable = {
  ...registry_options,
  ...server_options,
  mode: { type: "name", names: ["local", "server"] },
};

/**
 * Several models under their names: loaded, chosen per request, unloaded when memory runs short. With `mode: "server"`
 * they are a server's, and otherwise run here. That takes the Hearth of @hearth/node or @hearth/web: @hearth/core has no
 * engine.
 */
export class Hearth<Source = string, Options extends CommonLoadOptions = CommonLoadOptions> extends ModelRegistry<
  Source,
  Options
> {
  readonly #server: Server | undefined;

  /** `loadHere`, the platform's loadModel, is for the packages that have one. */
  constructor(options: HearthOptions = {}, loadHere?: Load<Source, Options>) {
    check_options(options, hearth_options);
    const { defaultModel, memoryBudget, ...access } = options;
    const server = access.mode === "server" ? new Server(access) : undefined;
    const load: Load<Source, Options> | undefined = server?.loadModel.bind(server) ?? loadHere;
    if (!load) throw invalid('@hearth/core has no engine: give mode: "server", or import @hearth/node or @hearth/web');
    const misplaced = Object.keys(server ? {} : access).find((name) => name !== "mode");
    if (misplaced !== undefined) throw invalid(`${misplaced} goes with mode: "server"`);
    super(load, { defaultModel, memoryBudget });
    this.#server = server;
  }

  /** What the server can answer with. UNSUPPORTED where models run here. */
  async serverModels({ signal }: { signal?: AbortSignal } = {}): Promise<ServerModel[]> {
    if (this.#server) return this.#server.models(signal);
    throw new HearthError(
      "UNSUPPORTED",
      'only a Hearth with mode "server" asks a server; getModels tells what is loaded',
    );
  }
}

function invalid(message: string): HearthError {
  return new HearthError("INVALID_ARGUMENT", message);
}
