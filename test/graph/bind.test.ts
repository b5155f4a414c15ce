import { describe, expect, test } from "vitest";
import { bind, requireAll, type WeightSource } from "../../src/graph/bind.js";
import { UserError } from "../../src/graph/error.js";
import { type Parameter, parameter } from "../../src/graph/parameter.js";
import { asFloat32, float32s, int64s, readAll, type Tensor, tensor } from "../../src/graph/tensor.js";
import { f32, show } from "../../src/graph/type.js";

const wanted = (key: string, ...shape: number[]): Parameter =>
  parameter(key, f32(...shape), { kind: "constant", value: 0 });
const source = (tensors: Readonly<Record<string, Tensor>>): WeightSource => ({
  name: "weights.safetensors",
  tensors: new Map(Object.entries(tensors)),
});
const keys = (parameters: readonly { readonly key: string }[]): string[] => parameters.map((p) => p.key);
const valuesOf = async ({ tensor: t }: Parameter) => asFloat32(await readAll(t));
const empty = { matched: [], reshaped: [], missing: [], misshapen: [], unexpected: [] };

describe("bind", () => {
  test("gives each parameter the tensor of its key", async () => {
    const [a, b] = [wanted("a.weight", 2, 1), wanted("b.weight", 2)];
    const report = bind([a, b], source({ "b.weight": float32s([3, 4]), "a.weight": float32s([1, 2], [2, 1]) }));
    expect(report).toEqual({ ...empty, matched: ["a.weight", "b.weight"] });
    expect(await valuesOf(a)).toEqual(Float32Array.of(1, 2));
    expect(await valuesOf(b)).toEqual(Float32Array.of(3, 4));
  });

  test("converts to float32", async () => {
    const half = tensor("float16", [2], Uint8Array.of(0, 0x3c, 0, 0xc0));
    const p = wanted("w", 2);
    expect(bind([p], source({ w: half })).matched).toEqual(["w"]);
    expect(await valuesOf(p)).toEqual(Float32Array.of(1, -2));
  });

  test.each([
    [
      [2, 3, 1, 1],
      [2, 3],
    ],
    [
      [2, 3],
      [2, 3, 1, 1],
    ],
    [[1, 6], [6]],
    [
      [2, 1, 3],
      [1, 2, 3],
    ],
  ])("takes %j for %j, axes of length 1 aside", async (found, shape) => {
    const p = wanted("fc1.weight", ...shape);
    const report = bind([p], source({ "fc1.weight": float32s([1, 2, 3, 4, 5, 6], found) }));
    expect({ ...report, reshaped: [] }).toEqual(empty);
    expect(report.reshaped.map((c) => [c.key, show(c.found), show(c.wanted)])).toEqual([
      ["fc1.weight", `float32[${found}]`, `float32[${shape}]`],
    ]);
    expect(p.tensor.shape).toEqual(shape);
    expect(await valuesOf(p)).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  test("reports what is missing and leaves it without a value", async () => {
    const p = wanted("fc.bias", 2);
    const report = bind([p], source({}));
    expect({ ...report, missing: keys(report.missing) }).toEqual({ ...empty, missing: ["fc.bias"] });
    await expect(readAll(p.tensor)).rejects.toThrow("has no value yet");
  });

  test.each([
    ["other lengths", float32s([1, 2, 3])],
    ["the same lengths in another order", float32s([1, 2, 3, 4, 5, 6], [3, 2])],
    ["as many elements in other axes", float32s([1, 2, 3, 4, 5, 6], [6])],
    ["integers", int64s([1, 2, 3, 4, 5, 6], [2, 3])],
  ])("reports %s and leaves the parameter without a value", async (_, found) => {
    const p = wanted("w", 2, 3);
    const report = bind([p], source({ w: found }));
    expect({ ...report, misshapen: keys(report.misshapen) }).toEqual({ ...empty, misshapen: ["w"] });
    expect(report.misshapen[0]).toMatchObject({ found: { shape: found.shape }, wanted: p.type });
    await expect(readAll(p.tensor)).rejects.toThrow("has no value yet");
  });

  test("reports what the network does not ask for, but for PyTorch's num_batches_tracked", () => {
    const report = bind(
      [wanted("bn1.weight", 1)],
      source({ "bn1.weight": float32s([1]), "bn1.num_batches_tracked": int64s([7], []), "aux.weight": float32s([1]) }),
    );
    expect(report).toEqual({ ...empty, matched: ["bn1.weight"], unexpected: ["aux.weight"] });
  });
});

describe("requireAll", () => {
  test("is content where everything fits or only axes of length 1 differ", () => {
    const report = bind([wanted("a", 1), wanted("b", 2, 1)], source({ a: float32s([1]), b: float32s([1, 2]) }));
    expect(report.reshaped).toHaveLength(1);
    expect(() => requireAll(report, "weights.safetensors")).not.toThrow();
  });

  test("lists every key that does not fit", () => {
    const report = bind(
      [wanted("conv.weight", 2, 3), wanted("fc.weight", 4), wanted("fc.bias", 5), wanted("ok", 1)],
      source({ "conv.weight": float32s([1, 2]), old: float32s([1]), steps: int64s([1]), ok: float32s([1]) }),
    );
    let error: unknown;
    try {
      requireAll(report, "weights.safetensors");
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toBe(
      [
        "weights.safetensors does not fit the network: 2 missing, 1 of another shape or type, 1 unexpected.",
        "  conv.weight: the network takes float32[2,3], the file has float32[2]",
        "  fc.weight: missing, the network takes float32[4]",
        "  fc.bias: missing, the network takes float32[5]",
        "  old: not in the network",
      ].join("\n"),
    );
  });
});
