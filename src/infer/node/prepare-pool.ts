import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { UserError } from "../../graph/error.js";
import { type ImageArray, type ImageInput, imageArray } from "../image-input.js";
import type { Prepared, Preparer } from "../preparer.js";
import type { ImageSource } from "./image-source.js";
import type { PrepareReply, PrepareRequest, PrepareWorkerData } from "./prepare-protocol.js";
import { workerFlags } from "./worker-flags.js";

interface Task {
  readonly image: ImageSource;
  readonly name: string;
  resolve(prepared: Prepared): void;
  reject(error: Error): void;
}
interface Running extends Task {
  readonly tensor: ImageArray;
}
interface Member {
  readonly worker: Worker;
  readonly running: Map<number, Running>;
  readonly ready: Promise<void>;
}

/** One picture is decoded, in a thread of the decoder's, while another is resampled. */
const TASKS_PER_WORKER = 2;
/** Decoding has as many threads as libuv's pool, which is 4 unless UV_THREADPOOL_SIZE says otherwise. */
const MOST_WORKERS = Math.max(1, Math.min(4, availableParallelism() - 1));

/**
 * Worker threads that decode and prepare pictures: one from the first picture on, more when `hurry` says that the model waits for them.
 * Tensors lie in shared memory and are used again. The threads do not keep the process alive while they have nothing to do.
 */
export class PreparePool implements Preparer<ImageSource> {
  readonly #input: ImageInput;
  readonly #members = new Set<Member>();
  readonly #queue: Task[] = [];
  readonly #free: ImageArray[] = [];
  #wanted = 1;
  #next = 0;
  #closed = false;

  constructor({ preprocessing, pixelType }: ImageInput) {
    this.#input = { preprocessing, pixelType };
  }

  prepare(image: ImageSource, name: string): Promise<Prepared> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new UserError("the session is closed"));
      this.#queue.push({ image, name, resolve, reject });
      this.#hire();
      this.#assign();
    });
  }

  hurry(): void {
    this.#wanted = Math.min(MOST_WORKERS, this.#members.size + 1);
    this.#hire();
    this.#assign();
  }

  async ready(): Promise<void> {
    this.#hire();
    await Promise.all([...this.#members].map((m) => this.#begun(m)));
  }

  async close(): Promise<void> {
    this.#closed = true;
    const members = [...this.#members];
    const waiting = [...this.#queue.splice(0), ...members.flatMap((m) => [...m.running.values()])];
    this.#members.clear();
    for (const task of waiting) task.reject(new UserError("the session is closed"));
    await Promise.all(members.map((m) => m.worker.terminate()));
  }

  #hire(): void {
    while (!this.#closed && this.#members.size < this.#wanted) this.#members.add(this.#start());
  }

  #start(): Member {
    const data: PrepareWorkerData = { input: this.#input };
    const worker = new Worker(new URL("./prepare-worker.js", import.meta.url), { workerData: data, ...workerFlags() });
    const ready = new Promise<void>((resolve) => {
      worker.once("message", () => resolve()); // its first says that it can begin
      worker.once("exit", () => resolve());
    });
    const member: Member = { worker, running: new Map(), ready };
    worker.on("message", (message: PrepareReply) => {
      if (message.kind !== "ready") this.#settle(member, message);
    });
    worker.on("error", (e) => this.#lose(member, e.message));
    worker.on("exit", (code) => this.#lose(member, `its thread ended with code ${code}`));
    worker.unref();
    return member;
  }

  #assign(): void {
    for (const member of this.#members)
      while (this.#queue.length && member.running.size < TASKS_PER_WORKER) {
        const task = this.#queue.shift();
        if (task) this.#post(member, task);
      }
  }

  #post(member: Member, task: Task): void {
    const tensor = this.#free.pop() ?? imageArray(this.#input, 1, { shared: true });
    const request: PrepareRequest = { id: this.#next++, image: task.image, name: task.name, tensor };
    try {
      member.worker.postMessage(request);
    } catch (e) {
      task.reject(new UserError(`${task.name} is no picture (${e instanceof Error ? e.message : String(e)})`));
      return;
    }
    if (member.running.size === 0) member.worker.ref(); // a process waits for its pictures
    member.running.set(request.id, { ...task, tensor });
  }

  #settle(member: Member, reply: Exclude<PrepareReply, { readonly kind: "ready" }>): void {
    const task = member.running.get(reply.id);
    member.running.delete(reply.id);
    this.#rest(member);
    this.#assign();
    if (!task) return;
    const { tensor } = task;
    const release = (): void => {
      this.#free.push(tensor);
    };
    if (reply.kind === "prepared") {
      task.resolve({ data: tensor, ms: reply.ms, release });
      return;
    }
    release();
    task.reject(reply.kind === "unreadable" ? new UserError(reply.message) : new Error(reply.message));
  }

  /** A thread that is no more, for want of memory, say: its pictures have failed, the others go to another thread. */
  #lose(member: Member, reason: string): void {
    if (!this.#members.delete(member)) return;
    for (const { name, reject } of member.running.values())
      reject(new UserError(`${name} could not be prepared: ${reason}; make it smaller`));
    if (this.#queue.length) this.#hire();
    this.#assign();
  }

  /** Once it can begin. */
  async #begun(member: Member): Promise<void> {
    member.worker.ref();
    await member.ready;
    this.#rest(member);
  }

  /** Lets the process end beside an idle thread; not while `close` waits for its end, since a reply may come in between. */
  #rest({ worker, running }: Member): void {
    if (running.size === 0 && !this.#closed) worker.unref();
  }
}
