import type { Attribute, Attributes } from "./attribute.js";
import { type DType, FLOATS } from "./dtype.js";
import { GraphError, homeOf, type Node, type Value } from "./graph.js";
import type { Tensor } from "./tensor.js";
import { isRanked, type RankedType, show } from "./type.js";

/** What an attribute may be given as, by kind. */
export interface Native {
  int: number;
  ints: readonly number[];
  float: number;
  floats: readonly number[];
  string: string;
}
export type Kind = keyof Native;
type Presence = "required" | "optional" | "default";

/** How one attribute is declared. `since`: the opset that brought it, where that is later than the operator's own. */
export interface AttributeSpec<K extends Kind = Kind, P extends Presence = Presence> {
  readonly kind: K;
  readonly presence: P;
  readonly default?: Native[K];
  readonly since?: number;
}
const declare = <K extends Kind>(kind: K) => {
  const required = (): AttributeSpec<K, "required"> => ({ kind, presence: "required" });
  /** Left out means `value`. */
  const withDefault = (value: Native[K], since = 1): AttributeSpec<K, "default"> => ({
    kind,
    presence: "default",
    default: value,
    since,
  });
  const optional = (): AttributeSpec<K, "optional"> => ({ kind, presence: "optional" });
  return { required, default: withDefault, optional };
};
export const int = /* @__PURE__ */ declare("int");
export const ints = /* @__PURE__ */ declare("ints");
export const float = /* @__PURE__ */ declare("float");
export const string = /* @__PURE__ */ declare("string");

export type Specs = Readonly<Record<string, AttributeSpec>>;
type NativeOf<A> = A extends AttributeSpec<infer K, Presence> ? Native[K] : never;
/** The attributes as rules and passes see them: defaults filled in. */
export type Attrs<S extends Specs> = {
  readonly [K in keyof S]: S[K]["presence"] extends "optional" ? NativeOf<S[K]> | undefined : NativeOf<S[K]>;
};
type Given<S extends Specs> = {
  readonly [K in keyof S as S[K]["presence"] extends "required" ? K : never]: NativeOf<S[K]>;
} & {
  readonly [K in keyof S as S[K]["presence"] extends "required" ? never : K]?: NativeOf<S[K]> | undefined;
} & { readonly name?: string };

/** ["x", "b?"] -> [T, (T | null)?]; ["inputs..."] -> [readonly T[]] */
type Arguments<I, T> = I extends readonly [infer H, ...infer R]
  ? H extends `${string}...`
    ? [readonly T[]]
    : H extends `${string}?`
      ? [(T | null)?, ...Arguments<R, T>]
      : [T, ...Arguments<R, T>]
  : [];
type Bare<S> = S extends `${infer N}?` | `${infer N}...` ? N : S;
/** ["x", "b?"] -> { x: Value, b: Value | null }; ["inputs..."] -> { inputs: readonly Value[] } */
type Named<I extends readonly string[]> = {
  readonly [K in I[number] as Bare<K> & string]: K extends `${string}...`
    ? readonly Value[]
    : K extends `${string}?`
      ? Value | null
      : Value;
};

/** An input as a shape rule sees it. */
export interface Operand extends RankedType {
  /** Its value, where it is a constant: targets of Reshape and the like. */
  readonly constant: Tensor | null;
}
/** A form that the operator had before `OpDef.since`. */
export interface OlderForm {
  readonly since: number;
  readonly inputs: readonly string[];
  readonly attributes: Specs;
}
export interface OpDef<I extends readonly string[], S extends Specs> {
  readonly type: string;
  /** First opset whose form and meaning this is. */
  readonly since: number;
  /** "b?" may be left out; "inputs...", which then is the only one, stands for any number from 1 up. */
  readonly inputs: I;
  readonly attributes: S;
  /** Element types of the inputs; the floating point ones unless given. */
  readonly dtypes?: readonly DType[];
  /** Inputs whose element type is fixed; the others share that of the first. */
  readonly fixed?: Readonly<Record<string, DType>>;
  /** Inputs whose floating point type may differ from the first's. */
  readonly free?: readonly string[];
  /** Newest first. Forms whose calls mean the same, their attributes that `attributes` does not know left out. */
  readonly older?: readonly OlderForm[];
  /** False where a node of this operator means something that this definition does not say. */
  readonly accepts?: (found: { readonly node: Node; readonly attrs: Attrs<S> }) => boolean;
  /** Output type from input types, null where too little is known; throws a sentence when they do not fit. */
  readonly infer: (inputs: Arguments<I, Operand>, attrs: Attrs<S>) => RankedType | null;
}
export type Match<I extends readonly string[], S extends Specs> = Named<I> & {
  readonly node: Node;
  readonly output: Value;
  readonly attrs: Attrs<S>;
};
/** Options may be left out only when no attribute is required. */
type Options<S extends Specs> = Record<never, never> extends Given<S> ? [options?: Given<S>] : [options: Given<S>];
export interface Op<I extends readonly string[], S extends Specs> {
  (...args: [...Arguments<I, Value>, ...Options<S>]): Value;
  readonly def: OpDef<I, S>;
}
/** An operator whose inputs and attributes are not looked into: what registries hold. */
export interface AnyOp {
  readonly def: { readonly type: string; readonly since: number; readonly inputs: readonly string[] };
}

