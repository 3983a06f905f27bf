import { actionButton, confirmed, saidLine } from "./actions.mjs";
import { get, post } from "./api.mjs";
import { h, table } from "./dom.mjs";
import { count } from "./format.mjs";

/** @type {readonly (readonly [tag: string, name: string])[]} */
const ATTRIBUTES = [
  ["00100020", "Patient ID"],
  ["00100021", "Issuer"],
  ["00100010", "Name"],
  ["00100030", "Birth date"],
  ["00100040", "Sex"],
];
/** @type {readonly (readonly [tag: string, name: string])[]} */
const STUDY_ATTRIBUTES = [
  ...ATTRIBUTES,
  ["00080020", "Study date"],
  ["00080050", "Accession number"],
  ["00081030", "Description"],
];

/**
 * Whose study it is. A held study shows the patients that its images name, for an operator to
 * decide; of another one the patient is shown on request, because each look is audited.
 */
export function patientPanel(study, context) {
  if (study.state === "held" && context.may.operator) return contradiction(study, context);
  const details = h(
    "details",
    { class: "panel" },
    h("summary", {}, "Patient"),
    h("p", { class: "muted" }, "Reading…"),
  );
  details.addEventListener("toggle", () => reveal(details, study, context), { once: true });
  return details;
}

async function reveal(details, { study }, { signal }) {
  const body = details.lastElementChild;
  try {
    const found = await get("/dicom-web/studies", { StudyInstanceUID: study }, { signal });
    body?.replaceWith(
      found.length === 0
        ? h("p", { class: "muted" }, "It was posted as a picture and names no patient.")
        : h("dl", { class: "facts" }, ...found.flatMap((one) => factsOf(one, STUDY_ATTRIBUTES))),
    );
  } catch (error) {
    if (!signal.aborted) body?.replaceWith(h("p", { class: "problem-line" }, error.message));
  }
}

/**
 * @param {Readonly<Record<string, any>>} attributes
 * @param {readonly (readonly [string, string])[]} wanted
 */
function factsOf(attributes, wanted) {
  return wanted
    .map(([tag, name]) => [name, textOf(attributes[tag])])
    .filter(([, value]) => value !== "")
    .map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}

/** DICOM JSON as text (PS3.18 F.2): a name's groups side by side. */
function textOf(attribute) {
  const [value = ""] = attribute?.Value ?? [];
  return typeof value === "object" ? Object.values(value).join(" = ") : `${value}`;
}

function contradiction({ study }, { signal, refresh }) {
  const said = saidLine();
  const list = h("div", {}, h("p", { class: "muted" }, "Reading…"));
  const path = `/api/v1/studies/${study}/resolve`;
  fill().catch((error) => {
    if (!signal.aborted) list.replaceChildren(h("p", { class: "problem-line" }, error.message));
  });

  async function fill() {
    const { patients, contradicting } = await get(path, {}, { signal });
    list.replaceChildren(
      h("p", {}, `Contradicting: ${contradicting.join(", ")}.`),
      table(
        "Patients that the images name",
        [...ATTRIBUTES.map(([, name]) => name), "Images", ""],
        patients.map(({ id, instances, attributes }) => [
          ...ATTRIBUTES.map(([tag]) => textOf(attributes[tag])),
          count(instances),
          [decide(id, "merge"), " ", decide(id, "remove")],
        ]),
      ),
    );
  }

  const decide = (keep, others) =>
    actionButton(
      others === "merge" ? "All are this patient's" : "Remove the others",
      async () => {
        const reason = await confirmed({
          title: "Decide who the patient is",
          text:
            others === "merge"
              ? "All images of the study become this patient's."
              : "The images of the other patients are removed from the study.",
          act: "Decide",
        });
        if (reason === null) return null;
        await post(path, { keep, others });
        await refresh();
        return "It is decided.";
      },
      { said },
    );

  return h(
    "section",
    { class: "panel problem" },
    h("h2", {}, "Its images name more than one patient"),
    said,
    list,
  );
}
