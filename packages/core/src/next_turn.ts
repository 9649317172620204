/** Resolves in the next turn of the event loop, after what waits there already; timers would wait for milliseconds. */
export function next_turn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (call: () => void) => void };
  if (setImmediate) return new Promise(setImmediate);
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel ??= open_channel();
    channel.port2.postMessage(undefined);
  });
}

const waiting: (() => void)[] = [];
let channel: MessageChannel | undefined;

function open_channel(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.onmessage = () => waiting.shift()?.();
  return opened;
}
