/** How one place where people keep weights spells the networks here. */
export interface Zoo {
  /** As `--zoo` takes it. */
  readonly name: string;
  /** Whether a checkpoint with these keys is one of its. */
  readonly marks: (keys: ReadonlySet<string>) => boolean;
  /** From all keys of a checkpoint: our spelling of each. */
  readonly spelling: (keys: ReadonlySet<string>) => (key: string) => string;
  /** The networks that such a checkpoint may be of, the most used first. Those with the same keys and shapes, which files cannot tell apart, share a row. */
  readonly backbones: (keys: ReadonlySet<string>) => Rows;
  /** Pixels on a side beyond which its networks compute something else than those here. */
  readonly largest?: number;
  /** Keys, in our spelling, of what is there for training alone. */
  readonly aside?: RegExp;
}

export type Rows = readonly (readonly string[])[];

/** A part of a key and what stands for it here. */
export type Rule = readonly [theirs: RegExp, ours: string];

/** The rules one after the other. */
export const byRules =
  (rules: readonly Rule[]) =>
  (key: string): string =>
    rules.reduce((spelled, [theirs, ours]) => spelled.replace(theirs, ours), key);

/** Keys as they are. */
export const asTheyAre: Zoo["spelling"] = () => (key) => key;

/** A row of its own for each name. */
export const apart = (...names: readonly string[]): Rows => names.map((name) => [name]);
