import { attacks, join, latin1 } from "./attack.js";
import { npz } from "./zips.js";

/** An .npy file of version 1.0 with this header. */
const npy = (header: string, bytes = 16): Uint8Array =>
  npz({
    data: join(
      latin1(`\x93NUMPY\x01\0${String.fromCharCode(header.length & 255, header.length >> 8)}${header}`),
      new Uint8Array(bytes),
    ),
  });
const shaped = (shape: string, descr = "'<f4'", order = "False"): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
export const npys = attacks([
  [
    "an array of objects",
    npy(shaped("(1,)", "'|O'")),
    "holds '|O', which is not one of f4, f8, f2, u1, i1, b1, u2, i2, u4, i4, u8, i8, c8, c16",
  ],
  [
    "a record",
    npy(shaped("(1,)", "[('a', '<f4'), ('b', '|O')]")),
    "holds '', which is not one of f4, f8, f2, u1, i1, b1, u2, i2, u4, i4, u8, i8, c8, c16",
  ],
  [
    "texts",
    npy(shaped("(1,)", "'<U4'")),
    "holds '<U4', which is not one of f4, f8, f2, u1, i1, b1, u2, i2, u4, i4, u8, i8, c8, c16",
  ],
  [
    "an expression for a shape",
    npy(shaped("(__import__('os').system('touch evil-ran'),)")),
    "itself has the shape (__import__('os')",
  ],
  [
    "an expression for a type",
    npy(shaped("(4,)", "__import__('os').system('touch evil-ran')")),
    "holds '', which is not one of f4, f8, f2, u1, i1, b1, u2, i2, u4, i4, u8, i8, c8, c16",
  ],
  ["a shape of -1", npy(shaped("(-1,)")), "itself has the shape (-1,)"],
  [
    "a shape of 2^80",
    npy(shaped("(2, 1208925819614629174706176)")),
    "itself has 2 axes, and 64 of less than 2^53 are the most",
  ],
  [
    "a shape of 10,000 digits",
    npy(shaped(`(${"9".repeat(10_000)},)`)),
    "holds '<f4', which is not one of f4, f8, f2, u1, i1, b1, u2, i2, u4, i4, u8, i8, c8, c16",
  ],
  [
    "a shape whose product is 0 times more than there is",
    npy(shaped(`(${"9007199254740992, ".repeat(30)}0)`), 0),
    "itself has 31 axes, and 64 of less than 2^53 are the most",
  ],
  [
    "1,000 axes",
    npy(shaped(`(${"1, ".repeat(1000)})`), 4),
    "itself has 1000 axes, and 64 of less than 2^53 are the most",
  ],
  [
    "a header of 64 KB that starts many shapes",
    npy("'shape':(".repeat(7000)),
    "holds '', which is not one of f4, f8, f2, u1, i1, b1, u2, i2, u4, i4, u8, i8, c8, c16",
  ],
  [
    "a header that is longer than the file",
    npz({ data: latin1("\x93NUMPY\x01\0\xff\xff{'descr'") }),
    "itself announces a header up to byte 65545, but has 18 bytes",
  ],
  [
    "a header of 2^32 - 1 bytes",
    npz({ data: latin1("\x93NUMPY\x02\0\xff\xff\xff\xff{'descr': '<f4'") }),
    "itself announces a header up to byte 4294967307, but has 27 bytes",
  ],
  ["no header", npz({ data: new Uint8Array() }), 'itself is no .npy file: it does not start with "NUMPY"'],
  [
    "a pickle by the name of an array",
    npz({ data: latin1("\x80\x02cos\nsystem\n.") }),
    'itself is no .npy file: it does not start with "NUMPY"',
  ],
  ["Fortran's order", npy(shaped("(2, 2)", "'<f4'", "True")), null],
]);
