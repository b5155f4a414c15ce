import { attacks, latin1, type Row } from "./attack.js";
import { DEEP, dict, int, LAUGHS, legacy, one, storage, text, uint32, view, zipped } from "./pickle-text.js";

/** Names that run code in Python, or reach for what does. */
const NAMES = `
  os.system posix.system nt.system subprocess.Popen subprocess.check_output pty.spawn socket.socket shutil.rmtree
  builtins.eval builtins.exec builtins.compile builtins.getattr builtins.open builtins.__import__ __builtin__.eval
  importlib.import_module runpy.run_path pip.main code.interact timeit.timeit webbrowser.open ctypes.CDLL
  operator.attrgetter operator.methodcaller functools.partial types.FunctionType pickle.loads marshal.loads
  torch.load torch.hub.load torch.storage._load_from_bytes torch.jit.load torch.package.PackageImporter
  torch._utils._rebuild_qtensor torch._tensor._rebuild_from_type_v2 numpy.core.multiarray._reconstruct numpy.load
  collections.OrderedDict.__init__ collections.namedtuple constructor.constructor __proto__.constructor`;
const split = (name: string): readonly [string, string] => {
  const dot = name.indexOf(".");
  return [name.slice(0, dot), name.slice(dot + 1)];
};

export const pickles = attacks([
  ...NAMES.trim()
    .split(/\s+/)
    .map((name) => {
      const [module, rest] = split(name);
      return [name, one(`c${module}\n${rest}\n(${text("touch evil-ran")}tR`), `'${name}' is refused`] as const;
    }),
  ["STACK_GLOBAL", one(`${text("os")}${text("system")}\x93${text("touch evil-ran")}\x85R`), "'os.system' is refused"],
  ["INST", one(`(${text("touch evil-ran")}ios\nsystem\n`), "'os.system' is refused"],
  ["OBJ", one(`(cos\nsystem\n${text("touch evil-ran")}o`), "'os.system' is refused"],
  ["NEWOBJ", one(`csubprocess\nPopen\n${text("id")}\x85\x81`), "'subprocess.Popen' is refused"],
  ["NEWOBJ_EX", one("ccollections\nOrderedDict\n)}\x92"), "byte 37: 0x92 is no opcode that checkpoints have"],
  [
    "BUILD with __setstate__",
    one(`ccollections\nOrderedDict\n)R${dict({ __setstate__: "c__builtin__\neval\n" })}b`),
    "byte 74: '__builtin__.eval' is refused, since tensors do not need it; nothing was run. In PyTorch,",
  ],
  [
    "BUILD of __class__",
    one(`ccollections\nOrderedDict\n)R${dict({ __class__: "N", __proto__: "N" })}b`),
    "itself has no tensors: it has 'w'",
  ],
  [
    "BUILD of a class",
    one(`ccollections\nOrderedDict\n${dict({ x: "N" })}b`),
    "byte 46: the pickle sets the state of a class",
  ],
  ["EXT1", one("\x82\x01"), "byte 10: 0x82 is no opcode that checkpoints have"],
  ["EXT2", one("\x83\x01\x01"), "byte 10: 0x83 is no opcode that checkpoints have"],
  ["EXT4", one("\x84\x01\x01\x01\x01"), "byte 10: 0x84 is no opcode that checkpoints have"],
  ["a call of what a call gave", one("ccollections\nOrderedDict\n)R)R"), "byte 39: the pickle calls a dictionary"],
  [
    "an escape sequence in a name",
    one("c\x1b[2Jos\nsystem\n"),
    "byte 25: '\\u001b[2Jos.system' is refused, since tensors do not need it; nothing was run. In",
  ],
  ["a name of 60,000 letters", one(`c${"a".repeat(60_000)}\nsystem\n`), "byte 60019:"],
  [
    "a persistent id of a persistent id",
    one(storage(storage(text("0")))),
    "byte 110: a storage has an object for its key and 4 for its length",
  ],
  [
    "a persistent id that calls",
    one(`cos\nsystem\n${text("id")}\x85RQ`),
    "byte 21: 'os.system' is refused, since tensors do not need it; nothing was run. In PyTorch, save",
  ],
  [
    "a persistent id in a line",
    one("Pos.system\n"),
    "byte 21: the persistent id is the text 'os.system', which is no storage",
  ],
  ["100,000 lists in one another", zipped(DEEP), "itself is a list and no dictionary of tensors"],
  [
    "100,000 tuples in one another",
    zipped(`)${"\x85".repeat(100_000)}`),
    "itself is a list and no dictionary of tensors",
  ],
  [
    "100,000 dictionaries in one another",
    zipped(`${"}N".repeat(100_000)}}${"s".repeat(100_000)}`),
    "itself has no tensors: it has None",
  ],
  ["100,000 marks", zipped(`${"(".repeat(100_000)}`), "byte 100003: the pickle takes a value where there is none"],
  ...Object.entries({ "lists in one another": DEEP, "a billion laughs": LAUGHS }).flatMap(([what, value]) =>
    Object.entries({
      "the value": [zipped(value), "itself is a list and no dictionary of tensors"],
      "a tensor": [one(value), "itself has no tensors: it has 'w'"],
      "the storage's key": [one(view(storage(value), [int(1)], [int(1)])), "a storage has a list for its key"],
      "the storage's length": [
        one(view(storage(text("0"), value), [int(1)], [int(1)])),
        "a storage has the text '0' for its key and a list for its length",
      ],
      "a persistent id": [one(`${value}Q`), "the persistent id starts with a list"],
      "a shape": [
        one(view(storage(text("0")), [value], [int(1)])),
        "a tensor's offset, shape and strides are not whole",
      ],
      "a module": [one(`${value}${text("x")}\x93`), "the pickle has a list and the text 'x' for a name to look up"],
      "a text to encode": [one(`c_codecs\nencode\n${value}${text("latin1")}\x86R`), "_codecs.encode is given a list"],
      "a key": [zipped(`}${value}Ns`), "itself has no tensors: it has a list"],
      "the magic number": [latin1(`\x80\x02${value}.`), "it starts with a list and not with 119547037"],
      "the list of storages": [legacy("}", `(${value}l`), "itself lists a list for a storage"],
    }).map(([where, [file, refusal]]) => [`${what}: ${where}`, file, refusal] as Row),
  ),
  ["LONG4 of 2^31 - 1 bytes", one("\x8b\xff\xff\xff\x7f"), "byte 15: an integer of 2147483647 bytes"],
  ["LONG4 of -1 bytes", one("\x8b\xff\xff\xff\xff"), "byte 15: an integer of 4294967295 bytes"],
  [
    "BINUNICODE of 2^32 - 1 bytes",
    one("X\xff\xff\xff\xff"),
    "byte 15: the pickle goes on for 4294967295 bytes, but 2 are there",
  ],
  [
    "BINUNICODE8 of 2^60 bytes",
    one("\x8d\0\0\0\0\0\0\0\x10"),
    "byte 19: the pickle goes on for 1152921504606847000 bytes, but 2 are there",
  ],
  [
    "BINBYTES8 of 2^64 - 1 bytes",
    one("\x8e\xff\xff\xff\xff\xff\xff\xff\xff"),
    "byte 19: the pickle goes on for 18446744073709552000 bytes, but 2 are there",
  ],
  [
    "BYTEARRAY8 of 2^60 bytes",
    one("\x96\0\0\0\0\0\0\0\x10"),
    "byte 19: the pickle goes on for 1152921504606847000 bytes, but 2 are there",
  ],
  ["a frame of 2^60 bytes", zipped("\x95\0\0\0\0\0\0\0\x10}"), "byte 11: the pickle goes on for 1152921504606847000"],
  ["an integer of 10,000 digits", one(`L${"9".repeat(10_000)}L\n`), "byte 10013:"],
  ["a text that is not UTF-8", one("X\x02\0\0\0\xff\xfe"), "byte 15: a text that is not UTF-8"],
  ["a protocol that there is not", zipped("\x80\xff}"), "byte 4: protocol 255 of pickles"],
  ["two million opcodes", zipped("N0".repeat(1_000_000)), "byte 1000001: the pickle takes more than 1000000 steps"],
  [
    "memo numbers all over",
    zipped(`N${Array.from({ length: 300_000 }, (_, i) => `r${uint32(i * 9973 + 1)}`).join("")}`),
    "byte 1250003: the pickle takes more than 1000000 steps",
  ],
  [
    "a long list copied again and again",
    zipped(`ccollections\nOrderedDict\nq\x01](${"(NNl".repeat(2000)}e\x85q\x02${"0h\x01h\x02R".repeat(2000)}`),
    "byte 11011: the pickle takes more than 1000000 steps",
  ],
  ["no end", latin1("\x80\x02}(((((("), "byte 9: the pickle goes on for 1 bytes, but 0 are there"],
]);
