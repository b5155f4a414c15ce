import fs from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import type { InferenceSession } from "onnxruntime-node";
import { feedsOf, ports, tensors } from "../ort.js";
import { placementOf } from "../placement.js";
import type { Feeds, Placement } from "../session.js";
import { nativeCall } from "./native-call.js";
import type { WorkerData, WorkerReply, WorkerRequest } from "./worker-protocol.js";

/** Runs in a thread of its own, since ONNX Runtime blocks the JavaScript thread that calls it. */
const { runtime, executionProviders, externalData, threads, strict, profile, state }: WorkerData = workerData;
const reply = (message: WorkerReply, transfer: readonly ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, transfer);
const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));

let session: InferenceSession | null = null;
let closing = false;
let last: Promise<unknown> = Promise.resolve();
parentPort?.on("message", (request: WorkerRequest) => {
  closing ||= request.kind === "close";
  last = last.then(() => answer(request));
});

async function answer(request: WorkerRequest): Promise<void> {
  if (request.kind === "close") {
    await nativeCall(state, async () => session?.release());
    return reply({ kind: "closed" });
  }
  if (closing) return; // nobody waits for it any more
  try {
    if (request.kind === "create") return await create(request.model);
    const { id } = request;
    if (request.kind === "placement") return reply({ kind: "done", id, result: await placement(), memory: null });
    const { memory } = request;
    const result = await run(request.feeds);
    const buffers = Object.values(result).map((t) => t.data.buffer as ArrayBuffer); // never shared: the runtime copies them out
    reply({ kind: "done", id, result, memory }, [...new Set([...buffers, ...(memory ? [memory] : [])])]);
  } catch (e) {
    if (request.kind === "create") reply({ kind: "failed", message: messageOf(e) });
    else reply({ kind: "error", id: request.id, message: messageOf(e) });
  }
}

const load = () => (runtime === "onnxruntime-web" ? import("onnxruntime-web") : import("onnxruntime-node"));

async function create(model: string | Uint8Array): Promise<void> {
  const ort = await load();
  ort.env.logLevel = "fatal"; // errors are thrown, and so told once
  if (threads && runtime === "onnxruntime-web") ort.env.wasm.numThreads = threads;
  const options: InferenceSession.SessionOptions = {
    executionProviders,
    logSeverityLevel: 4,
    ...(externalData.length ? { externalData } : {}),
    ...(threads && runtime === "onnxruntime-node" ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : {}),
    ...(strict ? { extra: { session: { disable_cpu_ep_fallback: "1" } } } : {}),
    ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
  };
  session = await nativeCall(state, () =>
    typeof model === "string"
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options),
  );
  reply({ kind: "ready", inputs: ports(session.inputMetadata), outputs: ports(session.outputMetadata) });
}

async function run(feeds: Feeds): Promise<Feeds> {
  const ort = await load();
  const loaded = session;
  if (!loaded) throw new Error("no model is loaded");
  return feedsOf(await nativeCall(state, () => loaded.run(tensors(ort, feeds))));
}

async function placement(): Promise<Placement> {
  if (runtime === "onnxruntime-web")
    return placementOf(
      printedBy(() => session?.endProfiling()),
      "wasm",
    );
  session?.endProfiling();
  const folder = dirname(profile ?? "");
  const [file = ""] = await readdir(folder);
  return placementOf(await readFile(join(folder, file), "utf8"), "cpu");
}

/** What `work` makes WebAssembly print, which is how it hands over a profile: in Node by `fs.writeSync`. */
function printedBy(work: () => void): string {
  const { writeSync } = fs;
  let text = "";
  const keep = (_file: number, printed: string): number => {
    text += printed;
    return printed.length;
  };
  fs.writeSync = keep as typeof fs.writeSync; // of its forms, WebAssembly calls this one
  try {
    work();
  } finally {
    fs.writeSync = writeSync;
  }
  return text;
}
