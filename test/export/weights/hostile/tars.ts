import { attacks, int64, join, latin1, type Row } from "./attack.js";
import { int, LAUGHS, text } from "./pickle-text.js";

/** A tar archive; `size` and `type` are what its headers say. */
function tarOf(files: readonly { name: string; data: Uint8Array; size?: string; type?: string }[]): Uint8Array {
  const parts = files.flatMap(({ name, data, size = data.length.toString(8).padStart(11, "0"), type = "0" }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, "latin1");
    header.write(size, 124, "latin1");
    header.write(type, 156, "latin1");
    header.write("ustar", 257, "latin1");
    header.fill(32, 148, 156);
    header.write(
      `${header
        .reduce((a, b) => a + b, 0)
        .toString(8)
        .padStart(6, "0")}\0`,
      148,
      "latin1",
    );
    return [header, data, new Uint8Array((512 - (data.length % 512)) % 512)];
  });
  return join(...parts, new Uint8Array(1024));
}
const pickle = (body: string): Uint8Array => latin1(`\x80\x02${body}.`);
const dict = pickle(`}${text("w")}${text("7")}Qs`);
const layout = (rank: number, ...numbers: (number | bigint)[]): Uint8Array => join(int64(rank), ...numbers.map(int64));
type Files = { readonly storages?: Uint8Array; readonly tensors?: Uint8Array; readonly pickle?: Uint8Array };
/** Storage 1 of four float32, and tensor 7, which is a view of it. */
const torchTar = (change: Files = {}): Uint8Array =>
  tarOf(
    Object.entries({ storages: storages(), tensors: tensors(layout(1, 4, 1, 0)), pickle: dict, ...change }).map(
      ([name, data]) => ({ name, data }),
    ),
  );
const storages = (elements: number | bigint = 4, id = int(1), count = int(1), parts = "]"): Uint8Array =>
  join(
    pickle(count),
    pickle(`(${id}${text("cpu")}ctorch\nFloatStorage\nt`),
    int64(elements),
    new Uint8Array(16),
    pickle(parts),
  );
const tensors = (shape: Uint8Array, id = int(7), storage = int(1), count = int(1)): Uint8Array =>
  join(pickle(count), pickle(`(${id}${storage}ctorch\nFloatTensor\nt`), shape);

