// node tools/parity-tables.mjs: writes the tables of docs/parity.md, docs/weights.md and docs/providers.md from
// docs/data/{parity,zoos,preprocessing,devices,engines}.json, which `npm run parity`, and `npm run parity:` with the other names, write.

import { data, fill, table } from "./markdown.mjs";

/** @param {number} n */
const short = (n) => n.toExponential(1);
/** @param {readonly number[]} list */
const most = (list) => Math.max(...list);

const parity = await data("parity");
await fill("parity.md", [
  table([
    ["case", "largest relative error, by batch x pixels", "gates, 5 % to 95 %", "two images differ by"],
    ...parity.compared.map((/** @type {any} */ c) => [
      c.name,
      c.errors.map((/** @type {any} */ e) => `${e.input}: ${short(e.error)}`).join(", "),
      c.gateQuantiles ? `${c.gateQuantiles[0].toFixed(2)} to ${c.gateQuantiles.at(-1).toFixed(2)}` : "",
      c.imageDifference.toFixed(2),
    ]),
  ]),
  table([
    ["network", "fault", "error"],
    ...parity.compared.flatMap((/** @type {any} */ c) =>
      (c.mutations ?? []).map((/** @type {any} */ m) => [c.name, m.fault, short(m.error)]),
    ),
  ]),
]);
const faults = parity.compared.flatMap((/** @type {any} */ c) => c.mutations ?? []);
console.log(
  `parity: ${parity.compared.filter((/** @type {any} */ c) => c.passed).length} of ${parity.compared.length}, worst ${short(most(parity.compared.map((/** @type {any} */ c) => c.error)))}; ${faults.length} faults, least ${short(Math.min(...faults.map((/** @type {any} */ f) => f.error)))}`,
);

/** @type {{check: string, engine: string, version: string, found: string}[]} */
const checked = (await data("engines")).checked;
const browsers = [...new Set(checked.map(({ engine }) => engine))];
const versionOf = (/** @type {string} */ name) => checked.find((c) => c.engine === name && c.version)?.version ?? "";
const foundIn = (/** @type {string} */ check, /** @type {string} */ name) =>
  checked.find((c) => c.check === check && c.engine === name)?.found ?? "not tried";
const engines = table([
  ["check", ...browsers.map((name) => `${name} ${versionOf(name)}`)],
  ...[...new Set(checked.map(({ check }) => check))].map((check) => [
    check,
    ...browsers.map((name) => foundIn(check, name)),
  ]),
]);

const zoos = await data("zoos");
const presets = await data("preprocessing");
/** @param {any} preset */
const side = ({ input_size, crop_pct }) => Math.floor(input_size[1] / crop_pct);
await fill("weights.md", [
  table([
    [
      "saved by: network",
      "container",
      "dtype",
      "pixels",
      "largest relative error",
      "least deliberate fault",
      "found as",
    ],
    ...zoos.compared.map((/** @type {any} */ c) => [
      c.name,
      c.container,
      c.dtype,
      c.sizes.join(", "),
      short(c.error),
      c.mutations?.length ? short(Math.min(...c.mutations.map((/** @type {any} */ m) => m.error))) : "",
      `${c.backbone} (${c.zoo})`,
    ]),
  ]),
  table([
    ["pixels", "shorter side to", "filter", "mean", "std", "package", "checkpoints", "largest difference"],
    ...presets.compared.map((/** @type {any} */ { preset, package: by, checkpoints, difference }) => [
      preset.input_size[1],
      side(preset),
      preset.interpolation,
      preset.mean.join(" "),
      preset.std.join(" "),
      by,
      checkpoints,
      difference === 0 ? "0" : short(difference),
    ]),
  ]),
]);
const mutations = zoos.compared.flatMap((/** @type {any} */ c) => c.mutations ?? []);
console.log(
  `zoos: ${zoos.compared.filter((/** @type {any} */ c) => c.passed).length} of ${zoos.compared.length}, worst ${short(most(zoos.compared.map((/** @type {any} */ c) => c.error)))}; ${mutations.length} faults, least ${short(Math.min(...mutations.map((/** @type {any} */ m) => m.error)))}; presets ${presets.compared.length}, worst ${short(most(presets.compared.map((/** @type {any} */ p) => p.difference)))}`,
);

const devices = await data("devices");
const PLACES = ["cpu", "wasm", "webgpu", "chromium wasm", "chromium webgpu"];
/** @type {Map<string, Map<string, any>>} */
const byFile = new Map();
for (const c of devices.compared) {
  const [file = "", place = ""] = c.name.split(" on ");
  byFile.set(file, (byFile.get(file) ?? new Map()).set(place, c));
}
/** @param {any} found */
const cell = (found) => (found ? (found.leftOut ?? (found.error === null ? "fails" : short(found.error))) : "");
await fill("providers.md", [
  table([
    ["network, pixels, form", ...PLACES],
    ...[...byFile].map(([file, found]) => [file, ...PLACES.map((place) => cell(found.get(place)))]),
  ]),
  engines,
]);
const tried = devices.compared.filter((/** @type {any} */ c) => !c.leftOut);
console.log(
  `devices: ${tried.filter((/** @type {any} */ c) => c.passed).length} of ${tried.length}, worst ${short(most(tried.map((/** @type {any} */ c) => c.error / c.limit)))} of the limit`,
);
