/** Milliseconds of processor time that this process has taken. Limits are set in it, since a busy machine does not make it grow. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
