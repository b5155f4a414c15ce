import { type Provider, type Unavailable, UnavailableError } from "../../provider.js";

const WHY: Unavailable = {
  reason: "webnn is a part of browsers, and this is Node",
  hint: "open the model in a page by se-onnx/web, as `se-onnx playground` does, or choose another device",
};

/** The browser's WebNN: named here so that one list of devices serves Node and pages. */
export const webnn: Provider = {
  name: "webnn",
  create: async () => {
    throw new UnavailableError(WHY);
  },
  available: async () => WHY,
};