export const tars = attacks([
  ["a whole one", torchTar(), null],
  [
    "a file of 8 GiB",
    tarOf([{ name: "storages", data: new Uint8Array(4), size: "77777777777" }]),
    "byte 0: a file of 8589934591 bytes, but 1536 are left",
  ],
  [
    "a size of 2^95 in base 256",
    tarOf([{ name: "storages", data: new Uint8Array(4), size: `\x80${"\xff".repeat(11)}` }]),
    "byte 0: a file of no bytes, but 1536 are left",
  ],
  [
    "a negative size in base 256",
    tarOf([{ name: "storages", data: new Uint8Array(4), size: "\xff".repeat(12) }]),
    "byte 0: a file of no bytes, but 1536 are left",
  ],
  [
    "a negative size",
    tarOf([{ name: "storages", data: new Uint8Array(4), size: "-0000000001" }]),
    "byte 0: a file of no bytes, but 1536 are left",
  ],
  [
    "a link instead of a file",
    tarOf([
      { name: "storages", data: new Uint8Array(), type: "2" },
      { name: "tensors", data: new Uint8Array(), type: "1" },
    ]),
    "itself is a tar archive without a file 'storages', so it is no PyTorch file",
  ],
  [
    "a name that leads up",
    tarOf([{ name: "../storages", data: storages() }]),
    "byte 0: the file '../storages' leads out of the archive",
  ],
  [
    "an absolute name",
    tarOf([{ name: "/etc/cron.d/x", data: storages() }]),
    "byte 0: the file '/etc/cron.d/x' leads out of the archive",
  ],
  [
    "1,000 files",
    tarOf(Array.from({ length: 1000 }, (_, i) => ({ name: `${i}`, data: new Uint8Array() }))),
    "itself is a tar archive without a file 'storages', so it is no PyTorch file",
  ],
  [
    "a pickle that calls",
    torchTar({ pickle: pickle("cos\nsystem\n(S'touch evil-ran'\ntR") }),
    "byte 13: 'os.system' is refused, since tensors do not need it; nothing was run. In PyTorch, save",
  ],
  [
    "storages that call",
    torchTar({ storages: pickle("cos\nsystem\n(S'touch evil-ran'\ntR") }),
    "byte 13: 'os.system' is refused, since tensors do not need it; nothing was run. In PyTorch, save",
  ],
  [
    "tensors that call",
    torchTar({ tensors: pickle("cos\nsystem\n(S'touch evil-ran'\ntR") }),
    "byte 13: 'os.system' is refused, since tensors do not need it; nothing was run. In PyTorch, save",
  ],
  [
    "2^31 storages",
    torchTar({ storages: storages(4, int(1), int(2 ** 31)) }),
    "itself has 2147483648 for its number of storages, which is 65536 at most",
  ],
  [
    "-1 storages",
    torchTar({ storages: storages(4, int(1), int(-1)) }),
    "itself has -1 for its number of storages, which is 65536 at most",
  ],
  [
    "60,000 storages, of which one is there",
    torchTar({ storages: storages(4, int(1), int(60_000)) }),
    "byte 76: the pickle goes on for 8 bytes, but 0 are there",
  ],
  [
    "a storage of 2^60 elements",
    torchTar({ storages: storages(2n ** 60n) }),
    "byte 52: 1152921504606847000 elements go beyond the file",
  ],
  [
    "a storage of -1 elements",
    torchTar({ storages: storages(-1) }),
    "byte 52: 18446744073709552000 elements go beyond the file",
  ],
  [
    "a part beyond its storage",
    torchTar({ storages: storages(4, int(1), int(1), `((${int(2)}${int(1)}${int(3)}${int(2)}tl`) }),
    "the part 2 is not within its storage",
  ],
  ["-1 axes", torchTar({ tensors: tensors(layout(-1)) }), "byte 47: a tensor has -1 axes, and 64 are the most"],
  [
    "2^31 - 1 axes",
    torchTar({ tensors: tensors(layout(2 ** 31 - 1)) }),
    "byte 47: a tensor has 2147483647 axes, and 64 are the most",
  ],
  [
    "a shape of 2^63",
    torchTar({ tensors: tensors(layout(1, 2n ** 63n, 1, 0)) }),
    "byte 71: a tensor's shape, strides and offset are no lengths",
  ],
  [
    "a view beyond its storage",
    torchTar({ tensors: tensors(layout(1, 4, 1, 1)) }),
    "'w' is float32[4] with strides [1], which is bytes 4 to 20 of a storage of 16",
  ],
  [
    "a tensor that there is not",
    torchTar({ pickle: pickle(`}${text("w")}${text("8")}Qs`) }),
    "byte 16: the persistent id the text '8' is that of no tensor",
  ],
  ...Object.entries({
    "the number of storages": [{ storages: storages(4, int(1), LAUGHS) }, "has a list for its number of storages"],
    "a storage's number": [{ storages: storages(4, LAUGHS) }, "byte 7: a storage has the id a list"],
    "a part's number": [
      { storages: storages(4, int(1), int(1), `((${LAUGHS}${int(1)}${int(0)}${int(1)}tl`) },
      "the part a list is not within its storage",
    ],
    "a part's storage": [
      { storages: storages(4, int(1), int(1), `((${int(2)}${LAUGHS}${int(0)}${int(1)}tl`) },
      "the part 2 is not within its storage",
    ],
    "a tensor's number": [{ tensors: tensors(layout(1, 4, 1, 0), LAUGHS) }, "byte 7: a tensor has the id a list"],
    "a tensor's storage": [
      { tensors: tensors(layout(1, 4, 1, 0), int(7), LAUGHS) },
      "byte 7: a tensor has the id 7 and the storage a list, which is none",
    ],
    "the number of tensors": [
      { tensors: tensors(layout(1, 4, 1, 0), int(7), int(1), LAUGHS) },
      "has a list for its number of tensors",
    ],
    "a persistent id": [{ pickle: pickle(`${LAUGHS}Q`) }, "byte 131: the persistent id a list is that of no tensor"],
  } satisfies Record<string, [Files, string]>).map(
    ([where, [change, refusal]]): Row => [`a billion laughs: ${where}`, torchTar(change), refusal],
  ),
]);
