import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeBytes } from "../src/export/node/file.js";
import { UserError } from "../src/graph/error.js";
import type { OpenedModel } from "../src/infer/node/open.js";
import { decodeNpy, encodeNpy } from "../src/infer/npy.js";
import type { Feeds, HostTensor } from "../src/infer/session.js";
import type { Io } from "./command.js";

export interface RunTensorsArguments {
  readonly device: string;
  readonly input: readonly string[];
  readonly outputDir?: string;
  readonly json?: boolean;
}

/** Runs the model on tensors from .npy files and writes its outputs as such. */
export async function runTensors(session: OpenedModel, args: RunTensorsArguments, io: Io): Promise<void> {
  const { provider, tried, fallback, loadMs, optimization } = session;
  const feeds = await readFeeds(session, args.input);
  const started = performance.now();
  const results = await session.run(feeds);
  const seconds = (performance.now() - started) / 1000;
  const outputs: Record<string, { dtype: string; shape: readonly number[]; file: string | null }> = {};
  if (args.outputDir) await mkdir(args.outputDir, { recursive: true });
  for (const [name, t] of Object.entries(results)) {
    const file = args.outputDir ? join(args.outputDir, `${name.replace(/[/\\:]/g, "_")}.npy`) : null;
    if (file) await writeBytes(file, encodeNpy(t));
    outputs[name] = { dtype: t.dtype, shape: t.shape, file };
  }
  if (args.json)
    io.out(
      JSON.stringify(
        { device: provider, requestedDevice: args.device, tried, fallback, loadMs, optimization, seconds, outputs },
        null,
        2,
      ),
    );
  else
    for (const [name, o] of Object.entries(outputs))
      io.out(`${name}: ${o.dtype}[${o.shape.join(",")}]${o.file ? ` in ${o.file}` : ""}`);
}

/** `pairs`: "name=file.npy", one for each input of the model. */
async function readFeeds({ inputs }: OpenedModel, pairs: readonly string[]): Promise<Feeds> {
  const feeds: Record<string, HostTensor> = {};
  for (const pair of pairs) {
    const [name = "", ...rest] = pair.split("=");
    const file = rest.join("=");
    if (!name || !file) throw new UserError(`--input '${pair}' is not of the form name=file.npy`);
    if (!inputs.some((p) => p.name === name))
      throw new UserError(`the model has no input '${name}': its inputs are ${inputs.map((p) => p.name).join(", ")}`);
    const content = await readFile(file).catch((e: Error) => {
      throw new UserError(`'${file}' cannot be read: ${e.message}`);
    });
    feeds[name] = decodeNpy(content, `'${file}'`);
  }
  const missing = inputs.find((p) => !(p.name in feeds));
  if (missing) throw new UserError(`the model also needs --input ${missing.name}=file.npy`);
  return feeds;
}
