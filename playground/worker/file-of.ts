import { encode, encodedLength } from "../../src/export/encode.js";
import type { Graph } from "../../src/graph/graph.js";
import type { Progress } from "./answer.js";

/** Chunks are handed to the browser, which may keep them on disk, whenever they have come to this many bytes. */
const PART = 16 * 1024 * 1024;

/** The .onnx file of `graph`, of which no more than a part is in this thread's memory. */
export async function fileOf(graph: Graph, progress: Progress): Promise<Blob> {
  const total = encodedLength(graph);
  const parts: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let [held, done] = [0, 0];
  const handOver = (): void => {
    parts.push(new Blob(chunks));
    chunks = [];
    held = 0;
  };
  for await (const chunk of encode(graph)) {
    chunks.push(new Uint8Array(chunk)); // a Blob takes no memory that may be shared
    held += chunk.length;
    done += chunk.length;
    if (held < PART) continue;
    handOver();
    progress({ what: "Building the network", share: done / total });
  }
  handOver();
  return new Blob(parts, { type: "application/octet-stream" });
}
