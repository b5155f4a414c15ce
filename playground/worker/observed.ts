import { decode } from "../../src/export/decode.js";
import { findChannelGates } from "../../src/graph/channel-gate.js";
import { UserError } from "../../src/graph/error.js";
import { type ObservedClassifier, observeClassifier } from "../../src/infer/activation-map.js";
import { type GateOutput, observeGates } from "../../src/infer/gates.js";
import type { OpenedModel } from "../../src/infer/web/open.js";
import { rangedBlob } from "./ranged-blob.js";
import { openOn } from "./session.js";

/** A model that is ready to run, and gives what is to be seen in it beside its classes. */
export interface ObservedModel {
  readonly opened: OpenedModel;
  /** None where it has no block with a gate for each channel. */
  readonly gates: readonly GateOutput[];
  /** A sentence where it has no class activation map. */
  readonly classifier: ObservedClassifier | string;
}

export async function openObserved(file: Blob, device: string): Promise<ObservedModel> {
  const graph = await decode(rangedBlob(file, "the model"));
  const gates = findChannelGates(graph).length ? observeGates(graph) : [];
  const classifier = orSentence(() => observeClassifier(graph));
  const opened = await openOn(graph, device);
  return { opened, gates, classifier };
}

function orSentence<T>(make: () => T): T | string {
  try {
    return make();
  } catch (e) {
    if (e instanceof UserError) return e.message;
    throw e;
  }
}
