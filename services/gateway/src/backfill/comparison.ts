import type { Comparison, Disagreement, Distribution, Head, ModelPackage } from "@axial/contracts";
import { type ComparedAnswers, readComparedAnswers } from "@axial/store/backfill";
import type { Database } from "@axial/store/database";
import { Agreement } from "./agreement.ts";

/** Studies that one statement reads: their answers are some megabytes. */
const PAGE = 1_000;

interface Compared {
  readonly backfill: string;
  readonly a: ModelPackage;
  readonly b: ModelPackage;
}

/** How far two versions agree over all studies of a backfill, page by page. */
export async function compareVersions(
  db: Database,
  { backfill, a, b }: Compared,
): Promise<Comparison> {
  const agreements = new Map<string, Agreement>();
  let [studies, pairs, onlyA, onlyB] = [0, 0, 0, 0];
  for (let after: string | null = ""; after !== null; ) {
    const page = await readComparedAnswers(db, backfill, { a, b, after, limit: PAGE });
    studies += page.studies;
    for (const answers of page.answers) {
      if (answers.b === null) onlyA += 1;
      else if (answers.a === null) onlyB += 1;
      else pairs += 1;
      for (const [first, second] of pairsOf(answers)) {
        const { name } = first;
        const known = agreements.get(name) ?? new Agreement(name, orderOf(a, name));
        known.add(first, second);
        agreements.set(name, known);
      }
    }
    after = page.next;
  }
  const distributions = [...agreements.values()].map((agreement) => agreement.figures());
  return { a: named(a), b: named(b), studies, pairs, onlyA, onlyB, distributions };
}

/** What both said about the same question. */
function pairsOf({ a, b }: ComparedAnswers): (readonly [Distribution, Distribution])[] {
  return (a ?? []).flatMap((first) => {
    const second = (b ?? []).find(({ name }) => name === first.name);
    return second === undefined ? [] : [[first, second] as const];
  });
}

/** The labels of an ordinal head in their order; null where they have none. */
function orderOf({ heads }: ModelPackage, name: string): readonly string[] | null {
  const head = heads.find((one: Head) => one.name === name && one.ordinal);
  return head === undefined ? null : head.labels.map(({ id }) => id);
}

function named({ id, version }: ModelPackage) {
  return { id, version };
}

interface Page {
  readonly after: string | null;
  readonly limit: number;
  /** Where this server is, for the links. */
  readonly base: string;
}

/** A page of studies: what the two versions label differently. */
export async function readDisagreements(
  db: Database,
  { backfill, a, b }: Compared,
  { after, limit, base }: Page,
): Promise<{ readonly disagreements: Disagreement[]; readonly next: string | null }> {
  const { answers, next } = await readComparedAnswers(db, backfill, { a, b, after, limit });
  const disagreements = answers.flatMap((one) =>
    pairsOf(one)
      .filter(([first, second]) => first.label !== second.label)
      .map(([first, second]) => ({
        ...{ study: one.study, series: one.series, distribution: first.name },
        ...{ a: said(first), b: said(second) },
        links: {
          study: `${base}/api/v1/studies/${one.study}`,
          console: `${base}/console/#/studies/${one.study}`,
        },
      })),
  );
  return { disagreements, next };
}

function said({ label, probability }: Distribution) {
  return { label, probability };
}
