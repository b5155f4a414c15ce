import { attacks, latin1 } from "./attack.js";
import { nested } from "./headers.js";

/** An index with this weight_map. */
const index = (map: string): Uint8Array => latin1(`{"metadata": {}, "weight_map": ${map}}`);
const FIRST = "model-00001-of-00002.safetensors";

export const indexes = attacks([
  [
    "a file in the folder above",
    index('{"a": "../model.safetensors"}'),
    "itself is no index of a checkpoint: 'a' is in \"../model.safetensors\", which is no name of a file",
  ],
  [
    "a file in a folder above, spelled for Windows",
    index('{"a": "..\\\\model.safetensors"}'),
    "itself is no index of a checkpoint: 'a' is in \"..\\\\model.safetensors\", which is no name of a file",
  ],
  [
    "an absolute path",
    index('{"a": "/etc/passwd"}'),
    "itself is no index of a checkpoint: 'a' is in \"/etc/passwd\", which is no name of a file beside it",
  ],
  [
    "a drive",
    index('{"a": "C:model.safetensors"}'),
    "itself is no index of a checkpoint: 'a' is in \"C:model.safetensors\", which is no name of a file",
  ],
  [
    "an address",
    index('{"a": "http://localhost/model.safetensors"}'),
    "itself is no index of a checkpoint: 'a' is in \"http://localhost/model.safetensors\", which is no",
  ],
  [
    "a name that ends early",
    index('{"a": "model\\u0000.safetensors"}'),
    "itself is no index of a checkpoint: 'a' is in \"model\\u0000.safetensors\", which is no name of a file",
  ],
  [
    "the folder above",
    index('{"a": ".."}'),
    "itself is no index of a checkpoint: 'a' is in \"..\", which is no name of a file beside it",
  ],
  [
    "no name",
    index('{"a": ""}'),
    "itself is no index of a checkpoint: 'a' is in \"\", which is no name of a file beside it",
  ],
  [
    "a number for a name",
    index('{"a": 1e400}'),
    "itself is no index of a checkpoint: 'a' is in null, which is no name of a file beside it",
  ],
  [
    "a name that moves the cursor",
    index('{"a": "\\u001b[2J"}'),
    "itself is no index of a checkpoint: 'a' is in \"\\u001b[2J\", which is no name of a file beside it",
  ],
  ["itself", index('{"a": "itself"}'), "itself is an index of other files, which cannot be opened from here"],
  ["a file that is not there", index('{"a": "lost.safetensors"}'), "lost.safetensors'"],
  [
    "a pickle that calls",
    index('{"a": "evil-system.pth"}'),
    "'archive/data.pkl' in evil-system.pth, byte 32: 'posix.system' is refused, since tensors do not",
  ],
  [
    "a key that its file has not",
    index(`{"b": "${FIRST}"}`),
    "says that 'b' is in 'model-00001-of-00002.safetensors', but it is not",
  ],
  ["a key twice", index(`{"a": "${FIRST}", "a": "lost.safetensors"}`), "a second key 'a' at byte 73"],
  [
    "__proto__ for a key",
    index(`{"__proto__": "${FIRST}"}`),
    "says that '__proto__' is in 'model-00001-of-00002.safetensors', but it is not",
  ],
  [
    "__proto__ for the map",
    latin1(`{"__proto__": {"weight_map": {"a": "${FIRST}"}}}`),
    "itself is no index of a checkpoint: it is no JSON object with a weight_map",
  ],
  ["a list for the map", index("[]"), "itself is no index of a checkpoint: it is no JSON object with a weight_map"],
  ["a deep map", index(`{"a": ${nested(100_000)}}`), "more than 8 objects and lists inside one another at byte 43"],
  [
    "100,000 keys",
    index(`{${Array.from({ length: 100_000 }, (_, i) => `"${i}":"${FIRST}"`).join()}}`),
    "more than 65536 members of one object or list at byte 2806969",
  ],
  [
    "16 MiB and more",
    () => index(`{}${" ".repeat(2 ** 24)}`),
    "itself is no index of a checkpoint: it has 16777250 bytes",
  ],
  [
    "cut short",
    latin1('{"weight_map": {"a": "'),
    "itself is no index of a checkpoint: it is no JSON object with a weight_map",
  ],
]);
