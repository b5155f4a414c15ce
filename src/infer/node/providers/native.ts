import { probe } from "../../probe.js";
import { type Provider, type Unavailable, UnavailableError } from "../../provider.js";
import { explainRuntime, libraries } from "../onnxruntime-node.js";
import type { ExecutionProvider } from "../worker-protocol.js";
import { createInWorker } from "../worker-session.js";

/** An execution provider of onnxruntime-node. */
export interface Native {
  readonly name: string;
  readonly indexed?: boolean;
  readonly executionProviders: (index: number | undefined) => readonly ExecutionProvider[];
  /** Why it cannot run, as far as files and the system tell without the runtime. `folder` holds the runtime's libraries. */
  readonly missing?: (folder: string) => Unavailable | null;
  /** What the runtime's words mean; null where they are about the model. */
  readonly explain?: (message: string, folder: string) => Unavailable | null;
}

export function nativeProvider({ name, indexed = false, executionProviders, missing, explain }: Native): Provider {
  const create: Provider["create"] = async (model, options) => {
    const folder = libraries();
    if (typeof folder !== "string") throw new UnavailableError(folder);
    const why = missing?.(folder) ?? null;
    if (why) throw new UnavailableError(why);
    return createInWorker(
      model,
      {
        name,
        runtime: "onnxruntime-node",
        processor: name === "cpu",
        executionProviders: executionProviders(options.index),
        explain: (message) => explain?.(message, folder) ?? explainRuntime(name, message),
      },
      options,
    );
  };
  return { name, indexed, create, available: () => probe(create) };
}
