// npm run parity:engines [-- ENGINE…]: se-onnx/web, the playground and the pages of examples in every browser engine that is installed, or in
// those named alone. docs/data/engines.json keeps what was found, each engine's last, and docs/providers.md has its table.
// Exits 0 when all agree (of an engine that is not here it says how to get it), 1 when a check fails, 2 where no engine is here or none is so named.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startVitest } from "vitest/node";
import { table } from "./table.mjs";

/** @typedef {{check: string, engine: string, version: string, found: string, passed: boolean}} Result */

const ENGINES = ["Firefox", "WebKitGTK", "Chromium"];
const place = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !ENGINES.some((engine) => engine.toLowerCase() === name.toLowerCase()));
if (unknown) {
  console.error(`there is no engine '${unknown}': choose of ${ENGINES.join(", ")}`);
  process.exit(2);
}
const vitest = await startVitest("test", [], {
  config: place("engines/vitest.config.ts"),
  watch: false,
  ...(asked.length && { testNamePattern: new RegExp(`^(${asked.join("|")}) `, "i") }),
});
/** @type {Result[]} */
const results = [];
for (const module of vitest.state.getTestModules())
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result();
    if (state === "skipped") continue;
    const meta = /** @type {any} */ (test.meta()).finding;
    const engine = test.parent.type === "suite" ? test.parent.name : "";
    const problem = errors?.[0]?.message.split("\n")[0] ?? "";
    results.push({
      check: test.name,
      engine,
      version: meta?.version ?? "",
      found: meta?.found ?? `FAILED: ${problem}`,
      passed: state === "passed",
    });
  }
await vitest.close();
const failed = results.filter(({ passed }) => !passed).length;
if (results.length === 0) {
  console.error("no engine was tried");
  process.exit(2);
}
console.log();
const row = table([
  ["check", 70],
  ["engine", 18],
  ["found", 40],
]);
for (const { check, engine, version, found } of results) console.log(row(check, `${engine} ${version}`, found));
console.log(`\n${results.length - failed} passed, ${failed} failed`);

const file = place("../docs/data/engines.json");
/** @type {Result[]} */
const before = await readFile(file, "utf8").then(
  (text) => JSON.parse(text).checked,
  () => [],
);
const tried = new Set(results.map(({ engine }) => engine));
const lines = [...before.filter(({ engine }) => !tried.has(engine)), ...results].map((result) =>
  JSON.stringify(result),
);
await mkdir(place("../docs/data"), { recursive: true });
await writeFile(`${file}.new`, `{ "checked": [\n${lines.join(",\n")}\n] }\n`);
await rename(`${file}.new`, file);
await import("../tools/parity-tables.mjs");
process.exit(failed > 0 ? 1 : 0);
