import { describe, expect, test } from "vitest";
import { readPickle } from "../../../src/export/weights/pickle.js";
import { PickleInput } from "../../../src/export/weights/pickle-input.js";
import { findStateDict } from "../../../src/export/weights/state-dict.js";
import { TORCH_GLOBALS } from "../../../src/export/weights/torch-globals.js";
import { cpuMs } from "../../cpu-time.js";
import { refusal } from "./files.js";

/** The value of a pickle spelled in Latin-1. */
const read = (text: string): unknown =>
  readPickle(
    new PickleInput(
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
      "x.pkl",
    ),
    {
      globals: TORCH_GLOBALS,
      persistent: (id) => ({ id }),
    },
  );
const refused = (text: string): Promise<string> => refusal(async () => read(text));
/** A short text, and a short name. */
const s = (text: string): string => `\x8c${String.fromCharCode(text.length)}${text}`;
const dict = (entries: Record<string, unknown>): unknown => new Map(Object.entries(entries));

describe("values of every protocol", () => {
  // what Python 3.11 writes for [None, True, 1, -2, 300, 1 << 40, -1 << 80, 1.5, "ü\n", b"\0\xff", (1,), {"a": {2}}, OrderedDict(b=3)]
  const value = [
    null,
    true,
    1,
    -2,
    300,
    2 ** 40,
    -(1n << 80n),
    1.5,
    "ü\n",
    Uint8Array.of(0, 255),
    [1],
    dict({ a: [2] }),
    dict({ b: 3 }),
  ];
  const protocols: readonly (readonly [number, string])[] = [
    [
      0,
      "286c70300a4e614930310a6149310a61492d320a61493330300a614c313039393531313632373737364c0a614c2d313230383932353831393631343632393137343730363137364c0a6146312e350a6156fc5c75303030610a70310a61635f636f646563730a656e636f64650a70320a28565c7530303030ff0a70330a566c6174696e310a70340a7470350a5270360a612849310a7470370a61286470380a56610a70390a635f5f6275696c74696e5f5f0a7365740a7031300a28286c7031310a49320a61747031320a527031330a736163636f6c6c656374696f6e730a4f726465726564446963740a7031340a2874527031350a56620a7031360a49330a73612e",
    ],
    [
      2,
      "80025d7100284e884b014afeffffff4d2c018a060000000000018a0b00000000000000000000ff473ff80000000000005803000000c3bc0a7101635f636f646563730a656e636f64650a7102580300000000c3bf710358060000006c6174696e3171048671055271064b018571077d71085801000000617109635f5f6275696c74696e5f5f0a7365740a710a5d710b4b026185710c52710d7363636f6c6c656374696f6e730a4f726465726564446963740a710e2952710f58010000006271104b0373652e",
    ],
    [
      4,
      "80049573000000000000005d94284e884b014afeffffff4d2c018a060000000000018a0b00000000000000000000ff473ff80000000000008c03c3bc0a94430200ff944b0185947d948c0161948f94284b0290738c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c0162944b0373652e",
    ],
    [
      5,
      "80059573000000000000005d94284e884b014afeffffff4d2c018a060000000000018a0b00000000000000000000ff473ff80000000000008c03c3bc0a94430200ff944b0185947d948c0161948f94284b0290738c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c0162944b0373652e",
    ],
  ];
  test.each(protocols)("protocol %i", (protocol, hex) => {
    const text = Buffer.from(hex, "hex").toString("latin1");
    expect(read(text)).toEqual(protocol ? value : value.map((v) => (v === true ? 1 : v)));
  });
  test("what Python 2 wrote: texts of bytes, long integers, pairs in a list", () => {
    expect(read("(S'a\\\\'\\x41'\nL12L\nI00\nF1e3\nV\\u00e9\nU\x01bT\x01\0\0\0ct.")).toEqual([
      "a\\'A",
      12,
      0,
      1000,
      "é",
      "b",
      "c",
    ]);
    expect(read("ccollections\nOrderedDict\n(((S'k'\nI1\nlltR.")).toEqual(dict({ k: 1 }));
    expect(read("(S'k'\nI1\nd.")).toEqual(dict({ k: 1 }));
    expect(read("P12\n.")).toEqual({ id: "12" });
    expect(read("(icollections\nOrderedDict\n.")).toEqual(dict({}));
    expect(read("(ccollections\nOrderedDict\no.")).toEqual(dict({}));
  });
  test("a value may contain itself", () => {
    const list = read("]q\0h\0a.");
    expect(Array.isArray(list) && list[0] === list).toBe(true);
  });
  test("nesting without end takes no stack", () => {
    expect(Array.isArray(read(`${"]".repeat(400_000)}${"a".repeat(399_999)}.`))).toBe(true);
    expect(Array.isArray(read(`${")".repeat(1)}${"\x85".repeat(500_000)}.`))).toBe(true);
  });
});

describe("names that are not on the list are refused, wherever they hide", () => {
  test.each([
    ["a name that is called", "cos\nsystem\n(S'id'\ntR.", "byte 11: 'os.system' is refused"],
    ["a class of protocol 0", "(S'id'\nios\nsystem\n.", "'os.system' is refused"],
    ["a class in a list", "(cposix\nsystem\nS'id'\no.", "'posix.system' is refused"],
    ["a name off the stack", `${s("builtins")}${s("exec")}\x93.`, "'builtins.exec' is refused"],
    [
      "an attribute of an allowed name",
      `${s("collections")}${s("OrderedDict.__init__.__globals__")}\x93.`,
      "'collections.OrderedDict.__init__.__globals__' is refused",
    ],
    ["a module that is no text", `K\x01${s("x")}\x93.`, "the pickle has 1 and the text 'x' for a name"],
    ["a module that contains itself", `]q\0h\0a${s("x")}\x93.`, "the pickle has a list and the text 'x' for a name"],
    ["a word of JavaScript", "cconstructor\nconstructor\n.", "'constructor.constructor' is refused"],
    ["importlib", "cimportlib\nimport_module\n.", "'importlib.import_module' is refused"],
    ["nested pickles", "ctorch.storage\n_load_from_bytes\n.", "'torch.storage._load_from_bytes' is refused"],
    ["the extension registry", "\x82\x01.", "0x82 is no opcode that checkpoints have"],
  ])("%s", async (_, text, sentence) => {
    expect(await refused(text)).toContain(sentence);
  });
});

