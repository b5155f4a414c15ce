import { UserError } from "../../src/graph/error.js";

/** How far a piece of work has come: 0 to 1, or null where nobody knows. */
export interface Step {
  readonly what: string;
  readonly share: number | null;
}
export type Progress = (step: Step) => void;

/** Work by name: what the page may ask for. */
export type Work = Readonly<Record<string, (ask: never, progress: Progress) => Promise<unknown>>>;

/** What the page sends, and what it gets back: any number of steps, and then an answer or an error. */
export interface Request {
  readonly id: number;
  readonly name: string;
  readonly ask: unknown;
}
export type Reply =
  | { readonly id: number; readonly step: Step }
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: Failure };
export interface Failure {
  readonly message: string;
  /** It is none of the user's making. */
  readonly ours: boolean;
}

/** Answers the page's requests by `work`. */
export function answerBy(work: Work): void {
  const reply = (message: Reply): void => postMessage(message);
  addEventListener("message", async ({ data }: MessageEvent<Request>) => {
    const { id, name, ask } = data;
    try {
      const answer = await work[name]?.(ask as never, (step) => reply({ id, step })); // the page's calls are typed by this very work
      reply({ id, answer });
    } catch (e) {
      const message = e instanceof Error ? e.message : String(e);
      reply({ id, error: { message, ours: !(e instanceof UserError) } });
    }
  });
}
