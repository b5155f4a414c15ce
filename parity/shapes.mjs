// npm run parity:shapes [-- FOLDER]: holds shape inference against the official onnx package's, on every .onnx file of its backend tests and on
// what torch.onnx writes for networks of torchvision and timm (or on the files of FOLDER). Each model is first stripped of the types between its
// inputs and outputs. A length is equal, less precise (the official one is known and ours is not), more precise, or different. Then proves that
// the comparison can fail: it must notice each of several faults.
// Without FOLDER the counts go into docs/data/shapes.json. Exits 0 when nothing is different and at most 2% of what the operators with a rule make
// is less precise, or when the packages are absent (it says how to get them).

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { dataType } from "../dist/src/graph/dtype.js";
import { inferShapes } from "../dist/src/graph/infer-shapes.js";
import { RULES } from "../dist/src/graph/shapes/index.js";
import { readModel } from "../dist/src/node.js";
import { inFolder } from "./folder.mjs";
import { missing, runPython } from "./python.mjs";
import { table } from "./table.mjs";

/** @typedef {"equal" | "less" | "more" | "different"} Verdict */
/** @typedef {[dtype: number, shape: (number | string | null)[] | null]} Official */
const LESS_PRECISE = 0.02;
const recorded = fileURLToPath(new URL("../docs/data/shapes.json", import.meta.url));

/**
 * @param {import("../src/graph/type.js").Type | null} ours
 * @param {Official} official
 * @returns {Verdict}
 */
function judge(ours, [dtype, shape]) {
  if (ours?.kind !== "tensor") return "less";
  if (dataType(ours.dtype) !== dtype) return "different";
  if (!ours.shape || !shape) return ours.shape ? "more" : shape ? "less" : "equal";
  if (ours.shape.length !== shape.length) return "different";
  const verdicts = ours.shape.map((d, i) => lengthVerdict(d, shape[i] ?? null));
  return /** @type {const} */ (["different", "less", "more"]).find((v) => verdicts.includes(v)) ?? "equal";
}
/**
 * @param {number | string | null} d
 * @param {number | string | null} official
 * @returns {Verdict}
 */
function lengthVerdict(d, official) {
  if (d === official) return "equal";
  if (d === null || (typeof d === "string" && typeof official === "number")) return "less";
  return official === null || (typeof d === "number" && typeof official === "string") ? "more" : "different";
}

/**
 * What shape inference says of every value of the stripped model `i`, beside what the official package says.
 * @param {string} folder
 * @param {number} i
 */
async function verdicts(folder, i) {
  const official = JSON.parse(await readFile(join(folder, `${i}.json`), "utf8"));
  if (!official) return [];
  const { graph, close } = await readModel(join(folder, `${i}.onnx`));
  const { contradictions } = inferShapes(graph);
  await close();
  const found = graph.nodes.flatMap((node) =>
    node.outputs.flatMap((v) =>
      official[v.name]
        ? [{ op: node.domain ? `${node.domain}.${node.op}` : node.op, ours: v.type, official: official[v.name] }]
        : [],
    ),
  );
  return [
    ...found,
    ...contradictions.map((text) => ({ op: text, ours: null, official: /** @type {Official} */ ([0, null]) })),
  ];
}

/** @param {string} folder */
const filesIn = async (folder) =>
  (await readdir(folder, { recursive: true }))
    .filter((name) => name.endsWith(".onnx"))
    .sort()
    .map((name) => join(folder, name));

/** What the comparison must notice, done to a type that is equal. */
const FAULTS = /** @type {const} */ ([
  [
    "a length that is one more",
    (/** @type {any} */ t) => ({
      ...t,
      shape: t.shape.map((/** @type {any} */ d) => (typeof d === "number" ? d + 1 : d)),
    }),
  ],
  ["an axis more", (/** @type {any} */ t) => ({ ...t, shape: [...t.shape, 1] })],
  ["another element type", (/** @type {any} */ t) => ({ ...t, dtype: t.dtype === "float32" ? "float16" : "float32" })],
  [
    "another name",
    (/** @type {any} */ t) => ({
      ...t,
      shape: t.shape.map((/** @type {any} */ d) => (typeof d === "string" ? `${d}2` : "other")),
    }),
  ],
]);

