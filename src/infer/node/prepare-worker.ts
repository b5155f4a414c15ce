import { parentPort, workerData } from "node:worker_threads";
import { UserError } from "../../graph/error.js";
import { timedPrepare } from "../preparer.js";
import { pixelsOf } from "./image-source.js";
import type { PrepareReply, PrepareRequest, PrepareWorkerData } from "./prepare-protocol.js";

/** Decodes and prepares pictures in a thread of its own, beside the session's. */
const { input }: PrepareWorkerData = workerData;
const reply = (message: PrepareReply): void => parentPort?.postMessage(message);

parentPort?.on("message", async ({ id, image, name, tensor }: PrepareRequest) => {
  try {
    const ms = await timedPrepare(() => pixelsOf(image, name), name, input, tensor);
    reply({ kind: "prepared", id, ms });
  } catch (e) {
    if (e instanceof UserError) reply({ kind: "unreadable", id, message: e.message });
    else reply({ kind: "fault", id, message: e instanceof Error ? (e.stack ?? e.message) : String(e) });
  }
});
await import("sharp").catch(() => {}); // the first picture would wait for it; where it is missing, decoding says so
reply({ kind: "ready" });
