import { UserError } from "../../graph/error.js";
import { quoted } from "./names.js";

/** The bytes ended before the pickle did: where they are the front of a longer file, more of it may help. */
export class EndOfPickle extends UserError {}

/** Python integers longer than this many bytes or digits mean nothing in a checkpoint, and take long to convert. */
const LONGEST_INTEGER = 255;
/** Lines are names, numbers and, in protocol 0, texts. */
const LONGEST_LINE = 65_536;

/** The bytes of a pickle, read in order. Integers are little-endian. */
export class PickleInput {
  private readonly view: DataView;
  private readonly text = new TextDecoder("utf-8", { ignoreBOM: true });
  private readonly strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

  /** `what` is how errors call the file, `at` the first byte, and `origin` the place of byte 0 in that file. */
  constructor(
    readonly bytes: Uint8Array,
    readonly what: string,
    public at = 0,
    private readonly origin = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** An error that names the byte. */
  fail(problem: string, at = this.at): UserError {
    return new UserError(`${this.what}, byte ${this.origin + at}: ${problem}`);
  }

  /** Throws where fewer than `size` bytes are left. */
  require(size: number): void {
    const { at } = this;
    if (size > this.bytes.length - at)
      throw new EndOfPickle(
        `${this.what}, byte ${this.origin + at}: the pickle goes on for ${size} bytes, but ${this.bytes.length - at} are there`,
      );
  }
  /** The place of the next `size` bytes, which are passed over. */
  private pass(size: number): number {
    const { at } = this;
    this.require(size);
    this.at += size;
    return at;
  }

  uint8 = (): number => this.view.getUint8(this.pass(1));
  uint16 = (): number => this.view.getUint16(this.pass(2), true);
  int32 = (): number => this.view.getInt32(this.pass(4), true);
  uint32 = (): number => this.view.getUint32(this.pass(4), true);
  /** Beyond 2^53 it is not exact, but larger than any file. */
  uint64 = (): number => Number(this.view.getBigUint64(this.pass(8), true));
  /** Big-endian, as the format has it. */
  float64 = (): number => this.view.getFloat64(this.pass(8), false);

  take(size: number): Uint8Array {
    const at = this.pass(size);
    return this.bytes.subarray(at, at + size);
  }
  /** Text, which is UTF-8. */
  string(size: number): string {
    const { at } = this;
    const bytes = this.take(size);
    try {
      return this.strict.decode(bytes);
    } catch {
      throw this.fail("a text that is not UTF-8", at);
    }
  }
  /** What Python 2 calls a text: bytes, and UTF-8 as a rule. */
  byteString = (size: number): string => this.text.decode(this.take(size));

  /** Bytes up to the next line feed. */
  private bytesOfLine(): Uint8Array {
    const found = this.bytes.indexOf(10, this.at);
    const end = found < 0 ? this.bytes.length + 1 : found; // without an end it goes beyond the bytes
    if (end - this.at > LONGEST_LINE) throw this.fail(`a line of more than ${LONGEST_LINE} bytes`);
    const line = this.take(end - this.at);
    this.at++;
    return line;
  }
  line = (): string => this.text.decode(this.bytesOfLine());
  latin1Line = (): string => Array.from(this.bytesOfLine(), (b) => String.fromCharCode(b)).join("");

  /** Two's complement. */
  integer(size: number): number | bigint {
    if (size > LONGEST_INTEGER) throw this.fail(`an integer of ${size} bytes`);
    const digits = Array.from(this.take(size), (b) => b.toString(16).padStart(2, "0")).reverse();
    return narrow(BigInt.asIntN(8 * size, BigInt(`0x${digits.join("") || "0"}`)));
  }
  /** In decimal digits, and with an L behind them where Python 2 wrote them. */
  decimal(): number | bigint {
    const text = this.line().replace(/L$/, "");
    if (text.length > LONGEST_INTEGER || !/^-?\d+$/.test(text)) throw this.fail(`${quoted(text)} is no integer`);
    return narrow(BigInt(text));
  }
  /** A number as Python spells it. */
  float(): number {
    const text = this.line();
    const value = Number(text.replace(/inf$/, "Infinity").replace(/^[+-]?nan$/, "NaN"));
    if (Number.isNaN(value) && !text.endsWith("nan")) throw this.fail(`${quoted(text)} is no number`);
    return value;
  }
}

const narrow = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};
