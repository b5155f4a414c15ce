import type { Provider } from "../../provider.js";
import { createInWorker, MISSING } from "../worker-session.js";

/** ONNX Runtime's own kernels on the processor (https://onnxruntime.ai/docs/execution-providers/). */
export const cpu: Provider = {
  name: "cpu",
  available: async () => {
    try {
      import.meta.resolve("onnxruntime-node");
      return true;
    } catch {
      return MISSING;
    }
  },
  create: (model, options) => createInWorker(model, "cpu", options),
};
