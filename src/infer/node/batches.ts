import type { Feeds, HostArray, HostTensor } from "../session.js";

/** How many images every tensor of `feeds` has; null where they differ or one has no axis. */
export function batchIn(feeds: Feeds): number | null {
  const [first, ...others] = Object.values(feeds).map((t) => t.shape[0]);
  return first !== undefined && others.every((n) => n === first) ? first : null;
}

/** Images [from, from + n) of every tensor, in memory of their own. */
export const imagesOf = (feeds: Feeds, from: number, n: number): Feeds =>
  Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, part(t, from, n)]));

function part({ dtype, shape, data }: HostTensor, from: number, n: number): HostTensor {
  const [images = 1, ...rest] = shape;
  const length = data.length / images;
  return { dtype, shape: [n, ...rest], data: data.slice(from * length, (from + n) * length) };
}

/** Images of several feeds in one; null where they do not go together. */
export function joined(parts: readonly Feeds[]): Feeds | null {
  const [first] = parts;
  if (!first || parts.some((p) => batchIn(p) === null)) return null;
  const out: Record<string, HostTensor> = {};
  for (const name of Object.keys(first)) {
    const tensors = parts.flatMap((p) => p[name] ?? []);
    const whole = tensors.length === parts.length ? joinedTensor(tensors) : null;
    if (!whole) return null;
    out[name] = whole;
  }
  return out;
}

function joinedTensor(tensors: readonly HostTensor[]): HostTensor | null {
  const [first] = tensors;
  if (!first || tensors.some((t) => t.shape.slice(1).join() !== first.shape.slice(1).join())) return null;
  const images = tensors.reduce((n, t) => n + (t.shape[0] ?? 0), 0);
  const make = first.data.constructor as new (length: number) => HostArray; // a typed array's own
  const data = new make(tensors.reduce((n, t) => n + t.data.length, 0));
  let at = 0;
  for (const t of tensors) {
    data.set(t.data as never, at); // of one type, as they are outputs of one name
    at += t.data.length;
  }
  return { dtype: first.dtype, shape: [images, ...first.shape.slice(1)], data };
}
