import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/**
 * Checks what Axial is built from: that every package of the lock file has a licence that Axial may
 * be shipped with, and that npm knows no severe weakness of what is shipped. Where the registry
 * does not answer (`npm audit` needs more than package downloads), it says so and the licences decide.
 */

/** Licences that allow shipping; those of the GPL family only where their code stays a file of its own. */
const ALLOWED = new Set([
  ...["MIT", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0"],
  ...["CC0-1.0", "Unlicense", "Zlib", "Python-2.0", "MPL-2.0", "LGPL-3.0-or-later"],
  // Of fonts, which may be bundled with software and embedded in documents.
  "OFL-1.1",
]);
/** Packages that name their licence only in its file, which a person has read. */
const READ_IN_FILE: Readonly<Record<string, string>> = { "node_modules/png-js": "MIT" };
/** What npm audit calls weak enough to stop a release. */
const SEVERE = ["high", "critical"] as const;
const AUDIT_TIMEOUT_MS = 120_000;

interface LockedPackage {
  readonly license?: string;
  readonly link?: boolean;
}

interface AuditReport {
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
  readonly message?: string;
}

const problems = [...badLicences(), ...weaknesses()];
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function badLicences(): string[] {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, LockedPackage>;
  };
  const foreign = Object.entries(packages).filter(
    ([path, { link }]) => path.includes("node_modules/") && link !== true,
  );
  const bad = foreign.flatMap(([path, { license }]) => {
    const named = license ?? READ_IN_FILE[path] ?? licenceOf(path);
    // An optional package for another platform that is not installed here.
    if (named === null) return [];
    return isAllowed(named) ? [] : [`${path}: the licence ${named} is not on the list`];
  });
  console.log(`licences: ${foreign.length} packages, ${bad.length} problems`);
  return bad;
}

/** From the package itself; null when it is not installed. */
function licenceOf(path: string): string | null {
  const file = `${path}/package.json`;
  if (!existsSync(file)) return null;
  const { license, licenses } = JSON.parse(readFileSync(file, "utf8")) as {
    license?: string;
    licenses?: readonly { readonly type: string }[];
  };
  return license ?? licenses?.map(({ type }) => type).join(" OR ") ?? "(none)";
}

/** An SPDX expression of names, AND and OR: AND needs all of them, OR one. */
function isAllowed(expression: string): boolean {
  const plain = expression.replace(/^\((.*)\)$/, "$1");
  if (plain.includes(" AND ")) return plain.split(" AND ").every(isAllowed);
  return plain.split(" OR ").some((name) => ALLOWED.has(name.trim()));
}

function weaknesses(): string[] {
  const { stdout } = spawnSync("npm", ["audit", "--json", "--omit=dev"], {
    encoding: "utf8",
    timeout: AUDIT_TIMEOUT_MS,
  });
  const report = parsed(stdout);
  const found = report?.metadata?.vulnerabilities;
  if (found === undefined) {
    console.log(`npm audit: the registry does not answer (${report?.message ?? "no report"})`);
    return [];
  }
  console.log(`npm audit: ${JSON.stringify(found)}`);
  return SEVERE.flatMap((level) =>
    (found[level] ?? 0) > 0 ? [`npm audit: ${found[level]} weaknesses are ${level}`] : [],
  );
}

function parsed(text: string | null): AuditReport | null {
  try {
    return JSON.parse(text ?? "") as AuditReport;
  } catch {
    return null;
  }
}
