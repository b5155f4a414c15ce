import { afterEach, expect, test, vi } from "vitest";
import { newSetting } from "./setting.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** What is fetched from a network that answers each address as stated, and the tokens that it saw. */
async function fetchFrom(answers: Readonly<Record<string, () => Response>>, source: string) {
  const tokens: string[] = [];
  vi.stubGlobal("fetch", async (url: URL, { headers }: { headers: Record<string, string> }) => {
    tokens.push(`${url.origin}: ${headers.authorization}`);
    const [, answer] = Object.entries(answers).find(([address]) => url.href.startsWith(address)) ?? [];
    return answer?.() ?? new Response(null, { status: 404 });
  });
  const user = await newSetting({ HF_TOKEN: "hf_secret" });
  const outcome = await user.fetch(source).catch((e: Error) => e.message);
  await user.close();
  return { outcome, tokens, notes: user.notes };
}
const leadTo = (location: string) => () => new Response(null, { status: 302, headers: { location } });
const failWith = (code: string) => (): Response => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
};

test("a redirect from https to http is refused before anything is sent there", async () => {
  const { outcome, tokens } = await fetchFrom(
    { "https://huggingface.co/api/": leadTo("http://huggingface.co/api/x") },
    "hf:timm/se",
  );
  expect(outcome).toBe(
    "https://huggingface.co/api/models/timm/se/revision/main leads to http://huggingface.co/api/x, which is not encrypted: that is refused",
  );
  expect(tokens).toEqual(["https://huggingface.co: Bearer hf_secret"]);
});

test.each(["https://cdn.huggingface.co/x", "https://huggingface.co:444/x", "https://huggingface.co.evil.org/x"])(
  "the token is not sent on to %s",
  async (location) => {
    const { tokens } = await fetchFrom({ "https://huggingface.co/api/": leadTo(location) }, "hf:timm/se");
    expect(tokens).toEqual(["https://huggingface.co: Bearer hf_secret", `${new URL(location).origin}: undefined`]);
  },
);

test("an address of the hub that is given as such is sent no token", async () => {
  const { tokens } = await fetchFrom({}, "https://huggingface.co/timm/se/resolve/main/model.safetensors");
  expect(tokens).toEqual(["https://huggingface.co: undefined"]);
});

const [ELSEWHERE, TRUST] = ["check the address and the connection", "NODE_EXTRA_CA_CERTS names a file"];
test.each([
  ["ENOTFOUND", "there is no such host, or no network", ELSEWHERE],
  ["ENETUNREACH", "there is no network", ELSEWHERE],
  ["SELF_SIGNED_CERT_IN_CHAIN", "its certificate is not trusted", TRUST],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "its certificate is not trusted", TRUST],
])("%s is not tried again", async (code, reason, advice) => {
  const { outcome, notes } = await fetchFrom({ "https://host/": failWith(code) }, "https://host/x.pth");
  expect(outcome).toContain(`https://host cannot be reached: ${reason} (${code}): ${advice}`);
  expect(notes).toEqual([]);
});

test.each(["ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"])("%s is tried again", async (code) => {
  const { outcome, notes } = await fetchFrom({ "https://host/": failWith(code) }, "https://host/x.pth");
  expect(outcome).toBe(`x.pth lost the connection (${code}), 4 times in a row: try again later`);
  expect(notes).toHaveLength(3);
});
