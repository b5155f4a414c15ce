import type { DType } from "../../graph/dtype.js";
import { isLength, isLengths, MAX_RANK } from "./limits.js";
import { Constructor, kindOf, type PickleCall, PickleObject } from "./pickle-machine.js";
import { Storage, TorchTensor, TorchType } from "./storage.js";

/** Classes of storages and tensors, by the word before "Storage" and "Tensor" (torch/_utils.py and torch/storage.py). */
const CLASSES: readonly (readonly [word: string, dtype: DType])[] = [
  ["Double", "float64"],
  ["Float", "float32"],
  ["Half", "float16"],
  ["BFloat16", "bfloat16"],
  ["Long", "int64"],
  ["Int", "int32"],
  ["Short", "int16"],
  ["Char", "int8"],
  ["Byte", "uint8"],
  ["Bool", "bool"],
  ["ComplexFloat", "complex64"],
  ["ComplexDouble", "complex128"],
];
/** Members of torch, which all are values of torch.dtype. */
const DTYPES: readonly (readonly [name: string, dtype: DType])[] = [
  ["float64", "float64"],
  ["float32", "float32"],
  ["float16", "float16"],
  ["bfloat16", "bfloat16"],
  ["int64", "int64"],
  ["int32", "int32"],
  ["int16", "int16"],
  ["int8", "int8"],
  ["uint64", "uint64"],
  ["uint32", "uint32"],
  ["uint16", "uint16"],
  ["uint8", "uint8"],
  ["bool", "bool"],
  ["complex64", "complex64"],
  ["complex128", "complex128"],
  ["float8_e4m3fn", "float8e4m3fn"],
  ["float8_e4m3fnuz", "float8e4m3fnuz"],
  ["float8_e5m2", "float8e5m2"],
  ["float8_e5m2fnuz", "float8e5m2fnuz"],
  ["float8_e8m0fnu", "float8e8m0"],
];

/** (storage, offset, shape, strides, ...): torch._utils._rebuild_tensor and those that came after it. */
function rebuildTensor(args: readonly unknown[], call: PickleCall, type?: unknown): TorchTensor {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof Storage)) throw call.fail(`a tensor has ${kindOf(storage)} for its storage`);
  if (Array.isArray(shape) && shape.length > MAX_RANK)
    throw call.fail(`a tensor has ${shape.length} axes, and ${MAX_RANK} are the most`);
  if (!isLength(offset) || !isLengths(shape) || !isLengths(strides, shape.length))
    throw call.fail("a tensor's offset, shape and strides are not whole numbers, or not one stride an axis");
  const dtype = type instanceof TorchType ? type.dtype : storage.dtype;
  return new TorchTensor(storage, dtype, offset, [...shape], [...strides]);
}
/** The first argument, a tensor: what wraps one adds nothing that a network needs. */
function sameTensor([tensor]: readonly unknown[], call: PickleCall): TorchTensor {
  if (!(tensor instanceof TorchTensor)) throw call.fail(`a parameter has ${kindOf(tensor)} for its tensor`);
  return tensor;
}

/** An empty dictionary, or, as Python 2 writes them, one of the pairs in a list. */
function dictionary([pairs]: readonly unknown[], call: PickleCall): Map<unknown, unknown> {
  const dict = new Map<unknown, unknown>();
  if (!Array.isArray(pairs)) return pairs instanceof Map ? pairs : dict;
  call.spend(pairs.length);
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) throw call.fail(`a dictionary is made of ${kindOf(pair)}`);
    dict.set(pair[0], pair[1]);
  }
  return dict;
}
const list = ([items]: readonly unknown[]): unknown => (Array.isArray(items) ? items : []);

