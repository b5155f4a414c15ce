import { UserError } from "../graph/error.js";
import type { Graph } from "../graph/graph.js";
import type { OperatorSetMessage } from "./proto.js";

/** "ai.onnx" is another spelling of "", ONNX's own domain. */
export const ownDomain = (domain: string | undefined): string =>
  domain === undefined || domain === "ai.onnx" ? "" : domain;

export function readOpsets(graph: Graph, imports: readonly OperatorSetMessage[]): void {
  graph.opsets.clear();
  for (const { domain, version = 1 } of imports) {
    if (typeof version === "bigint") throw new UserError(`opset ${version} of '${domain ?? ""}' is none`);
    graph.opsets.set(ownDomain(domain), version);
  }
}
export const opsetMessages = (graph: Graph): OperatorSetMessage[] =>
  Array.from(graph.opsets, ([domain, version]) => ({ domain, version }));
