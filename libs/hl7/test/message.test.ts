import { describe, expect, test } from "vitest";
import { FrameReader, frame } from "../src/frames.ts";
import { escapeText, readMessage, unescapeText, writeMessage } from "../src/message.ts";

describe("writeMessage", () => {
  test("puts delimiters of text out of harm's way, and reads them back", () => {
    const nasty = "a|b^c&d~e\\f\ng Müller 山田";
    expect(unescapeText(escapeText(nasty))).toBe(nasty);
    const text = writeMessage([
      { name: "MSH", fields: ["AXIAL", null, ["A", "B"], null] },
      { name: "OBX", fields: [1, "ST", nasty] },
    ]);
    expect(text.split("\r")[0]).toBe("MSH|^~\\&|AXIAL||A^B");
    const message = readMessage(text);
    expect(message?.text("OBX", 3)).toBe(nasty);
    expect(message?.text("MSH", 3)).toBe("AXIAL");
    expect(message?.text("MSH", 5, 2)).toBe("B");
  });

  test("bytes that are not a message are refused", () => {
    expect(readMessage("PID|1")).toBe(null);
    expect(readMessage("MSH#^~\\&#")).toBe(null);
  });
});

describe("FrameReader", () => {
  test("joins what came in pieces, and parts what came together", () => {
    const bytes = Buffer.concat([frame("one"), Buffer.from("noise"), frame("zwei ü")]);
    for (let size = 1; size <= bytes.length; size += 1) {
      const reader = new FrameReader(100);
      const found: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        found.push(...reader.push(bytes.subarray(at, at + size)));
      }
      expect(found).toEqual(["one", "zwei ü"]);
    }
  });

  test("a message without an end is not kept for ever", () => {
    const reader = new FrameReader(10);
    expect(() => reader.push(Buffer.from(`\x0b${"x".repeat(20)}`))).toThrow(RangeError);
  });
});
