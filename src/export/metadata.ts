import type { Graph } from "../graph/graph.js";
import type { Preprocessing } from "../graph/preprocessing.js";

/** Where a model's weights come from. */
export type WeightsOrigin =
  | { readonly source: "random"; readonly seed: number }
  | {
      readonly source: "file";
      /** As its user gave it: a path, a URL, or a published name. */
      readonly name: string;
      /** Whose spelling of keys it has. */
      readonly zoo?: string;
      readonly url?: string;
      /** The commit of a repository. */
      readonly revision?: string;
      /** Hexadecimal. */
      readonly sha256?: string;
      /** SPDX identifier, or the licence's own words. */
      readonly licence?: string;
    };

/** One SE block as the file's table lists it; `name` is that of the node that scales. */
export interface SeEntry {
  readonly name: string;
  readonly channels: number;
  readonly hidden: number;
  readonly squeeze: string;
  readonly excitation: string;
  readonly bias: boolean;
}

/** What our files say of themselves beside the graph, in ONNX metadata_props under "se-onnx.". */
export interface ModelMetadata {
  readonly backbone: string;
  /** Trainable parameters of the architecture, before any folding. */
  readonly parameters: number;
  /** SE blocks in execution order. */
  readonly se: readonly SeEntry[];
  readonly weights: WeightsOrigin;
  /** What is left to do to an image before it is fed: mean 0 and std 1 where the graph normalizes it. */
  readonly preprocessing: Preprocessing;
  /** The mean and std that the graph itself applies; null where it does not. */
  readonly normalization: Pick<Preprocessing, "mean" | "std"> | null;
  /** Class names by index, where the weights are known to mean them. */
  readonly labels: readonly string[] | null;
  /** What the graph was rewritten for, where it was. */
  readonly target?: string;
}

const PREFIX = "se-onnx.";

export function writeMetadata(graph: Graph, metadata: ModelMetadata): void {
  for (const [key, value] of Object.entries(metadata))
    if (value !== null) graph.metadata.set(PREFIX + key, JSON.stringify(value));
}

/** What the file says, as far as it says it: foreign files say nothing, and what is not JSON counts as not said. */
export function readMetadata(graph: Graph): Partial<ModelMetadata> {
  const found: Record<string, unknown> = {};
  for (const [key, value] of graph.metadata) {
    if (!key.startsWith(PREFIX)) continue;
    try {
      found[key.slice(PREFIX.length)] = JSON.parse(value);
    } catch {}
  }
  return found as Partial<ModelMetadata>; // written by `writeMetadata`; readers check what they rely on
}
