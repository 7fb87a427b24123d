import { BroadcastChannel, isMainThread } from 'node:worker_threads';

/**
 * Loaded before a trading worker, and so into each of its threads: workflows run in a thread of
 * their own, whose heap nobody else can see. Asked by the benchmark, every thread collects its
 * garbage and says what is left; the main thread tells the sum.
 */
const ASK = 'legwork-bench-ask';
const TELL = 'legwork-bench-tell';
/** A collection of a large heap takes a while; nobody is in a hurry. */
const GATHER_MS = 1_500;

const asked = new BroadcastChannel(ASK);
const told = new BroadcastChannel(TELL);

if (isMainThread) {
  process.on('message', (message: { readonly kind?: string }) => {
    if (message.kind === 'measureHeap') gather();
  });
} else {
  asked.onmessage = () => told.postMessage(heapAfterCollection());
}
// They must not keep a worker alive that has drained.
for (const channel of [asked, told]) channel.unref();

function gather(): void {
  let heapBytes = 0;
  told.onmessage = (message) => {
    heapBytes += (message as { readonly data: number }).data; // posted below, by a thread of ours
  };
  asked.postMessage('');
  setTimeout(() => {
    told.onmessage = () => undefined;
    process.send?.({ kind: 'memory', heapBytes: heapBytes + heapAfterCollection() });
  }, GATHER_MS);
}

function heapAfterCollection(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
