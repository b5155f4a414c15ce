import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../../graph/error.js";

/** What every step of a download needs to know of whoever asked for it. */
export interface Task {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal | undefined;
  readonly patience: Patience;
  note(sentence: string): void;
  /** `total` is null while nobody has told it. */
  progress(received: number, total: number | null, file: string): void;
}

/** How long a server is borne with. */
export interface Patience {
  /** Milliseconds without a byte after which a connection counts as dead. */
  readonly stall: number;
  /** Failures in a row after which it is given up. */
  readonly failures: number;
  /** Bytes further than ever before, after which a failure counts as the first again. */
  readonly progress: number;
  /** The longest wait, in milliseconds, that a server may ask for. */
  readonly longest: number;
  pause(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

export const PATIENCE: Patience = {
  stall: 30_000,
  failures: 5,
  progress: 16 * 2 ** 20,
  longest: 60_000,
  pause: (ms, signal) => sleep(ms, undefined, { signal }),
};

/** A failure that may pass: worth another attempt. The message goes on from the name of what was fetched. */
export class Setback extends Error {
  /** `wait`: milliseconds that the server asks for. `reached`: bytes of the file that are there. */
  constructor(
    message: string,
    readonly wait: number | null = null,
    readonly reached = 0,
  ) {
    super(message);
  }
}

/** The server gave nothing, which says nothing of the file: one that was fetched earlier may stand in. */
export class Unavailable extends UserError {}

/** Repeats `attempt` after a Setback, ever later; throws Unavailable when patience ends. */
export async function persist<T>(what: string, task: Task, attempt: () => Promise<T>): Promise<T> {
  const { failures, progress, longest, pause } = task.patience;
  let furthest = 0;
  for (let failed = 0; ; ) {
    try {
      return await attempt();
    } catch (e) {
      if (!(e instanceof Setback)) throw e;
      failed = e.reached >= furthest + progress ? 1 : failed + 1;
      furthest = Math.max(furthest, e.reached);
      if (e.wait !== null && e.wait > longest)
        throw new Unavailable(`${what} ${e.message} and asks for a wait of ${seconds(e.wait)}: try again after that`);
      if (failed > failures)
        throw new Unavailable(`${what} ${e.message}${failed > 1 ? `, ${failed} times in a row` : ""}: try again later`);
      const wait = e.wait ?? 500 * 2 ** failed;
      task.note(`${what} ${e.message}: trying again in ${seconds(wait)}`);
      await pause(wait, task.signal).catch(() => {}); // an abort is thrown with its own reason
      task.signal?.throwIfAborted();
    }
  }
}
const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;
