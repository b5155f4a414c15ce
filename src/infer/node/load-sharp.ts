import { UserError } from "../../graph/error.js";

export type SharpFactory = typeof import("sharp").default;

/** The optional package sharp, which reads and writes pictures. Throws a UserError with the install command where it is missing. */
export async function loadSharp(): Promise<SharpFactory> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    throw new UserError(
      `Image files cannot be read without the package sharp (${reasonOf(error)}); bring it with: npm install sharp`,
    );
  }
}

/** The first line of an error's message, without sharp's general prefix. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n")[0]!.replace(/^Input buffer has corrupt header:? ?/, "") || "its header is corrupt";
}
