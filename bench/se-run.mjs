// node bench/se-run.mjs MODEL BATCH THREADS SECONDS: runs a model by itself in ONNX Runtime and prints the milliseconds of every run as JSON.
// A process of its own, since idle sessions disturb the one that is timed.

import ort from "onnxruntime-node";

const [model = "", batch = "1", threads = "1", seconds = "2"] = process.argv.slice(2);
const session = await ort.InferenceSession.create(model, { intraOpNumThreads: Number(threads), logSeverityLevel: 3 });
const [input] = session.inputMetadata;
const [, channels, height, width] = input?.shape ?? [];
const shape = [Number(batch), Number(channels), Number(height), Number(width)];
const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(i));
const feeds = { [input?.name ?? ""]: new ort.Tensor("float32", data, shape) };
const run = () => session.run(feeds);

for (let i = 0; i < 3; i++) await run();
const times = [];
const end = performance.now() + 1000 * Number(seconds);
while (performance.now() < end || times.length < 5) {
  const start = performance.now();
  await run();
  times.push(performance.now() - start);
}
console.log(JSON.stringify(times));
