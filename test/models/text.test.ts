// Golden text dumps. After a change that is meant to change networks:
//   UPDATE_GOLDENS=1 npx vitest run test/models
// writes goldens/*.txt and goldens/structure.json anew; read the diff before it is committed.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { backbones } from "../../models/index.js";
import { resnet18, resnet50 } from "../../models/resnet.js";
import { squeezeExciteConv } from "../../models/se-block.js";
import { type BuildOptions, buildModel } from "../../src/build.js";
import { text } from "../../src/graph/text.js";

const update = Boolean(process.env.UPDATE_GOLDENS);
const place = (name: string): URL => new URL(`goldens/${name}`, import.meta.url);

function expectGolden(name: string, actual: string): void {
  if (update) writeFileSync(place(name), actual);
  expect(actual).toBe(readFileSync(place(name), "utf8"));
}

describe("the text dump", () => {
  test("of SE-ResNet-18 with r = 16, folded", () => {
    expectGolden("se-resnet18-r16.txt", text(buildModel("resnet18", resnet18).graph));
  });

  test("of the first block of SE-ResNet-50, with BatchNormalization kept", () => {
    const dump = text(buildModel("resnet50", resnet50, { fold: false }).graph);
    const lines = dump.split("\n").filter((line) => /^(constant )?layer1\.0\b/.test(line));
    expectGolden("se-resnet50-layer1.0-unfolded.txt", `${lines.join("\n")}\n`);
  });
});

/** What is left of a dump of up to a thousand lines: its digest, and enough to see where a change lies. */
interface Structure {
  readonly sha256: string;
  readonly operators: Readonly<Record<string, number>>;
}
function structureOf(name: string, architecture: Parameters<typeof buildModel>[1], options: BuildOptions): Structure {
  const { graph } = buildModel(name, architecture, options);
  const operators: Record<string, number> = {};
  for (const { op } of graph.nodes) operators[op] = (operators[op] ?? 0) + 1;
  return { sha256: createHash("sha256").update(text(graph)).digest("hex"), operators };
}
const variants: Readonly<Record<string, BuildOptions>> = {
  se: {},
  "se conv bias r8 unfolded": { se: { r: 8, block: squeezeExciteConv, bias: true }, fold: false },
  plain: { se: null },
};

test("the structure of every backbone is as it was", async () => {
  const actual: Record<string, Record<string, Structure>> = {};
  for (const { name, load } of backbones) {
    const architecture = await load();
    const rows = Object.entries(variants).map(([key, options]) => [key, structureOf(name, architecture, options)]);
    actual[name] = Object.fromEntries(rows);
  }
  if (update) writeFileSync(place("structure.json"), `${JSON.stringify(actual, null, 1)}\n`);
  expect(actual).toEqual(JSON.parse(readFileSync(place("structure.json"), "utf8")));
});

test("the weights do not change the text", () => {
  const dump = (seed: number): string => text(buildModel("resnet18", resnet18, { weights: { seed } }).graph);
  expect(dump(1)).toBe(dump(2));
});
