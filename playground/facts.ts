import { element, make } from "./elements.js";
import { brief, count, mebibytes, percent, plural } from "./words.js";
import type { ModelFacts } from "./worker/model-facts.js";

/** Letters that take more than half of the space. */
const LONG = 48;

/** The figures of the model that would run. */
export function showFacts(facts: ModelFacts, notes: readonly string[] = []): void {
  const { title, parameters, seParameters, macs, seMacs, seBlocks, bytes, ops, inputs, origin } = facts;
  const share = (part: number | null, whole: number): string =>
    part === null || part === 0 ? "" : ` (SE adds ${percent(part / (whole - part))})`;
  const rows: readonly (readonly [string, string])[] = [
    ["Network", `${title}, ${plural(seBlocks, "SE block")}`],
    ["Parameters", `${count(parameters)}${share(seParameters, parameters)}`],
    ["Multiply-adds", macs === null ? "not known" : `${brief(macs)}${share(seMacs, macs)}`],
    ["File", `${mebibytes(bytes)}, ${ops.reduce((n, [, times]) => n + times, 0)} nodes`],
    ["Input", inputs.join(", ")],
    ["Weights", origin?.source === "random" ? `random, seed ${origin.seed}` : (origin?.name ?? "the file's own")],
    ["Operators", ops.map(([op, times]) => `${op} ${times}`).join(", ")],
    ...notes.map((note) => ["Note", note] as const),
  ];
  element("brief", HTMLParagraphElement).textContent =
    `${plural(seBlocks, "SE block")}, ${brief(parameters)} parameters, ${mebibytes(bytes)}`;
  element("facts", HTMLDListElement).replaceChildren(
    ...rows.map(([name, value]) =>
      make(
        "div",
        { className: value.length > LONG ? "wide" : "" },
        make("dt", { textContent: name }),
        make("dd", { textContent: value }),
      ),
    ),
  );
}
