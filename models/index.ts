import type { Architecture } from "./architecture.js";

/** A name that networks are built by. Its architecture is loaded when it is asked for. */
export interface Backbone {
  readonly name: string;
  readonly family: string;
  readonly paper: string;
  readonly load: () => Promise<Architecture>;
}

/** Every name in `names` is an export of the family's module. */
function members<N extends string>(
  family: string,
  paper: string,
  names: readonly N[],
  module: () => Promise<Readonly<Record<N, Architecture>>>,
): readonly Backbone[] {
  return names.map((name) => ({ name, family, paper, load: async () => (await module())[name] }));
}

export const backbones: readonly Backbone[] = [
  ...members(
    "resnet",
    "https://arxiv.org/abs/1512.03385",
    ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152"],
    () => import("./resnet.js"),
  ),
  ...members(
    "resnext",
    "https://arxiv.org/abs/1611.05431",
    ["resnext50_32x4d", "resnext101_32x4d", "resnext101_32x8d", "resnext101_64x4d"],
    () => import("./resnet.js"),
  ),
];
