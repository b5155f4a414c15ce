import type * as Ort from "onnxruntime-web";
import { UserError } from "../../graph/error.js";
import { feedsOf, ports, runError, tensors } from "../ort.js";
import { placementOf } from "../placement.js";
import type { CreateOptions, ProviderSession } from "../provider.js";
import type { Feeds, Placement } from "../session.js";
import { zeros } from "../zeros.js";
import { printedBy } from "./printed.js";
import { creator, inTurn, start, type Target } from "./runtime.js";

/** A session of onnxruntime-web. */
export async function createSession(
  ort: typeof Ort,
  target: Target,
  model: string | Uint8Array,
  options: CreateOptions,
): Promise<ProviderSession> {
  const create = creator(ort, target, model, options);
  const { session, fallback } = await start(ort, target, create, options);
  const inputs = ports(session.inputMetadata);
  let closed = false;
  const requireOpen = (): void => {
    if (closed) throw new UserError("the session is closed");
  };
  const run = async (on: Ort.InferenceSession, feeds: Feeds): Promise<Feeds> => {
    requireOpen();
    try {
      return feedsOf(await on.run(tensors<Ort.Tensor>(ort, feeds)));
    } catch (e) {
      throw runError(e);
    }
  };
  const placement = async (feeds: Feeds): Promise<Placement> => {
    requireOpen();
    const profiled = await create({ enableProfiling: true });
    try {
      await run(profiled, feeds);
      return placementIn(printedBy(() => profiled.endProfiling()));
    } finally {
      await profiled.release();
    }
  };
  return {
    provider: target.name,
    fallback,
    inputs,
    outputs: ports(session.outputMetadata),
    run: (feeds) => inTurn(() => run(session, feeds)),
    placement: (feeds = zeros(inputs)) => inTurn(() => placement(feeds)),
    async close() {
      if (closed) return;
      closed = true;
      await inTurn(() => session.release());
    },
  };
}

function placementIn(profile: string): Placement {
  if (!profile)
    throw new UserError(
      "onnxruntime-web printed no profile: se-onnx has to be the first to start it in this page, and env.wasm.proxy off",
    );
  return placementOf(profile, "wasm");
}
