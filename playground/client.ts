import type { Failure, Progress, Reply, Request } from "./worker/answer.js";
import type { work } from "./worker.js";

type Work = typeof work;
type Name = keyof Work;
type Ask<N extends Name> = Work[N] extends (ask: infer A, ...rest: never) => unknown ? A : never;
type Answer<N extends Name> = Awaited<ReturnType<Work[N]>>;

/** What a call that was cancelled is rejected with. */
export class Cancelled extends Error {}

interface Pending {
  readonly progress: Progress;
  resolve(answer: unknown): void;
  reject(reason: Error): void;
}
const pending = new Map<number, Pending>();
let ids = 0;
let worker: Worker | null = null;

/** Has the worker do a piece of its work. Rejects with an Error whose message is for the user. */
export function call<N extends Name>(name: N, ask: Ask<N>, progress: Progress = () => {}): Promise<Answer<N>> {
  worker ??= start();
  const request: Request = { id: ids++, name, ask };
  worker.postMessage(request);
  return new Promise((resolve, reject) => {
    const answered = (answer: unknown): void => resolve(answer as Answer<N>); // what work[name] gives
    pending.set(request.id, { progress, resolve: answered, reject });
  });
}

/** Ends all work at once, a run that is under way too: the thread goes, and with it all memory of its runtime. */
export function cancel(reason: Error = new Cancelled()): void {
  worker?.terminate();
  worker = null;
  for (const { reject } of pending.values()) reject(reason);
  pending.clear();
}

function start(): Worker {
  const started = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  started.addEventListener("message", ({ data }: MessageEvent<Reply>) => receive(data));
  started.addEventListener("error", () =>
    cancel(
      new Error(
        "the page's worker could not go on, perhaps for want of memory: choose a smaller network, and try again",
      ),
    ),
  );
  return started;
}

function receive(reply: Reply): void {
  const asked = pending.get(reply.id);
  if (!asked) return;
  if ("step" in reply) {
    asked.progress(reply.step);
    return;
  }
  pending.delete(reply.id);
  if ("answer" in reply) asked.resolve(reply.answer);
  else asked.reject(new Error(sentenceOf(reply.error)));
}

const sentenceOf = ({ message, ours }: Failure): string =>
  ours ? `this is a fault of the playground, please report it: ${message}` : message;
