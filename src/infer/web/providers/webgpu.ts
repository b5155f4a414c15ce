import { probe } from "../../probe.js";
import { type Provider, type Unavailable, UnavailableError } from "../../provider.js";
import { webgpuBuild } from "../package.js";
import type { Target } from "../runtime.js";
import { createSession } from "../session.js";

/** What is asked of the build that `webgpuRuntime` loads. */
export const WEBGPU: Target = { name: "webgpu", executionProvider: "webgpu" };

/** The runtime that has WebGPU. Throws an UnavailableError where the page cannot have it. */
export async function webgpuRuntime() {
  const why = await missing();
  if (why) throw new UnavailableError(why);
  return webgpuBuild();
}

const create: Provider["create"] = async (model, options) =>
  createSession(await webgpuRuntime(), WEBGPU, model, options);

async function missing(): Promise<Unavailable | null> {
  if (!isSecureContext)
    return { reason: "WebGPU needs a secure page", hint: "serve it by https or from localhost, or choose wasm" };
  if (!("gpu" in navigator))
    return { reason: "this browser has no WebGPU", hint: "choose the device wasm, or take a newer browser" };
  if (await navigator.gpu.requestAdapter()) return null;
  return {
    reason: "this browser's WebGPU finds no graphics processor",
    hint: "choose the device wasm, or see what the browser says of its driver (chrome://gpu, about:support)",
  };
}

/** ONNX Runtime's kernels on the graphics processor (https://onnxruntime.ai/docs/tutorials/web/ep-webgpu.html). */
export const webgpu: Provider = { name: "webgpu", create, available: () => probe(create) };
