import { choose, UserError } from "../graph/error.js";
import { type CreateOptions, type Provider, sentence } from "./provider.js";
import type { Attempt, Session } from "./session.js";

/** A provider's name ("cuda", or "cuda:1" for the second such device), "auto", "gpu", or several of them by preference, as a list or
 *  with commas between: the first that works runs the model. */
export type Device = string | readonly string[];

/** The execution providers of one runtime, and what the names that stand for several mean. */
export interface Providers {
  readonly all: readonly Provider[];
  /** Those worth trying unasked, best first. */
  readonly auto: readonly string[];
  /** Those that compute on a graphics processor, best first. */
  readonly gpu: readonly string[];
}

/** One device that may run a model. */
export interface Candidate {
  /** As it was named. */
  readonly device: string;
  readonly provider: Provider;
  readonly index: number | undefined;
  /** It stands behind "auto" or "gpu", so that passing it by is choosing, not falling back. */
  readonly offered: boolean;
}

/** The devices meant, best first. Throws a UserError where a name is none of a device. */
export function candidates(device: Device, providers: Providers): readonly Candidate[] {
  const names = (typeof device === "string" ? device.split(",") : device).map((name) => name.trim());
  if (!names.length)
    throw new UserError(
      `no device is named: give ${known(providers)
        .map((k) => k.name)
        .join(", ")}`,
    );
  const found = names.flatMap((name) => {
    if (name === "auto" || name === "gpu") return providers[name].map((n) => candidate(n, providers, true));
    return [candidate(name, providers, false)];
  });
  return found.filter((c, i) => found.findIndex((other) => other.device === c.device) === i);
}

/** Makes a session on the first device that works, and keeps why those before it do not. Under `strict` only one is meant: the first
 *  that is named, or the first available behind "auto" and "gpu", and it has to run every node. Throws a UserError that says of each
 *  device why it does not work. */
export async function createOn(
  model: string | Uint8Array,
  devices: readonly Candidate[],
  options: Omit<CreateOptions, "index">,
): Promise<Session> {
  const tried: Attempt[] = [];
  for (const { device: name, provider, index, offered } of devices) {
    if (options.strict && offered) {
      const available = await provider.available();
      if (available !== true) {
        tried.push({ device: name, reason: sentence(available) });
        continue;
      }
    }
    try {
      return { ...(await provider.create(model, { ...options, index })), tried };
    } catch (e) {
      if (!(e instanceof UserError)) throw e;
      tried.push({ device: name, reason: e.message });
      if (options.strict) break;
    }
  }
  throw new UserError(refusal(tried, devices.slice(tried.length)));
}

function candidate(device: string, providers: Providers, offered: boolean): Candidate {
  const [, name = device, digits] = /^(.*):(\d+)$/.exec(device) ?? [];
  const provider = choose("device", name, known(providers));
  if (!("create" in provider) || (digits && !provider.indexed))
    throw new UserError(`the device '${device}' is given a number, but '${name}' takes none: give '${name}'`);
  return { device, provider, index: digits ? Number(digits) : undefined, offered };
}

const known = ({ all }: Providers): readonly (Provider | { readonly name: string })[] => [
  ...all,
  { name: "auto" },
  { name: "gpu" },
];

/** `left`: devices that strict forbids to try. */
function refusal(tried: readonly Attempt[], left: readonly Candidate[]): string {
  const reasons = [...new Set(tried.map((t) => t.reason))];
  const named = tried.map(({ device, reason }) => (reason.startsWith(`${device} `) ? reason : `${device}: ${reason}`));
  const why = reasons.length < 2 ? reasons.join() : `no device works: ${named.join("; ")}`;
  return left.length ? `${why}; strict tries no other (${left.map((c) => c.device).join(", ")})` : why;
}
