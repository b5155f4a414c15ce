import { type Imported, importWeights } from "../models/zoos/import.js";
import type { Checkpoint } from "../src/export/weights/checkpoint.js";
import { UserError } from "../src/graph/error.js";
import { type Statistics, statistics } from "../src/graph/statistics.js";
import { elements, show } from "../src/graph/type.js";
import { type OpenedCheckpoint, openCheckpoint } from "../src/node/open-source.js";
import type { Command, Io } from "./command.js";
import { fetchProgress } from "./fetch-progress.js";
import { count, table } from "./format.js";
import { matches } from "./pattern.js";

interface WeightsOptions {
  readonly zoo?: string;
  readonly json?: boolean;
}

export const weights: Command = {
  define(program, io) {
    program
      .command("weights <source> [pattern]")
      .description(
        "Show what a checkpoint holds: its network, and each tensor that matches the pattern, with statistics",
      )
      .option("--zoo <name>", "whose spelling of keys it has (default: told by the keys)")
      .option("--json", "print one JSON object")
      .addHelpText(
        "after",
        "\nExamples:\n  $ se-onnx weights se_resnet50-ce0d4300.pth\n  $ se-onnx weights timm/seresnet50.ra2_in1k 'layer4.*.se.*' --json",
      )
      .action(async (source: string, pattern: string | undefined, options: WeightsOptions) => {
        const opened = await fetchProgress(source, io, (progress) => openCheckpoint(source, progress));
        try {
          const found = await describe(opened, pattern, options, io);
          io.out(options.json ? JSON.stringify(found, null, 2) : report(found));
        } finally {
          await opened.close();
        }
      });
  },
};

interface Key extends Partial<Statistics> {
  readonly key: string;
  readonly type: string;
}
interface Found {
  readonly source: string;
  readonly format: string;
  readonly tensors: number;
  readonly elements: number;
  /** Null: of no network here, for the reason given. */
  readonly zoo: string | null;
  readonly backbone: string | null;
  readonly reason: string | null;
  readonly classes: number | null;
  readonly inChans: number | null;
  readonly published: string | null;
  readonly keys: readonly Key[];
  readonly notes: readonly string[];
}

async function describe(
  { checkpoint, known, config }: OpenedCheckpoint,
  pattern: string | undefined,
  { zoo }: WeightsOptions,
  io: Io,
): Promise<Found> {
  const hint = `${checkpoint.name} ${config.architecture ?? ""} ${known?.backbone ?? ""}`;
  const imported = await importWeights(checkpoint, { zoo, hint }).catch((e: unknown) => {
    if (e instanceof UserError) return e.message;
    throw e;
  });
  const [of, reason] = typeof imported === "string" ? [null, imported] : [imported, null];
  return {
    source: checkpoint.name,
    format: checkpoint.format,
    tensors: checkpoint.tensors.size,
    elements: Array.from(checkpoint.tensors.values()).reduce((n, t) => n + elements(t.shape), 0),
    ...networkOf(of),
    reason,
    published: known?.name ?? null,
    keys: await keysOf(checkpoint, pattern, io),
    notes: checkpoint.notes,
  };
}

const networkOf = (of: Imported | null): Pick<Found, "zoo" | "backbone" | "classes" | "inChans"> => ({
  zoo: of?.zoo ?? null,
  backbone: of?.backbone.name ?? null,
  classes: of?.classes ?? null,
  inChans: of?.inChans ?? null,
});

async function keysOf(checkpoint: Checkpoint, pattern: string | undefined, io: Io): Promise<readonly Key[]> {
  const wanted = [...checkpoint.tensors].filter(([key]) => matches(key, pattern));
  if (pattern && !wanted.length)
    throw new UserError(
      `none of the ${count(checkpoint.tensors.size)} keys of ${checkpoint.name} matches '${pattern}': leave it out to see all`,
    );
  const bar = io.progress(`reading ${checkpoint.name}`);
  const keys: Key[] = [];
  for (const [key, t] of wanted) {
    io.signal.throwIfAborted();
    keys.push({ key, type: show(t), ...(await statistics(t)) });
    bar.update(keys.length / wanted.length);
  }
  bar.done();
  return keys;
}

function report(found: Found): string {
  const { zoo, backbone, reason, classes, inChans, published } = found;
  const number = (n: number | undefined): string => (n === undefined ? "" : n.toPrecision(4).replace(/\.?0+$/, ""));
  return [
    `${found.source}: ${found.format}, ${count(found.tensors)} tensors, ${count(found.elements)} numbers`,
    backbone
      ? `  network    ${backbone}, ${classes ? `${count(classes)} classes` : "no classifier"}, ${inChans} channels; keys as in ${zoo}`
      : `  network    unknown: ${reason}`,
    ...(published ? [`  published  ${published}`] : []),
    ...found.notes.map((note) => `  note       ${note}`),
    table([
      ["key", "type", "min", "max", "mean", "std", "not finite"],
      ...found.keys.map((k) => [
        k.key,
        k.type,
        ...[k.min, k.max, k.mean, k.std].map(number),
        k.nonFinite ? `${k.nonFinite}` : "",
      ]),
    ]),
  ].join("\n");
}
