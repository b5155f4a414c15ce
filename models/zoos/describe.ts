import type { WeightSource } from "../../src/graph/bind.js";
import type { Architecture } from "../architecture.js";
import { toMultipleOf } from "../divisible.js";
import { buildNetwork, type Network } from "../network.js";
import type { SePlan } from "../plan.js";

/** What the shapes of a checkpoint with our keys say of its network. */
export interface Description {
  /** 0: it has no classifier. */
  readonly classes: number;
  readonly inChans: number;
  /** Its SE, where that is not the network's usual; null: it has none. */
  readonly se: SePlan | null;
  /** The keys of the first convolution and of the classifier. */
  readonly stem: string;
  readonly head: readonly string[];
}

export interface Described extends Description {
  readonly network: Network;
  /** False: `network` is the published one, since what is there is of another. */
  readonly exact: boolean;
}
/** Describes `source` as the network `name`, and builds that network as it is there. */
export function describe(name: string, architecture: Architecture, source: WeightSource): Described {
  const usual = buildNetwork(name, architecture);
  const shapeOf = (key: string): readonly number[] | undefined => source.tensors.get(key)?.shape;
  const stem = usual.parameters[0]?.key ?? "";
  const head = headOf(usual);
  const classes = shapeOf(head[0] ?? "")?.[0] ?? 0;
  const inChans = shapeOf(stem)?.[1] ?? 3;
  const known = { classes, inChans, stem, head };
  const [first = null, ...others] = plans(usual, source);
  const isSe = (key: string): boolean => usual.se?.blocks.some(({ path }) => key.startsWith(`${path}.`)) ?? false;
  if (usual.parameters.some(({ key }) => !shapeOf(key) && !head.includes(key) && !isSe(key)))
    return { ...known, se: first, network: usual, exact: false }; // it is of another network, whatever its SE
  const build = (se: SePlan | null): Network =>
    se &&
    usual.se?.bias === se.bias &&
    se.r === undefined &&
    classes === (architecture.classes ?? 1000) &&
    inChans === 3
      ? usual
      : buildNetwork(name, architecture, { classes, inChans: Math.max(1, inChans), se });
  for (const se of [first, ...others]) {
    const network = build(se);
    if (hiddenUnitsFit(network, source)) return { ...known, se, network, exact: true };
  }
  return { ...known, se: first, network: usual, exact: false };
}

/** The keys of the layer that is made last. */
export function headOf({ parameters }: Network): readonly string[] {
  const last = parameters.at(-1)?.key ?? "";
  const path = last.slice(0, last.lastIndexOf(".") + 1);
  return parameters.map((p) => p.key).filter((key) => key.startsWith(path));
}

/** Plans to try: the usual one, with biases as they are there, and ratios that its hidden units may come from. */
function plans(usual: Network, source: WeightSource): readonly (SePlan | null)[] {
  const units = new Map(usual.parameters.map((p) => [p.key, p.type.shape[0] ?? 0]));
  const first = usual.se?.blocks.map(({ path }) => `${path}.fc1`).filter((fc1) => source.tensors.has(`${fc1}.weight`));
  const widest = first?.at(-1); // where rounding changes the ratio least
  if (!usual.se || !widest) return [null];
  const bias = source.tensors.has(`${widest}.bias`);
  const found = source.tensors.get(`${widest}.weight`)?.shape[0] ?? 0;
  const r = Math.max(1, Math.round((usual.se.r * (units.get(`${widest}.weight`) ?? 0)) / Math.max(1, found)));
  return [{ bias }, { r, bias }, { r, bias, round: Math.floor }, { r, bias, round: toMultipleOf(8) }];
}

function hiddenUnitsFit({ se, parameters }: Network, source: WeightSource): boolean {
  const paths = new Set(se?.blocks.map(({ path }) => `${path}.fc1.weight`));
  return parameters.every(
    ({ key, type }) => !paths.has(key) || (source.tensors.get(key)?.shape[0] ?? type.shape[0]) === type.shape[0],
  );
}
