import { readModel } from "../../export/node/read-model.js";
import { writeModel } from "../../export/node/write-model.js";
import { choose, UserError } from "../../graph/error.js";
import { fixInputs } from "../../graph/fix-inputs.js";
import type { Graph } from "../../graph/graph.js";
import { NCHWC } from "../../graph/nchwc/call.js";
import { type Pass, type PassReport, runPass } from "../../graph/pass.js";
import { blockLayout } from "../../graph/passes/block-layout.js";
import { inlineFunctions } from "../../graph/passes/inline-functions.js";
import { mergeGroups } from "../../graph/passes/merge-groups.js";
import { findSqueezeExcite } from "../../graph/squeeze-excite.js";
import { targets } from "../../graph/targets.js";
import { isRanked } from "../../graph/type.js";
import { compareOutputs } from "../compare.js";
import { randomTensor, rankedOf, shapeFor } from "../make-feeds.js";
import type { Feeds, Port, Session } from "../session.js";
import { joined } from "./batches.js";
import { type MakerReply, type MakerRequest, NO_BLOCK } from "./maker-protocol.js";
import { cpu } from "./providers/cpu.js";

/**
 * A process of its own that makes a model's fast form and holds it against the model. What it takes of memory is given back, and an operator that
 * harms a process harms this one.
 */

/** Largest difference of the outputs, relative to the largest of them: SENet-154's come to 1.4e-5 by the order of float32 sums alone. */
const TOLERANCE = 5e-5;
type Runnable = Pick<Session, "inputs" | "run" | "close">;

process.once("message", async (request: MakerRequest) => {
  const reply = await make(request).catch((e: unknown): MakerReply => {
    if (e instanceof UserError) return { kind: "failed", message: e.message };
    return { kind: "failed", message: e instanceof Error ? e.message : String(e) };
  });
  process.send?.(reply, () => process.exit());
});
process.on("SIGINT", () => {}); // is for the one that started this, whose end ends it
process.once("disconnect", () => process.exit()); // nobody waits for it any more

async function make(request: MakerRequest): Promise<MakerReply> {
  const { path, file, threads } = request;
  const usual = cpu.create(path, { threads }); // while the form is made
  usual.catch(() => {}); // thrown below
  const written = await write(request);
  const model = await usual;
  if (typeof written === "string") return { kind: "declined", reason: written };
  const form = await cpu.create(file, { threads });
  const reason = await difference(model, form);
  if (reason) return { kind: "declined", reason };
  const splits = request.batch !== null && (await sameOneByOne(model).catch(() => false)); // it may take no two images
  return { kind: "made", bytes: written.bytes, sha256: written.sha256 ?? "", splits };
}

/** Writes the form; a reason where it is of no use. */
async function write({ path, file, target, batch }: MakerRequest) {
  const { graph, close } = await readModel(path);
  try {
    runPass(inlineFunctions, graph);
    const squeezeExcites = findSqueezeExcite(graph).length;
    if (batch !== null) fixInputs(graph, { batch });
    const ran = choose("target", target, targets).passes.map((pass) => ({ pass, ...runPass(pass, graph) }));
    const useless = target === "ort-cpu" ? noGain(graph, squeezeExcites, ran) : null;
    if (useless) return useless;
    if (!ran.some((r) => r.applied)) return "there is nothing in it to rewrite";
    return await writeModel(graph, file);
  } finally {
    await close();
  }
}

/** Why the processor's form is no faster: the runtime does by itself what it does, but for SE and narrow groups. */
function noGain(
  graph: Graph,
  squeezeExcites: number,
  ran: readonly (PassReport & { readonly pass: Pass })[],
): string | null {
  if (ran.some((r) => r.pass === mergeGroups && r.applied)) return null;
  if (!squeezeExcites) return NO_BLOCK;
  if (graph.opsets.has(NCHWC)) return null;
  const declined = ran.find((r) => r.pass === blockLayout)?.skipped[0]?.reason;
  return declined ?? "its convolutions do not fit the blocked layout";
}

async function difference(model: Runnable, form: Runnable): Promise<string | null> {
  const feeds = numbersFor(form.inputs);
  const { maxRel } = compareOutputs(await model.run(feeds), await form.run(feeds));
  return maxRel <= TOLERANCE ? null : `its outputs differ by ${maxRel.toExponential(1)} in that form`;
}

/** Whether the model, where it leaves the batch open, gives for two images what it gives for each by itself. */
async function sameOneByOne(model: Runnable): Promise<boolean> {
  const isOpen = model.inputs.every(({ type }) => isRanked(type) && typeof type.shape[0] !== "number");
  const [a, b] = isOpen ? [numbersFor(model.inputs, 1), numbersFor(model.inputs, 2)] : [];
  const both = a && b && joined([a, b]);
  if (!both) return false;
  const apart = joined([await model.run(a), await model.run(b)]);
  return apart !== null && compareOutputs(await model.run(both), apart).maxRel <= TOLERANCE;
}

const numbersFor = (inputs: readonly Port[], seed = 0): Feeds =>
  Object.fromEntries(
    inputs.map(({ name, type }, i) => [
      name,
      randomTensor(rankedOf(name, type).dtype, shapeFor(name, type, { byName: new Map(), otherwise: 1 }), seed + i),
    ]),
  );
