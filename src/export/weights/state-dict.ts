import { UserError } from "../../graph/error.js";
import { quoted } from "./names.js";
import { kindOf } from "./pickle-machine.js";
import { TorchTensor } from "./storage.js";
import { requireFew } from "./torch-file.js";

/** Keys under which training scripts keep a network's state_dict, the one to take first in front: averaged weights, which are those to use. */
const WRAPPERS = [
  "state_dict_ema",
  "model_ema",
  "state_dict",
  "model_state_dict",
  "model_state",
  "model",
  "net",
  "network",
  "module",
  "classy_state_dict",
  "base_model",
  "trunk",
];
/** Dictionaries inside one another. */
const DEEPEST = 8;

/** A network's tensors by key, as module.state_dict() gives them. */
export interface StateDict {
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  readonly notes: readonly string[];
}

/** Finds the state_dict in what a file holds: itself, or what a wrapper of known name holds. */
export function findStateDict(root: unknown, name: string): StateDict {
  const path: string[] = [];
  const notes: string[] = [];
  let dict = root;
  while (dict instanceof Map && path.length < DEEPEST) {
    const inner: ReadonlyMap<unknown, unknown> = dict;
    const there = WRAPPERS.filter((w) => inner.get(w) instanceof Map);
    const [wrapper] = there;
    if (!wrapper) break;
    path.push(wrapper);
    if (there.length > 1)
      notes.push(
        `'${there.slice(1).join("' and '")}' beside '${wrapper}' ${there.length > 2 ? "were" : "was"} left alone`,
      );
    dict = inner.get(wrapper);
  }
  if (path.length) notes.unshift(`the weights are those under '${path.join(".")}'`);
  return { tensors: tensorsOf(dict, path, name), notes };
}

function tensorsOf(dict: unknown, path: readonly string[], name: string): ReadonlyMap<string, TorchTensor> {
  const where = path.length ? `'${path.join(".")}' in ${name}` : name;
  if (!(dict instanceof Map)) throw new UserError(`${where} is ${kindOf(dict)} and no dictionary of tensors`);
  const tensors = new Map<string, TorchTensor>();
  for (const [key, value] of dict) if (typeof key === "string" && value instanceof TorchTensor) tensors.set(key, value);
  requireFew(tensors.size, "tensors", name);
  if (tensors.size) return tensors;
  const keys = Array.from([...dict.keys()].slice(0, 9), (k) => (typeof k === "string" ? quoted(k) : kindOf(k)));
  throw new UserError(
    `${where} has no tensors: ${keys.length ? `it has ${keys.slice(0, 8).join(", ")}${keys.length > 8 ? " and more" : ""}; in PyTorch, save model.state_dict()` : "it is empty"}`,
  );
}
