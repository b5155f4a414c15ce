import { join } from "node:path";
import { readModel } from "../src/export/node/read-model.js";
import { writeModel } from "../src/export/node/write-model.js";
import { UserError } from "../src/graph/error.js";
import type { FixedLengths } from "../src/graph/fix-inputs.js";
import type { Pass } from "../src/graph/pass.js";
import { cpu } from "../src/infer/node/providers/cpu.js";
import { optimize, type PassPlan, planPasses, specialise } from "../src/optimize.js";
import type { Io } from "./command.js";
import { feedsFor } from "./verify.js";

/** A form of the model, and how long it takes. */
export interface Trial {
  readonly name: string;
  /** The 10th percentile of its runs, in the best round. */
  readonly ms: number;
  /** Its time over that of the portable form, in the best and in the worst round. */
  readonly low: number;
  readonly high: number;
}
export interface Tuned {
  readonly trials: readonly Trial[];
  readonly chosen: string;
  readonly passes: readonly Pass[];
}
interface Form {
  readonly name: string;
  readonly plan: PassPlan;
}
interface Written extends Form {
  readonly file: string;
}

/** What is tried: the targets for processors, and the last without what does not pay everywhere. The first is what the others have to beat. */
const FORMS: readonly Form[] = [
  { name: "portable", plan: { target: "portable" } },
  { name: "cpu", plan: { target: "cpu" } },
  { name: "ort-cpu", plan: { target: "ort-cpu" } },
  ...["hoist-squeeze", "merge-groups"].map((pass) => ({
    name: `ort-cpu without ${pass}`,
    plan: { target: "ort-cpu", skip: [pass] },
  })),
];
const ROUNDS = 3;
/** Of a round: runs that are not counted, and milliseconds and runs at least that are. */
const ROUND = { warmup: 2, ms: 300, runs: 5 } as const;
/** What a form may take of the portable one's time, in every round, to be clearly faster. */
const CLEARLY = 0.97;

/**
 * Times forms of the model on this machine and chooses the fastest, or the portable one where none is clearly faster. One session is alive at a time,
 * and the forms take turns, so that what else the machine does falls on all of them.
 */
export async function tune(from: string, lengths: FixedLengths, size: number, scratch: string, io: Io): Promise<Tuned> {
  const forms = await write(from, lengths, scratch, io);
  const rounds = new Map(forms.map((f) => [f, [] as number[]]));
  const bar = io.progress("timing");
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, form] of forms.entries()) {
      io.signal.throwIfAborted();
      bar.update((round * forms.length + i) / (ROUNDS * forms.length));
      rounds.get(form)?.push(await time(form.file, size));
    }
  bar.done();
  const [portable = []] = rounds.values();
  const trials = Array.from(rounds, ([{ name }, ms]): Trial => {
    const ratios = ms.map((m, i) => m / (portable[i] ?? m));
    return { name, ms: Math.min(...ms), low: Math.min(...ratios), high: Math.max(...ratios) };
  });
  const chosen = choice(trials);
  return { trials, chosen, passes: planPasses(FORMS.find((f) => f.name === chosen)?.plan ?? {}) };
}

/** The fastest of those that are clearly faster than the first in every round, or the first. */
export function choice(trials: readonly Trial[]): string {
  const faster = trials.filter((t) => t.high < CLEARLY).sort((a, b) => a.ms - b.ms);
  return (faster[0] ?? trials[0])?.name ?? "portable";
}

/** Writes each form once; those whose passes change nothing more are left out. */
async function write(from: string, lengths: FixedLengths, scratch: string, io: Io): Promise<readonly Written[]> {
  const written: Written[] = [];
  const seen = new Set<string | null>();
  for (const form of FORMS) {
    const { graph, dataFiles, close } = await readModel(from);
    try {
      specialise(graph, lengths);
      optimize(graph, planPasses(form.plan));
      const file = join(scratch, `${form.name.replaceAll(" ", "-")}.onnx`);
      const { sha256 } = await writeModel(graph, file, { externalData: dataFiles.length > 0, signal: io.signal });
      if (!seen.has(sha256)) written.push({ ...form, file });
      seen.add(sha256);
    } finally {
      await close();
    }
  }
  return written;
}

async function time(file: string, size: number): Promise<number> {
  const session = await cpu.create(file, {});
  try {
    const feeds = feedsFor(session.inputs, new Map(), 1, size);
    for (let i = 0; i < ROUND.warmup; i++) await session.run(feeds);
    const times: number[] = [];
    for (const end = performance.now() + ROUND.ms; performance.now() < end || times.length < ROUND.runs; ) {
      const started = performance.now();
      await session.run(feeds);
      times.push(performance.now() - started);
    }
    const best = times.sort((a, b) => a - b)[Math.floor(0.1 * times.length)];
    if (best === undefined) throw new UserError(`'${file}' was not run`);
    return best;
  } finally {
    await session.close();
  }
}
