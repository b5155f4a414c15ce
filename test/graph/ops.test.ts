import { describe, expect, test } from "vitest";
import { knownDtype } from "../../src/export/dtype.js";
import type { Attribute } from "../../src/graph/attribute.js";
import { BITS, type DType, dataType } from "../../src/graph/dtype.js";
import { UserError } from "../../src/graph/error.js";
import { Graph, GraphError, type Value } from "../../src/graph/graph.js";
import { judge, match } from "../../src/graph/match.js";
import { concat } from "../../src/graph/ops/concat.js";
import { ops } from "../../src/graph/ops/index.js";
import { float32s } from "../../src/graph/tensor.js";
import { elements, f32, isRanked, show, type Type } from "../../src/graph/type.js";
import {
  call,
  calls,
  graphOf,
  isVariadic,
  matchOf,
  nameOf,
  nodeOf,
  type OpCalls,
  typeOf,
  type Valid,
} from "./calls.js";
import { evaluate, type Numbers, numbers } from "./evaluate.js";

const NEWEST = 23;
const ALL = Object.keys(BITS) as DType[]; // its keys are the element types
const opsetsFrom = (since: number): number[] => Array.from({ length: NEWEST - since + 1 }, (_, i) => since + i);
const ofKinds: readonly Attribute[] = [
  { kind: "int", value: 1 },
  { kind: "ints", value: [1, 1] },
  { kind: "float", value: 1 },
  { kind: "floats", value: [1, 1] },
  { kind: "string", value: "NOTSET" },
  { kind: "strings", value: ["NOTSET"] },
  { kind: "tensor", value: float32s([1]) },
  { kind: "graph", value: new Graph("inner") },
  { kind: "type", value: null },
];

function thrownBy(f: () => unknown): Error {
  try {
    f();
  } catch (e) {
    if (e instanceof Error) return e;
  }
  throw new Error("nothing was thrown");
}

/** The error must say which operator and node, and of each input its name there, its type and where it came from. */
function expectBlame(error: Error, { op }: OpCalls, values: readonly (Value | null)[]): void {
  expect(error).toBeInstanceOf(GraphError);
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).toMatch(new RegExp(`^${op.def.type} 'here': `));
  for (const [i, value] of values.entries())
    if (value) expect(error.message).toContain(`\n  ${nameOf(op, i)}: ${show(value.type)} from '${value.name}'`);
}

const withNumbers = (type: string): string => type.replaceAll(/\b[A-Z]\b/g, "2");
/** The call with 2 for every symbol. */
const concrete = ({ inputs, type, ...rest }: Valid): Valid => ({
  ...rest,
  inputs: inputs.map((i) => (typeof i === "string" ? withNumbers(i) : i)),
  type: withNumbers(type),
});
/** True where every length is a number and there are few elements: plain loops are slow. */
const isSmall = ({ inputs, type }: Valid): boolean =>
  [...inputs, type].every((t) => {
    const shape = typeof t === "string" ? (typeOf(t)?.shape ?? [null]) : [];
    return shape.every((d) => typeof d === "number") && elements(shape) <= 20_000;
  });

const shapeOf = (type: Type | null): readonly number[] => {
  if (!type || !isRanked(type) || !type.shape.every((d) => typeof d === "number")) throw new Error(show(type));
  return type.shape;
};
const waves = (type: Type | null): Numbers => {
  const shape = shapeOf(type);
  return numbers(
    shape,
    Array.from({ length: elements(shape) }, (_, i) => Math.sin(i)),
  );
};

test("every registered operator has an entry in calls.ts, and no other has", () => {
  expect(calls.map((c) => c.op.def.type).sort()).toEqual(ops.map((o) => o.def.type).sort());
  expect(ops.filter((o) => !calls.some((c) => c.op === o))).toEqual([]);
});

