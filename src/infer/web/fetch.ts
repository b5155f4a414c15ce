import { UserError } from "../../graph/error.js";

/** What is at an address, resolved as the page's own links are. Throws a UserError that names the address and says what to look for. */
export async function fetchBlob(url: URL | string): Promise<Blob> {
  const response = await fetch(url).catch((e: unknown) => {
    throw refusal(
      url,
      e instanceof Error ? e.message : String(e),
      "see that the address is right, and that a server of another origin allows this page by Access-Control-Allow-Origin",
    );
  });
  if (!response.ok)
    throw refusal(
      url,
      `the server answers ${response.status} ${response.statusText}`.trimEnd(),
      "see that the file is there",
    );
  if (response.headers.get("Content-Type")?.startsWith("text/html"))
    throw refusal(url, "the server answers with a web page", "see that the file is among those that it serves");
  return response.blob();
}

const refusal = (url: URL | string, reason: string, hint: string): UserError =>
  new UserError(`'${url}' could not be fetched (${reason}): ${hint}`);
