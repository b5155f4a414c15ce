// node bench/kernels-run.mjs DEVICE MODEL: runs a model once on zeros in ONNX Runtime for Node with its profiler and prints {nodes, launched} as JSON:
// nodes of the graph as the runtime fused it, by operator, and the programs that it had the graphics processor run, where the device is one.
// Without a graphics card: VK_DRIVER_FILES=…/vk_swiftshader_icd.json (Chromium's).

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import ort from "onnxruntime-node";
import { inFolder } from "../parity/folder.mjs";

const [device = "webgpu", model = ""] = process.argv.slice(2);
await inFolder(async (folder) => {
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [{ name: device }],
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
    logSeverityLevel: 4,
  });
  const feeds = Object.fromEntries(
    session.inputMetadata.map(({ name, shape }) => {
      const lengths = shape.map((d) => (typeof d === "number" ? d : 1));
      const data = new Float32Array(lengths.reduce((a, b) => a * b, 1));
      return [name, new ort.Tensor("float32", data, lengths)];
    }),
  );
  await session.run(feeds);
  session.endProfiling();
  const [file = ""] = await readdir(folder);
  /** @type {{cat: string, name: string, args?: {op_name?: string}}[]} */
  const events = JSON.parse(await readFile(join(folder, file), "utf8"));
  /** @type {Record<string, number>} */
  const nodes = {};
  for (const { cat, name, args } of events)
    if (cat === "Node" && name.endsWith("_kernel_time")) {
      const operator = args?.op_name ?? "unknown";
      nodes[operator] = (nodes[operator] ?? 0) + 1;
    }
  console.log(JSON.stringify({ nodes, launched: events.filter(({ cat }) => cat === "Api").length }));
});
