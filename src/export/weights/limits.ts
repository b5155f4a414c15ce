/** Tensors, storages or files of one checkpoint: none has as many. */
export const MOST = 65_536;
/** More axes than this are no tensor of PyTorch's or NumPy's. */
export const MAX_RANK = 64;

export const isLength = (v: unknown): v is number => Number.isSafeInteger(v) && Number(v) >= 0;
export const isLengths = (v: unknown, rank?: number): v is readonly number[] =>
  Array.isArray(v) && v.length === (rank ?? v.length) && v.length <= MAX_RANK && v.every(isLength);
