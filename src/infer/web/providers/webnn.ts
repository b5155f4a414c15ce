import { probe } from "../../probe.js";
import { type Provider, type Unavailable, UnavailableError } from "../../provider.js";
import { webgpuBuild } from "../package.js";
import { createSession } from "../session.js";

const create: Provider["create"] = async (model, options) => {
  const why = await missing();
  if (why) throw new UnavailableError(why);
  const ort = await webgpuBuild();
  return createSession(ort, { name: "webnn", executionProvider: { name: "webnn", deviceType: "gpu" } }, model, options);
};

/** The part of the browser's WebNN that is asked (https://www.w3.org/TR/webnn/#api-ml). */
interface NavigatorWithML {
  readonly ml?: { createContext(options: { readonly deviceType: "gpu" }): Promise<unknown> };
}

async function missing(): Promise<Unavailable | null> {
  const { ml } = navigator as NavigatorWithML; // not among the standard types yet
  if (!isSecureContext || !ml)
    return {
      reason: "this browser offers no WebNN here",
      hint: "choose wasm or webgpu; Chrome and Edge have it behind chrome://flags/#web-machine-learning-neural-network, on a page served by https or from localhost",
    };
  try {
    await ml.createContext({ deviceType: "gpu" });
    return null;
  } catch (e) {
    const reason = e instanceof Error ? e.message : String(e);
    return { reason: `this browser's WebNN has no device (${reason})`, hint: "choose wasm or webgpu" };
  }
}

/** The system's own neural network kernels (https://onnxruntime.ai/docs/tutorials/web/ep-webnn.html). They want every length known:
 *  a model of a symbolic batch runs on the processor. */
export const webnn: Provider = { name: "webnn", create, available: () => probe(create) };
