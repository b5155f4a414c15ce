// npm run bench:leak: resident memory of this process over 1,000 times create, run and close, and over 10,000 runs of one session (CIFAR
// SE-ResNet-20 on CPU), each against what it was after warming up. Prints a table and writes docs/data/leak.json; exit code 1 where one
// is ever over 5% more.

import { mkdir, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { cifar_resnet20 } from "../dist/models/cifar-resnet.js";
import { buildModel, encodeToBytes } from "../dist/src/index.js";
import { open } from "../dist/src/node.js";
import { table } from "../parity/table.mjs";

const LIMIT = 1.05;
/** Parts of each series after which memory is read. */
const PARTS = 10;

setFlagsFromString("--expose-gc");
/** @type {() => void} */
const collect = runInNewContext("gc");

/** Resident MiB once garbage is collected and threads that ended have gone. */
async function resident() {
  for (let i = 0; i < 3; i++) {
    collect();
    await setTimeout(100);
  }
  return process.memoryUsage().rss / 2 ** 20;
}

/**
 * @param {string} name
 * @param {number} warmUp
 * @param {number} times
 * @param {() => Promise<void>} once
 */
async function series(name, warmUp, times, once) {
  for (let i = 0; i < warmUp; i++) await once();
  const mib = [await resident()];
  const started = performance.now();
  for (let part = 0; part < PARTS; part++) {
    for (let i = 0; i < times / PARTS; i++) await once();
    mib.push(await resident());
    process.stderr.write(`${name}: ${((part + 1) * times) / PARTS} of ${times}, ${mib.at(-1)?.toFixed(1)} MiB\n`);
  }
  const [first = 0] = mib;
  return {
    name,
    warmUp,
    times,
    seconds: (performance.now() - started) / 1000,
    mib,
    ratio: Math.max(...mib) / first,
  };
}

const bytes = await encodeToBytes(buildModel("cifar_resnet20", cifar_resnet20, {}).graph);
const data = Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => ((i * 7919) % 1009) / 1008 - 0.5);
/** @type {import("../dist/src/node.js").Feeds} */
const feeds = { input: { dtype: "float32", shape: [1, 3, 32, 32], data } };

const cycles = await series("create, run, close", 100, 1000, async () => {
  const model = await open(bytes);
  await model.run(feeds);
  await model.close();
});
const model = await open(bytes);
const runs = await series("run", 1000, 10_000, async () => {
  await model.run(feeds);
});
await model.close();

const results = [cycles, runs];
const row = table([
  ["what", 18],
  ["times", 6],
  ["MiB warm", 9],
  ["largest", 9],
  ["at the end", 10],
  ["ratio", 6],
  ["seconds", 8],
]);
for (const { name, times, mib, ratio, seconds } of results) {
  const [warm = 0] = mib;
  const figures = [warm, Math.max(...mib), mib.at(-1) ?? 0].map((m) => m.toFixed(1));
  console.log(row(name, times, ...figures, ratio.toFixed(3), seconds.toFixed(0)));
}
const folder = fileURLToPath(new URL("../docs/data", import.meta.url));
await mkdir(folder, { recursive: true });
await writeFile(
  `${folder}/leak.json`,
  `${JSON.stringify({ node: process.version, limit: LIMIT, results }, null, 2)}\n`,
);
if (results.some(({ ratio }) => ratio > LIMIT)) process.exitCode = 1;
