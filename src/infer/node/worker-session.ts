import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateOptions, ProviderSession } from "../provider.js";
import { type StrictTarget, strictFirst } from "../strict.js";
import { zeros } from "../zeros.js";
import { startWorker, type WorkerClient } from "./worker-client.js";
import type { ExecutionProvider, ExternalFile, Runtime, WorkerData } from "./worker-protocol.js";

/** What a provider asks of its runtime. */
export interface Target extends StrictTarget {
  readonly runtime: Runtime;
  readonly executionProviders: readonly ExecutionProvider[];
  readonly externalData?: readonly ExternalFile[];
}

/** A session in a worker: creating and running it leave this thread's event loop free. */
export async function createInWorker(
  model: string | Uint8Array,
  target: Target,
  { threads, strict = false }: CreateOptions,
): Promise<ProviderSession> {
  const { name, runtime, executionProviders, externalData = [] } = target;
  const start = (more: Pick<WorkerData, "strict" | "profile">): Promise<WorkerClient> =>
    startWorker(model, { runtime, executionProviders, externalData, threads, ...more });
  const { session, fallback } = await strictFirst((only) => start({ strict: only, profile: null }), target, strict);
  return {
    provider: name,
    fallback,
    inputs: session.inputs,
    outputs: session.outputs,
    run: session.run,
    close: session.close,
    async placement(feeds = zeros(session.inputs)) {
      const folder = await mkdtemp(join(tmpdir(), "se-onnx-profile-"));
      try {
        const profiled = await start({ strict: false, profile: join(folder, "profile") });
        try {
          await profiled.run(feeds);
          return await profiled.placement();
        } finally {
          await profiled.close();
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