/** One ONNX operator: inputs, attributes, opset, shape rule. Gives back the function that appends it to the innermost graph of its inputs, or to the body that is being edited. */
/* @__NO_SIDE_EFFECTS__ */
export function defineOp<const I extends readonly string[], const S extends Specs>(def: OpDef<I, S>): Op<I, S> & AnyOp {
  const apply = (...args: unknown[]): Value => {
    const inputs = def.inputs.flatMap((_, i) => (args[i] ?? null) as Value | null | readonly Value[]); // the signature says so
    const { name, ...given } = (args[def.inputs.length] ?? {}) as Partial<Record<string, Native[Kind]>> & {
      name?: string;
    };
    const first = inputs[0];
    const label = name ?? (first?.scope ? `${first.scope}.${def.type}` : def.type);
    try {
      const missing = inputs.findIndex((v, i) => !v && !isOptional(def, i));
      if (!first || missing >= 0) throw new Error(`input '${nameOf(def, Math.max(missing, 0))}' is missing`);
      const graph = homeOf(inputs, first);
      const attrs = fill(def.attributes, given) as Attrs<S>;
      const type = inferFrom(def, inputs, attrs);
      const opset = graph.opsets.get("") ?? 0;
      if (opset < def.since) throw new Error(`needs opset ${def.since}, but the graph has opset ${opset || "none"}`);
      const node = graph.add({
        op: def.type,
        name: label,
        inputs: inputs.slice(0, inputs.findLastIndex((v) => v !== null) + 1),
        attributes: spell(def.attributes, attrs, opset),
        outputs: [{ name: label, type, scope: name ?? first.scope }],
      });
      return node.outputs[0] as Value; // one output was asked for
    } catch (e) {
      throw new GraphError(`${def.type} '${label}': ${(e as Error).message}${origins(def, inputs)}`, { cause: e });
    }
  };
  return Object.assign(apply, { def }) as unknown as Op<I, S> & AnyOp; // `apply` takes whatever the type lets through
}

interface Inputs {
  readonly inputs: readonly string[];
}
export const isOptional = ({ inputs }: Inputs, i: number): boolean => inputs[i]?.endsWith("?") ?? false;
/** Whether the one input stands for any number of them. */
export const isVariadic = ({ inputs }: Inputs): boolean => inputs[0]?.endsWith("...") ?? false;
/** An input's name without its mark. */
export const bare = (input = ""): string => input.replace(/\W+$/, "");
/** What errors call input `i` of a node: "x", "inputs[1]". */
const nameOf = (def: Inputs, i: number): string =>
  isVariadic(def) ? `${bare(def.inputs[0])}[${i}]` : bare(def.inputs[i]);

/** What a node is given, one entry for each declared input. */
export const byInput = <T>(def: Inputs, given: readonly T[]): readonly (T | readonly T[])[] =>
  isVariadic(def) ? [given] : given;

/** The output type by the operator's rule; null where an input's rank is not known. */
export function inferFrom<I extends readonly string[], S extends Specs>(
  def: OpDef<I, S>,
  inputs: readonly (Value | null)[],
  attrs: Attrs<S>,
): RankedType | null {
  checkDtypes(def, inputs);
  const operands = inputs.map((v) => v && isRanked(v.type) && { ...v.type, constant: v.constant });
  if (operands.some((o) => o === false)) return null;
  return def.infer(byInput(def, operands) as Arguments<I, Operand>, attrs); // null where an input was left out
}

type DtypeRules = Pick<OpDef<readonly string[], Specs>, "inputs" | "dtypes" | "fixed" | "free">;
function checkDtypes(def: DtypeRules, inputs: readonly (Value | null)[]): void {
  const first = inputs[0]?.type;
  inputs.forEach((v, i) => {
    if (v?.type?.kind !== "tensor") return;
    const { dtype } = v.type;
    const name = nameOf(def, i);
    const fixed = def.fixed?.[name];
    if (fixed && dtype !== fixed) throw new Error(`${name} must be ${fixed}, but is ${dtype}`);
    if (fixed || (def.free?.includes(name) && FLOATS.includes(dtype))) return;
    if (first?.kind === "tensor" && dtype !== first.dtype)
      throw new Error(`${nameOf(def, 0)} is ${first.dtype}, but ${name} is ${dtype}`);
  });
  const allowed = def.dtypes ?? FLOATS;
  if (first?.kind === "tensor" && !allowed.includes(first.dtype))
    throw new Error(`${nameOf(def, 0)} is ${first.dtype}; it takes ${allowed.join(", ")}`);
}

/** Where each input comes from, one line each. */
export const origins = (def: Inputs, inputs: readonly (Value | null)[]): string =>
  inputs.map((v, i) => (v ? `\n  ${nameOf(def, i)}: ${show(v.type)} from '${v.name}'` : "")).join("");

export function fill(
  specs: Specs,
  given: Partial<Record<string, Native[Kind]>>,
): Record<string, Native[Kind] | undefined> {
  const unknown = Object.keys(given).find((k) => !(k in specs));
  if (unknown) throw new Error(`has no attribute '${unknown}'`);
  return Object.fromEntries(
    Object.entries(specs).map(([key, spec]) => {
      const value = given[key] ?? spec.default;
      if (value === undefined && spec.presence === "required") throw new Error(`attribute '${key}' is missing`);
      return [key, value];
    }),
  );
}

/** Attributes as the file has them. One that this opset does not know must stand at its default. */
function spell(specs: Specs, attrs: Record<string, unknown>, opset: number): Attributes {
  const out: Record<string, Attribute> = {};
  for (const [key, spec] of Object.entries(specs)) {
    const value = attrs[key];
    if (value === undefined) continue;
    if (opset < (spec.since ?? 1)) {
      if (`${value}` !== `${spec.default}`)
        throw new Error(`attribute '${key}' needs opset ${spec.since}, but the graph has opset ${opset}`);
    } else out[key] = { kind: spec.kind, value } as Attribute; // `fill` took the value by the spec's kind
  }
  return out;
}
