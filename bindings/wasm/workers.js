// Part of the threaded modules' loader, which makes its threads with `new Worker`: who creates an instance may bring
// the workers, because one that a page started is sure to start (one that a worker started is not, in Firefox).
function BroughtWorker() {
  return Module.createWorker();
}
// biome-ignore lint/correctness/noUnusedVariables: the loader around this uses it
var Worker = Module.createWorker ? BroughtWorker : globalThis.Worker;
