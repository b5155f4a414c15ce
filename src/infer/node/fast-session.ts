import type { Port, Session } from "../session.js";

/** Whether `session` takes as many images as a run brings. */
const fits = (batch: number, shape: readonly number[] | undefined): boolean => shape?.[0] === batch;

/**
 * A session that runs batches of `batch` images on `fast`, and others on `usual`, which is made when it is first needed. Inputs and outputs are
 * the model's own.
 */
export function fastSession(
  fast: Session,
  batch: number,
  { inputs, outputs }: { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] },
  usual: () => Promise<Session>,
): Session {
  let other: Promise<Session> | null = null;
  const session = (): Promise<Session> => {
    other ??= usual();
    return other;
  };
  return {
    ...fast,
    inputs,
    outputs,
    async run(feeds) {
      const [first] = Object.values(feeds);
      return (fits(batch, first?.shape) ? fast : await session()).run(feeds);
    },
    async close() {
      await Promise.all([fast.close(), other?.then((o) => o.close())]);
    },
  };
}