/** _codecs.encode(text, "latin1"), in which Python 3 spells bytes for Python 2. */
function latin1([text, encoding]: readonly unknown[], call: PickleCall): Uint8Array {
  if (typeof text !== "string" || encoding !== "latin1")
    throw call.fail(`_codecs.encode is given ${kindOf(text)} and ${kindOf(encoding)}, and not text and 'latin1'`);
  call.spend(text.length);
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** A numpy.dtype, such as "f8"; its state says the byte order. */
class NumpyType extends PickleObject {
  littleEndian = true;
  constructor(readonly code: string) {
    super();
  }
  override setState(state: unknown, call: PickleCall): void {
    if (!Array.isArray(state)) throw call.fail(`a numpy.dtype has ${kindOf(state)} for its state`);
    this.littleEndian = state[1] !== ">";
  }
}
/** numpy.core.multiarray.scalar(dtype, bytes): an accuracy or an epoch. What is no number is null. */
function scalar([type, bytes]: readonly unknown[], call: PickleCall): number | bigint | null {
  if (!(type instanceof NumpyType) || !(bytes instanceof Uint8Array))
    throw call.fail(`a number of numpy is made of ${kindOf(type)} and ${kindOf(bytes)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { code, littleEndian: little } = type;
  if (code === "f8" && bytes.length === 8) return view.getFloat64(0, little);
  if (code === "f4" && bytes.length === 4) return view.getFloat32(0, little);
  if (code === "i8" && bytes.length === 8) return view.getBigInt64(0, little);
  return code === "i4" && bytes.length === 4 ? view.getInt32(0, little) : null;
}
const nothing = (): null => null;

/**
 * Every name that a PyTorch checkpoint may refer to. What is called makes tensors and plain containers; options of the training (devices,
 * argparse.Namespace) are read as null or empty, since no weight depends on them.
 */
export const TORCH_GLOBALS: ReadonlyMap<string, unknown> = /* @__PURE__ */ new Map<string, unknown>([
  ...CLASSES.flatMap(([word, dtype]) =>
    ["torch", "torch.cuda"].flatMap((module): [string, unknown][] => [
      [`${module}.${word}Storage`, new TorchType(dtype)],
      [`${module}.${word}Tensor`, new TorchType(dtype)],
    ]),
  ),
  ["torch.UntypedStorage", new TorchType("uint8")],
  ["torch.storage.UntypedStorage", new TorchType("uint8")],
  ...DTYPES.map(([name, dtype]): [string, unknown] => [`torch.${name}`, new TorchType(dtype)]),
  ["torch._utils._rebuild_tensor", new Constructor((args, call) => rebuildTensor(args, call))],
  ["torch._utils._rebuild_tensor_v2", new Constructor((args, call) => rebuildTensor(args, call))],
  ["torch._utils._rebuild_tensor_v3", new Constructor((args, call) => rebuildTensor(args, call, args[6]))],
  ["torch._utils._rebuild_parameter", new Constructor(sameTensor)],
  ["torch._utils._rebuild_parameter_with_state", new Constructor(sameTensor)],
  ["torch.nn.parameter.Parameter", new Constructor(sameTensor)],
  ["torch.Size", new Constructor(list)],
  ["torch.device", new Constructor(nothing)],
  ["collections.OrderedDict", new Constructor(dictionary)],
  ["collections.Counter", new Constructor(dictionary)],
  ["collections.defaultdict", new Constructor(() => new Map())],
  ["argparse.Namespace", new Constructor(() => new Map())],
  ["_codecs.encode", new Constructor(latin1)],
  ...["__builtin__", "builtins"].flatMap((module): [string, unknown][] => [
    [`${module}.set`, new Constructor(list)],
    [`${module}.frozenset`, new Constructor(list)],
    [`${module}.bytes`, new Constructor(() => new Uint8Array())],
    [`${module}.list`, new Constructor(list)],
    [`${module}.dict`, new Constructor(() => new Map())],
  ]),
  ["numpy.dtype", new Constructor(([code]) => new NumpyType(typeof code === "string" ? code : ""))],
  ["numpy.core.multiarray.scalar", new Constructor(scalar)],
  ["numpy._core.multiarray.scalar", new Constructor(scalar)],
]);
