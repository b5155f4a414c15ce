import type { Preprocessing } from "../../graph/preprocessing.js";
import { isRecord } from "./json.js";

/** What the `config.json` says that timm writes beside weights (timm/models/_hub.py). Null: nothing, or nothing that can be used. */
export interface TimmConfig {
  /** timm's name of the network. */
  readonly architecture: string | null;
  readonly preprocessing: Preprocessing | null;
  /** Class names by index. */
  readonly labels: readonly string[] | null;
}

/** Reads what is there; any JSON value is taken. */
export function readTimmConfig(config: unknown): TimmConfig {
  if (!isRecord(config)) return { architecture: null, preprocessing: null, labels: null };
  const { architecture, label_names: own, pretrained_cfg } = config;
  const cfg = isRecord(pretrained_cfg) ? pretrained_cfg : config; // older files have it all on one level
  const labels = own ?? cfg.label_names;
  return {
    architecture: typeof architecture === "string" ? architecture : null,
    preprocessing: preprocessingOf(cfg),
    labels: isArrayOf(labels, "string") ? labels : null,
  };
}

function preprocessingOf(cfg: Readonly<Record<string, unknown>>): Preprocessing | null {
  const { input_size: size, interpolation, mean, std, crop_pct, crop_mode = "center" } = cfg;
  if (!isArrayOf(size, "number") || !isArrayOf(mean, "number") || !isArrayOf(std, "number")) return null;
  const [channels, height, width] = size;
  if (channels === undefined || height === undefined || width === undefined || typeof crop_pct !== "number")
    return null;
  if (interpolation !== "bilinear" && interpolation !== "bicubic") return null;
  if (crop_mode !== "center" && crop_mode !== "squash") return null;
  return { input_size: [channels, height, width], interpolation, mean, std, crop_pct, crop_mode };
}

interface Kinds {
  readonly string: string;
  readonly number: number;
}
const isArrayOf = <K extends keyof Kinds>(v: unknown, kind: K): v is readonly Kinds[K][] =>
  Array.isArray(v) && v.length > 0 && v.every((e) => typeof e === kind);
