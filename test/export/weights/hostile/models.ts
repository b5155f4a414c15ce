import { attacks, join, latin1 } from "./attack.js";

/** Protobuf's wire, by hand: a varint of any length, a field of one, a field of bytes. */
const varint = (value: bigint | number): Uint8Array => {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...out, Number(rest)]);
};
const number = (field: number, value: bigint | number): Uint8Array => join(varint(field * 8), varint(value));
const bytes = (field: number, ...content: Uint8Array[]): Uint8Array => {
  const body = join(...content);
  return join(varint(field * 8 + 2), varint(body.length), body);
};
const text = (field: number, value: string): Uint8Array => bytes(field, latin1(value));

const [FLOAT, STRING] = [1, 8];
/** A ModelProto whose only initializer has these fields behind its name. */
const model = (...fields: Uint8Array[]): Uint8Array =>
  join(number(1, 8), bytes(7, bytes(5, text(8, "w"), ...fields), text(2, "g")), bytes(8, number(2, 17)));
const tensor = (dims: readonly (bigint | number)[], ...values: Uint8Array[]): Uint8Array =>
  model(...dims.map((d) => number(1, d)), number(2, FLOAT), ...values);
const raw = (count: number): Uint8Array => bytes(9, new Uint8Array(count));
/** A tensor of four elements in another file. */
const external = (place: Readonly<Record<string, string>>): Uint8Array =>
  tensor([4], ...Object.entries(place).map(([k, v]) => bytes(13, text(1, k), text(2, v))), number(14, 1));
const nested = (depth: number): Uint8Array => {
  let graph = text(2, "g");
  for (let i = 0; i < depth; i++) graph = bytes(1, bytes(5, text(1, "a"), bytes(6, graph))); // a node's attribute
  return join(number(1, 8), bytes(7, graph));
};

export const models = attacks([
  ["a whole one", tensor([4], raw(16)), null],
  [
    "external data in the folder above",
    external({ location: "../secret" }),
    "tensors in '../secret' are refused, since that is outside the model's folder",
  ],
  [
    "external data by an absolute path",
    external({ location: "/etc/passwd" }),
    "tensors in '/etc/passwd' are refused, since that is outside the model's folder",
  ],
  [
    "external data up and down",
    external({ location: "a/../../secret" }),
    "tensors in 'a/../../secret' are refused, since that is outside the model's folder",
  ],
  ["external data that is not there", external({ location: "lost.data" }), "lost.data'"],
  [
    "external data nowhere",
    external({ offset: "0" }),
    "the tensor 'w' lives in another file, but the model does not say which",
  ],
  [
    "external data from -1 on",
    external({ location: "weights.data", offset: "-1" }),
    "the tensor 'w' is said to take '16' bytes of 'weights.data' from byte '-1' on, which are no numbers",
  ],
  [
    "external data from 2^60 on",
    external({ location: "weights.data", offset: `${2n ** 60n}` }),
    "the tensor 'w' takes bytes 1152921504606846976 to 1152921504606847000 of 'weights.data', which has",
  ],
  [
    "external data of 2^60 bytes",
    external({ location: "weights.data", length: `${2n ** 60n}` }),
    "the tensor 'w' takes bytes 0 to 1152921504606847000 of 'weights.data', which has 16",
  ],
  [
    "external data of 10,000 digits",
    external({ location: "weights.data", length: "9".repeat(10_000) }),
    "the tensor 'w' takes bytes 0 to Infinity of 'weights.data', which has 16",
  ],
  ["external data in the model itself", external({ location: "itself" }), null],
  [
    "a length of 2^40",
    tensor([2n ** 40n], raw(16)),
    "the tensor 'w' is float32[1099511627776], which takes 4398046511104 bytes, but 16 are there",
  ],
  ["a length of -1", tensor([-1], raw(16)), "the tensor 'w' has the shape [-1]"],
  ["two lengths of -2", tensor([-2, -2], raw(16)), "the tensor 'w' has the shape [-2,-2]"],
  ["lengths of 2^62", tensor([2n ** 62n, 4], raw(16)), "the tensor 'w' has the shape [4611686018427388000,4]"],
  ["0 times more than there is", tensor([...Array(30).fill(2n ** 53n - 1n), 0]), "the tensor 'w' has the shape"],
  [
    "packed lengths that are cut short",
    model(bytes(1, Uint8Array.of(0x80)), number(2, FLOAT), raw(16)),
    "TensorProto is cut short or not an ONNX message (at byte 9)",
  ],
  [
    "a packed length of 11 bytes",
    model(bytes(1, new Uint8Array(11).fill(0xff)), number(2, FLOAT), raw(16)),
    "TensorProto is cut short or not an ONNX message (at byte 9)",
  ],
  [
    "100,000 axes",
    model(bytes(1, new Uint8Array(100_000).fill(1)), number(2, FLOAT), raw(4)),
    "'w' has 100000 axes, and 64 are the most",
  ],
  [
    "a payload of 2^60 bytes",
    tensor([4], join(varint(9 * 8 + 2), varint(2n ** 60n))),
    "TensorProto is cut short or not an ONNX message (at byte 13)",
  ],
  [
    "a payload of -1 bytes",
    tensor([4], join(varint(9 * 8 + 2), varint(-1))),
    "TensorProto is cut short or not an ONNX message (at byte 13)",
  ],
  [
    "integers that are no varints",
    model(number(1, 4), number(2, 7), bytes(7, new Uint8Array(4).fill(0x80))),
    "the tensor 'w' is int64[4], which takes 4 integers, but no whole ones are there",
  ],
  [
    "100,000 integers for a few bytes of them",
    model(number(1, 100_000), number(2, 7), bytes(7, new Uint8Array(10))),
    "the tensor 'w' is int64[100000], which takes 100000 integers, but 10 bytes of them are there",
  ],
  [
    "texts that are too few",
    model(number(1, 1_000_000), number(2, STRING), bytes(6, latin1("a"))),
    "the tensor 'w' is string[1000000], but has 1 strings",
  ],
  [
    "a type that there is not",
    model(number(1, 4), number(2, 99), raw(16)),
    "the tensor 'w' has element type 99, which this version does not know",
  ],
  [
    "a type of 2^63",
    model(number(1, 4), number(2, 2n ** 63n), raw(16)),
    "the tensor 'w' has element type -9223372036854775808, which this version does not know",
  ],
  ["messages 1,000 deep", nested(500), "NodeProto is nested more than 100 messages deep (at byte 404)"],
  [
    "a group",
    join(number(1, 8), Uint8Array.of(0x3b, 0x3c)),
    "ModelProto holds a protobuf group, which ONNX has none of (at byte 2)",
  ],
  ["no graph", number(1, 8), "this is no ONNX model: it has no graph"],
]);
