import type { WeightSource } from "../../graph/bind.js";

/** The tensors of a file, and what was done to find them. */
export interface Checkpoint extends WeightSource {
  /** As people call it: "safetensors", "PyTorch", "NumPy", "ONNX". */
  readonly format: string;
  /** Sentences for a report, such as which of several dictionaries was opened. */
  readonly notes: readonly string[];
}

/** What training puts around a network, whose name then stands in front of every key: DataParallel, torch.compile, Lightning. */
const PREFIXES = ["module.", "_orig_mod.", "model."];

/** `checkpoint` without the prefixes that all its keys have. */
export function withoutPrefixes(checkpoint: Checkpoint): Checkpoint {
  const keys = [...checkpoint.tensors.keys()];
  const shared = (at: number): string | undefined => PREFIXES.find((p) => keys.every((k) => k.startsWith(p, at)));
  let cut = 0;
  for (let prefix = shared(0); prefix && keys.length; prefix = shared(cut)) cut += prefix.length;
  if (!cut) return checkpoint;
  const tensors = new Map(Array.from(checkpoint.tensors, ([key, t]) => [key.slice(cut), t]));
  const note = `'${keys[0]?.slice(0, cut)}' was taken off the front of every key`;
  return { ...checkpoint, tensors, notes: [...checkpoint.notes, note] };
}
