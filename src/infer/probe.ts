import { UserError } from "../graph/error.js";
import { type Provider, type Unavailable, UnavailableError } from "./provider.js";
import { zeros } from "./zeros.js";

/** An .onnx file of one node, Relu of float32[1,4], as `encodeToBytes` writes it. */
export const ONE_NODE: Uint8Array = /* @__PURE__ */ Uint8Array.from(
  /* @__PURE__ */ atob(
    "CAg6WQodCgVpbnB1dBIGb3V0cHV0GgZvdXRwdXQiBFJlbHUSBXByb2JlWhcKBWlucHV0Eg4KDAgBEggKAggBCgIIBGIYCgZvdXRwdXQSDgoMCAESCAoCCAEKAggEQgQKABAS",
  ),
  (byte) => byte.charCodeAt(0),
);

/** Runs a network of one node by `create`: true where that works, else why not. */
export async function probe(create: Provider["create"]): Promise<true | Unavailable> {
  try {
    const session = await create(ONE_NODE, {});
    try {
      await session.run(zeros(session.inputs));
    } finally {
      await session.close();
    }
    return true;
  } catch (e) {
    if (e instanceof UnavailableError) return e.why;
    if (e instanceof UserError) return { reason: e.message, hint: "choose another device" };
    throw e;
  }
}
