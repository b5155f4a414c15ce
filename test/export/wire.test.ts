import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { encodeMessage, spell } from "../../src/export/rope.js";
import { AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto } from "../../src/export/schema.js";
import { readMessage } from "../../src/export/span.js";
import { decodeMessage, WireError } from "../../src/export/wire.js";
import type { Ranged } from "../../src/graph/tensor.js";
import { bytesOf, golden, modelOf } from "./plain.js";

const written = (message: object): Uint8Array => spell(AttributeProto, message) ?? new Uint8Array();

describe("numbers", () => {
  const whole = [
    0,
    1,
    -1,
    127,
    128,
    2 ** 49,
    -(2 ** 49),
    2 ** 53 - 1,
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
    2n ** 63n - 1n,
  ];

  test.each([...whole, -(2n ** 63n)])("the integer %s is read back whole", (i) => {
    expect(decodeMessage(AttributeProto, written({ i, ints: [i, i] }))).toEqual({ i, ints: [i, i] });
  });
  test("an integer is a bigint only where a number could not hold it", () => {
    expect(decodeMessage(AttributeProto, written({ ints: [5n, -(2n ** 40n)] }))).toEqual({ ints: [5, -(2 ** 40)] });
  });
  test("zero, an empty text and empty bytes are written, as proto2 has it", () => {
    const empty = { name: "", i: 0, f: 0, s: new Uint8Array() };
    expect(decodeMessage(AttributeProto, written(empty))).toEqual(empty);
    expect(written({ i: 0 })).toEqual(bytesOf(0x18, 0));
  });
  test("repeated numbers are read packed and one by one", () => {
    const one = bytesOf(0x40, 1, 0x40, 0x80, 1, 0x3d, 0, 0, 0x80, 0x3f);
    const packed = bytesOf(0x42, 3, 1, 0x80, 1, 0x3a, 4, 0, 0, 0x80, 0x3f);
    expect(decodeMessage(AttributeProto, one)).toEqual({ ints: [1, 128], floats: [1] });
    expect(decodeMessage(AttributeProto, packed)).toEqual({ ints: [1, 128], floats: [1] });
  });
  test("typed values stay as they stand, packed and one by one", () => {
    const bytes = bytesOf(0x22, 4, 1, 2, 3, 4, 0x25, 5, 6, 7, 8, 0x38, 0x80, 1, 0x3a, 1, 9);
    const float_data = [bytesOf(1, 2, 3, 4), bytesOf(5, 6, 7, 8)];
    expect(decodeMessage(TensorProto, bytes)).toEqual({ float_data, int64_data: [bytesOf(0x80, 1), bytesOf(9)] });
  });
});

describe("messages", () => {
  test("a message that is to be there once and comes twice is merged", async () => {
    const twice = Uint8Array.from([...written({ t: { dims: [1], name: "a" } }), ...written({ t: { dims: [2] } })]);
    expect(decodeMessage(AttributeProto, twice)).toEqual({ t: { dims: [1, 2], name: "a" } });
    expect(await readMessage(AttributeProto, ranged(twice), 1)).toEqual({ t: { dims: [1, 2], name: "a" } });
  });
  test("fields that the schema does not know, or knows as another kind, are kept and written back", () => {
    const unknown = [
      bytesOf(0x6a, 2, 65, 66),
      bytesOf(0xc8, 0x3e, 5),
      bytesOf(0x0d, 1, 2, 3, 4),
      bytesOf(0x19, 1, 2, 3, 4, 5, 6, 7, 8),
    ];
    const bytes = Uint8Array.from([...unknown.flatMap((b) => [...b]), ...written({ i: 3 })]);
    const read = decodeMessage(AttributeProto, bytes);
    expect(read).toEqual({ i: 3, unknown });
    expect(decodeMessage(AttributeProto, written(read))).toEqual(read);
  });
  test.each([0, 1, 126, 127, 128, 16_383, 16_384, 70_000])(
    "a text of %i bytes, and the messages around it, are read back",
    (length) => {
      const name = length < 2 ? "a".repeat(length) : `é${"a".repeat(length - 2)}`;
      const message = { node: [{ op_type: "Relu" }, { attribute: [{ name, i: -1 }], name }], name };
      const bytes = spell(GraphProto, message) ?? bytesOf();
      expect(decodeMessage(GraphProto, bytes)).toEqual(message);
    },
  );
  test("fields are written in the order of their numbers", () => {
    expect(written({ type: 2, i: 1, unknown: [bytesOf(0x10, 0)], name: "a" })).toEqual(
      bytesOf(0x0a, 1, 97, 0x18, 1, 0xa0, 1, 2, 0x10, 0),
    );
  });
  test("bytes stand where they belong between the fields around them", () => {
    const raw_data = new Uint8Array(300).fill(9);
    const message = {
      initializer: [
        { name: "a".repeat(200), raw_data },
        { name: "b", raw_data },
      ],
      value_info: [{ name: "c" }],
    };
    expect(decodeMessage(GraphProto, spell(GraphProto, message) ?? bytesOf())).toEqual(message);
  });
  test("the text of a name keeps a byte order mark", () => {
    expect(decodeMessage(NodeProto, spell(NodeProto, { name: "\ufeffé" }) ?? bytesOf())).toEqual({ name: "\ufeffé" });
  });
});

