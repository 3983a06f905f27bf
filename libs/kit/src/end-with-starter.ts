/**
 * Ends this process, as SIGTERM does, when the process that started it with a channel (`"ipc"` in
 * its stdio) is gone, however it went: nothing else says that it was killed with -9. Without a
 * channel, as under an orchestrator, it does nothing. May be called more than once.
 */
export function endWithStarter(): void {
  if (!process.connected || process.listeners("disconnect").includes(orphaned)) return;
  process.once("disconnect", orphaned);
  // The channel alone is no reason to stay.
  process.channel?.unref();
}

function orphaned(): void {
  process.kill(process.pid, "SIGTERM");
}
