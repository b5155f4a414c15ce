/** A worker that is stopped inside a call of ONNX Runtime aborts the whole process, since the runtime's binding then throws where nobody
 *  catches. So each worker shares one number with the thread that started it, which says whether it is inside one, and the process's
 *  end waits for that. */
export type CallState = Int32Array<SharedArrayBuffer>;

const IDLE = 0;
const BUSY = 1;
const STOPPED = 2;

export const callState = (): CallState => new Int32Array(new SharedArrayBuffer(4));

/** In the worker: makes a call of the runtime; none starts once the process ends. */
export async function nativeCall<T>(state: CallState, call: () => Promise<T>): Promise<T> {
  if (Atomics.compareExchange(state, 0, IDLE, BUSY) === STOPPED) return new Promise(() => {}); // the thread is about to go
  try {
    return await call();
  } finally {
    Atomics.store(state, 0, IDLE);
    Atomics.notify(state, 0);
  }
}

const states = new Set<CallState>();

/** In the thread that started the worker: the process's end waits for the call that the worker is in, until `release` is called. */
export function waitAtExit(state: CallState): { release(): void } {
  if (states.size === 0) process.on("exit", stopAll);
  states.add(state);
  return {
    release() {
      if (states.delete(state) && states.size === 0) process.off("exit", stopAll);
    },
  };
}

function stopAll(): void {
  for (const state of states)
    while (Atomics.compareExchange(state, 0, IDLE, STOPPED) === BUSY) Atomics.wait(state, 0, BUSY);
}
