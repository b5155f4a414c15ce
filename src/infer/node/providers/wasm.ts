import { locate } from "../../../export/node/locate.js";
import { readModel } from "../../../export/node/read-model.js";
import { probe } from "../../probe.js";
import { type Provider, UnavailableError } from "../../provider.js";
import { installed } from "../package.js";
import type { ExternalFile } from "../worker-protocol.js";
import { createInWorker } from "../worker-session.js";

const create: Provider["create"] = async (model, options) => {
  if (!installed("onnxruntime-web"))
    throw new UnavailableError({
      reason: "wasm in Node needs the package onnxruntime-web, which is not installed",
      hint: "run `npm install onnxruntime-web`",
    });
  return createInWorker(
    model,
    {
      name: "wasm",
      runtime: "onnxruntime-web",
      processor: true,
      executionProviders: [{ name: "wasm" }],
      externalData: typeof model === "string" ? await externalFiles(model) : [],
      explain: () => null,
    },
    options,
  );
};

async function externalFiles(model: string): Promise<readonly ExternalFile[]> {
  const { dataFiles, close } = await readModel(model);
  await close();
  return Promise.all(dataFiles.map(async (path) => ({ path, data: await locate(model, path) })));
}

/** ONNX Runtime's kernels on the processor in WebAssembly, for machines that onnxruntime-node has no libraries for
 *  (https://onnxruntime.ai/docs/tutorials/web/). Threads and SIMD as in a browser. */
export const wasm: Provider = { name: "wasm", create, available: () => probe(create) };
