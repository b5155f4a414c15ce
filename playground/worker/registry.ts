import type { Architecture } from "../../models/architecture.js";
import { blocks, excitations, squeezes } from "../../models/attention/index.js";
import { type Backbone, backbones } from "../../models/index.js";
import { choose } from "../../src/graph/error.js";

/** What networks can be built with: every backbone and every kind of block, by name. */
export interface Choices {
  readonly backbones: readonly Pick<Backbone, "name" | "family">[];
  /** With the fields of the form that mean something to it. */
  readonly blocks: readonly { readonly name: string; readonly takes: readonly string[] }[];
  readonly squeezes: readonly string[];
  readonly excitations: readonly string[];
}
/** What one backbone takes, and what it has unless told otherwise. */
export interface BackboneFacts {
  readonly paper: string;
  readonly stages: readonly number[];
  readonly places: readonly string[];
  readonly place: string;
  readonly r: number;
  readonly bias: boolean;
  /** It was published with SE. */
  readonly ownSe: boolean;
  readonly size: number;
  readonly smallest: number;
}

export async function choices(): Promise<Choices> {
  return {
    backbones: backbones.map(({ name, family }) => ({ name, family })),
    blocks: blocks.map(({ name, takes }) => ({ name, takes })),
    squeezes: squeezes.map((s) => s.name),
    excitations: excitations.map((e) => e.name),
  };
}

export async function backbone({ name }: { readonly name: string }): Promise<BackboneFacts> {
  const { paper, load } = choose("backbone", name, backbones);
  return { paper, ...factsOf(await load()) };
}

function factsOf({ stages, places = ["standard"], se, input }: Architecture): Omit<BackboneFacts, "paper"> {
  const place = se?.where ?? places[0] ?? "standard";
  const own = { r: se?.r ?? 16, bias: se?.bias ?? false, ownSe: se !== undefined };
  return { stages, places, place, ...own, size: input.size, smallest: input.min };
}
