import { UserError } from "../graph/error.js";
import type { Graph, Value } from "../graph/graph.js";

/** The values that a graph can read, by name: its own, and behind them those of the graphs around it. */
export interface Visible {
  readonly graph: Graph;
  readonly own: Map<string, Value>;
  readonly outer: Visible | null;
}

export const visibleIn = (graph: Graph, outer: Visible | null): Visible => ({ graph, own: new Map(), outer });

export function find(visible: Visible, name: string): Value | null {
  for (let v: Visible | null = visible; v; v = v.outer) {
    const value = v.own.get(name);
    if (value) return value;
  }
  return null;
}

export function declare({ graph, own }: Visible, value: Value): void {
  const { name } = value;
  if (!name) throw new UserError(`a value of the graph '${graph.name}' has no name`);
  if (own.has(name)) throw new UserError(`two values of the graph '${graph.name}' have the name '${name}'`);
  own.set(name, value);
}