describe("what allowed names are given is looked at", () => {
  test.each([
    ["a call of a text", "S'os'\n(tR.", "the pickle calls the text 'os'"],
    ["a call of a storage's class", "ctorch\nFloatStorage\n(tR.", "the pickle calls an object"],
    ["a call of what a call gave", "ccollections\nOrderedDict\n(tR(tR.", "the pickle calls a dictionary"],
    ["arguments that are no tuple", "ccollections\nOrderedDict\nNR.", "the pickle calls a class"],
    ["the state of a number", "I1\n(db.", "the pickle sets the state of 1"],
    ["the state of a class", "ccollections\nOrderedDict\n(db.", "the pickle sets the state of a class"],
    [
      "another codec",
      "c_codecs\nencode\n(S'a'\nS'rot13'\ntR.",
      "_codecs.encode is given the text 'a' and the text 'rot13'",
    ],
    ["a tensor of no storage", "ctorch._utils\n_rebuild_tensor_v2\n(NtR.", "a tensor has None for its storage"],
    [
      "a parameter of a dictionary",
      "ctorch._utils\n_rebuild_parameter\n((dtR.",
      "a parameter has a dictionary for its tensor",
    ],
    ["a dictionary of numbers", "ccollections\nOrderedDict\n((I1\nltR.", "a dictionary is made of 1"],
    ["an item of a list", "]I1\nI2\ns.", "the pickle sets items of a list"],
    ["half an item", "}(I1\nu.", "the pickle sets items of a dictionary"],
    ["an item behind a dictionary", "}I1\na.", "the pickle appends to a dictionary"],
  ])("%s", async (_, text, sentence) => {
    expect(await refused(text)).toContain(sentence);
  });
  test("a state of allowed values changes nothing", () => {
    expect(read("ccollections\nOrderedDict\n(tR(S'__setstate__'\nccollections\nOrderedDict\ndb.")).toEqual(dict({}));
  });
});

describe("counts and lengths that lie", () => {
  test.each([
    ["no bytes", "", "byte 0: the pickle goes on for 1 bytes, but 0 are there"],
    ["no end", "N", "byte 1: the pickle goes on for 1 bytes, but 0 are there"],
    [
      "a text of 2^32 - 1 bytes",
      "X\xff\xff\xff\xff.",
      "byte 5: the pickle goes on for 4294967295 bytes, but 1 are there",
    ],
    ["bytes of 2^64 - 1", "\x8e\xff\xff\xff\xff\xff\xff\xff\xff.", "goes on for 18446744073709552000 bytes"],
    ["a line without an end", "Sabc", "the pickle goes on for"],
    ["a line of a million bytes", `V${"a".repeat(1e6)}\n.`, "a line of more than 65536 bytes"],
    ["an integer of 2^31 bytes", "\x8b\0\0\0\x80.", "an integer of 2147483648 bytes"],
    ["an integer of 1,000 digits", `L${"9".repeat(1000)}L\n.`, "is no integer"],
    ["an integer that is none", "Ix\n.", "'x' is no integer"],
    ["an empty stack", ".", "takes a value where there is none"],
    ["a value below a mark", "N(0.", "takes a value where there is none"],
    ["a mark that is not there", "Nt.", "goes back to a mark, and there is none"],
    ["a memo that is empty", "h\x05.", "recalls value 5, which it has not stored"],
    ["a byte that is no opcode", "\xfe.", "0xfe is no opcode"],
    ["opcodes without end", "N0".repeat(600_000), "the pickle takes more than 1000000 steps"],
    ["a memo without end", `N${"\x94".repeat(1_100_000)}`, "the pickle takes more than 1000000 steps"],
    [
      "a long list copied again and again",
      `ccollections\nOrderedDict\nq\x01](${"(NNl".repeat(2000)}e\x85q\x02${"0h\x01h\x02R".repeat(2000)}.`,
      "the pickle takes more than 1000000 steps",
    ],
  ])("%s", async (_, text, sentence) => {
    const start = cpuMs();
    expect(await refused(text)).toContain(sentence);
    expect(cpuMs() - start).toBeLessThan(5000);
  });
});

describe("the state_dict in what was saved", () => {
  const none = (value: unknown): Promise<string> => refusal(async () => findStateDict(value, "x.pth"));
  test("a list, a number, an empty dictionary, one without tensors", async () => {
    expect(await none([])).toBe("x.pth is a list and no dictionary of tensors");
    expect(await none(3)).toBe("x.pth is 3 and no dictionary of tensors");
    expect(await none(new Map())).toBe("x.pth has no tensors: it is empty");
    expect(await none(dict({ epoch: 1, state_dict: dict({ lr: 2 }) }))).toBe(
      "'state_dict' in x.pth has no tensors: it has 'lr'; in PyTorch, save model.state_dict()",
    );
  });
  test("a dictionary that contains itself", async () => {
    const loop = new Map<string, unknown>();
    loop.set("model", loop);
    expect(await none(loop)).toContain("has no tensors: it has 'model'");
  });
});
