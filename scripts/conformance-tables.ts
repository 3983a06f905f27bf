import { readFileSync, writeFileSync } from "node:fs";
import {
  COPYING_IMPLEMENTATION_CLASS_UID,
  ERROR_CATALOGUE,
  type ErrorCode,
  OWN_AE_TITLE,
  OWN_IMPLEMENTATION_CLASS_UID,
} from "@axial/contracts";
import { decodableTransferSyntaxes } from "@axial/dicom";
import {
  ARTIM_TIMEOUT_MS,
  BEHIND_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  IMPLEMENTATION_VERSION,
  MAX_ASSOCIATE_BYTES,
  MAX_ASSOCIATIONS,
  MAX_ASSOCIATIONS_PER_TENANT,
  MAX_BUFFERED_BYTES,
  MAX_COMMAND_BYTES,
  MAX_IDENTIFIER_BYTES,
  MAX_PDU_BYTES,
  MAX_PRESENTATION_CONTEXTS,
  MIN_BYTES_PER_IDLE_TIMEOUT,
  STORAGE_COMMITMENT,
  STORE_STATUSES,
  Status,
  VERIFICATION,
} from "@axial/dimse";

/** Writes tables of the conformance statement's DIMSE chapters from what the code goes by. */
const FILE = "docs/CONFORMANCE.md";

const hex = (status: number) => status.toString(16).toUpperCase().padStart(4, "0");
const kilobytes = (bytes: number) =>
  bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`;

/** PS3.2 N.4.2: what is said in every association. */
function identification(): string[] {
  const rows: readonly (readonly [string, string])[] = [
    ["Application Context Name", "1.2.840.10008.3.1.1.1"],
    ["Implementation Class UID", OWN_IMPLEMENTATION_CLASS_UID],
    ["Implementation Version Name", IMPLEMENTATION_VERSION],
    [
      "Implementation Class UID of files that are received and kept",
      COPYING_IMPLEMENTATION_CLASS_UID,
    ],
    ["AE title, unless told", OWN_AE_TITLE],
    ["Maximum length received", `${MAX_PDU_BYTES} bytes`],
    ["Asynchronous operations window", "not negotiated: one operation at a time"],
    ["SOP Class Extended and Common Extended Negotiation, User Identity", "not negotiated"],
  ];
  return [
    "| association | value |",
    "|---|---|",
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
  ];
}

/** Presentation contexts by what brings the association about (PS3.2 N.4.2.1.3, N.4.2.1.4). */
function contexts(): string[] {
  const native = "implicit, explicit VR little endian";
  const rows = [
    ["a peer sends instances", "acceptor", "Storage, as below", "as below", "SCP", "default"],
    ["a peer verifies", "acceptor", VERIFICATION, native, "SCP", "default"],
    ["a peer asks for commitment", "acceptor", STORAGE_COMMITMENT, native, "SCP", "default"],
    [
      "an archive reports a commitment",
      "acceptor",
      STORAGE_COMMITMENT,
      native,
      "SCU",
      "the requestor proposes SCP",
    ],
    [
      "a report is owed to a peer",
      "requestor",
      STORAGE_COMMITMENT,
      native,
      "SCP",
      "SCP is proposed",
    ],
    [
      "a result goes to a `dimse` destination",
      "requestor",
      "SR, Secondary Capture, Encapsulated PDF Storage",
      native,
      "SCU",
      "default",
    ],
    ["its commitment is asked for", "requestor", STORAGE_COMMITMENT, native, "SCU", "default"],
    ["a source is checked", "requestor", VERIFICATION, native, "SCU", "default"],
    ["a source is searched", "requestor", "1.2.840.10008.5.1.4.1.2.2.1", native, "SCU", "default"],
    [
      "a study is pulled by C-MOVE",
      "requestor",
      "1.2.840.10008.5.1.4.1.2.2.2",
      native,
      "SCU",
      "default",
    ],
    [
      "a study is pulled by C-GET",
      "requestor",
      "1.2.840.10008.5.1.4.1.2.2.3",
      native,
      "SCU",
      "default",
    ],
    [
      "its instances come on that association",
      "requestor",
      "Storage, of what is pulled",
      "one context for the uncompressed, one for each compressed",
      "SCP",
      "SCP is proposed",
    ],
  ];
  return [
    "| real-world activity | we are | SOP class | transfer syntaxes | role | role negotiation |",
    "|---|---|---|---|---|---|",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ];
}

function transferSyntaxes(): string[] {
  return [
    "| accepted for storage | UID | pixels |",
    "|---|---|---|",
    ...decodableTransferSyntaxes().map(({ name, uid, codec, lossy }) => {
      const pixels = codec === "native" ? "not compressed" : lossy ? "lossy" : "lossless";
      return `| ${name} | ${uid} | ${pixels} |`;
    }),
  ];
}

function statuses(): string[] {
  const byStatus = Map.groupBy(Object.entries(STORE_STATUSES), ([, status]) => status);
  const said = (codes: readonly (readonly [string, number | undefined])[]) =>
    codes.map(([code]) => `${ERROR_CATALOGUE[code as ErrorCode].title} (\`${code}\`)`).join(" ");
  const rows = [...byStatus].toSorted(([a], [b]) => (a ?? 0) - (b ?? 0));
  return [
    "| status of C-STORE | when |",
    "|---|---|",
    `| ${hex(Status.success)} | stored, already stored with the same content, or Axial's own |`,
    ...rows.map(([status = 0, codes]) => `| ${hex(status)} | ${said(codes)} |`),
    `| ${hex(Status.processingFailure)} | any other failure |`,
  ];
}

