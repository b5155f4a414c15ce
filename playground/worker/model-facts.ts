import { encodedLength } from "../../src/export/encode.js";
import { readMetadata, type WeightsOrigin } from "../../src/export/metadata.js";
import { countOps, countParameters } from "../../src/graph/count.js";
import type { Graph } from "../../src/graph/graph.js";
import { macs } from "../../src/graph/macs.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { show } from "../../src/graph/type.js";

/** What the page says of a model. */
export interface ModelFacts {
  readonly title: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly parameters: number;
  /** Null: not told by the file. */
  readonly seParameters: number | null;
  /** Multiply-adds for one image; null where some lengths are not known. */
  readonly macs: number | null;
  readonly seMacs: number | null;
  readonly seBlocks: number;
  /** Of the .onnx file. */
  readonly bytes: number;
  /** The most frequent first. */
  readonly ops: readonly (readonly [op: string, count: number])[];
  readonly origin: WeightsOrigin | null;
}

export function modelFacts(graph: Graph): ModelFacts {
  const { backbone, parameters = countParameters(graph), weights = null } = readMetadata(graph);
  const port = (v: Graph["inputs"][number]): string => `${v.name}: ${show(v.type)}`;
  return {
    title: backbone ?? (graph.name || "a model without a name"),
    inputs: graph.inputs.map(port),
    outputs: graph.outputs.map(port),
    parameters,
    seParameters: null,
    macs: macs(graph),
    seMacs: null,
    seBlocks: findSqueezeExcite(graph).length,
    bytes: encodedLength(graph),
    ops: [...countOps(graph)].sort((a, b) => b[1] - a[1]),
    origin: weights,
  };
}
