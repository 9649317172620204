/** Stands in for the package's worker of that name, and reads nothing: the engine then reads when it computes. */
self.onmessage = ({ data: port }) => {
  port.onmessage = ({ data: { state } }) => {
    port.onmessage = () => {
      Atomics.store(state, 1, 1); // the first has failed
      Atomics.add(state, 0, 1);
      Atomics.notify(state, 0);
    };
    port.postMessage(true);
  };
};
