import { decode } from "../../src/export/decode.js";
import { replace } from "../../src/graph/edit.js";
import { UserError } from "../../src/graph/error.js";
import type { Graph } from "../../src/graph/graph.js";
import { removeDeadCode } from "../../src/graph/passes/remove-dead-code.js";
import { findSqueezeExcite } from "../../src/graph/squeeze-excite.js";
import { threads } from "../threads.js";
import type { Progress } from "./answer.js";
import { rangedBlob } from "./ranged-blob.js";
import type { Model, RunAsk } from "./run.js";
import { feedsOf, openOn } from "./session.js";

/** Milliseconds of one run. */
export interface Spread {
  readonly median: number;
  /** The quartiles: half of all runs lie between them. */
  readonly low: number;
  readonly high: number;
}
export interface Times {
  readonly provider: string;
  readonly threads: number;
  readonly runs: number;
  readonly withSe: Spread;
  readonly withoutSe: Spread;
}

export interface TimeAsk extends RunAsk {
  /** The network without SE; null: it is made of the model by taking its blocks out. */
  readonly plain: Blob | null;
}

/** Runs of each network, fewer where they are long. */
const ROUNDS = 15;
const LEAST = 3;
const PATIENCE_MS = 20_000;

/** Times the model and the same one without SE, one run of each in turn, so that whatever else the machine does meets both. */
export async function time({ model, plain, device, picture }: TimeAsk, progress: Progress): Promise<Times> {
  const step = "Timing with SE and without";
  progress({ what: step, share: 0 });
  const both = [model.file, plain ?? (await withoutSe(model))];
  const opened = [];
  try {
    for (const network of both) opened.push(await openOn(network, device));
    const [first] = opened;
    if (!first) throw new Error("two models were opened");
    const feeds = await feedsOf(first, picture);
    for (const network of opened) await network.run(feeds);
    const ms: number[][] = [[], []];
    const started = performance.now();
    for (let round = 0; round < ROUNDS; round++) {
      if (round >= LEAST && performance.now() - started > PATIENCE_MS) break;
      for (const [i, network] of opened.entries()) {
        const begun = performance.now();
        await network.run(feeds);
        ms[i]?.push(performance.now() - begun);
      }
      progress({ what: step, share: (round + 1) / ROUNDS });
    }
    const [withSe, withoutSe] = ms.map(spread);
    if (!withSe || !withoutSe) throw new Error("two models were timed");
    return { provider: first.provider, runs: ms[0]?.length ?? 0, withSe, withoutSe, threads: threads() };
  } finally {
    for (const network of opened) await network.close();
  }
}

/** The model with x in place of x * gate, wherever there is an SE block. */
async function withoutSe({ file }: Model): Promise<Graph> {
  const graph = await decode(rangedBlob(file, "the model"));
  const found = findSqueezeExcite(graph);
  if (!found.length)
    throw new UserError("the model has no SE block that could be taken out: build it with SE, or choose another file");
  for (const { scale, x } of found) for (const output of scale.outputs) replace(output, x);
  removeDeadCode.run(graph);
  return graph;
}

function spread(ms: readonly number[]): Spread {
  const sorted = [...ms].sort((a, b) => a - b);
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const [low = 0, high = low] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
    return low + (high - low) * (place % 1);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}
