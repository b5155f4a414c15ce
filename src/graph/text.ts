import type { Attribute } from "./attribute.js";
import { type Graph, type Node, subgraphs, type Value } from "./graph.js";
import { type Names, nameAll } from "./names.js";
import { integers, type Tensor } from "./tensor.js";
import { show } from "./type.js";

/** The graph as lines of text, one a node: "layer1.0.se: float32[N,256,56,56] = Mul(layer1.0.bn3, layer1.0.se.fc2.Reshape)". */
export const text = (graph: Graph): string => `${lines(graph, nameAll(graph)).join("\n")}\n`;

function lines(graph: Graph, names: Names): string[] {
  const constants = [...graph.constants, ...graph.sparseConstants.keys()].filter((c) => c.uses.length);
  return [
    `graph ${graph.name} (${Array.from(graph.opsets, ([domain, version]) => `${domain || "onnx"} ${version}`).join(", ")})`,
    ...graph.inputs.map((v) => `input ${named(v, names)}`),
    ...constants.map((v) => `constant ${named(v, names)}`),
    ...graph.nodes.flatMap((n) => [call(n, names), ...inner(n, names)]),
    ...graph.outputs.map((v) => `output ${named(v, names)}`),
  ];
}
const named = (v: Value, names: Names): string =>
  `${names.of(v)}: ${show(v.type)}${v.constant ? small(v.constant) : ""}`;

function call(node: Node, names: Names): string {
  const inputs = node.inputs.map((v) => (v ? names.of(v) : "-"));
  const attributes = Object.entries(node.attributes).map(([key, a]) => `${key}=${showAttribute(a)}`);
  const op = node.domain ? `${node.domain}.${node.op}` : node.op;
  return `${node.outputs.map((v) => named(v, names)).join(", ")} = ${op}(${[...inputs, ...attributes].join(", ")})`;
}
const inner = (node: Node, names: Names): string[] =>
  subgraphs(node).flatMap((g) => lines(g, names).map((line) => `  ${line}`));

function small(t: Tensor): string {
  const values = t.byteLength <= 64 ? integers(t) : null;
  return values ? ` = [${values.join(",")}]` : "";
}
function showAttribute(a: Attribute): string {
  switch (a.kind) {
    case "int":
    case "float":
      return `${a.value}`;
    case "ints":
    case "floats":
      return `[${a.value.join(",")}]`;
    case "string":
      return typeof a.value === "string" ? JSON.stringify(a.value) : `${a.value.length} bytes`;
    case "tensor":
      return show(a.value) + small(a.value);
    case "reference":
      return `@${a.to}`;
    default:
      return a.kind;
  }
}