function limits(): string[] {
  const rows: readonly (readonly [string, string])[] = [
    ["associations at a time", String(MAX_ASSOCIATIONS)],
    ["of these, of one tenant", String(MAX_ASSOCIATIONS_PER_TENANT)],
    ["presentation contexts of an association", String(MAX_PRESENTATION_CONTEXTS)],
    ["PDU, announced and accepted", kilobytes(MAX_PDU_BYTES)],
    ["A-ASSOCIATE-RQ and -AC", kilobytes(MAX_ASSOCIATE_BYTES)],
    ["command set", kilobytes(MAX_COMMAND_BYTES)],
    ["identifier, or data set of N-ACTION and N-EVENT-REPORT", kilobytes(MAX_IDENTIFIER_BYTES)],
    ["bytes of a data set that wait in memory", kilobytes(MAX_BUFFERED_BYTES)],
    [
      "seconds without A-ASSOCIATE-RQ, or open after the end (ARTIM)",
      String(ARTIM_TIMEOUT_MS / 1_000),
    ],
    ["seconds of silence, between messages", String(IDLE_TIMEOUT_MS / 1_000)],
    ["of a message in that time, at least", kilobytes(MIN_BYTES_PER_IDLE_TIMEOUT)],
    ["seconds that storing an instance may take", String(BEHIND_TIMEOUT_MS / 1_000)],
  ];
  return [
    "| limit of an association | value |",
    "|---|---|",
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
  ];
}

const TABLES: Readonly<Record<string, () => string[]>> = {
  "dimse-identification": identification,
  "dimse-contexts": contexts,
  "dimse-transfer-syntaxes": transferSyntaxes,
  "dimse-statuses": statuses,
  "dimse-limits": limits,
};

const present = readFileSync(FILE, "utf8");
let written = present;
for (const [name, table] of Object.entries(TABLES)) {
  const begin = `<!-- ${name}: written by scripts/conformance-tables.ts -->`;
  const end = `<!-- /${name} -->`;
  const [before, rest] = written.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${FILE} has no ${name}`);
  written = `${before}${[begin, ...table(), end].join("\n")}${after}`;
}
const check = process.argv.includes("--check");
if (check && written !== present) {
  console.error(`${FILE}: tables are old: run \`npm run conformance:tables\``);
  process.exitCode = 1;
}
if (!check) writeFileSync(FILE, written);
