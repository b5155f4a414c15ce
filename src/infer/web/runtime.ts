import type * as Ort from "onnxruntime-web";
import { UserError } from "../../graph/error.js";
import { firstLine } from "../ort.js";
import type { CreateOptions, SessionOptions, Unavailable } from "../provider.js";
import { strictFirst } from "../strict.js";
import { startListening } from "./printed.js";

/** What is under way on the page's one runtime, whose memory is one and whose calls may not overlap. */
let last: Promise<unknown> = Promise.resolve();
export function inTurn<T>(task: () => T | Promise<T>): Promise<T> {
  const result = last.then(task);
  last = result.catch(() => {});
  return result;
}

/** What a provider asks of onnxruntime-web. */
export interface Target {
  readonly name: "wasm" | "webgpu" | "webnn";
  readonly executionProvider: Ort.InferenceSession.ExecutionProviderConfig;
}
/** Loads a model, with more of the runtime's own options. */
type Create = (options: Ort.InferenceSession.SessionOptions) => Promise<Ort.InferenceSession>;

const NO_FALLBACK = { extra: { session: { disable_cpu_ep_fallback: "1" } } };

/** How `model` is loaded for a provider. */
export const creator =
  (
    ort: typeof Ort,
    { executionProvider }: Target,
    model: string | Uint8Array,
    { externalData = [] }: CreateOptions,
  ): Create =>
  (options) => {
    const all = { executionProviders: [executionProvider], logSeverityLevel: 4 as const, externalData, ...options }; // errors are thrown, and so told once
    return startListening(() =>
      typeof model === "string" ? ort.InferenceSession.create(model, all) : ort.InferenceSession.create(model, all),
    );
  };

/** The runtime's session, on the processor too only where it must and may be. The first one of a page starts the runtime, with its number of threads. */
export async function start(
  ort: typeof Ort,
  { name }: Target,
  create: Create,
  { threads, strict = false }: SessionOptions,
): Promise<{ readonly session: Ort.InferenceSession; readonly fallback: boolean }> {
  requireThreads(threads);
  const target = { name, processor: name === "wasm", explain: (message: string) => explain(name, message) };
  return inTurn(() => {
    if (threads) ort.env.wasm.numThreads = threads;
    return strictFirst((only) => create(only ? NO_FALLBACK : {}), target, strict);
  });
}

function requireThreads(threads: SessionOptions["threads"]): void {
  if (threads && threads > 1 && !crossOriginIsolated)
    throw new UserError(
      `${threads} threads need a cross-origin isolated page: serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or leave threads out`,
    );
}

function explain(name: string, message: string): Unavailable | null {
  if (!message.startsWith("no available backend")) return null;
  return {
    reason: `ONNX Runtime does not start ${name} in this page (${firstLine(message)})`,
    hint: "serve the .wasm files of onnxruntime-web/dist beside its script, or set env.wasm.wasmPaths",
  };
}
