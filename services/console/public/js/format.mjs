import { h } from "./dom.mjs";

const NUMBER = new Intl.NumberFormat("en");
const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export const count = (value) => NUMBER.format(value);
export const percent = (share) => `${(share * 100).toFixed(share > 0.0995 ? 0 : 1)} %`;

/** Milliseconds as a person reads them. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 90_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Bytes, in the decimal units of disks. */
export function bytes(value) {
  if (value < 1e9) return `${(value / 1e6).toFixed(1)} MB`;
  return `${(value / 1e9).toFixed(value < 1e10 ? 1 : 0)} GB`;
}

export const plural = (value, noun) => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A moment: how long ago or in how long, the full time on hover. */
export function moment(iso) {
  if (iso === null) return h("span", { class: "muted" }, "–");
  const at = new Date(iso);
  const ago = Date.now() - at.getTime();
  return h("time", { datetime: iso, title: TIME.format(at) }, distance(ago) ?? TIME.format(at));
}

/** Null for more than a day; clocks that differ by a second make nothing "in the future". */
function distance(ago) {
  if (Math.abs(ago) > 86_400_000) return null;
  const seconds = Math.round(Math.abs(ago) / 1000) * 1000;
  const span = seconds < 90_000 ? `${seconds / 1000} s` : duration(seconds);
  return ago < -1_000 ? `in ${span}` : `${span} ago`;
}

/** A UID: its end tells studies apart, so the middle is left out. */
export function uid(value) {
  const short = value.length > 30 ? `${value.slice(0, 12)}…${value.slice(-14)}` : value;
  return h("code", { title: value }, short);
}

/** @type {Readonly<Record<string, string>>} */
const STATE_TONES = {
  complete: "good",
  done: "good",
  dead: "bad",
  cancelled: "muted",
  refused: "warn",
  receiving: "info",
  closed: "info",
  active: "info",
};

export function badge(text, tone = STATE_TONES[text] ?? "muted") {
  return h("span", { class: `badge ${tone}` }, text);
}

/** @type {Readonly<Record<string, string>>} */
const EVIDENCE_TONES = { synthetic: "bad", research: "warn", validated: "good" };

export function evidenceBadge(evidence, statement) {
  const mark = badge(evidence, EVIDENCE_TONES[evidence]);
  mark.title = statement;
  return mark;
}

/** A label's id or a metric's name in words. */
export const words = (text) =>
  text
    .replaceAll(/[-_]/g, " ")
    .replaceAll(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);
