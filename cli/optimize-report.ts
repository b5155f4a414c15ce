import type { Optimization } from "../src/optimize.js";
import { bytes, count, table } from "./format.js";
import type { Tuned } from "./optimize-tune.js";
import type { Verified } from "./verify.js";

/** What `optimize` did. */
export interface Optimized {
  readonly from: { readonly file: string; readonly bytes: number };
  /** Null where the outputs differ, so that nothing was written. */
  readonly to: {
    readonly file: string;
    readonly bytes: number;
    readonly sha256: string | null;
    readonly dataFile: string | null;
  } | null;
  readonly report: Optimization;
  /** Null where that was not asked for. */
  readonly verified: Verified | null;
  /** Null where the passes were given. */
  readonly tuned: Tuned | null;
  /** Without verification. */
  readonly seconds: number;
}
interface Wanted {
  readonly explain?: boolean;
}

/** Outputs may differ by this much of the largest number in them. */
const TOLERANCE = 1e-4;
/**
 * Less than this is no difference: ONNX Runtime's Sigmoid has an error of 1.5e-7 where it comes near 0, so that a map of probabilities which is
 * 0 all over has no digit that two spellings of one network share.
 */
const RESOLUTION = 2 ** -21;
export const passed = ({ maxAbs, maxRel }: Verified): boolean => maxRel <= TOLERANCE || maxAbs <= RESOLUTION;

export const json = ({ from, to, report, verified, tuned, seconds }: Optimized, { explain }: Wanted) => ({
  in: from,
  out: to,
  passes: report.passes.map(({ name, applied, skipped }) => ({
    name,
    applied,
    skipped: skipped.length,
    ...(explain ? { reasons: skipped } : {}),
  })),
  nodesBefore: report.before.nodes,
  nodesAfter: report.after.nodes,
  operatorsBefore: report.before.operators,
  operatorsAfter: report.after.operators,
  seBlocks: report.after.squeezeExcites,
  ...(tuned && { tuned: { chosen: tuned.chosen, trials: tuned.trials } }),
  verified,
  seconds,
});

export function text({ from, to, report, verified, tuned }: Optimized, { explain }: Wanted): string {
  const { before, after, passes } = report;
  const row = (name: string, a: number, b: number): string[] => [name, count(a), count(b)];
  const operators = [...new Set([...Object.keys(before.operators), ...Object.keys(after.operators)])].sort();
  const changed = operators.filter((op) => before.operators[op] !== after.operators[op]);
  const graphs = [
    ["", "before", "after"],
    row("nodes", before.nodes, after.nodes),
    ...changed.map((op) => row(`  ${op}`, before.operators[op] ?? 0, after.operators[op] ?? 0)),
    row("SE blocks", before.squeezeExcites, after.squeezeExcites),
    row("bytes", from.bytes, to?.bytes ?? from.bytes),
  ];
  const ran = passes.map(({ name, applied, skipped }) => [name, `${applied}`, `${skipped.length}`]);
  const reasons = passes.flatMap(({ name, skipped }) =>
    skipped.map(({ node, reason }) => `${name} left '${node}' as it was: ${reason}`),
  );
  return [
    table(graphs),
    "",
    table([["pass", "applied", "skipped"], ...ran]),
    ...(explain && reasons.length ? ["", ...reasons] : []),
    ...(tuned ? ["", trials(tuned)] : []),
    "",
    verified ? sentence(verified) : "-[ ] not verified",
    to ? `${to.file} (${bytes(to.bytes)})` : "nothing was written",
  ].join("\n");
}

function trials({ trials, chosen }: Tuned): string {
  const rows = trials.map(({ name, ms, low, high }) => [
    name,
    `${ms.toFixed(2)} ms`,
    `${low.toFixed(3)}-${high.toFixed(3)}`,
    name === chosen ? "chosen" : "",
  ]);
  return table([["form", "time", "of the portable form's", ""], ...rows]);
}

/** What verification found, in a line. */
export function sentence(verified: Verified): string {
  const { maxAbs, maxRel, batches, images, seconds, peakBytes } = verified;
  const mark = passed(verified) ? "✓" : "x";
  return `-[${mark}] largest difference ${maxAbs.toExponential(2)}, relative ${maxRel.toExponential(2)} (tolerance ${TOLERANCE}, or ${RESOLUTION.toExponential(1)} in all), at batch ${batches.join(" and ")}${images ? ` and on ${images} ${images === 1 ? "picture" : "pictures"}` : ""}; verifying took ${seconds.toFixed(1)} s and ${bytes(peakBytes)} in a process of its own`;
}
