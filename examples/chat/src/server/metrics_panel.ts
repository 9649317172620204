/** What the server is doing, looked at each second while the panel is open. */

import { element } from "../elements";
import { folding_panel } from "../panel";
import { ask } from "./access";
import { Chart } from "./chart";
import { type Figures, figures_between, type Metrics, read_metrics } from "./metrics";

const pause = 1000;

export function metrics_panel(): void {
  const charts = {
    running: new Chart("Answers being written"),
    waiting: new Chart("Answers waiting"),
    tokens_per_second: new Chart("Tokens written", "/s"),
    first_token: new Chart("First token after", "ms"),
  };
  const list = element("dl", { className: "charts" }, ...Object.values(charts).map(({ node }) => node));
  const failure = element("p", { className: "failure", hidden: true });
  let watching: AbortController | undefined;

  const watch = async (signal: AbortSignal) => {
    let last: { metrics: Metrics; time: number } | undefined;
    while (!signal.aborted) {
      let failed = false;
      try {
        const metrics = read_metrics(await (await ask("metrics", { signal })).text());
        const time = performance.now();
        if (last) show(figures_between(last.metrics, metrics, (time - last.time) / 1000));
        last = { metrics, time };
      } catch (error) {
        failure.textContent = (error as Error).message;
        failed = !signal.aborted;
      }
      failure.hidden = !failed;
      list.hidden = failed;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  };
  const show = (figures: Figures) => {
    for (const [name, chart] of Object.entries(charts)) chart.add(figures[name as keyof Figures]);
  };
  folding_panel("The server now", [list, failure], (open) => {
    watching?.abort();
    watching = open ? new AbortController() : undefined;
    if (watching) void watch(watching.signal);
  });
}
