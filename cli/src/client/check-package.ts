import { asAxialError } from "@axial/contracts";
import { loadModelPackage, openSession, verifyGolden } from "@axial/inference";

export interface PackageCheck {
  /** Id and version. */
  readonly model: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly detail?: string;
}

/** Verifies the package in `folder`: schema, checksum, graph and golden outputs. */
export async function checkPackage(folder: string): Promise<PackageCheck> {
  const model = folder.split("/").slice(-2).join(" ");
  try {
    const loaded = await loadModelPackage(folder);
    const session = await openSession(loaded, { providers: ["cpu"], threads: 2 });
    try {
      await verifyGolden(session, loaded);
    } finally {
      await session.close();
    }
    return { model, ok: true };
  } catch (thrown) {
    const error = asAxialError(thrown, "invalid-model");
    return { model, ok: false, code: error.code, detail: error.message };
  }
}
