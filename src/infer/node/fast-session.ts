import { UserError } from "../../graph/error.js";
import type { Feeds, Session } from "../session.js";
import { batchIn, imagesOf, joined } from "./batches.js";

/** What a session is made of that runs each batch in the fastest form there is for it. */
export interface FastParts {
  /** As the model itself has them. */
  readonly ports: Pick<Session, "inputs" | "outputs">;
  /** Images that a run on `session` takes; null: any. */
  readonly batch: number | null;
  readonly session: Session;
  /** A batch gives the same as its images one by one. */
  readonly splits: boolean;
  /** The session for another batch; null where it cannot be made. */
  readonly forBatch: (batch: number) => Promise<Session | null>;
  /** The model as it is. */
  readonly usual: () => Promise<Session>;
}

/** Sessions for batches of their own, beside the first, the one for single images and the model as it is. */
const MOST = 2;

/**
 * Runs every batch on sessions for fixed batches. A batch that comes for the second time is given a session of its own, which is made beside; until it is
 * there, and for batches that come once, images are run in the largest batches there are, or one by one. Where that is not the same, on the model
 * as it is. Where there are sessions enough, the one used least recently gives way to a batch that came twice since it was used: not so where
 * batches take turns.
 */
export function fastSession({ ports, batch: own, session: first, splits, forBatch, usual }: FastParts): Session {
  if (own === null) return { ...first, ...ports };
  const sessions = new Map<number, Session>([[own, first]]);
  const asked = new Set<number>();
  /** The run in which a batch came last. */
  const last = new Map<number, number>();
  let runs = 0;
  /** The run that each session was given last: it is its last to end. */
  const given = new Map<Session, Promise<unknown>>();
  const runOn = (n: number, session: Session, feeds: Feeds): Promise<Feeds> => {
    last.set(n, runs);
    const result = session.run(feeds);
    given.set(session, result);
    return result;
  };
  let plain: Promise<Session> | null = null;
  let closed = false;

  const asItIs = (): Promise<Session> => {
    if (closed) throw new UserError("the session is closed");
    plain ??= usual().catch((e: unknown) => {
      plain = null; // the next run tries again
      throw e;
    });
    return plain;
  };
  const prepare = (batch: number): void => {
    if (asked.has(batch)) return;
    asked.add(batch);
    add(batch); // nobody waits for it
  };
  /** Makes room for a batch that came in the run `before` and comes again; false where all are used as lately. */
  const makeRoom = (before: number): boolean => {
    const places = [...asked].filter((n) => n !== 1);
    if (places.length < MOST) return true;
    const [least = 1] = places.filter((n) => sessions.has(n)).sort((a, b) => (last.get(a) ?? 0) - (last.get(b) ?? 0));
    const leaving = sessions.get(least);
    if (least === 1 || !leaving || (last.get(least) ?? 0) > before) return false;
    sessions.delete(least);
    asked.delete(least);
    const end = (): Promise<void> => leaving.close().catch(() => {}); // nobody uses it any more
    Promise.resolve(given.get(leaving)).then(end, end);
    given.delete(leaving);
    return true;
  };
  async function add(batch: number): Promise<void> {
    const made = await forBatch(batch).catch(() => null); // images go on as they did
    if (made && closed) await made.close();
    else if (made) sessions.set(batch, made);
  }
  async function run(feeds: Feeds): Promise<Feeds> {
    const batch = batchIn(feeds);
    const exact = batch === null ? undefined : sessions.get(batch);
    const before = last.get(batch ?? 0);
    last.set(batch ?? 0, ++runs);
    if (batch !== null && exact) return runOn(batch, exact, feeds);
    if (batch === null || batch < 1 || !splits) return (await asItIs()).run(feeds);
    if (batch > 1 && before !== undefined && !asked.has(batch) && makeRoom(before)) prepare(batch);
    if (!sessions.has(1)) prepare(1);
    const plan = sessions.has(1) ? parts(batch, [...sessions.keys()]) : null;
    if (!plan) return (await asItIs()).run(feeds);
    const results = plan.map(({ from, n }) => {
      const session = sessions.get(n);
      return session ? runOn(n, session, imagesOf(feeds, from, n)) : {};
    });
    return joined(await Promise.all(results)) ?? (await asItIs()).run(feeds);
  }

  return {
    ...first,
    ...ports,
    run,
    async placement(feeds) {
      const batch = feeds ? batchIn(feeds) : own;
      return ((batch === null ? undefined : sessions.get(batch)) ?? (await asItIs())).placement(feeds);
    },
    async close() {
      closed = true;
      const all = [...sessions.values(), ...(plain ? [await plain.catch(() => null)] : [])];
      await Promise.all(all.map((s) => s?.close()));
    },
  };
}

/** A batch in the largest ones there are. */
function parts(batch: number, sizes: readonly number[]): readonly { readonly from: number; readonly n: number }[] {
  const largest = sizes.toSorted((a, b) => b - a);
  const out: { from: number; n: number }[] = [];
  for (let from = 0; from < batch; ) {
    const n = largest.find((size) => size <= batch - from) ?? 1;
    out.push({ from, n });
    from += n;
  }
  return out;
}
