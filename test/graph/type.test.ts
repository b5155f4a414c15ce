import { describe, expect, test } from "vitest";
import { choose, UserError } from "../../src/graph/error.js";
import {
  compatible,
  elements,
  f32,
  isRanked,
  merge,
  rank,
  show,
  showShape,
  type Type,
  tensorType,
} from "../../src/graph/type.js";

const vague = tensorType("float32", null);
const sequence: Type = { kind: "sequence", element: f32("N", 3) };

describe("show", () => {
  test.each<[Type | null, string]>([
    [f32("N", 64, 56, 56), "float32[N,64,56,56]"],
    [f32(null, 3), "float32[?,3]"],
    [tensorType("int64", []), "int64[]"],
    [vague, "float32[...]"],
    [{ kind: "sparse", dtype: "float16", shape: [8, null] }, "sparse float16[8,?]"],
    [sequence, "sequence(float32[N,3])"],
    [{ kind: "optional", element: sequence }, "optional(sequence(float32[N,3]))"],
    [{ kind: "optional", element: null }, "optional(unknown)"],
    [{ kind: "map", key: "int64", value: f32() }, "map(int64, float32[])"],
    [{ kind: "opaque", bytes: Uint8Array.of(1) }, "opaque"],
    [null, "unknown"],
  ])("writes %o as %s", (type, text) => {
    expect(show(type)).toBe(text);
  });

  test("of a shape alone", () => {
    expect([showShape([1, "N", null]), showShape([]), showShape(null)]).toEqual(["[1,N,?]", "[]", "[...]"]);
  });
});

describe("rank", () => {
  test("is known of tensors with a shape", () => {
    expect([rank(f32(1, 2)), rank(f32()), rank(vague), rank(sequence), rank(null), rank(undefined)]).toEqual([
      2,
      0,
      null,
      null,
      null,
      null,
    ]);
    expect([isRanked(f32()), isRanked(vague), isRanked(sequence), isRanked(null)]).toEqual([true, false, false, false]);
  });
});

test("elements is the product of the lengths", () => {
  expect([elements([2, 3, 4]), elements([]), elements([5, 0])]).toEqual([24, 1, 0]);
});

describe("compatible", () => {
  test.each<[Type | null, Type | null]>([
    [f32(2, 3), f32(2, 3)],
    [f32("N", 3), f32(2, null)],
    [f32("N", 3), f32("M", 3)],
    [vague, f32(2, 3)],
    [null, f32(2)],
    [null, sequence],
    [sequence, { ...sequence }],
  ])("is true of %o and %o", (a, b) => {
    expect([compatible(a, b), compatible(b, a)]).toEqual([true, true]);
  });

  test.each<[Type | null, Type | null]>([
    [f32(2, 3), f32(2, 4)],
    [f32(2, 3), f32(2, 3, 1)],
    [f32("N"), f32()],
    [f32(2), tensorType("float16", [2])],
    [vague, tensorType("int64", null)],
    [sequence, f32("N", 3)],
    [sequence, { kind: "sequence", element: f32("N", 4) }],
  ])("is false of %o and %o", (a, b) => {
    expect([compatible(a, b), compatible(b, a)]).toEqual([false, false]);
  });
});

describe("merge", () => {
  test.each<[Type | null, Type | null, Type | null]>([
    [f32("N", null, 3), f32(4, 5, null), f32("N", 5, 3)],
    [vague, f32(2), f32(2)],
    [f32(2), vague, f32(2)],
    [vague, vague, vague],
    [null, f32(2), f32(2)],
    [f32(2), null, f32(2)],
    [sequence, null, sequence],
    [null, null, null],
  ])("of %o and %o is %o", (a, b, expected) => {
    expect(merge(a, b)).toEqual(expected);
  });
});

describe("choose", () => {
  const known = ["resnet18", "resnet34", "resnet50", "vgg16", "vgg19", "densenet121"].map((name) => ({ name }));
  const message = (name: string, among = known): string => {
    try {
      choose("backbone", name, among);
    } catch (e) {
      expect(e).toBeInstanceOf(UserError);
      return (e as UserError).message;
    }
    return "";
  };

  test("finds the one of that name", () => {
    expect(choose("backbone", "vgg16", known)).toBe(known[3]);
  });

  test("names the nearest, nearest first", () => {
    expect(message("resnet5")).toBe(
      "there is no backbone 'resnet5': choose one of 6, the nearest being resnet50, resnet18, resnet34, densenet121, vgg16",
    );
    expect(message("vg19")).toMatch(/the nearest being vgg19, vgg16, /);
    expect(message("x", known.slice(0, 2))).toBe("there is no backbone 'x': choose resnet18, resnet34");
  });
});
