// npm run parity:engines [-- ENGINE…]: se-onnx/web, the playground and the pages of examples in every browser engine that is installed, or in
// those named alone. docs/data/engines.json keeps what was found, each engine's last, and docs/providers.md has its table.
// Exits 0 when all agree (of an engine that is not here it says how to get it), 1 when a check fails, 2 where no engine is here or none is so named.
// One run at a time: npm builds dist anew before each.

import { readFileSync, renameSync, writeFileSync } from "node:fs";
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
/** @type {Map<string, string>} */
const absent = new Map();
for (const module of vitest.state.getTestModules())
  for (const test of module.children.allTests()) {
    const result = test.result();
    const engine = test.parent.type === "suite" ? test.parent.name : "";
    const [problem] = [...(result.errors ?? []), ...errorsAround(test)];
    if (!problem && result.state !== "passed") {
      if (result.state === "skipped" && result.note) absent.set(engine, result.note);
      continue;
    }
    const meta = /** @type {any} */ (test.meta()).finding;
    results.push({
      check: test.name,
      engine,
      version: meta?.version ?? "",
      found: problem ? `FAILED: ${problem.message.split("\n")[0]}` : meta?.found,
      passed: !problem,
    });
  }
await vitest.close();
for (const [engine, note] of absent) console.error(`${engine} was not tried: ${note}`);
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

record(place("../docs/data/engines.json"));
await import("../tools/parity-tables.mjs");
process.exit(failed > 0 ? 1 : 0);

/**
 * What went wrong before a test could start: in its engine's start, or in its file's.
 * @param {import("vitest/node").TestCase} test
 */
function errorsAround(test) {
  const { parent, module } = test;
  return [...(parent.type === "suite" ? parent.errors() : []), ...module.errors()];
}

/**
 * Puts the results in the place of those engines' last, without a pause between reading and writing.
 * @param {string} file
 */
function record(file) {
  /** @type {Result[]} */
  const before = JSON.parse(readFileSync(file, "utf8")).checked;
  const tried = new Set(results.map(({ engine }) => engine));
  const all = [...before.filter(({ engine }) => !tried.has(engine)), ...results];
  const lines = ENGINES.flatMap((name) => all.filter(({ engine }) => engine === name)).map((r) => JSON.stringify(r));
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, `{ "checked": [\n${lines.join(",\n")}\n] }\n`);
  renameSync(whole, file);
}
