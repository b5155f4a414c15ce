import { findChannelGates } from "../graph/channel-gate.js";
import { UserError } from "../graph/error.js";
import type { Graph } from "../graph/graph.js";
import { floatsOf } from "./floats.js";
import type { Feeds } from "./session.js";

/** A block whose gate is an output of its model. */
export interface GateOutput {
  /** Name of the node that scales. */
  readonly block: string;
  readonly output: string;
}

/** Over channels. A sigmoid's gates are between 0 and 1; tanh and ReLU, which some ablations use, go beyond. */
export interface Spread {
  readonly mean: number;
  /** Of the channels as a whole population: divided by their number. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
}
/** What one block's gate lets through, the mean over images. */
export interface GateStatistics extends Spread {
  readonly name: string;
  readonly channels: number;
  /** The mean over all images, for each channel. */
  readonly gates: readonly number[];
  /** By class name; empty where no image has a class. */
  readonly classes: readonly ClassGates[];
  /** How far classes lie apart: the standard deviation over classes of their means, averaged over channels. Null with fewer than two classes. */
  readonly classStd: number | null;
}
/** The same of the images of one class. */
export interface ClassGates extends Spread {
  readonly name: string;
  readonly images: number;
  readonly gates: readonly number[];
}

/** Adds up gates image by image, so that memory does not grow with their number. */
export interface GateTally {
  /** Takes the outputs of a run whose first image counts; further rows are padding. */
  add(outputs: Feeds, className?: string | null): void;
  /** In execution order. Throws a UserError where nothing was added. */
  statistics(): readonly GateStatistics[];
}

/** Makes the gate of every block an output of `graph` too. Throws a UserError where there is no block. */
export function observeGates(graph: Graph): readonly GateOutput[] {
  const gates = findChannelGates(graph);
  if (!gates.length)
    throw new UserError("the model has no Squeeze-and-Excitation block, nor a relative, whose gates could be read");
  for (const { gate } of gates) if (!graph.outputs.includes(gate)) graph.output(gate);
  return gates.map(({ name, gate }) => ({ block: name, output: gate.name }));
}

interface Sums {
  images: number;
  /** By block and channel. */
  readonly sums: Float64Array[];
}

export function gateTally(gates: readonly GateOutput[]): GateTally {
  const all: Sums = { images: 0, sums: [] };
  const classes = new Map<string, Sums>();
  return {
    add(outputs, className = null) {
      const rows = gates.map(({ output }) => firstRow(outputs, output));
      count(all, rows);
      if (className === null) return;
      const own = classes.get(className) ?? { images: 0, sums: [] };
      classes.set(className, own);
      count(own, rows);
    },
    statistics() {
      if (!all.images) throw new UserError("there is no image whose gates could be averaged");
      const named = [...classes].sort(([a], [b]) => (a < b ? -1 : 1));
      return gates.map(({ block }, i) => {
        const mean = means(all, i);
        const own = named.map(([name, sums]): ClassGates => {
          const gates = means(sums, i);
          return { name, images: sums.images, ...spread(gates), gates };
        });
        return {
          name: block,
          channels: mean.length,
          ...spread(mean),
          gates: mean,
          classes: own,
          classStd: classStd(own),
        };
      });
    },
  };
}

function firstRow(outputs: Feeds, name: string): Float32Array {
  const tensor = outputs[name];
  if (!tensor) throw new UserError(`the model gave no output '${name}'`);
  const values = floatsOf(tensor, `the gate '${name}'`);
  return values.subarray(0, values.length / (tensor.shape[0] || 1));
}

function count(into: Sums, rows: readonly Float32Array[]): void {
  into.images++;
  for (const [i, row] of rows.entries()) {
    const sums = into.sums[i] ?? new Float64Array(row.length);
    into.sums[i] = sums;
    for (let c = 0; c < sums.length; c++) sums[c] = (sums[c] as number) + (row[c] ?? Number.NaN); // c < length
  }
}

const means = ({ images, sums }: Sums, block: number): readonly number[] =>
  Array.from(sums[block] ?? [], (sum) => sum / images);

export function spread(values: readonly number[]): Spread {
  const mean = average(values);
  const std = Math.sqrt(average(values.map((v) => (v - mean) ** 2)));
  const min = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return { mean, std, min, max };
}

function classStd(classes: readonly ClassGates[]): number | null {
  const [first, second] = classes;
  if (!first || !second) return null;
  return average(first.gates.map((_, c) => spread(classes.map(({ gates }) => gates[c] ?? Number.NaN)).std));
}

const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
