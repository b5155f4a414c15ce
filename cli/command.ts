import type { Command as Program } from "commander";

/** Where a command writes: results on stdout, progress and notes on stderr. */
export interface Io {
  out(line: string): void;
  note(line: string): void;
  /** A bar for work that may take over half a second; call `done` when it is over, in any case. */
  progress(label: string): Progress;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
export interface Progress {
  update(share: number): void;
  done(): void;
}
/** One command of `se-onnx`: its words, and what it does. The exit code is 0 unless `run` gives another or throws. */
export interface Command {
  define(program: Program, io: Io, exit: (code: number) => void): void;
}
