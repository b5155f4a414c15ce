import type * as Ort from "onnxruntime-web";
import { UserError } from "../../graph/error.js";
import { feedsOf, firstLine, ports, runError, tensors } from "../ort.js";
import { placementOf } from "../placement.js";
import type { CreateOptions, ProviderSession, SessionOptions, Unavailable } from "../provider.js";
import type { Feeds, Placement } from "../session.js";
import { strictFirst } from "../strict.js";
import { zeros } from "../zeros.js";
import { printedBy, startListening } from "./printed.js";

/** What is under way on the page's one runtime, whose memory is one and whose calls may not overlap. */
let last: Promise<unknown> = Promise.resolve();
function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = last.then(task);
  last = result.catch(() => {});
  return result;
}

/** What a provider asks of onnxruntime-web. */
export interface Target {
  readonly name: "wasm" | "webgpu" | "webnn";
  readonly executionProvider: Ort.InferenceSession.ExecutionProviderConfig;
}

const NO_FALLBACK = { extra: { session: { disable_cpu_ep_fallback: "1" } } };

/** A session of onnxruntime-web. The first one of a page starts the runtime, with its number of threads. */
export async function createSession(
  ort: typeof Ort,
  { name, executionProvider }: Target,
  model: string | Uint8Array,
  { threads, strict = false, externalData = [] }: CreateOptions,
): Promise<ProviderSession> {
  requireThreads(threads);
  const create = (options: Ort.InferenceSession.SessionOptions): Promise<Ort.InferenceSession> => {
    const all = { executionProviders: [executionProvider], logSeverityLevel: 4 as const, externalData, ...options }; // errors are thrown, and so told once
    return startListening(() =>
      typeof model === "string" ? ort.InferenceSession.create(model, all) : ort.InferenceSession.create(model, all),
    );
  };
  const target = { name, processor: name === "wasm", explain: (message: string) => explain(name, message) };
  const { session, fallback } = await inTurn(() => {
    if (threads) ort.env.wasm.numThreads = threads;
    return strictFirst((only) => create(only ? NO_FALLBACK : {}), target, strict);
  });
  const inputs = ports(session.inputMetadata);
  let closed = false;
  const requireOpen = (): void => {
    if (closed) throw new UserError("the session is closed");
  };
  const run = async (on: Ort.InferenceSession, feeds: Feeds): Promise<Feeds> => {
    requireOpen();
    try {
      return feedsOf(await on.run(tensors<Ort.Tensor>(ort, feeds)));
    } catch (e) {
      throw runError(e);
    }
  };
  const placement = async (feeds: Feeds): Promise<Placement> => {
    requireOpen();
    const profiled = await create({ enableProfiling: true });
    try {
      await run(profiled, feeds);
      return placementIn(printedBy(() => profiled.endProfiling()));
    } finally {
      await profiled.release();
    }
  };
  return {
    provider: name,
    fallback,
    inputs,
    outputs: ports(session.outputMetadata),
    run: (feeds) => inTurn(() => run(session, feeds)),
    placement: (feeds = zeros(inputs)) => inTurn(() => placement(feeds)),
    async close() {
      if (closed) return;
      closed = true;
      await inTurn(() => session.release());
    },
  };
}

function requireThreads(threads: SessionOptions["threads"]): void {
  if (threads && threads > 1 && !crossOriginIsolated)
    throw new UserError(
      `${threads} threads need a cross-origin isolated page: serve it with the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, or leave threads out`,
    );
}

function placementIn(profile: string): Placement {
  if (!profile)
    throw new UserError(
      "onnxruntime-web printed no profile: se-onnx has to be the first to start it in this page, and env.wasm.proxy off",
    );
  return placementOf(profile, "wasm");
}

function explain(name: string, message: string): Unavailable | null {
  if (!message.startsWith("no available backend")) return null;
  return {
    reason: `ONNX Runtime does not start ${name} in this page (${firstLine(message)})`,
    hint: "serve the .wasm files of onnxruntime-web/dist beside its script, or set env.wasm.wasmPaths",
  };
}
