/** The server's figures, from the text of /metrics. https://prometheus.io/docs/instrumenting/exposition_formats */

/** By the metric's name; of one with labels, the sum of all. */
export type Metrics = Map<string, number>;

export function read_metrics(text: string): Metrics {
  const sums: Metrics = new Map();
  for (const line of text.split("\n")) {
    // A label's value may have spaces and braces in it: the value of the line is what follows the last of them.
    const [, name, value] = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? (\S+)$/.exec(line) ?? [];
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}

export interface Figures {
  running: number;
  waiting: number;
  /** Since the last look. */
  tokens_per_second: number;
  /** Milliseconds, of the answers that have begun since the last look; undefined where none has. */
  first_token: number | undefined;
}

/** What has happened in the seconds between two looks. */
export function figures_between(before: Metrics, now: Metrics, seconds: number): Figures {
  const value = (name: string) => now.get(name) ?? 0;
  const grown = (name: string) => value(name) - (before.get(name) ?? 0);
  const begun = grown("hearth_time_to_first_token_seconds_count");
  return {
    running: value("hearth_answers_running"),
    waiting: value("hearth_answers_waiting"),
    tokens_per_second: grown("hearth_completion_tokens_total") / seconds,
    first_token: begun > 0 ? (1000 * grown("hearth_time_to_first_token_seconds_sum")) / begun : undefined,
  };
}
