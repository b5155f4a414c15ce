import { attacks, int64, join, latin1 } from "./attack.js";

/** A file with this header, and so many bytes of data. */
const safetensors = (header: string, room = 16, length: number | bigint = header.length): Uint8Array =>
  join(int64(length), latin1(header), new Uint8Array(room));
const tensor = (dtype: string, shape: string, offsets: string): string =>
  `{"dtype": ${dtype}, "shape": ${shape}, "data_offsets": ${offsets}}`;
/** One float32 tensor of four elements, changed. */
const one = ({ dtype = '"F32"', shape = "[4]", offsets = "[0, 16]" } = {}): Uint8Array =>
  safetensors(`{"a": ${tensor(dtype, shape, offsets)}}`);
const two = (first: string, second: string): Uint8Array =>
  safetensors(`{"a": ${tensor('"U8"', "[8]", first)}, "b": ${tensor('"U8"', "[8]", second)}}`);
export const nested = (depth: number, open = "[", close = "]"): string => open.repeat(depth) + close.repeat(depth);

export const headers = attacks([
  [
    "a header of 2^60 bytes",
    safetensors("{}", 0, 2n ** 60n),
    "itself is no safetensors file: bytes 0 to 8 announce a header of 1152921504606846976 bytes, but 2",
  ],
  [
    "a header of 2^64 - 1 bytes",
    safetensors("{}", 0, -1),
    "itself is no safetensors file: bytes 0 to 8 announce a header of 18446744073709551615 bytes, but 2",
  ],
  [
    "a header of 100 MB of nothing",
    () => safetensors(`{}${" ".repeat(1e8 - 2)}`, 0),
    "itself has a header of 100000000 bytes, as bytes 0 to 8 say, and 16777216 are the most",
  ],
  ["a header of 16 MiB of nothing", () => safetensors(`{}${" ".repeat(2 ** 24 - 2)}`, 0), null],
  [
    "16 MiB of lists",
    () => safetensors(`{"a": [${"[],".repeat(5e6)}[]]}`, 0),
    "more than 65537 members of one object or list at byte 196625",
  ],
  [
    "16 MiB of lists in one another",
    () => safetensors(`{"a": ${nested(7e6)}}`, 0),
    "more than 3 objects and lists inside one another at byte 16",
  ],
  [
    "100,000 lists in one another",
    safetensors(`{"a": ${nested(100_000)}}`, 0),
    "more than 3 objects and lists inside one another at byte 16",
  ],
  [
    "100,000 objects in one another",
    safetensors(nested(100_000, '{"a":', "0}"), 0),
    "more than 3 objects and lists inside one another at byte 23",
  ],
  [
    "100,000 tensors",
    () => safetensors(`{${Array.from({ length: 100_000 }, (_, i) => `"${i}":{}`).join()}}`, 0),
    "more than 65537 members of one object or list at byte 709805",
  ],
  [
    "16 MiB of digits",
    () => safetensors(`{"a": ${"9".repeat(2 ** 24 - 10)}}`, 0),
    "'a' is described by null, which is no JSON object",
  ],
  [
    "a key of 16 MiB",
    () => safetensors(`{"${"a".repeat(2 ** 24 - 10)}": 0}`, 0),
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  ],
  [
    "a header of no JSON",
    safetensors("{'a': 1}", 0),
    "itself is no safetensors file: the header at byte 8 is not a JSON object",
  ],
  [
    "a header that is not UTF-8",
    safetensors('{"\xff": {}}', 0),
    "itself is no safetensors file: the header at byte 8 is not a JSON object",
  ],
  [
    "a header that is a list",
    safetensors("{}", 0, 2).map((b) => (b === 0x7b ? 0x5b : b === 0x7d ? 0x5d : b)),
    "itself cannot be read as weights: it is none of safetensors, PyTorch's .pth, .npz, .onnx, or an",
  ],
  [
    "a key twice",
    safetensors(`{"a": ${tensor('"U8"', "[1]", "[0, 1]")}, "\\u0061": ${tensor('"U8"', "[1]", "[1, 2]")}}`),
    "a second key 'a' at byte 69",
  ],
  [
    "a tensor's shape twice",
    safetensors('{"a": {"dtype": "U8", "shape": [1], "shape": [16], "data_offsets": [0, 16]}}'),
    "a second key 'shape' at byte 44",
  ],
  ["__proto__ for a key", safetensors(`{"__proto__": ${tensor('"F32"', "[4]", "[0, 16]")}}`), null],
  [
    "__proto__ for a tensor's description",
    safetensors(`{"a": {"__proto__": ${tensor('"F32"', "[4]", "[0, 16]")}}}`),
    "more than 3 objects and lists inside one another at byte 54",
  ],
  [
    "__proto__ that is a list",
    safetensors('{"__proto__": [1]}'),
    "'__proto__' is described by [1], which is no JSON object",
  ],
  [
    "a key that moves the cursor",
    safetensors('{"\\u001b[2J\\u202e\\n": 1}'),
    "'\\u001b[2J\\u202e\\u000a' is described by 1, which is no JSON object",
  ],
  ["tensors that overlap", two("[0, 8]", "[4, 12]"), "'b' starts at byte 4, inside 'a', which ends at 8"],
  ["tensors of the same bytes", two("[0, 8]", "[0, 8]"), "'b' starts at byte 0, inside 'a', which ends at 8"],
  ["a gap between tensors", two("[0, 8]", "[8, 16]"), null],
  ["bytes behind the file", one({ offsets: "[16, 32]" }), "'a' takes bytes [16,32] of data, of which there are 16"],
  [
    "bytes from 2^53 on",
    one({ offsets: "[9007199254740992, 9007199254741008]" }),
    "'a' takes bytes [9007199254740992,9007199254741008] of data, of which there are 16",
  ],
  ["bytes back", one({ offsets: "[16, 0]" }), "'a' takes bytes [16,0] of data, of which there are 16"],
  ["bytes before the file", one({ offsets: "[-16, 0]" }), "'a' takes bytes [-16,0] of data, of which there are 16"],
  ["half a byte", one({ offsets: "[0.5, 16.5]" }), "'a' takes bytes [0.5,16.5] of data, of which there are 16"],
  ["one offset", one({ offsets: "[0]" }), "'a' takes bytes [0] of data, of which there are 16"],
  ["more bytes than the shape", one({ shape: "[3]" }), "'a' is float32[3], which takes 12 bytes, but has 16"],
  ["a negative shape", one({ shape: "[-4]" }), "'a' has the shape [-4]"],
  ["two negative lengths", one({ shape: "[-2, -2]" }), "'a' has the shape [-2,-2]"],
  ["half an element", one({ shape: "[4.5]" }), "'a' has the shape [4.5]"],
  ["infinitely many", one({ shape: "[1e400]" }), "'a' has the shape [null]"],
  ["a product of 2^64", one({ shape: "[4294967296, 4294967296]" }), "'a' has the shape [4294967296,4294967296]"],
  [
    "a product of 2^64 + 16",
    one({ dtype: '"U8"', shape: "[18446744073709551632]" }),
    "'a' has the shape [18446744073709552000]",
  ],
  [
    "a product of 0 times more than there is",
    one({ shape: `[${"9007199254740991,".repeat(30)}0]`, offsets: "[0, 0]" }),
    "'a' has the shape [9007199254740991,9007199254740991,9007199254740991,9007199254740991,90071992547",
  ],
  [
    "1,000 axes",
    one({ shape: `[4${",1".repeat(999)}]` }),
    "'a' has the shape [4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
  ],
  [
    "100,000 axes",
    one({ shape: `[4${",1".repeat(99_999)}]` }),
    "more than 65537 members of one object or list at byte 131114",
  ],
  [
    "a type that there is not",
    one({ dtype: '"OBJ"' }),
    "'a' has the element type \"OBJ\", which is not one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2, F8_E8M0,",
  ],
  [
    "a type of JavaScript",
    one({ dtype: '"constructor"' }),
    "'a' has the element type \"constructor\", which is not one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2,",
  ],
  [
    "a type that is an object",
    one({ dtype: '{"toString": 1}' }),
    "'a' has the element type {\"toString\":1}, which is not one of F64, F32, F16, BF16, F8_E4M3, F8_E5M2,",
  ],
]);
