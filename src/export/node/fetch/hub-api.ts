import { hubRefusal } from "./hub-refusal.js";
import type { HubSettings } from "./hub-settings.js";
import { bodyOf, request, shown } from "./request.js";
import { type HubSource, isCommit, staysInside } from "./source.js";
import { persist, type Task, Unavailable } from "./task.js";

export interface Listing {
  readonly commit: string;
  /** Paths of all files of the repository at that commit. */
  readonly files: readonly string[];
}

/** Far more than a list of 10,000 files. */
const MOST = 16 * 2 ** 20;

/** What the revision is now. Throws Unavailable when the hub does not answer or does not let us see it. */
export async function listRepo(source: HubSource, hub: HubSettings, task: Task): Promise<Listing> {
  const { modelInfo } = await import("@huggingface/hub"); // only who asks the hub waits for it
  const answered: typeof fetch = async (address) => {
    const url = new URL(String(address));
    const answer = await request(url, { token: hub.token, headers: { accept: "application/json" } }, task);
    if (answer.status !== 200) {
      await answer.discard();
      throw hubRefusal(source, hub, answer);
    }
    return new Response(await bodyOf(answer, MOST), { headers: answer.headers });
  };
  const info = await persist(source.text, task, () =>
    modelInfo({
      name: source.repo,
      revision: source.revision,
      hubUrl: hub.endpoint,
      additionalFields: ["sha", "filePaths"],
      fetch: answered, // which adds the token itself, where it may go
    }),
  ).catch((e: unknown) => {
    if (e instanceof SyntaxError) throw noHub(hub);
    throw e;
  });
  const files: unknown[] = info.filePaths;
  if (typeof info.sha !== "string" || !isCommit(info.sha)) throw noHub(hub);
  return { commit: info.sha, files: files.filter((name) => typeof name === "string").filter(staysInside) };
}

const noHub = (hub: HubSettings): Unavailable =>
  new Unavailable(
    `${shown(new URL(hub.endpoint))} answers with something other than a model's description: is a proxy between, or HF_ENDPOINT set to what is no hub?`,
  );
