import sharp from "sharp";
import type { Calibration } from "./calibration.ts";
import type { Scored } from "./scored.ts";
import { rocOf, type Scores } from "./scores.ts";

const CELL = 44;
const MARGIN = 170;
const ROC = { size: 480, margin: 60, legend: 220 } as const;
const TEXT = 'font-family="sans-serif" font-size="12"';
const CURVES = ["#1b6ca8", "#c8553d", "#3f8f5b", "#8a5fb0", "#b58900", "#0a9396", "#9b2226"];

/** An SVG drawing as PNG. */
export function png(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** The confusion matrix: rows are the truth, darker cells a larger share of their row. */
export function confusionSvg({ confusionMatrix, perClass }: Scores): string {
  const size = MARGIN + CELL * perClass.length + 20;
  const labels = perClass.map(({ label }) => escaped(label));
  const cells = confusionMatrix.flatMap((row, actual) => {
    const support = Math.max(1, perClass[actual]?.support ?? 1);
    return row.map((images, predicted) =>
      cell({ images, share: images / support }, actual, predicted),
    );
  });
  const names = labels.flatMap((label, index) => {
    const at = MARGIN + CELL * index + CELL / 2;
    return [
      `<text x="${MARGIN - 8}" y="${at + 4}" text-anchor="end" ${TEXT}>${label}</text>`,
      `<text transform="translate(${at + 4} ${MARGIN - 8}) rotate(-90)" ${TEXT}>${label}</text>`,
    ];
  });
  return drawing(size, size, [...cells, ...names]);
}

function cell(
  { images, share }: { images: number; share: number },
  actual: number,
  predicted: number,
): string {
  const [x, y] = [MARGIN + CELL * predicted, MARGIN + CELL * actual];
  const ink = share > 0.5 ? "#fff" : "#222";
  const box = `<rect x="${x}" y="${y}" width="${CELL}" height="${CELL}" fill="#1b6ca8"`;
  return (
    `${box} fill-opacity="${share.toFixed(3)}" stroke="#ddd"/>` +
    `<text x="${x + CELL / 2}" y="${y + CELL / 2 + 4}" text-anchor="middle" fill="${ink}" ${TEXT}>` +
    `${images}</text>`
  );
}

/** ROC curves, one label against the rest. */
export function rocSvg(scored: Scored, { perClass }: Scores): string {
  const { size, margin, legend } = ROC;
  const side = size - 2 * margin;
  const frame = square("false positive rate", "true positive rate");
  const curves = perClass.flatMap(({ label, auc }, index) => {
    if (auc === null) return [];
    const colour = CURVES[index % CURVES.length];
    const dash = index >= CURVES.length ? 'stroke-dasharray="5 3"' : "";
    const points = rocOf(scored, index).map(
      ({ falsePositives, truePositives }) =>
        `${(margin + side * falsePositives).toFixed(1)},${(margin + side * (1 - truePositives)).toFixed(1)}`,
    );
    const y = margin + 18 * index;
    return [
      `<polyline points="${points.join(" ")}" fill="none" stroke="${colour}" stroke-width="1.5" ${dash}/>`,
      `<path d="M${size} ${y}h24" stroke="${colour}" stroke-width="2" ${dash}/>`,
      `<text x="${size + 30}" y="${y + 4}" ${TEXT}>${escaped(label)} ${auc.toFixed(3)}</text>`,
    ];
  });
  return drawing(size + legend, Math.max(size, margin + 18 * perClass.length), [frame, ...curves]);
}

/** What was said against what was right, a bar for each bin of the winning probability. */
export function calibrationSvg({ calibration }: Calibration): string {
  const { size, margin } = ROC;
  const side = size - 2 * margin;
  const total = Math.max(1, ...calibration.map(({ count }) => count));
  const bars = calibration.map(({ from, to, accuracy, confidence, count }) => {
    const [x, width, height] = [margin + side * from, side * (to - from), side * accuracy];
    const opacity = (0.25 + (0.75 * count) / total).toFixed(2);
    return (
      `<rect x="${x.toFixed(1)}" y="${(margin + side - height).toFixed(1)}" width="${width.toFixed(1)}" ` +
      `height="${height.toFixed(1)}" fill="#1b6ca8" fill-opacity="${opacity}" stroke="#fff">` +
      `<title>${count} images, said ${confidence.toFixed(3)}, right ${accuracy.toFixed(3)}</title></rect>`
    );
  });
  const even = `<path d="M${margin} ${margin + side}L${margin + side} ${margin}" stroke="#c8553d"/>`;
  return drawing(size, size, [...bars, square("winning probability", "share right"), even]);
}

/** A square with a diagonal and words at its axes, from 0 to 1. */
function square(across: string, up: string): string {
  const { size, margin } = ROC;
  const side = size - 2 * margin;
  const end = margin + side;
  return (
    `<rect x="${margin}" y="${margin}" width="${side}" height="${side}" fill="none" stroke="#888"/>` +
    `<path d="M${margin} ${end}L${end} ${margin}" stroke="#ccc"/>` +
    `<text x="${margin}" y="${end + 16}" text-anchor="middle" ${TEXT}>0</text>` +
    `<text x="${end}" y="${end + 16}" text-anchor="middle" ${TEXT}>1</text>` +
    `<text x="${size / 2}" y="${size - 20}" text-anchor="middle" ${TEXT}>${across}</text>` +
    `<text transform="translate(24 ${size / 2}) rotate(-90)" text-anchor="middle" ${TEXT}>${up}</text>`
  );
}

function drawing(width: number, height: number, parts: readonly string[]): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}"><rect width="100%" height="100%" fill="#fff"/>${parts.join("")}</svg>`
  );
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
