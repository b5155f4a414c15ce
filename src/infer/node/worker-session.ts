import { Worker } from "node:worker_threads";
import { UserError } from "../../graph/error.js";
import { firstLine } from "../ort.js";
import type { SessionOptions } from "../provider.js";
import type { Feeds, Port, Session } from "../session.js";
import type { RunRequest, WorkerData, WorkerReply } from "./worker-protocol.js";

interface Pending {
  resolve(outputs: Feeds): void;
  reject(error: Error): void;
}

/** A session of onnxruntime-node behind a worker: creating and running it leave this thread's event loop free. */
export async function createInWorker(
  model: string | Uint8Array,
  provider: WorkerData["executionProvider"],
  { threads }: SessionOptions,
): Promise<Session> {
  const data: WorkerData = { model, executionProvider: provider, threads };
  const worker = new Worker(new URL("./session-worker.js", import.meta.url), { workerData: data });
  const pending = new Map<number, Pending>();
  let closed: Error | null = null;
  const failAll = (error: Error): void => {
    closed ??= error;
    for (const p of pending.values()) p.reject(error);
    pending.clear();
  };
  const ports = await new Promise<{ readonly inputs: readonly Port[]; readonly outputs: readonly Port[] }>(
    (resolve, reject) => {
      worker.on("message", (reply: WorkerReply) => {
        if (reply.kind === "ready") resolve(reply);
        else if (reply.kind === "failed") reject(refusal(reply.message));
        else settle(pending, reply);
      });
      worker.on("error", (e) => {
        reject(e);
        failAll(e);
      });
      worker.on("exit", () => {
        const gone = new UserError("the session is closed");
        reject(gone);
        failAll(gone);
      });
    },
  ).catch(async (e: unknown) => {
    await worker.terminate();
    throw e;
  });
  worker.unref();
  let next = 0;
  return {
    provider,
    inputs: ports.inputs,
    outputs: ports.outputs,
    run(feeds) {
      const request: RunRequest = { id: next++, feeds };
      return new Promise((resolve, reject) => {
        if (closed) return reject(closed);
        if (pending.size === 0) worker.ref(); // a process waits for its runs, not for an idle session
        pending.set(request.id, { resolve, reject });
        worker.postMessage(request);
      }).finally(() => {
        if (pending.size === 0) worker.unref();
      }) as Promise<Feeds>; // what `settle` hands over
    },
    async close() {
      failAll(new UserError("the session is closed"));
      await worker.terminate();
    },
  };
}

function settle(pending: Map<number, Pending>, reply: Extract<WorkerReply, { readonly id: number }>): void {
  const waiting = pending.get(reply.id);
  pending.delete(reply.id);
  if (reply.kind === "result") waiting?.resolve(reply.outputs);
  else waiting?.reject(new UserError(`ONNX Runtime could not run the model: ${firstLine(reply.message)}`));
}

function refusal(message: string): UserError {
  if (/Cannot find (package|module)|ERR_MODULE_NOT_FOUND/.test(message)) return new UserError(MISSING);
  return new UserError(`ONNX Runtime refuses the model: ${firstLine(message)}`);
}

/** npm leaves an optional dependency out without a word when its install script fails. */
export const MISSING =
  "running a model needs the package onnxruntime-node, which is not installed: run `npm install onnxruntime-node --ignore-scripts` (its install script fetches CUDA libraries, which the CPU does not need)";
