import type { Attribute, Attributes } from "./attribute.js";
import type { Node, Value } from "./graph.js";
import {
  type AnyOp,
  type Attrs,
  bare,
  byInput,
  fill,
  inferFrom,
  isOptional,
  isVariadic,
  type Kind,
  type Match,
  type Native,
  type Op,
  origins,
  type Specs,
} from "./op.js";
import type { RankedType } from "./type.js";

/** The node's inputs by name and its attributes, typed, defaults filled in; null when it is another operator or means more than `op.def` says. */
export function match<const I extends readonly string[], const S extends Specs>(
  { def }: Op<I, S>,
  node: Node | null | undefined,
): Match<I, S> | null {
  if (node?.op !== def.type || node.domain !== "") return null;
  const opset = node.graph.opsets.get("") ?? 0;
  const form = opset >= def.since ? def : def.older?.find((f) => opset >= f.since);
  if (!form || (node.inputs.length > form.inputs.length && !isVariadic(def))) return null;
  const [output, ...others] = node.outputs;
  if (!output || others.some((o) => o.uses.length)) return null;
  const read = parse(form.attributes, node.attributes, opset);
  if (!read) return null;
  const attrs = fill(def.attributes, only(read, def.attributes)) as Attrs<S>;
  const inputs = inputsOf(def, node);
  if (!inputs.length || inputs.some((v, i) => !v && !isOptional(def, i))) return null;
  if (def.accepts && !def.accepts({ node, attrs })) return null;
  const given = byInput(def, inputs);
  const named = Object.fromEntries(def.inputs.map((n, i) => [bare(n), given[i]]));
  return { ...named, node, output, attrs } as unknown as Match<I, S>; // built name by name from `def`
}

const inputsOf = (def: { readonly inputs: readonly string[] }, node: Node): readonly (Value | null)[] =>
  isVariadic(def) ? node.inputs : def.inputs.map((_, i) => node.inputs[i] ?? null);

/** The output type of a node that matches; throws a sentence when its inputs do not fit. Null where too little is known. */
export const inferType = <I extends readonly string[], S extends Specs>(
  { def }: Op<I, S>,
  found: Match<I, S>,
): RankedType | null => inferFrom(def, inputsOf(def, found.node), found.attrs);

/** What the operator's rule says of a node; null where the node is not of this operator. */
export function judge(
  op: AnyOp,
  node: Node,
): { readonly type: RankedType | null } | { readonly problem: string } | null {
  const typed = op as unknown as Op<readonly string[], Specs>; // as `defineOp` made it
  const found = match(typed, node);
  if (!found) return null;
  try {
    return { type: inferType(typed, found) };
  } catch (e) {
    const { def } = typed;
    return {
      problem: `${def.type} '${node.name}': ${(e as Error).message}${origins(def, inputsOf(def, node))}`,
    };
  }
}

/** Null where the node has an attribute that this opset does not know, or of another kind, or leaves out one that is required. */
function parse(specs: Specs, attributes: Attributes, opset: number): Record<string, Native[Kind]> | null {
  const out: Record<string, Native[Kind]> = {};
  for (const [key, a] of Object.entries(attributes)) {
    const spec = specs[key];
    const value = native(a);
    if (value === null || spec?.kind !== a.kind || opset < (spec.since ?? 1)) return null;
    out[key] = value;
  }
  return Object.entries(specs).every(([key, s]) => s.presence !== "required" || key in out) ? out : null;
}

/** An attribute's value as rules see it; null for other kinds, text that is not UTF-8 and integers that no number holds. */
function native(a: Attribute): Native[Kind] | null {
  switch (a.kind) {
    case "int":
    case "float":
    case "string":
      return typeof a.value === "number" || typeof a.value === "string" ? a.value : null;
    case "ints":
      return a.value.every((part) => typeof part === "number") ? a.value : null;
    case "floats":
      return a.value;
    default:
      return null;
  }
}

const only = <T>(record: Record<string, T>, keys: object): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([k]) => k in keys));
