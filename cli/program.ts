import { CommanderError, Command as Program } from "commander";
import { UserError } from "../src/graph/error.js";
import { VERSION } from "../src/version.js";
import { commands } from "./index.js";
import { consoleIo } from "./io.js";

/** 0 ok, 1 a check failed, 2 unusable input or options, 70 a fault of ours, 130 interrupted. */
const EXIT = { user: 2, fault: 70, interrupted: 130 } as const;

/** How long a command may take to tidy up after Ctrl-C. */
const CLEANUP_MS = 1000;

let exitCode = 0;
const interrupted = new AbortController();
process.on("SIGINT", () => {
  if (interrupted.signal.aborted) return; // npx hands on what the terminal has sent already
  interrupted.abort();
  setTimeout(() => {
    if (exitCode !== EXIT.interrupted) noteInterrupted(); // else the command has said it
    process.exit(EXIT.interrupted);
  }, CLEANUP_MS).unref();
});
process.stdout.on("error", (e: NodeJS.ErrnoException) => {
  if (e.code === "EPIPE") process.exit(0); // the reader has seen enough
});
process.stderr.on("error", () => {}); // nobody reads the progress any more; the work goes on

/** The exit code of the command that the arguments name. */
async function main(): Promise<number> {
  const program = new Program("se-onnx")
    .description("Squeeze-and-Excitation networks as ONNX files")
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("(add --help for the options)");
  const called = Object.hasOwn(commands, process.argv[2] ?? "") ? commands[process.argv[2] ?? ""] : null;
  for (const load of called ? [called] : Object.values(commands)) {
    const command = await load();
    command.define(program, consoleIo(interrupted.signal), (code) => {
      exitCode = code;
    });
  }
  for (const command of program.commands) command.exitOverride().showHelpAfterError("(add --help for the options)");
  await program.parseAsync();
  return exitCode;
}

main()
  .catch(report)
  .then((code) => {
    process.exitCode = code;
  });

const noteInterrupted = (): boolean => process.stderr.write("interrupted: nothing unfinished was put in place\n");

function report(e: unknown): number {
  if (interrupted.signal.aborted) {
    noteInterrupted();
    return EXIT.interrupted;
  }
  if (e instanceof CommanderError) return e.exitCode === 0 ? 0 : EXIT.user; // commander has said why
  if (e instanceof UserError) {
    process.stderr.write(`error: ${e.message}\n`);
    return EXIT.user;
  }
  process.stderr.write(
    `this is a fault of se-onnx; please report it with the command that you gave:\n${e instanceof Error ? e.stack : String(e)}\n`,
  );
  return EXIT.fault;
}
