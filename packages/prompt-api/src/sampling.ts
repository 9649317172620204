/** From the sampling of a session, as pages ask for it, to the engine's. */

import type { SamplingOptions } from "@hearth/web";
import type { CoreOptions } from "./create_options.js";
import type { LanguageModelParams, LanguageModelSamplingMode } from "./types.js";

const modes: Record<LanguageModelSamplingMode, SamplingOptions> = {
  "most-predictable": { temperature: 0 },
  predictable: { temperature: 0.4 },
  balanced: {},
  creative: { temperature: 1.1 },
  "most-creative": { temperature: 1.5 },
};

export const params: LanguageModelParams = {
  defaultTopK: 40,
  maxTopK: 1000,
  defaultTemperature: 0.8,
  maxTemperature: 2,
};

export interface SessionSampling {
  samplingMode: LanguageModelSamplingMode;
  topK: number | undefined;
  temperature: number | undefined;
  sampling: SamplingOptions;
}

/** `raw`: topK and temperature are heeded, too. RangeError and TypeError for what they cannot be. */
export function session_sampling(options: CoreOptions, defaults: SamplingOptions, raw: boolean): SessionSampling {
  const { samplingMode = "balanced" } = options;
  const sampling = { ...defaults, ...modes[samplingMode] };
  if (!raw) return { samplingMode, topK: undefined, temperature: undefined, sampling };
  const { topK = params.defaultTopK, temperature = sampling.temperature ?? params.defaultTemperature } = options;
  const is_raw = options.topK !== undefined || options.temperature !== undefined;
  if (options.samplingMode !== undefined && is_raw)
    throw new TypeError("samplingMode goes without topK and temperature");
  if (topK < 1) throw new RangeError("topK must be 1 or more");
  if (temperature < 0) throw new RangeError("temperature must be 0 or more");
  const chosen = {
    topK: Math.trunc(Math.min(topK, params.maxTopK)),
    temperature: Math.min(temperature, params.maxTemperature),
  };
  return { samplingMode, ...chosen, sampling: { ...sampling, ...chosen } };
}
