/** A file that was made to do harm, and what becomes of it. */
export interface Attack {
  /** What it tries. */
  readonly name: string;
  readonly file: () => Uint8Array;
  /** A part of the sentence that refuses it, which says where; a legal file is read, which is null. */
  readonly refusal: string | null;
}
/** One attack in short. */
export type Row = readonly [name: string, file: Uint8Array | (() => Uint8Array), refusal: string | null];

export const attacks = (rows: readonly Row[]): readonly Attack[] =>
  rows.map(([name, file, refusal]) => ({ name, file: typeof file === "function" ? file : () => file, refusal }));

/** Bytes spelled in Latin-1. */
export const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "latin1"));
export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
/** An integer of 8 bytes, little-endian. */
export const int64 = (value: bigint | number): Uint8Array =>
  new Uint8Array(BigInt64Array.of(BigInt.asIntN(64, BigInt(value))).buffer);
