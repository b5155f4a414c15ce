import { call } from "./client.js";
import { element } from "./elements.js";
import { showFacts } from "./facts.js";
import { chosenBackbone, networkSpec, problem, startForm } from "./network-form.js";
import { clearError, fail, step } from "./status.js";
import type { NetworkSpec } from "./worker/network.js";
import type { Model } from "./worker/run.js";

/** The model that would run: of the form, or of a file. */
interface Current {
  readonly id: number;
  /** Null: of a file. */
  readonly spec: NetworkSpec | null;
  readonly fileName: string;
  /** Null: not built yet. */
  readonly file: Blob | null;
}
let current: Current | null = null;
let ids = 0;

/** How long the form is left alone before its network is counted. */
const PAUSE_MS = 120;

export const startModel = (): Promise<void> => {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  return startForm(() => {
    clearTimeout(waiting);
    waiting = setTimeout(() => countNetwork().catch(fail), PAUSE_MS);
  });
};

/** Counts what the form describes, and makes it the model to run. */
export async function countNetwork(): Promise<void> {
  const spec = networkSpec();
  const id = ids++;
  current = spec && { id, spec, file: null, fileName: nameOf(spec) };
  showWhose(null);
  if (!spec) throw new Error(problem());
  const facts = await call("plan", spec);
  if (ids !== id + 1) return; // the form says something else by now
  clearError();
  showFacts(facts);
}

/** Takes a file's model in place of the form's. */
export async function openModel(file: File): Promise<void> {
  const id = ids++;
  const given = await call("openFile", { file, backbone: chosenBackbone() }, step);
  current = { id, spec: null, file: given.file, fileName: file.name.replace(/(\.\w+)?$/, ".onnx") };
  showWhose(file.name);
  showFacts(given.facts, given.notes);
}

/** The model with its file, built where it has not been. */
export async function modelToRun(): Promise<Model & { readonly fileName: string }> {
  if (!current) throw new Error(problem());
  const { id, spec, fileName } = current;
  const file = current.file ?? (spec && (await call("buildFile", spec, step)));
  if (!file) throw new Error("a model is of the form or of a file");
  if (current?.id === id) current = { ...current, file };
  return { id, file, fileName };
}

/** The network of the form without SE; null where the model is of a file. */
export async function plainNetwork(): Promise<Blob | null> {
  const spec = current?.spec;
  if (!spec) return null;
  if (!spec.se) throw new Error("the network has no SE to compare with: switch it on");
  return call("buildFile", { ...spec, se: null }, step);
}

function showWhose(fileName: string | null): void {
  element("network", HTMLFormElement).classList.toggle("unused", fileName !== null);
  element("leave-file", HTMLButtonElement).hidden = fileName === null;
}

/** "se_resnet18_r16.onnx" */
function nameOf({ backbone, se }: NetworkSpec): string {
  return se ? `${se.block}_${backbone}_r${se.r}.onnx` : `${backbone}.onnx`;
}
