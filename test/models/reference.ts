import { readFileSync } from "node:fs";
import type { SePlan } from "../../models/plan.js";

export interface Row {
  readonly parameters: number;
  readonly seParameters: number;
  readonly runningStatistics: number;
  readonly inputSize: number;
  readonly macs: number;
  readonly seMacs: number;
  /** [how many in a row, C, hidden, H, W] */
  readonly blocks: readonly (readonly [number, number, number, number, number])[];
}
interface ReferenceNumbers {
  /** By network, placement of SE and "bias" or "nobias". */
  readonly rows: Readonly<Record<string, Row>>;
  /** Parameters of timm's networks as it makes them. */
  readonly timm: Readonly<Record<string, number>>;
  readonly overhead: Readonly<
    Record<
      string,
      {
        /** [N, C] */
        readonly stages: readonly (readonly [number, number])[];
        readonly r: number;
        readonly formula: number;
        readonly seParameters: number;
      }
    >
  >;
}
export const reference: ReferenceNumbers = JSON.parse(
  readFileSync(new URL("goldens/reference-numbers.json", import.meta.url), "utf8"),
);

/** Rows that no build of ours is meant to equal, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  googlenet_with_aux: "heads for training only",
  inception_v3_with_aux: "heads for training only",
  inception_resnet_v2_paper_layout: "recalled, not read",
  bn_inception_conv_bias_cadene: "a port's biases before BatchNorm, which the Caffe model does not have",
  shufflenet_v1_g3_fc_nobias_megvii: "a port whose classifier has no bias",
  cifar_resnet20_optionA: "shortcuts without parameters, recalled",
  cifar_resnet32_optionA: "shortcuts without parameters, recalled",
  cifar_resnet56_optionA: "shortcuts without parameters, recalled",
  cifar_resnet110_optionA: "shortcuts without parameters, recalled",
};

export interface Wanted {
  readonly backbone: string;
  readonly se: SePlan | null;
}
/** Families published with SE: their rows without a word more have it. */
const OWN_SE = /^(mobilenet_v3|efficientnet|regnet)/;

/** What a row's name asks for: "se_vgg11/last/bias", "ablation/stages2-4/nobias", "resnet50_v1caffe". */
export function wanted(row: string): Wanted {
  const [name = "", ...rest] = row.split("/");
  const bias = rest.at(-1) === "bias";
  const what = rest.length > 1 ? rest[0]! : "";
  if (name === "ablation") return { backbone: "resnet50_v1", se: { bias, ...ablation(what) } };
  const backbone = name
    .replace(/^se_|_without_se$|_mixed$|@\d+$/g, "")
    .replace("cifar_se_", "cifar_")
    .replace("v1caffe", "v1");
  if (OWN_SE.test(name)) return { backbone, se: name.endsWith("_without_se") ? null : {} };
  if (!rest.length) return { backbone, se: null };
  const where = name.endsWith("_mixed") ? "mixed" : what.replace(/^r\d+$|_r\d+$/, "") || undefined;
  const ratio = /(?:^|_)r(\d+)$/.exec(what)?.[1];
  return { backbone, se: { bias, where, ...(ratio && { r: Number(ratio) }) } };
}

function ablation(what: string): SePlan {
  const [from = 0, to = from] = (what.match(/\d+/g) ?? []).map(Number);
  if (what.startsWith("ratio")) return { r: from };
  if (what.startsWith("stage")) return { stages: Array.from({ length: to - from + 1 }, (_, i) => from + i) };
  return { where: what };
}