/** onnx.proto, TensorProto.DataType, from 1 up. */
const NUMBERED = [
  ...["float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64"],
  ...["uint32", "uint64", "complex64", "complex128", "bfloat16"],
  ...["float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz"],
  ...["uint4", "int4", "float4e2m1", "float8e8m0", "uint2", "int2"],
];

test("element types have the numbers that files give them", () => {
  expect(ALL.map(dataType)).toEqual(ALL.map((dtype) => NUMBERED.indexOf(dtype) + 1));
  expect([0, ...ALL.map(dataType), ALL.length + 1].map(knownDtype)).toEqual([null, ...ALL, null]);
});

test("an input of any number is a list, in calls and in matches", () => {
  const graph = new Graph("g");
  const [a, b, c] = [
    graph.input("a", f32("N", 1)),
    graph.input("b", f32("N", 2)),
    graph.input("c", f32("N", 4)),
  ] as const;
  const inputsOf = (value: Value): readonly Value[] | undefined => match(concat, value.producer)?.inputs;
  expect(inputsOf(concat([a], { axis: 1 }))).toEqual([a]);
  expect(inputsOf(concat([c, a, b, a], { axis: 1 }))).toEqual([c, a, b, a]);
  // @ts-expect-error a list, not its members
  expect(() => concat(a, b, { axis: 1 })).toThrow(GraphError);
  // @ts-expect-error no holes
  expect(() => concat([a, null], { axis: 1 })).toThrow("input 'inputs[1]' is missing");
});

