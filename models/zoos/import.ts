import { type BindReport, compareKeys, type WeightSource } from "../../src/graph/bind.js";
import { choose, UserError } from "../../src/graph/error.js";
import type { Architecture } from "../architecture.js";
import { type Backbone, backbones } from "../index.js";
import type { Network } from "../network.js";
import { type Description, describe } from "./describe.js";
import { zoos } from "./index.js";
import type { Zoo } from "./zoo.js";

/** A checkpoint with our keys, and the network that it is of. */
export interface Imported extends Description {
  readonly source: WeightSource;
  /** Its zoo's name. */
  readonly zoo: string;
  /** Pixels on a side beyond which its zoo's network computes something else. */
  readonly largest: number;
  readonly backbone: Backbone;
  readonly architecture: Architecture;
  /** Keys, in our spelling, that only training has a use for. */
  readonly aside: readonly string[];
  /** The network as the checkpoint has it, for whoever asks first; null from then on, since binding and passes change it. */
  takeNetwork(): Network | null;
}
export interface ImportOptions {
  /** The network; told by keys and shapes unless given. */
  readonly backbone?: string | undefined;
  /** The spelling; told by the keys unless given. */
  readonly zoo?: string | undefined;
  /** What else names the network, such as the file's path: it decides where keys and shapes fit several. */
  readonly hint?: string | undefined;
}

/**
 * Tells from the keys and shapes of a checkpoint, of which no byte is read, what network it is of, and spells its keys as ours. Where a
 * backbone is given, the keys need not fit it; `bind` says what does not. Throws a UserError where no network fits, or several.
 */
export async function importWeights(source: WeightSource, options: ImportOptions = {}): Promise<Imported> {
  const keys = new Set(source.tensors.keys());
  const fitting = zoos.filter((zoo) => zoo.marks(keys));
  const marked = options.zoo ? [choose("zoo", options.zoo, zoos)] : fitting;
  if (!marked.every((zoo) => fitting.includes(zoo)))
    throw new UserError(
      `${source.name} is not spelled as ${options.zoo} spells: leave out --zoo, or choose ${fitting.map(({ name }) => name).join(" or ")}`,
    );
  if (options.backbone) {
    const [zoo] = marked;
    if (!zoo) throw new Error("every key has the marks of our own zoo");
    return candidate(choose("backbone", options.backbone, backbones), zoo, respelled(source, zoo));
  }
  let nearest: Candidate | null = null;
  for (const zoo of marked) {
    const spelled = respelled(source, zoo);
    for (const row of zoo.backbones(new Set(spelled.source.tensors.keys()))) {
      const tried = await Promise.all(row.map((name) => candidate(choose("backbone", name, backbones), zoo, spelled)));
      const fitting = tried.filter((c) => problems(c.fit) === 0);
      if (fitting.length) return only(fitting, source.name, options.hint);
      for (const c of tried) if (!nearest || likeness(c.fit) > likeness(nearest.fit)) nearest = c;
    }
  }
  throw unknown(source, nearest);
}

interface Candidate extends Imported {
  readonly fit: BindReport;
}
const problems = ({ missing, misshapen, unexpected }: BindReport): number =>
  missing.length + misshapen.length + unexpected.length;
/** The share of keys that fit, of all on either side: 0 to 1. */
function likeness(fit: BindReport): number {
  const fitting = fit.matched.length + fit.reshaped.length;
  return fitting / Math.max(1, fitting + problems(fit));
}

interface Respelled {
  readonly source: WeightSource;
  readonly aside: readonly string[];
}
function respelled(source: WeightSource, { spelling, aside = /^$/ }: Zoo): Respelled {
  const spell = spelling(new Set(source.tensors.keys()));
  const all = Array.from(source.tensors, ([key, tensor]) => [spell(key), tensor] as const);
  return {
    source: { ...source, tensors: new Map(all.filter(([key]) => !aside.test(key))) },
    aside: all.map(([key]) => key).filter((key) => aside.test(key)),
  };
}

async function candidate(backbone: Backbone, zoo: Zoo, { source, aside }: Respelled): Promise<Candidate> {
  const architecture = await backbone.load();
  const { network, exact, ...description } = describe(backbone.name, architecture, source);
  let untouched = exact ? network : null;
  return {
    takeNetwork() {
      const taken = untouched;
      untouched = null;
      return taken;
    },
    ...{ source, aside, zoo: zoo.name, largest: zoo.largest ?? Number.POSITIVE_INFINITY, backbone, architecture },
    ...description,
    fit: compareKeys(network.parameters, source),
  };
}

/** The one of several networks with the same keys and shapes that `hint` names. */
function only(fitting: readonly Candidate[], file: string, hint = ""): Imported {
  const [first, second] = fitting;
  if (first && !second) return first;
  const named = fitting.filter((c) => hint.includes(c.backbone.name));
  const longest = Math.max(...named.map((c) => c.backbone.name.length));
  const [best, other] = named.filter((c) => c.backbone.name.length === longest);
  if (best && !other) return best;
  const names = fitting.map((c) => c.backbone.name);
  const shown = names.length > 6 ? `${names.slice(0, 5).join(", ")} and ${names.length - 5} more` : names.join(" and ");
  throw new UserError(`${file} fits several networks, ${shown}: say which with --backbone`);
}

function unknown(source: WeightSource, nearest: Candidate | null): UserError {
  const [key = "none"] = source.tensors.keys();
  if (!nearest || likeness(nearest.fit) === 0)
    return new UserError(
      `${source.name} is of no network here: none of its ${source.tensors.size} keys, of which '${key}' is the first, is one that they have`,
    );
  const { zoo, backbone, fit } = nearest;
  if (
    fit.missing.some(({ key }) => key.endsWith(".running_var")) &&
    ![...source.tensors.keys()].some((key) => key.endsWith(".running_var"))
  )
    return new UserError(
      `${source.name} has no statistics of BatchNormalization, as where it was folded into the convolutions: give the checkpoint, or export ${backbone.name} unfolded (here build --no-fold)`,
    );
  return new UserError(
    `${source.name} is of no network here: the nearest is ${backbone.name}, keys as in ${zoo}, with ${fit.missing.length} of them missing, ${fit.misshapen.length} of another shape and ${fit.unexpected.length} unexpected; --backbone ${backbone.name} lists them`,
  );
}
