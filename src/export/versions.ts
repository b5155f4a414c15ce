import { UserError } from "../graph/error.js";
import type { Graph } from "../graph/graph.js";

/** Opsets that networks are built for. */
export const OPSETS = { min: 13, max: 23, default: 18 } as const;

/** IR version of the ONNX release that brought each opset (https://github.com/onnx/onnx/blob/main/docs/Versioning.md). */
const IR_OF_OPSET: readonly (readonly [opset: number, ir: number])[] = [
  [23, 11],
  [21, 10],
  [19, 9],
  [15, 8],
  [12, 7],
  [11, 6],
  [10, 5],
  [9, 4],
  [1, 3],
];

/** The IR version of `graph`'s file: its own, else the one that belongs to its opset. */
export const irVersionOfGraph = ({ model, opsets }: Graph): number =>
  model.irVersion ?? irVersionOf(opsets.get("") ?? 1);

/** The oldest IR version that readers of `opset` surely know. */
export const irVersionOf = (opset: number): number => IR_OF_OPSET.find(([first]) => opset >= first)?.[1] ?? 3;

export function requireOpset(opset: number): number {
  if (!Number.isInteger(opset) || opset < OPSETS.min || opset > OPSETS.max)
    throw new UserError(`opset ${opset} is not one that networks are built for: choose ${OPSETS.min} to ${OPSETS.max}`);
  return opset;
}
