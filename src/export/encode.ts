import type { Graph } from "../graph/graph.js";
import { nameAll } from "../graph/names.js";
import { functionMessage } from "./function.js";
import { entries, graphMessage } from "./graph.js";
import { opsetMessages } from "./opsets.js";
import type { ModelMessage } from "./proto.js";
import { bytesOf, encodeMessage, SHARED } from "./rope.js";
import { ModelProto } from "./schema.js";
import type { ExternalData } from "./tensor.js";
import { irVersionOfGraph } from "./versions.js";

export interface EncodeOptions {
  /** Where long tensors live instead of in the .onnx file. */
  readonly external?: ExternalData;
  /** Memory of REUSED_BYTES that chunks share: each holds until the third after it is asked for. Saves memory where every chunk is used up at once. */
  readonly memory?: ArrayBuffer;
}

/** The most that is read of one tensor at a time: large enough for few writes, small enough that a chunk stays in a core's own cache. */
export const CHUNK = 512 * 1024;

/** Memory that chunks can share. */
export const REUSED_BYTES = SHARED * CHUNK;

/** The .onnx file of `graph`, in order, with no more than a few chunks of tensors in memory. Equal graphs give equal bytes. */
export const encode = (graph: Graph, { external, memory }: EncodeOptions = {}): AsyncGenerator<Uint8Array> =>
  bytesOf(encodeMessage(ModelProto, modelMessage(graph, external)), CHUNK, memory ?? null);

/** Bytes that `encode` gives, of which none is read yet. */
export const encodedLength = (graph: Graph): number => encodeMessage(ModelProto, modelMessage(graph)).byteLength;

/** As `encode`, in one piece. */
export async function encodeToBytes(graph: Graph): Promise<Uint8Array> {
  const rope = encodeMessage(ModelProto, modelMessage(graph));
  const out = new Uint8Array(rope.byteLength);
  let at = 0;
  for await (const chunk of bytesOf(rope, CHUNK, new ArrayBuffer(REUSED_BYTES))) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function modelMessage(graph: Graph, external?: ExternalData): ModelMessage {
  const { producerName, producerVersion, domain, modelVersion, docString, kept } = graph.model;
  const irVersion = irVersionOfGraph(graph);
  return {
    ir_version: irVersion,
    ...(producerName ? { producer_name: producerName } : {}),
    ...(producerVersion ? { producer_version: producerVersion } : {}),
    ...(domain ? { domain } : {}),
    ...(modelVersion ? { model_version: modelVersion } : {}),
    ...(docString ? { doc_string: docString } : {}),
    graph: graphMessage(graph, { names: nameAll(graph), external, constantsAreInputs: irVersion < 4 }),
    opset_import: opsetMessages(graph),
    metadata_props: entries(graph.metadata),
    functions: graph.functions.map(functionMessage),
    unknown: [...kept],
  };
}
