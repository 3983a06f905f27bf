import type { Message } from "@axial/hl7";

/** What a message says of an order; `ignored`: it is about something else. */
export type OrderMessage =
  | { readonly status: "placed"; readonly accession: string; readonly stat: boolean }
  | { readonly status: "cancelled"; readonly accession: string }
  | { readonly status: "ignored"; readonly reason: string };

/** Orders (ORM^O01), laboratory-style and imaging orders (OMG^O19, OMI^O23). */
const ORDERS = new Set(["ORM", "OMG", "OMI"]);
/** Order control codes (table 0119): new, changed, status changed; cancelled and discontinued. */
const PLACED = new Set(["NW", "XO", "SC", "SN", "RP"]);
const CANCELLED = new Set(["CA", "OC", "DC", "OD"]);
/** Priorities (table 0485), as systems also write them. */
const STAT = new Set(["S", "STAT"]);
/** AccessionNumber is SH. */
const MAX_ACCESSION = 16;

/** Accession number and priority of an order, from where information systems put them. */
export function readOrder(message: Message): OrderMessage {
  const type = message.text("MSH", 9) ?? "";
  if (!ORDERS.has(type)) return { status: "ignored", reason: "not an order" };
  const accession = firstOf(message, [
    ["IPC", 1], // OMI: accession identifier
    ["OBR", 18], // ORM: placer field 1 (IHE SWF, RAD-4)
    ["OBR", 3], // filler order number
    ["ORC", 3],
  ]);
  if (accession === null || accession.length > MAX_ACCESSION) {
    return { status: "ignored", reason: "no accession number" };
  }
  const control = (message.text("ORC", 1) ?? "NW").toUpperCase();
  if (CANCELLED.has(control)) return { status: "cancelled", accession };
  if (!PLACED.has(control)) return { status: "ignored", reason: "not a change of the order" };
  const priorities = [
    message.text("TQ1", 9),
    message.text("ORC", 7, 6),
    message.text("OBR", 27, 6),
    message.text("OBR", 5),
  ];
  const stat = priorities.some((priority) => STAT.has(priority?.toUpperCase() ?? ""));
  return { status: "placed", accession, stat };
}

function firstOf(
  message: Message,
  places: readonly (readonly [segment: string, field: number])[],
): string | null {
  for (const [segment, field] of places) {
    const value = message.text(segment, field)?.trim();
    if (value) return value;
  }
  return null;
}
