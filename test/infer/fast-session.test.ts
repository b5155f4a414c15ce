import { expect, test } from "vitest";
import { f32 } from "../../src/graph/type.js";
import { fastSession } from "../../src/infer/node/fast-session.js";
import type { Feeds, Session } from "../../src/infer/session.js";

const images = (n: number): Feeds => ({
  x: { dtype: "float32", shape: [n, 1], data: Float32Array.from({ length: n }, (_, i) => i) },
});
const ports = { inputs: [{ name: "x", type: f32("N", 1) }], outputs: [{ name: "x", type: f32("N", 1) }] };

/** A session that gives back what it is fed, and notes what is done with it; closed while it runs it would fail. */
function noting(batch: number, log: string[]): Session {
  let running = 0;
  return {
    ...ports,
    provider: "cpu",
    run: async (feeds: Feeds) => {
      running++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return feeds;
    },
    close: async () => {
      log.push(running ? `${batch} closed while it ran` : `${batch} closed`);
    },
  } as unknown as Session; // as much of one as is used
}

function session(log: string[]) {
  return fastSession({
    ports,
    batch: 1,
    session: noting(1, log),
    splits: true,
    forBatch: async (n) => {
      log.push(`${n} made`);
      return noting(n, log);
    },
    usual: async () => noting(0, log),
  });
}
async function run(on: Session, ...batches: readonly number[]): Promise<void> {
  for (const n of batches) expect((await on.run(images(n))).x?.shape).toEqual([n, 1]);
}

test("the batch used least recently gives way to one that came twice since", async () => {
  const log: string[] = [];
  const fast = session(log);
  await run(fast, 3, 3, 2, 2);
  expect(log).toEqual(["3 made", "2 made"]);
  await run(fast, 4, 4); // in parts of 3 and 1 at first
  expect(log).toEqual(["3 made", "2 made", "4 made", "2 closed"]);
  await run(fast, 3, 4, 2);
  expect(log).toHaveLength(4);
  await fast.close();
});

test("batches that take turns change no places", async () => {
  const log: string[] = [];
  const fast = session(log);
  await run(fast, 2, 3, 4, 2, 3, 4, 2, 3, 4, 2, 3, 4);
  expect(log).toEqual(["2 made", "3 made"]);
  await fast.close();
});

test("a session that gives way ends what it runs first", async () => {
  const log: string[] = [];
  const fast = session(log);
  await run(fast, 2, 2, 3, 3, 4, 2);
  await Promise.all([3, 2, 4, 4].map((n) => run(fast, n)));
  await Promise.all([2, 4, 5, 5, 5].map((n) => run(fast, n)));
  await fast.close();
  expect(log.filter((line) => line.includes("while"))).toEqual([]);
  expect(log.filter((line) => line === "3 closed")).toHaveLength(1);
});
