/** The flags of Node that a worker is given: this process's, as by default; none where one says how code from a string is meant, which a file refuses.
 *  Handed on one by one, those of the engine (--max-old-space-size) would be refused. */
export const workerFlags = (): { readonly execArgv?: string[] } =>
  process.execArgv.some((flag) => flag.startsWith("--input-type")) ? { execArgv: [] } : {};
