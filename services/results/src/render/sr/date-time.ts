import type { Attributes } from "@axial/dicom";
import type { Report } from "../report/report.ts";
import { utcOffsetMinutes } from "../report/valid-values.ts";

/** DA and TM of a moment. */
interface DateAndTime {
  readonly date: string;
  readonly time: string;
}

/**
 * When the report was made, on the clock of its images: TimezoneOffsetFromUTC holds for every time
 * of an object (PS3.3 section C.12.1.1.8), the study's included. Where the images name no offset
 * neither does the report, and its times are local to this process.
 */
export function issuedAt({
  issuedAt: at,
  tags,
}: Pick<Report, "issuedAt" | "tags">): DateAndTime & { readonly offset: Attributes } {
  const offset = utcOffsetMinutes(tags);
  const minutes = offset ?? -at.getTimezoneOffset();
  const [date = "", time = ""] = new Date(at.getTime() + minutes * 60_000).toISOString().split("T");
  return {
    date: date.replaceAll("-", ""),
    time: time.slice(0, 8).replaceAll(":", ""),
    offset: offset === null ? {} : { TimezoneOffsetFromUTC: written(offset) },
  };
}

function written(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const digits = [hours, rest].map((number) => String(number).padStart(2, "0")).join("");
  return `${minutes < 0 ? "-" : "+"}${digits}`;
}