const absent = await missing(["onnx", "torch", "torchvision", "timm"]);
if (absent) {
  console.log(`parity:shapes skipped: ${absent}`);
  process.exit(0);
}
const given = process.argv[2];
const failed = await inFolder(async (folder) => {
  const exported = join(folder, "exported");
  await mkdir(exported);
  if (!given) await runPython("shapes.py", ["export", exported]);
  const data = given ?? (await runPython("onnx_data.py", [])).trim();
  const files = [...(await filesIn(data)), ...(await filesIn(exported))];
  await runPython("shapes.py", ["infer", folder, ...files]);

  /** @type {Map<string, Record<Verdict, number>>} */
  const byGroup = new Map();
  /** @type {Map<string, number>} */
  const less = new Map();
  const different = [];
  const equal = [];
  let ruled = 0;
  for (const [i, file] of files.entries()) {
    const own = file.startsWith(exported);
    const group = own ? "torch.onnx" : (file.slice(data.length + 1).split(sep)[0] ?? "");
    const counts = byGroup.get(group) ?? { equal: 0, less: 0, more: 0, different: 0 };
    byGroup.set(group, counts);
    for (const { op, ours, official } of await verdicts(folder, i)) {
      const verdict = judge(ours, official);
      counts[verdict]++;
      if (RULES.has(op)) ruled++;
      if (verdict === "less") less.set(op, (less.get(op) ?? 0) + 1);
      if (verdict === "different") different.push(`${file}: ${op}`);
      if (verdict === "equal" && ours?.kind === "tensor" && ours.shape?.length) equal.push({ ours, official });
    }
  }
  const row = table([
    ["types of values", 20],
    ["equal", 7],
    ["more precise", 12],
    ["less precise", 12],
    ["different", 9],
  ]);
  const total = { equal: 0, less: 0, more: 0, different: 0 };
  for (const [group, c] of byGroup) {
    console.log(row(group, c.equal, c.more, c.less, c.different));
    for (const key of /** @type {Verdict[]} */ (Object.keys(total))) total[key] += c[key];
  }
  console.log(row("all", total.equal, total.more, total.less, total.different), `of ${files.length} files\n`);
  const print = table([
    ["less precise", 32],
    ["values", 7],
  ]);
  const sorted = [...less].sort((a, b) => b[1] - a[1]);
  for (const [op, n] of sorted) console.log(print(op, n, RULES.has(op) ? "" : "(no rule)"));
  for (const line of different) console.log(`different: ${line}`);
  const lessRuled = sorted.reduce((n, [op, count]) => (RULES.has(op) ? n + count : n), 0);
  console.log(
    `${lessRuled} of ${ruled} values of operators with a rule are less precise (${((100 * lessRuled) / ruled).toFixed(2)}%)`,
  );
  if (!given)
    await writeFile(
      recorded,
      `${JSON.stringify({ files: files.length, groups: Object.fromEntries(byGroup), lessPrecise: Object.fromEntries(sorted) }, null, 1)}\n`,
    );
  const named = equal.some(({ ours }) => ours.shape?.some((d) => typeof d === "string"));
  const faults = FAULTS.filter(([fault]) => named || fault !== "another name");
  const unnoticed = faults.filter(
    ([, change]) => !equal.some(({ ours, official }) => judge(change(ours), official) === "different"),
  );
  console.log(`${faults.length - unnoticed.length} of ${faults.length} deliberate faults noticed`);
  return different.length + unnoticed.length + (lessRuled > LESS_PRECISE * ruled ? 1 : 0);
});
process.exit(failed ? 1 : 0);
