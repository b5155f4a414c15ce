/** Notes how much memory is asked for at once. */
export interface Allocations {
  /** Bytes of the largest array buffer, typed array, Buffer, list by Array.from or decoded text since the last call. */
  take(): number;
  /** Stops watching. */
  restore(): void;
}
/** Watches from now on. Lists and maps that grow are left to the limit of the heap. */
export function watchAllocations(): Allocations;
/** Bytes that reading a file of `length` may take at once. */
export function allowed(length: number): number;
