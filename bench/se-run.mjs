// node bench/se-run.mjs MODEL BATCH THREADS SECONDS session|open: runs a model by itself and prints the milliseconds of every run as JSON: in ONNX
// Runtime alone, or as a user of se-onnx does, with `open`. A process of its own, since idle sessions disturb the one that is timed.

import ort from "onnxruntime-node";
import { open } from "../dist/src/node.js";

const [model = "", ...rest] = process.argv.slice(2);
const [batch = 1, threads = 1, seconds = 2] = rest.map(Number);
const LEAST_RUNS = 5;

/** @param {readonly unknown[]} sizes  those of one image */
function image([, ...sizes]) {
  const shape = [batch, ...sizes.map(Number)];
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i)) };
}

async function alone() {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 });
  const [input] = session.inputMetadata;
  const { data, shape } = image(input?.isTensor ? input.shape : []);
  const feeds = { [input?.name ?? ""]: new ort.Tensor("float32", data, shape) };
  return () => session.run(feeds);
}

async function opened() {
  const opened = await open(model, { threads, batch });
  const [input] = opened.inputs;
  const type = input?.type;
  const { data, shape } = image(type?.kind === "tensor" ? (type.shape ?? []) : []);
  return () => opened.run({ [input?.name ?? ""]: { dtype: "float32", shape, data } });
}

const run = await (rest[3] === "open" ? opened() : alone());
for (let i = 0; i < 2; i++) await run();
const times = [];
const end = performance.now() + 1000 * seconds;
while (performance.now() < end || times.length < LEAST_RUNS) {
  const start = performance.now();
  await run();
  times.push(performance.now() - start);
}
console.log(JSON.stringify(times));
process.exit(); // a worker may be left