describe("what is no message is refused, with the byte at fault", () => {
  const inModel = (graph: readonly number[]): Uint8Array => bytesOf(0x08, 8, 0x3a, graph.length, ...graph);
  const cases: readonly (readonly [string, Uint8Array, RegExp, number])[] = [
    [
      "a length beyond the end",
      inModel([0x0a, 5, 0]),
      /GraphProto( is cut short|: a field of 5 bytes does not fit)/,
      4,
    ],
    ["a varint without end", inModel([0x0a, 0xff]), /GraphProto is cut short/, 4],
    ["a tag without end", bytesOf(0x80), /ModelProto is cut short/, 0],
    ["a varint of eleven bytes", bytesOf(0x08, ...Array<number>(10).fill(0xff), 1), /ModelProto is cut short/, 0],
    [
      "packed numbers that end inside one",
      inModel([0x0a, 5, 0x2a, 3, 0x42, 1, 0xff]),
      /AttributeProto is cut short/,
      8,
    ],
    ["field 0", inModel([0x02, 2, 0, 0]), /GraphProto has a field numbered 0/, 4],
    ["a group", inModel([0x0b, 0x0c]), /GraphProto holds a protobuf group/, 4],
    ["wire type 7", inModel([0x0f]), /GraphProto is cut short or not/, 4],
    ["a name that is not UTF-8", inModel([0x12, 1, 0xff]), /text of 'name' is not UTF-8/, 6],
  ];
  test.each(cases)("%s", async (_, bytes, message, offset) => {
    const fault = expect.objectContaining({ name: "WireError", message: expect.stringMatching(message), offset });
    expect(() => decodeMessage(ModelProto, bytes)).toThrow(fault);
    await expect(readMessage(ModelProto, ranged(bytes), 1)).rejects.toThrow(fault);
  });
  test("more than 100 messages in one another", async () => {
    let nested: object = {};
    for (let i = 0; i < 40; i++) nested = { node: [{ attribute: [{ g: nested }] }] };
    const bytes = modelOf(nested);
    expect(() => decodeMessage(ModelProto, bytes)).toThrow(/nested more than 100 messages deep/);
    await expect(readMessage(ModelProto, ranged(bytes), 8)).rejects.toThrow(/nested more than 100 messages deep/);
  });
  test("a length of 2^60", async () => {
    const bytes = bytesOf(0x3a, ...Array<number>(8).fill(0x80), 0x10, 0);
    expect(() => decodeMessage(ModelProto, bytes)).toThrow(WireError);
    await expect(readMessage(ModelProto, ranged(bytes), 1)).rejects.toThrow(
      "a field of 1152921504606847000 bytes does not fit into the 1 that are left (at byte 0)",
    );
  });
});

describe("reading by range", () => {
  test.each([1, 2, 15, 16, 64, 1000])(
    "gives the same message where what is longer than %i bytes is read field by field",
    async (longest) => {
      for (const name of ["everything", "typed", "ir3", "constants"]) {
        const bytes = await golden(`${name}.onnx`);
        expect(await held(await readMessage(ModelProto, ranged(bytes), longest))).toEqual(
          decodeMessage(ModelProto, bytes),
        );
      }
    },
  );
  test("leaves long payloads where they are", async () => {
    const raw_data = new Uint8Array(70_000).fill(7);
    const bytes = modelOf({ initializer: [{ dims: [70_000], data_type: 2, name: "w", raw_data }] });
    const lengths: number[] = [];
    const message = await readMessage(ModelProto, ranged(bytes, lengths));
    expect(Math.max(...lengths)).toBeLessThan(100);
    expect(await held(message)).toEqual(decodeMessage(ModelProto, bytes));
  });
});

test("a message is written as a rope whose length is known before a payload is read", async () => {
  const payload: Ranged = { byteLength: 10, read: () => Promise.reject(new Error("not yet")) };
  const { byteLength, parts } = encodeMessage(ModelProto, { graph: { initializer: [{ raw_data: payload }] } });
  expect(byteLength).toBe(16);
  expect(parts).toContain(payload);
});

test("neither reading nor writing makes code from text, so that a content security policy without unsafe-eval holds", async () => {
  const script = `
    import { readFileSync } from "node:fs";
    import { decode } from "./dist/src/export/decode.js";
    import { encodeToBytes } from "./dist/src/export/encode.js";
    const file = await encodeToBytes(await decode(readFileSync("test/export/goldens/everything.onnx")));
    let forbidden = false;
    try { new Function("return 1"); } catch { forbidden = true; }
    console.log(forbidden, (await decode(file)).nodes.length);`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", script],
    { cwd: fileURLToPath(new URL("../../", import.meta.url)) },
  );
  expect(stdout.trim()).toBe("true 3");
});

/** `bytes` as a file, which notes the length of each read. */
const ranged = (bytes: Uint8Array, lengths: number[] = []): Ranged => ({
  byteLength: bytes.length,
  read: async (start, end) => {
    lengths.push(end - start);
    if (start < 0 || end > bytes.length) throw new Error(`bytes ${start} to ${end} of ${bytes.length}`);
    return bytes.slice(start, end);
  },
});

/** `message` with its ranges read. */
async function held(message: unknown): Promise<unknown> {
  if (message instanceof Uint8Array || typeof message !== "object" || message === null) return message;
  if (Array.isArray(message)) return Promise.all(message.map(held));
  if ("read" in message) return (message as Ranged).read(0, (message as Ranged).byteLength);
  return Object.fromEntries(
    await Promise.all(Object.entries(message).map(async ([k, v]) => [k, await held(v)] as const)),
  );
}
