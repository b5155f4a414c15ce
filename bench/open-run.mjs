// node bench/open-run.mjs MODEL HOW THREADS IMAGES BATCH: opens a model ("as it is" or "fast"), runs IMAGES images in batches of BATCH, and prints
// what that took as JSON. A process of its own, since a cache in memory or another session would help or disturb.

import { open } from "../dist/src/node.js";

const [model = "", how = "fast", threads = "1", images = "1", size = "1"] = process.argv.slice(2);
const batch = Number(size);
const opened = await open(model, { optimize: how === "fast", threads: Number(threads), batch });
const feeds = {
  [opened.inputs[0]?.name ?? ""]: {
    dtype: /** @type {const} */ ("float32"),
    shape: [batch, 3, 224, 224],
    data: Float32Array.from({ length: batch * 3 * 224 * 224 }, (_, i) => Math.sin(i)),
  },
};
const times = [];
for (let i = 0; i < Number(images); i += batch) {
  const start = performance.now();
  await opened.run(feeds);
  times.push(performance.now() - start);
}
const [first] = times;
times.sort((a, b) => a - b);
const { loadMs, optimization } = opened;
await opened.close();
console.log(
  JSON.stringify({
    loadMs,
    firstMs: first,
    runMs: times[Math.floor(0.1 * times.length)],
    rssMiB: process.resourceUsage().maxRSS / 1024,
    madeMs: typeof optimization === "object" ? (optimization?.madeMs ?? null) : null,
    reason: typeof optimization === "string" ? optimization : null,
  }),
);
