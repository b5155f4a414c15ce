const whole = new Intl.NumberFormat("en");
const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** 28071976 -> "28,071,976". */
export const count = (n: number): string => whole.format(n);
/** 4091699200 -> "4.09B". */
export const brief = (n: number): string => short.format(n);
/** 112345678 -> "107.1 MiB". */
export const mebibytes = (n: number): string => `${(n / 2 ** 20).toFixed(1)} MiB`;
/** 0.0984 -> "9.84%". */
export const percent = (share: number, digits = 2): string => `${(100 * share).toFixed(digits)}%`;
/** 12.345 -> "12.3 ms", 1234 -> "1.23 s". */
export const duration = (ms: number): string =>
  ms < 1000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(2)} s`;

/** With a full stop, and a capital letter unless it begins with the name of a file. */
export const sentence = (words: string): string =>
  `${words.replace(/^[a-z]+(?=[ ,])/, (word) => word.charAt(0).toUpperCase() + word.slice(1))}${/[.!?]$/.test(words) ? "" : "."}`;

export const plural = (n: number, thing: string): string => `${n} ${thing}${n === 1 ? "" : "s"}`;

/** Where a model ran. */
export const deviceName = (provider: string, threads: number): string =>
  provider === "wasm" ? `WASM (${plural(threads, "thread")})` : "WebGPU";
