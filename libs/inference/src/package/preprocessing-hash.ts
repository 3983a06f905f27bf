import { createHash } from "node:crypto";
import type { ModelPackage } from "@axial/contracts";

/**
 * SHA-256 over everything that decides which pixels the network sees, as canonical JSON (keys
 * sorted): equal hashes mean equal preprocessing (invariant 10).
 */
export function preprocessingHash({ input, preprocessing, slices }: ModelPackage): string {
  return createHash("sha256").update(canonical({ input, preprocessing, slices })).digest("hex");
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
