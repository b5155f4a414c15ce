/** A key of timm's inverted residuals (timm/models/_efficientnet_blocks.py), with its step numbered as torchvision does. */
export interface BlockKey {
  /** From 0. */
  readonly stage: number;
  readonly index: number;
  /** Which step of the block: expansion, depthwise, SE and projection, less those that it has not. */
  readonly step: number;
  readonly last: boolean;
  readonly part: "conv" | "norm" | "fc1" | "fc2";
  /** "weight", "bias", "running_mean", ... */
  readonly tensor: string;
}

const KEY = /^blocks\.(\d+)\.(\d+)\.(conv_pw|conv_dw|conv_pwl|conv|bn[123]|se\.conv_reduce|se\.conv_expand)\.(\w+)$/;

/** Null for a key of something else. */
export function blockKey(key: string, keys: ReadonlySet<string>): BlockKey | null {
  const [, stage = "", index = "", name = "", tensor] = KEY.exec(key) ?? [];
  if (!tensor) return null;
  const has = (step: string): boolean => keys.has(`blocks.${stage}.${index}.${step}.weight`);
  const separable = has("conv_pw") && !has("conv_pwl"); // its conv_pw projects
  const order = separable ? ["conv_dw", SE, "conv_pw"] : ["conv", "conv_pw", "conv_dw", SE, "conv_pwl"];
  const steps = order.filter(has);
  const at = { stage: Number(stage), index: Number(index), tensor };
  if (name.startsWith("se.")) return { ...at, step: steps.indexOf(SE), last: false, part: name === SE ? "fc1" : "fc2" };
  const norm = name.startsWith("bn");
  const convolution = norm ? steps.filter((step) => step !== SE)[Number(name.slice(2)) - 1] : name;
  const step = convolution === undefined ? -1 : steps.indexOf(convolution);
  return { ...at, step, last: step === steps.length - 1, part: norm ? "norm" : "conv" };
}
const SE = "se.conv_reduce";

/** Numbers blocks through all stages, from 0. */
export function throughNumber(keys: ReadonlySet<string>): (stage: number, index: number) => number {
  const depths: number[] = [];
  for (const key of keys) {
    const [, stage, index] = /^blocks\.(\d+)\.(\d+)\./.exec(key) ?? [];
    if (stage) depths[Number(stage)] = Math.max(depths[Number(stage)] ?? 0, Number(index) + 1);
  }
  return (stage, index) => depths.slice(0, stage).reduce((a, b) => a + b, index);
}
