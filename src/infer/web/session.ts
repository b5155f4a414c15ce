import type * as Ort from "onnxruntime-web";
import { UserError } from "../../graph/error.js";
import { feedsOf, firstLine, ports } from "../ort.js";
import type { SessionOptions } from "../provider.js";
import type { Feeds, Session } from "../session.js";

/** What is under way on the page's one runtime, whose memory is one and whose calls may not overlap. */
let last: Promise<unknown> = Promise.resolve();
function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = last.then(task);
  last = result.catch(() => {});
  return result;
}

/** A session of onnxruntime-web. The first one of a page starts the runtime, with its number of threads. */
export async function createSession(
  ort: typeof Ort,
  provider: "wasm" | "webgpu",
  model: string | Uint8Array,
  { threads }: SessionOptions,
): Promise<Session> {
  const options: Ort.InferenceSession.SessionOptions = { executionProviders: [provider], logSeverityLevel: 3 };
  const session = await inTurn(() => {
    if (threads) ort.env.wasm.numThreads = threads;
    return typeof model === "string"
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options);
  }).catch((e: unknown) => {
    throw refusal(e);
  });
  let closed = false;
  const run = async (feeds: Feeds): Promise<Feeds> => {
    if (closed) throw new UserError("the session is closed");
    try {
      return feedsOf(await session.run(tensors(ort, feeds)));
    } catch (e) {
      throw new UserError(`ONNX Runtime could not run the model: ${reasonOf(e)}`);
    }
  };
  return {
    provider,
    inputs: ports(session.inputMetadata),
    outputs: ports(session.outputMetadata),
    run: (feeds) => inTurn(() => run(feeds)),
    async close() {
      if (closed) return;
      closed = true;
      await inTurn(() => session.release());
    },
  };
}

const tensors = (ort: typeof Ort, feeds: Feeds): Record<string, Ort.Tensor> =>
  Object.fromEntries(
    // the runtime pairs each array with its type's name, which only the check at run time can see
    Object.entries(feeds).map(([name, t]) => [
      name,
      new ort.Tensor(t.dtype as "float32", t.data as Float32Array, t.shape),
    ]),
  );

const reasonOf = (e: unknown): string => firstLine(e instanceof Error ? e.message : String(e));

function refusal(e: unknown): UserError {
  const reason = reasonOf(e);
  if (!reason.startsWith("no available backend")) return new UserError(`ONNX Runtime refuses the model: ${reason}`);
  return new UserError(
    `ONNX Runtime does not start in this page: serve the .wasm files of onnxruntime-web/dist beside its script, or set env.wasm.wasmPaths (${reason})`,
  );
}
