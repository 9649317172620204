/** The addon's Model as an engine of @hearth/core. */

import { type EngineModel, HearthError, type HearthErrorCode, type LoadProgress, type ModelInfo } from "@hearth/core";
import {
  call_arguments,
  type EngineExtras,
  type EngineLoadOptions,
  engine_calls,
  generation_json,
  json_text,
  reply_value,
} from "@hearth/core/platform";
import type { GpuRunner } from "@hearth/gpu";
import { type Addon, load_addon } from "./addon.js";

/** The addon's errors carry a public code. */
export function to_hearth_error(error: unknown): HearthError {
  const { code, message } = error as Error & { code?: HearthErrorCode };
  return code === undefined ? HearthError.from(error) : new HearthError(code, message);
}

async function call(native: Addon.Model, name: string, args: unknown[]): Promise<unknown> {
  const given = call_arguments(args);
  try {
    const { type, data } = await native.call(name, given.json, given.data);
    return reply_value(type, data);
  } catch (error) {
    throw to_hearth_error(error);
  }
}

/** Loads a file, or parts in memory. Aborting gives back everything before it rejects. */
export async function open_native(
  source: Addon.ModelSource,
  options: EngineLoadOptions,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal | undefined,
  gpu?: GpuRunner,
): Promise<EngineModel> {
  if (signal?.aborted) throw HearthError.aborted(signal);
  const { Model } = load_addon();
  let failure: unknown;
  const native = new Model(
    source,
    json_text(options),
    (stage, loaded, total) => {
      try {
        onProgress({ stage, loaded, total, file: source.path });
      } catch (error) {
        failure ??= error; // a listener that throws ends loading, and hears of it
        void native.dispose();
      }
    },
    gpu,
  );
  const abort = () => void native.dispose();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await native.ready;
    const info = (await call(native, "info", [])) as ModelInfo;
    return native_engine(native, info);
  } catch (error) {
    await native.dispose();
    if (failure !== undefined) throw failure;
    if (signal?.aborted) throw HearthError.aborted(signal);
    throw to_hearth_error(error);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function native_engine(native: Addon.Model, info: ModelInfo): EngineModel {
  return {
    info,
    ...engine_calls((name, args) => call(native, name, args)),
    generate: (tokens, options, onEvent) => {
      const { cancel, hold } = native.generate(tokens, generation_json(options), (text, result, json) =>
        onEvent(
          text,
          result && { ...result, error: result.error && to_hearth_error(result.error) },
          json === undefined ? undefined : (JSON.parse(json) as EngineExtras),
        ),
      );
      return Object.assign(cancel, { hold });
    },
    dispose: () => native.dispose(),
  };
}
