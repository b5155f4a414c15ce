// npm run parity:onnx-data [-- FOLDER]: reads every .onnx file of the official onnx package's backend tests (or of FOLDER), writes it
// again, and has the official package compare the two. Then proves that the comparison can fail: it must notice each of several faults.
// Exits 0 when all are equal or the package is absent (it says how to get it), 1 when one differs or a fault goes unnoticed.

import { readdir, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { removeConstant } from "../dist/src/index.js";
import { readModel, writeModel } from "../dist/src/node.js";
import { inFolder } from "./folder.mjs";
import { missing, runPython } from "./python.mjs";
import { table } from "./table.mjs";

/** The official data has more models than this. */
const LEAST = 1000;
const golden = fileURLToPath(new URL("../test/export/goldens/everything.onnx", import.meta.url));

/**
 * What the comparison must notice in a copy of the golden.
 * @type {Readonly<Record<string, (graph: any) => void>>}
 */
const FAULTS = {
  "a doc string lost": (g) => Object.assign(g.model, { docString: "" }),
  "a node's doc string lost": (g) => Object.assign(g.nodes[0], { kept: [] }),
  "a value's doc string lost": (g) => Object.assign(g.inputs[0], { kept: [] }),
  "a metadata entry changed": (g) => g.metadata.set("a", "2"),
  "an opset changed": (g) => g.opsets.set("custom.domain", 2),
  "a node renamed": (g) => Object.assign(g.nodes[0], { name: "other" }),
  "an integer of 2^62 changed by 1": (g) => Object.assign(g.nodes[0].attributes.i, { value: 2n ** 62n }),
  "an attribute lost": (g) => delete g.nodes[1].attributes.else_branch,
  "a body's constant lost": (g) => removeConstant(g.nodes[1].attributes.then_branch.value.constants[0]),
  "a length made symbolic": (g) => Object.assign(g.inputs[0], { type: { ...g.inputs[0].type, shape: ["N", "M"] } }),
  "a bit of a constant flipped": (g) => g.constants[3].constant.data.set([g.constants[3].constant.data[0] ^ 1]),
  "an input moved": (g) => Object.assign(g.nodes[0], { inputs: [g.nodes[0].inputs[0], g.nodes[0].inputs[2]] }),
  "a function lost": (g) => g.functions.pop(),
};

/**
 * Reads a model, changes it, and writes it elsewhere.
 * @param {string} from
 * @param {string} to
 * @param {(graph: import("../src/graph/graph.js").Graph) => void} [change]
 */
async function copy(from, to, change = () => {}) {
  const model = await readModel(from);
  try {
    change(model.graph);
    await writeModel(model.graph, to);
  } finally {
    await model.close();
  }
}

/**
 * The differences between the models of each pair.
 * @param {readonly (readonly [string, string])[]} pairs
 * @param {string} folder
 * @returns {Promise<string[][]>}
 */
async function compare(pairs, folder) {
  const list = join(folder, "pairs.json");
  await writeFile(list, JSON.stringify(pairs));
  return JSON.parse(await runPython("semantic_equal.py", [list]));
}

/**
 * Names of the models in `data`, and for each what is wrong with its copy.
 * @param {string} data
 * @param {string} folder  for the copies
 */
async function compareAll(data, folder) {
  const names = (await readdir(data, { recursive: true })).filter((name) => name.endsWith(".onnx")).sort();
  /** @type {Map<string, string[]>} */
  const problems = new Map();
  /** @type {[string, string][]} */
  const pairs = [];
  for (const [i, name] of names.entries()) {
    const pair = /** @type {[string, string]} */ ([join(data, name), join(folder, `${i}.onnx`)]);
    try {
      await copy(...pair);
      pairs.push(pair);
    } catch (error) {
      problems.set(name, [String(error)]);
    }
  }
  for (const [i, differences] of (await compare(pairs, folder)).entries()) {
    const name = pairs[i]?.[0].slice(data.length + 1) ?? "";
    if (differences.length) problems.set(name, differences);
  }
  return { names, problems };
}

const absent = await missing(["onnx"]);
if (absent) {
  console.log(`parity:onnx-data skipped: ${absent}`);
  process.exit(0);
}
const given = process.argv[2];
const data = given ?? (await runPython("onnx_data.py", [])).trim();
const failed = await inFolder(async (folder) => {
  const { names, problems } = await compareAll(data, folder);
  const row = table([
    ["models", 20],
    ["files", 6],
    ["equal", 6],
    ["different", 9],
  ]);
  const count = (/** @type {readonly string[]} */ list) => {
    const different = list.filter((name) => problems.has(name)).length;
    return [list.length, list.length - different, different];
  };
  const group = (/** @type {string} */ name) => name.split(sep)[0] ?? "";
  for (const g of new Set(names.map(group))) console.log(row(g, ...count(names.filter((name) => group(name) === g))));
  console.log(row("all", ...count(names)));
  for (const [name, list] of problems) console.log(`${name}\n  ${list.join("\n  ")}`);
  const few = !given && names.length <= LEAST;
  if (few) console.log(`${names.length} files are too few: the official data has more than ${LEAST}`);

  const faults = Object.entries(FAULTS);
  const pairs = faults.map((_, i) => /** @type {[string, string]} */ ([golden, join(folder, `fault-${i}.onnx`)]));
  const sound = /** @type {[string, string]} */ ([golden, join(folder, "sound.onnx")]);
  for (const [i, pair] of pairs.entries()) await copy(...pair, faults[i]?.[1]);
  await copy(...sound);
  const found = await compare([...pairs, sound], folder);
  const unnoticed = faults.filter((_, i) => !found[i]?.length).map(([fault]) => fault);
  const wrong = found.at(-1) ?? [];
  console.log(`\n${faults.length - unnoticed.length} of ${faults.length} deliberate faults noticed`);
  for (const fault of unnoticed) console.log(`  unnoticed: ${fault}`);
  for (const difference of wrong) console.log(`  without a fault: ${difference}`);
  return problems.size + unnoticed.length + wrong.length + (few ? 1 : 0);
});
process.exit(failed ? 1 : 0);