describe.each(calls.map((c) => ({ ...c, type: c.op.def.type })))("$type", (entry) => {
  const { op, attributes = {}, later = {}, required = {}, dtypes, valid, invalid, declined = [], older = [] } = entry;
  const { since } = op.def;
  const first = valid[0];
  const omitted = { ...Object.fromEntries(Object.entries(attributes).map(([k, a]) => [k, a.omitted])), ...required };
  const oldest = Math.min(since, ...older.map((o) => o.opset));

  describe("appends a node of the type that the operator's page says", () => {
    test.each(valid)("$says: $type", ({ inputs, attributes: given = {}, type }) => {
      const { graph, values } = graphOf(inputs);
      const made = call(entry, values, given);
      expect(show(made.type)).toBe(type);
      expect(made.name).toBe("here");
      expect(graph.nodes).toHaveLength(1);
      expect(made.producer).toBe(graph.nodes[0]);
      expect(graph.nodes[0]).toMatchObject({ op: op.def.type, domain: "", name: "here" });
      expect(graph.nodes[0]?.inputs).toEqual(values);
      expect(judge(op, graph.nodes[0]!)).toEqual({ type: made.type });
    });

    test.each(valid.map(concrete).filter(isSmall))("$says: as many numbers as it says", async (c) => {
      const { graph, values } = graphOf(c.inputs);
      const made = call(entry, values, c.attributes ?? {});
      const feeds = graph.inputs.map(({ name, type }) => [name, waves(type)]);
      expect((await evaluate(graph, Object.fromEntries(feeds))).get(made)?.shape).toEqual(shapeOf(made.type));
    });

    test(`at every opset from ${since} on`, () => {
      for (const opset of opsetsFrom(since)) {
        const { values } = graphOf(first.inputs, opset);
        expect(matchOf(op, call(entry, values, required).producer)?.attrs).toEqual(omitted);
      }
    });

    test("for the element types that it takes and no other", () => {
      const takes = (dtype: DType): boolean => {
        const { values } = graphOf(first.inputs.map((i) => (typeof i === "string" ? i.replace("float32", dtype) : i)));
        try {
          expect(show(call(entry, values, required).type)).toBe(first.type.replace("float32", dtype));
          return true;
        } catch (e) {
          expectBlame(e as Error, entry, values);
          return false;
        }
      };
      expect(ALL.filter(takes)).toEqual(ALL.filter((dtype) => dtypes.includes(dtype)));
    });
  });

  describe("match", () => {
    test(`fills in what is left out, at every opset from ${since} on`, () => {
      for (const opset of opsetsFrom(since)) {
        const { graph, values } = graphOf(first.inputs, opset);
        const node = nodeOf(entry, graph, values, required);
        const found = matchOf(op, node);
        expect(found?.attrs).toEqual(omitted);
        expect(Object.keys(found?.attrs ?? {}).sort()).toEqual(Object.keys(attributes).sort());
        expect(found).toMatchObject({ node, output: node.outputs[0] });
        for (const [i, name] of op.def.inputs.entries()) {
          const given = name.endsWith("...") ? values.slice(i) : (values[i] ?? null);
          expect(found).toHaveProperty(name.replace(/\W+/, ""), given);
        }
      }
    });

    test.each(valid)("reads back: $says", ({ inputs, attributes: given = {} }) => {
      const { values } = graphOf(inputs);
      expect(matchOf(op, call(entry, values, given).producer)?.attrs).toEqual({ ...omitted, ...given });
    });

    test("is null in another domain", () => {
      const { graph, values } = graphOf(first.inputs);
      graph.opsets.set("com.example", NEWEST);
      expect(matchOf(op, nodeOf(entry, graph, values, required, "com.example"))).toBeNull();
      expect(matchOf(op, nodeOf(entry, graph, values, required))).not.toBeNull();
    });

    test("is null for no node and for another operator's", () => {
      const { graph, values } = graphOf(first.inputs);
      const other = graph.add({ op: "Elu", name: "", inputs: values, outputs: [{ name: "", type: null }] });
      expect([matchOf(op, null), matchOf(op, undefined), matchOf(op, other)]).toEqual([null, null, null]);
    });

    if (oldest > 1)
      test(`is null below opset ${oldest}`, () => {
        const { graph, values } = graphOf(first.inputs, oldest - 1);
        const node = nodeOf(entry, graph, values, required);
        expect(matchOf(op, node)).toBeNull();
        expect(judge(op, node)).toBeNull();
      });

    test("is null where the model imports no opset of ONNX's own", () => {
      const { graph, values } = graphOf(first.inputs);
      graph.opsets.delete("");
      expect(matchOf(op, nodeOf(entry, graph, values, required))).toBeNull();
    });

    test("is null with an attribute that it does not know", () => {
      const { graph, values } = graphOf(first.inputs);
      expect(matchOf(op, nodeOf(entry, graph, values, { ...required, consumed_inputs: 1 }))).toBeNull();
    });

    test.each(Object.keys(attributes))("is null where %s is of another kind", (key) => {
      const { graph, values } = graphOf(first.inputs);
      const node = nodeOf(entry, graph, values, required);
      const wrong: Attribute[] = [
        ...ofKinds.filter((a) => a.kind !== attributes[key]?.kind),
        { kind: "reference", to: key, of: attributes[key]?.kind ?? "int" },
      ];
      for (const attribute of wrong)
        expect(matchOf(op, { ...node, attributes: { ...node.attributes, [key]: attribute } })).toBeNull();
    });

    test("is null with an input too many or one too few", () => {
      const { graph, values } = graphOf(first.inputs);
      const all = op.def.inputs.map((_, i) => values[i] ?? values[0] ?? null);
      const more = matchOf(op, nodeOf(entry, graph, [...all, values[0] ?? null], required));
      if (isVariadic(op)) expect(more).not.toBeNull();
      else expect(more).toBeNull();
      expect(matchOf(op, nodeOf(entry, graph, [], required))).toBeNull();
      for (const [i, name] of op.def.inputs.entries())
        if (!name.endsWith("?")) expect(matchOf(op, nodeOf(entry, graph, all.with(i, null), required))).toBeNull();
    });

    test("is null where a second output is read, or there is none", () => {
      const { graph, values } = graphOf(first.inputs);
      const node = nodeOf(entry, graph, values, required);
      const two = graph.add({ ...node, outputs: [0, 1].map((i) => ({ name: `${i}`, type: null })) });
      expect(matchOf(op, two)).not.toBeNull();
      graph.output(two.outputs[1]!);
      expect(matchOf(op, two)).toBeNull();
      expect(matchOf(op, { ...node, outputs: [] })).toBeNull();
    });

    if (declined.length)
      test("is null where a node means more", () => {
        for (const { inputs, attributes: given } of declined) {
          const { graph, values } = graphOf(inputs);
          const node = nodeOf(entry, graph, values, given);
          expect(matchOf(op, node)).toBeNull();
          expect(judge(op, node)).toBeNull();
        }
      });

    if (older.length)
      test("reads older forms", () => {
        for (const { opset, inputs, attributes: given = {} } of older) {
          expect(opset).toBeLessThan(since);
          const { graph, values } = graphOf(inputs, opset);
          const known = Object.fromEntries(Object.entries(given).filter(([k]) => k in attributes));
          expect(matchOf(op, nodeOf(entry, graph, values, given))?.attrs).toEqual({ ...omitted, ...known });
        }
      });

    if (Object.keys(later).length)
      test("knows no attribute before its opset", () => {
        for (const [key, { since: brought, value }] of Object.entries(later)) {
          const at = (opset: number) => {
            const { graph, values } = graphOf(first.inputs, opset);
            return { graph, values, given: { ...required, [key]: value } };
          };
          const before = at(brought - 1);
          expect(matchOf(op, nodeOf(entry, before.graph, before.values, before.given))).toBeNull();
          const error = thrownBy(() => call(entry, before.values, before.given));
          expectBlame(error, entry, before.values);
          expect(error.message).toContain(
            `attribute '${key}' needs opset ${brought}, but the graph has opset ${brought - 1}`,
          );
          expect(before.graph.nodes).toHaveLength(1);

          const standing = attributes[key]?.omitted;
          const same = call(entry, before.values, { ...required, [key]: structuredClone(standing) });
          expect(same.producer?.attributes).not.toHaveProperty(key);

          const after = at(brought);
          expect(call(entry, after.values, after.given).producer?.attributes).toHaveProperty(key);
        }
      });
  });

  describe("throws and names the operator, the node and where each input came from", () => {
    test.each(invalid)("$says", ({ inputs, attributes: given = {}, message }) => {
      const { graph, values } = graphOf(inputs);
      const error = thrownBy(() => call(entry, values, given));
      expectBlame(error, entry, values);
      expect(error.message).toContain(message);
      expect(graph.nodes).toEqual([]);
      const node = nodeOf(entry, graph, values, given);
      expect(judge(op, node)).toEqual(matchOf(op, node) ? { problem: error.message } : null);
    });

    test("an input left out", () => {
      for (const i of first.inputs.keys()) {
        if (op.def.inputs[i]?.endsWith("?")) continue;
        const { values } = graphOf(first.inputs);
        const rest = values.with(i, null);
        const error = thrownBy(() => call(entry, rest, required));
        expectBlame(error, entry, rest);
        expect(error.message).toContain(`input '${nameOf(op, i)}' is missing`);
      }
    });

    if (first.inputs.length > 1)
      test("an input of another graph", () => {
        for (const [i, stranger] of graphOf(first.inputs).values.entries()) {
          const mixed = graphOf(first.inputs).values.with(i, stranger);
          const error = thrownBy(() => call(entry, mixed, required));
          expectBlame(error, entry, mixed);
          expect(error.message).toContain("belongs to another graph");
        }
      });

    test("an attribute that it does not have", () => {
      const { values } = graphOf(first.inputs);
      const error = thrownBy(() => call(entry, values, { ...required, alfa: 1 }));
      expectBlame(error, entry, values);
      expect(error.message).toContain("has no attribute 'alfa'");
    });

    if (since > 1)
      test("an opset before its own", () => {
        const { values } = graphOf(first.inputs, since - 1);
        const error = thrownBy(() => call(entry, values, required));
        expectBlame(error, entry, values);
        expect(error.message).toContain(`needs opset ${since}, but the graph has opset ${since - 1}`);
      });
  });
});
