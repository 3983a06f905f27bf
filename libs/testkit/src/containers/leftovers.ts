import type { ContainerRuntimeClient } from "testcontainers";

type Docker = ContainerRuntimeClient["container"]["dockerode"];

/** Label of every container that tests start: the PID of the process that started it. */
export const RUN_LABEL = "dev.axial.test.pid";

/** Removes containers of test processes on this machine that have ended without removing them. */
export async function removeLeftovers(docker: Docker): Promise<void> {
  const containers = await docker.listContainers({ all: true, filters: { label: [RUN_LABEL] } });
  for (const { Id, Labels } of containers) {
    if (isAlive(Number(Labels[RUN_LABEL]))) continue;
    await docker
      .getContainer(Id)
      .remove({ force: true, v: true })
      .catch((error: { readonly statusCode?: number }) => {
        // Another test process was first.
        if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
      });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
