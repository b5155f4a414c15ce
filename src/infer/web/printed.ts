/** Where lines go that the runtime prints; null: to the console. */
let lines: string[] | null = null;

/** Starts a build of onnxruntime-web so that `printedBy` sees what it prints, which is how it hands over a profile. It keeps the
 *  `console.log` that it finds when it starts: until then ours stands there, and hands on what others print. */
export async function startListening<T>(start: () => Promise<T>): Promise<T> {
  const { log } = console;
  const listener = (...args: readonly unknown[]): void => {
    if (lines) lines.push(String(args[0]));
    else log.apply(console, [...args]);
  };
  console.log = listener;
  try {
    return await start();
  } finally {
    if (console.log === listener) console.log = log;
  }
}

/** The lines that `work` makes the runtime print. */
export function printedBy(work: () => void): string {
  const kept: string[] = [];
  lines = kept;
  try {
    work();
  } finally {
    lines = null;
  }
  return kept.join("\n");
}
