import type { LoadReport } from "../src/load-weights.js";
import { count } from "./format.js";

/** What became of the checkpoint's keys, for a script. */
export function loadSummary(loaded: LoadReport | null): object {
  if (!loaded) return {};
  const { matched, reshaped, missing, misshapen, unexpected, fresh, aside, changes } = loaded;
  return {
    matched: matched.length,
    reshaped: reshaped.map((change) => change.key),
    missing: missing.map((p) => p.key),
    misshapen: misshapen.map((change) => change.key),
    unexpected,
    fresh,
    unused: aside,
    changes,
  };
}

/** The same for a person: a line for all that fits, and one for each thing that was done. */
export function loadLines({
  matched,
  reshaped,
  missing,
  misshapen,
  unexpected,
  aside,
  changes,
}: LoadReport): readonly string[] {
  const some = (n: number, what: string): readonly string[] => (n ? [`${count(n)} ${what}`] : []);
  const lost = [
    ...named(
      missing.map((p) => p.key),
      "missing",
    ),
    ...named(
      misshapen.map((change) => change.key),
      "of another shape",
    ),
    ...named(unexpected, "unexpected"),
  ];
  const random = missing.length + misshapen.length > 0;
  return [
    [
      `${count(matched.length + reshaped.length)} tensors matched`,
      ...some(reshaped.length, "of them reshaped"),
      ...some(aside.length, "left aside"),
    ].join(", "),
    ...(lost.length ? [`${lost.join("; ")}${random ? "; what the network lacks is random" : ""}`] : []),
    ...changes,
  ];
}

/** "80 missing: fc.weight, fc.bias, bn1.weight and 77 more" */
function named(keys: readonly string[], what: string): readonly string[] {
  if (!keys.length) return [];
  const more = keys.length > 4 ? ` and ${keys.length - 3} more` : "";
  return [`${count(keys.length)} ${what}: ${keys.slice(0, more ? 3 : 4).join(", ")}${more}`];
}
