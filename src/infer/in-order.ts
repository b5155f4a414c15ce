interface Started<R> {
  outcome: PromiseSettledResult<R> | null;
}

/**
 * Calls `start` with each item and gives what it resolves to, in the order of the items. At most `limit` items are under way or waiting to be
 * taken: `items` is asked for more as results are taken, so that memory is bounded however many there are.
 *
 * Throws what `start` rejects with, what `items` throws (after the results of the items before it), and the reason of `signal` as soon as it is aborted.
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  start: (item: T, index: number) => Promise<R>,
  signal?: AbortSignal,
): AsyncGenerator<R, void, undefined> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const window: Started<R>[] = [];
  let wake = (): void => {};
  let [pulling, ended, index] = [false, false, 0];
  let failure: { readonly error: unknown } | null = null;

  const follow = (promise: Promise<R>): Started<R> => {
    const started: Started<R> = { outcome: null };
    Promise.allSettled([promise]).then(([outcome]) => {
      started.outcome = outcome;
      wake();
    });
    return started;
  };
  const pull = async (): Promise<void> => {
    pulling = true;
    try {
      const next = await iterator.next();
      if (next.done) ended = true;
      else window.push(follow(start(next.value, index++)));
    } catch (error) {
      ended = true;
      failure = { error };
    }
    pulling = false;
    wake();
  };
  const abort = (): void => wake();

  signal?.addEventListener("abort", abort);
  try {
    for (;;) {
      signal?.throwIfAborted();
      if (!ended && !pulling && window.length < limit) pull();
      const outcome = window[0]?.outcome;
      if (outcome) {
        window.shift();
        if (outcome.status === "rejected") throw outcome.reason;
        yield outcome.value;
      } else if (ended && !window.length) {
        if (failure) throw (failure as { readonly error: unknown }).error; // set in `pull`, which the compiler does not see
        return;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    if (!ended) Promise.resolve(iterator.return?.()).catch(() => {}); // it may still be waiting for its next item
  }
}
