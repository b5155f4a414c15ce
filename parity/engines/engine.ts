import type { Capabilities } from "selenium-webdriver";

/** A browser other than the one of npm test, driven by the WebDriver protocol (https://www.w3.org/TR/webdriver2/). */
export interface Engine {
  readonly name: string;
  /** Whose engine it shares. */
  readonly family: string;
  /** Programs that have to be there: any one of each list, by name on PATH or by absolute path. */
  readonly programs: readonly (readonly string[])[];
  /** A sentence that brings them. */
  readonly install: string;
  /** The driver among `programs`, and what it takes to listen on a port. */
  command(programs: readonly string[], port: number): readonly [program: string, ...args: readonly string[]];
  /** What asks the driver for a browser whose downloads go to `downloads` and whose requests to other machines go to the proxy at `proxy` ("host:port"). */
  capabilities(programs: readonly string[], downloads: string, proxy: string): Capabilities;
}
