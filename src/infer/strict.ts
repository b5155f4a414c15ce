import { UserError } from "../graph/error.js";
import { loadError } from "./ort.js";
import { type Unavailable, UnavailableError } from "./provider.js";

/** What is known of a provider whose runtime may leave nodes to the processor. */
export interface StrictTarget {
  readonly name: string;
  /** The processor is not what the runtime falls back to, but what is meant. */
  readonly processor: boolean;
  /** What the runtime's words mean where they are about the provider; null where they are about the model. */
  readonly explain: (message: string) => Unavailable | null;
}

/** Makes a session on which the runtime leaves no node to the processor; where it must, and `strict` does not forbid that, one on
 *  which it may. `create` takes whether every node has to run on the provider, and throws what the runtime says. */
export async function strictFirst<T>(
  create: (only: boolean) => Promise<T>,
  target: StrictTarget,
  strict: boolean,
): Promise<{ readonly session: T; readonly fallback: boolean }> {
  const attempt = (only: boolean): Promise<T> =>
    create(only).catch((e: unknown) => {
      throw refusal(target, e instanceof Error ? e.message : String(e));
    });
  if (target.processor) return { session: await attempt(false), fallback: false };
  try {
    return { session: await attempt(true), fallback: false };
  } catch (e) {
    if (strict || !(e instanceof FallbackError)) throw e;
    return { session: await attempt(false), fallback: true };
  }
}

class FallbackError extends UserError {}

function refusal({ name, explain }: StrictTarget, message: string): UserError {
  const why = explain(message);
  if (why) return new UnavailableError(why);
  if (message.includes("fallback to CPU EP has been explicitly disabled"))
    return new FallbackError(
      `${name} has no kernel for some nodes of the model, and strict forbids to run them on the processor: leave strict out, or choose another device`,
    );
  return loadError(message);
}
