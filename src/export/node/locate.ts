import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, relative } from "node:path";
import { UserError } from "../../graph/error.js";

/**
 * The path of external data, which lives in the model's folder or below: a name or a symbolic link that leads out of it is refused. Where the
 * model itself is a link, the folder it leads to counts as well, since download caches keep both as links into one folder.
 */
export async function locate(model: string, location: string): Promise<string> {
  const path = join(dirname(model), location);
  const refusal = new UserError(`tensors in '${location}' are refused, since that is outside the model's folder`);
  if (isAbsolute(location) || leadsOut(normalize(location))) throw refusal;
  const real = await realpath(path).catch(() => null);
  if (!real) return path; // there is no such file: opening it says so
  const folders = [await realpath(dirname(model)), dirname(await realpath(model))];
  if (folders.every((folder) => leadsOut(relative(folder, real)))) throw refusal;
  return path;
}
const leadsOut = (path: string): boolean => isAbsolute(path) || path.split(/[\\/]/)[0] === "..";
