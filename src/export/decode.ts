import { UserError } from "../graph/error.js";
import { Graph } from "../graph/graph.js";
import type { Ranged } from "../graph/tensor.js";
import { readFunction } from "./function.js";
import { type Reading, readGraph } from "./graph.js";
import { readOpsets } from "./opsets.js";
import type { ModelMessage } from "./proto.js";
import { spell } from "./rope.js";
import { ModelProto } from "./schema.js";
import { readMessage } from "./span.js";
import type { OpenExternal } from "./tensor.js";
import { irVersionOfGraph } from "./versions.js";

export interface DecodeOptions {
  /** Opens a file that holds tensors; the name is the model's own and not to be trusted. Unless given, such models are refused. */
  readonly openExternal?: OpenExternal;
}

/**
 * The graph of an .onnx file, ours or not. Tensors over 64 KiB stay where they are and are read by range, so `source` must outlive the graph.
 * Throws a UserError that names the place when the file is no ONNX model.
 *
 * The graph says all that the file does, spelled in one way: Constant nodes are constants (those that make an output, and those inside
 * functions, stay nodes); values in typed fields are bytes; the domain "ai.onnx" is ""; nodes stand in execution order; an attribute that does
 * not say its kind has the kind of its value.
 */
export async function decode(
  source: Uint8Array | Ranged,
  { openExternal = refuse }: DecodeOptions = {},
): Promise<Graph> {
  const ranged = source instanceof Uint8Array ? inMemory(source) : source;
  const model: ModelMessage = await readMessage(ModelProto, ranged); // its fields have the types that the schema gives them
  if (!model.graph) throw new UserError("this is no ONNX model: it has no graph");
  const graph = new Graph(model.graph.name ?? "", { opset: 1 });
  readOpsets(graph, model.opset_import ?? []);
  Object.assign(graph.model, modelInfo(model));
  for (const { key = "", value = "" } of model.metadata_props ?? []) graph.metadata.set(key, value);
  const reading: Reading = { openExternal, constantsAreInputs: irVersionOfGraph(graph) < 4 };
  for (const f of model.functions ?? []) graph.functions.push(await readFunction(f, reading));
  await readGraph(graph, model.graph, null, reading);
  return graph;
}

function modelInfo(m: ModelMessage): Graph["model"] {
  const { ir_version = null, model_version = 0 } = m;
  if (typeof ir_version === "bigint") throw new UserError(`the model has IR version ${ir_version}, which is none`);
  const beyond = typeof model_version === "bigint" ? spell(ModelProto, { model_version }) : null; // 2^53 and more is kept as it stands
  return {
    irVersion: ir_version,
    producerName: m.producer_name ?? "",
    producerVersion: m.producer_version ?? "",
    domain: m.domain ?? "",
    modelVersion: beyond ? 0 : Number(model_version),
    docString: m.doc_string ?? "",
    kept: [...(beyond ? [beyond] : []), ...(m.unknown ?? [])],
  };
}

function inMemory({ buffer, byteOffset, byteLength }: Uint8Array): Ranged {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength); // a Node Buffer's own slice would not copy
  return { byteLength, read: async (start, end) => bytes.slice(start, end) };
}
const refuse: OpenExternal = async (location) => {
  throw new UserError(`the model keeps tensors in '${location}', which cannot be opened from here`);
};
