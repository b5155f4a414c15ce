import { parentPort, workerData } from "node:worker_threads";
import type { InferenceSession } from "onnxruntime-node";
import { feedsOf, ports } from "../ort.js";
import type { RunRequest, WorkerData, WorkerReply } from "./worker-protocol.js";

/** Runs in a thread of its own, since ONNX Runtime blocks the JavaScript thread that calls it. */
const { model, executionProvider, threads }: WorkerData = workerData;
const reply = (message: WorkerReply, transfer: ArrayBuffer[] = []): void => parentPort?.postMessage(message, transfer);
const messageOf = (e: unknown): string => (e instanceof Error ? e.message : String(e));

try {
  const ort = await import("onnxruntime-node");
  const options: InferenceSession.SessionOptions = {
    executionProviders: [executionProvider],
    logSeverityLevel: 3,
    ...(threads ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : {}),
  };
  const session =
    typeof model === "string"
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  parentPort?.on("message", async ({ id, feeds }: RunRequest) => {
    try {
      const inputs = Object.fromEntries(
        // the runtime's union of typed arrays is ours, but it pairs each with its type name, which only the check at run time can see
        Object.entries(feeds).map(([name, t]) => [
          name,
          new ort.Tensor(t.dtype as "float32", t.data as Float32Array, t.shape),
        ]),
      );
      const outputs = feedsOf(await session.run(inputs));
      reply({ kind: "result", id, outputs }, [
        ...new Set(Object.values(outputs).map((t) => t.data.buffer as ArrayBuffer)),
      ]); // never shared: the runtime copies them out
    } catch (e) {
      reply({ kind: "error", id, message: messageOf(e) });
    }
  });
  reply({ kind: "ready", inputs: ports(session.inputMetadata), outputs: ports(session.outputMetadata) });
} catch (e) {
  reply({ kind: "failed", message: messageOf(e) });
}
