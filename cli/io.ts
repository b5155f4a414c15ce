import type { Io, Progress } from "./command.js";

/** Work shorter than this goes without a bar. */
const QUIET_MS = 500;
/** How often a bar is drawn on a terminal, and how often a line is written elsewhere. */
const TERMINAL_MS = 100;
const LOG_MS = 2000;

export function consoleIo(signal: AbortSignal): Io {
  return {
    signal,
    out: (line) => process.stdout.write(`${line}\n`),
    note: (line) => process.stderr.write(`${line}\n`),
    progress,
  };
}

function progress(label: string): Progress {
  const { isTTY } = process.stderr;
  const started = performance.now();
  let last = started + QUIET_MS - (isTTY ? TERMINAL_MS : LOG_MS);
  let drawn = false;
  return {
    update(share) {
      const now = performance.now();
      if (now - started < QUIET_MS || now - last < (isTTY ? TERMINAL_MS : LOG_MS)) return;
      last = now;
      drawn = true;
      const percent = `${Math.floor(100 * Math.min(1, share))}%`.padStart(4);
      process.stderr.write(
        isTTY ? `\r${label} ${percent} ${"#".repeat(Math.round(share * 30)).padEnd(30, ".")}` : `${label} ${percent}\n`,
      );
    },
    done() {
      if (drawn && isTTY) process.stderr.write("\r\x1b[K");
    },
  };
}
