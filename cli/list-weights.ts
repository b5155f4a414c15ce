import type { Pretrained } from "../models/pretrained/pretrained.js";
import { UserError } from "../src/graph/error.js";
import { bytes, count, table } from "./format.js";
import { matches } from "./pattern.js";

/** The published weights whose name or backbone matches, as a table or as JSON. */
export function listWeights(pretrained: readonly Pretrained[], pattern: string | undefined, json = false): string {
  const wanted = pretrained.filter((p) => matches(p.name, pattern) || (p.backbone && matches(p.backbone, pattern)));
  if (!wanted.length)
    throw new UserError(`no published weights match '${pattern ?? ""}': se-onnx list --weights shows all`);
  if (json) return JSON.stringify(wanted, null, 2);
  const head = ["name", "backbone", "size", "classes", "input", "resize", "top-1", "at", "licence", "from"];
  const built = wanted.filter((p) => p.backbone).length;
  return `${table([head, ...wanted.map(row)])}\n${count(wanted.length)} published weights, ${count(built)} of them for networks here; se-onnx list --weights --json has the sources of all figures`;
}

function row(p: Pretrained): readonly string[] {
  const { preprocessing, accuracy } = p;
  const size = preprocessing?.input_size[1];
  return [
    p.name,
    p.backbone ?? "(no backbone yet)",
    p.bytes === null ? "" : bytes(p.bytes),
    count(p.classes),
    size ? `${size}` : "",
    preprocessing && size ? `${Math.floor(size / preprocessing.crop_pct)} ${preprocessing.interpolation}` : "",
    accuracy ? accuracy.top1.toFixed(2) : "",
    accuracy ? `${accuracy.size}` : "",
    p.licence ?? "",
    p.from,
  ];
}
