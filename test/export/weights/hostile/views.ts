import { attacks, int64, join, latin1 } from "./attack.js";
import { dict, int, legacy, one, storage, text, tuple, uint32, view, viewOf, zipped } from "./pickle-text.js";

/** Tensors and their storages. */
export const views = attacks([
  [
    "a storage of -1 elements",
    one(view(storage(text("0"), int(-1)), [int(1)], [int(1)])),
    "byte 98: a storage has the text '0' for its key and -1 for its length",
  ],
  [
    "a storage of 2^60 elements",
    one(view(storage(text("0"), int(2n ** 60n)), [int(1)], [int(1)])),
    "byte 115: a storage has the text '0' for its key and 1152921504606846976 for its length",
  ],
  [
    "a storage of half an element",
    one(view(storage(text("0"), "F0.5\n"), [int(1)], [int(1)])),
    "byte 98: a storage has the text '0' for its key and 0.5 for its length",
  ],
  [
    "a storage that is longer than its file",
    one(view(storage(text("0"), int(4000)), [int(1)], [int(1)])),
    "'data/0' has 16 bytes, and the pickle says 16000",
  ],
  [
    "a storage that is a path",
    one(view(storage(text("../../../../etc/passwd")), [int(1)], [int(1)])),
    "itself has no 'a/data/../../../../etc/passwd'",
  ],
  [
    "a storage of objects",
    one(view(storage(text("0"), int(4), "ObjectStorage"), [int(1)], [int(1)])),
    "byte 78: 'torch.ObjectStorage' is refused, since tensors do not need it; nothing was run. In",
  ],
  [
    "a storage of two sizes",
    zipped(
      dict({
        a: view(storage(text("0")), [int(1)], [int(1)]),
        b: view(storage(text("0"), int(2)), [int(1)], [int(1)]),
      }),
    ),
    "byte 210: the storage '0' has 2 elements of float32 here, and other bytes before",
  ],
  [
    "a view beyond its storage",
    viewOf(4, [5], [1]),
    "'w' is float32[5] with strides [1], which is bytes 0 to 20 of a storage of 16",
  ],
  [
    "a view that starts beyond it",
    viewOf(4, [1], [1], 4),
    "'w' is float32[1] with strides [1], which is bytes 16 to 20 of a storage of 16",
  ],
  [
    "a view that starts at 2^53",
    viewOf(4, [1], [1], 2 ** 53 - 1),
    "'w' is float32[1] with strides [1], which is bytes 36028797018963964 to 36028797018963970 of a",
  ],
  [
    "strides beyond it",
    viewOf(4, [2, 2], [3, 1]),
    "'w' is float32[2,2] with strides [3,1], which is bytes 0 to 20 of a storage of 16",
  ],
  [
    "strides of 2^53",
    viewOf(4, [2, 2], [2 ** 53 - 1, 2 ** 53 - 1]),
    "'w' is float32[2,2] with strides [9007199254740991,9007199254740991], which is bytes 0 to",
  ],
  [
    "strides back",
    viewOf(4, [2], [-1], 1),
    "byte 118: a tensor's offset, shape and strides are not whole numbers, or not one stride an axis",
  ],
  [
    "a stride too few",
    viewOf(4, [2, 2], [2]),
    "byte 121: a tensor's offset, shape and strides are not whole numbers, or not one stride an axis",
  ],
  [
    "one element 2^40 times",
    viewOf(4, [2 ** 20, 2 ** 20], [0, 0]),
    "'w' is float32[1048576,1048576] with strides [0,0], which is 1099511627776 elements out of a",
  ],
  [
    "64 axes of 2^53, and none of them an element",
    viewOf(4, [...Array(63).fill(2 ** 53 - 1), 0], Array(64).fill(0)),
    "'w' is",
  ],
  [
    "100,000 axes",
    viewOf(4, Array(100_000).fill(1), Array(100_000).fill(1)),
    "byte 800109: a tensor has 100000 axes, and 64 are the most",
  ],
  [
    "windows that overlap all over 8 MiB",
    viewOf(2 ** 21, [1000, 2000], [1000, 999]),
    "'w' is float32[1000,2000] with strides [1000,999], which is bytes 0 to 11984008 of a storage of",
  ],
  ["windows that overlap", viewOf(1000, [10, 90], [10, 1]), null],
  ["8 MiB transposed", viewOf(2 ** 21, [2048, 1024], [1, 2048]), null],
  [
    "another element type than the storage's",
    one(
      `ctorch._utils\n_rebuild_tensor_v3\n${tuple([storage(text("0")), int(0), tuple([int(4)]), tuple([int(1)]), "\x89", "N", "ctorch\ncomplex128\n"])}R`,
    ),
    "'w' is complex128[4] with strides [1], which is bytes 0 to 64 of a storage of 16",
  ],
  [
    "weights that are tied",
    zipped(
      dict({
        a: view(storage(text("0")), [int(4)], [int(1)]),
        b: view(storage(text("0")), [int(2), int(2)], [int(1), int(2)]),
      }),
    ),
    null,
  ],
  [
    "a key that moves the cursor",
    zipped(dict({ "\x1b[2J": view(storage(text("0")), [int(9)], [int(1)]) })),
    "'\\u001b[2J' is float32[9] with strides [1], which is bytes 0 to 36 of a storage of 16",
  ],
  [
    "parts of a storage beyond it",
    legacy(
      dict({
        w: view(
          `${tuple([text("storage"), "ctorch\nFloatStorage\n", text("0"), text("cpu"), int(4), tuple([text("1"), int(3), int(2)])])}Q`,
          [int(1)],
          [int(1)],
        ),
      }),
      `(${text("0")}l`,
      join(int64(4), new Uint8Array(16)),
    ),
    "byte 138: a part of the storage '0' is not within its 4 elements",
  ],
  [
    "a storage twice",
    legacy(
      dict({ w: view(storage(text("0")), [int(4)], [int(1)]) }),
      `(${text("0")}${text("0")}l`,
      join(int64(4), new Uint8Array(16)),
    ),
    "lists a storage '0' twice",
  ],
  [
    "a storage of -1 elements in its place",
    legacy(
      dict({ w: view(storage(text("0")), [int(4)], [int(1)]) }),
      `(${text("0")}l`,
      join(int64(-1), new Uint8Array(16)),
    ),
    "byte 155: the storage '0' has -1 elements, and the pickle says 4",
  ],
  [
    "a storage that is not listed",
    legacy(dict({ w: view(storage(text("0")), [int(4)], [int(1)]) })),
    "itself has no storage '0', which its pickle refers to",
  ],
  [
    "100,000 storages",
    legacy("}", `(${Array.from({ length: 100_000 }, (_, i) => `J${uint32(i)}`).join("")}l`),
    "itself has 100000 for its number of storages, which is 65536 at most",
  ],
  [
    "a code in front of PyTorch's",
    join(latin1("cos\nsystem\n(S'touch evil-ran'\ntR."), legacy("}")),
    "itself cannot be read as weights: it is none of safetensors, PyTorch's .pth, .npz, .onnx, or an",
  ],
  [
    "a code behind the magic number",
    join(latin1("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02cos\nsystem\n."), legacy("}")),
    "byte 28: 'os.system' is refused, since tensors do not need it; nothing was run. In PyTorch, save",
  ],
]);
