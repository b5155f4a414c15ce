import { Worker } from "node:worker_threads";
import { UserError } from "../../graph/error.js";
import { runError } from "../ort.js";
import type { Feeds, Placement, Port } from "../session.js";
import { carrier } from "./carried-feeds.js";
import { callState, waitAtExit } from "./native-call.js";
import { workerFlags } from "./worker-flags.js";
import type { WorkerData, WorkerReply, WorkerRequest } from "./worker-protocol.js";

/** A session in a worker, as its owner sees it. */
export interface WorkerClient {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  run(feeds: Feeds): Promise<Feeds>;
  placement(): Promise<Placement>;
  close(): Promise<void>;
}
interface Pending {
  resolve(result: Feeds | Placement): void;
  reject(error: Error): void;
}
const closedError = (): UserError => new UserError("the session is closed");

/** Starts a worker and loads the model in it: neither that nor running blocks this thread. Throws what the runtime says where it refuses. */
export async function startWorker(
  model: string | Uint8Array,
  options: Omit<WorkerData, "state">,
): Promise<WorkerClient> {
  const data: WorkerData = { ...options, state: callState() };
  const worker = new Worker(new URL("./session-worker.js", import.meta.url), { workerData: data, ...workerFlags() });
  const exit = waitAtExit(data.state);
  const send = (request: WorkerRequest, transfer: readonly ArrayBuffer[] = []): void =>
    worker.postMessage(request, transfer);
  const carried = carrier();
  const pending = new Map<number, Pending>();
  let closed: Error | null = null;
  let next = 0;
  const failAll = (error: Error): void => {
    closed ??= error;
    for (const p of pending.values()) p.reject(error);
    pending.clear();
  };
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ports = await new Promise<Extract<WorkerReply, { readonly kind: "ready" }>>((resolve, reject) => {
    worker.on("message", (reply: WorkerReply) => {
      if (reply.kind === "ready") resolve(reply);
      else if (reply.kind === "failed") reject(new Error(reply.message));
      else if (reply.kind === "closed") release();
      else {
        if (reply.kind === "done" && reply.memory) carried.unload(reply.memory);
        settle(pending, reply);
      }
    });
    worker.on("error", (e: NodeJS.ErrnoException) => {
      const error = e.code === "ERR_WORKER_OUT_OF_MEMORY" ? runError(e) : e;
      reject(error);
      failAll(error);
    });
    worker.on("exit", () => {
      exit.release();
      reject(closedError());
      failAll(closedError());
      release();
    });
    send({ kind: "create", model });
  }).catch(async (e: unknown) => {
    await worker.terminate();
    throw e;
  });
  worker.unref();

  const ask = <R extends Feeds | Placement>(
    request: (id: number) => WorkerRequest,
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<R> =>
    new Promise<Feeds | Placement>((resolve, reject) => {
      if (closed) return reject(closed);
      if (pending.size === 0) worker.ref(); // a process waits for its runs, not for an idle session
      const id = next++;
      pending.set(id, { resolve, reject });
      send(request(id), transfer);
    }).finally(() => {
      if (pending.size === 0 && !closed) worker.unref();
    }) as Promise<R>; // the worker answers a run with feeds, and the other with a placement

  return {
    inputs: ports.inputs,
    outputs: ports.outputs,
    run(given) {
      const { feeds, memory } = carried.load(given);
      return ask<Feeds>((id) => ({ kind: "run", id, feeds, memory }), memory ? [memory] : []);
    },
    placement: () => ask<Placement>((id) => ({ kind: "placement", id })),
    async close() {
      if (closed) return;
      failAll(closedError());
      worker.ref();
      send({ kind: "close" });
      await released;
      await worker.terminate();
    },
  };
}

function settle(pending: Map<number, Pending>, reply: Extract<WorkerReply, { readonly id: number }>): void {
  const waiting = pending.get(reply.id);
  pending.delete(reply.id);
  if (reply.kind === "done") waiting?.resolve(reply.result);
  else waiting?.reject(runError(reply.message));
}
