import { actionButton, confirmed, saidLine } from "./actions.mjs";
import { post, send } from "./api.mjs";
import { h } from "./dom.mjs";

const FINISHED = ["complete", "complete-with-failures", "failed", "cancelled"];

/** What a person may do with a study: the buttons, and the line that says what came of it. */
export function studyActions(study, { may, refresh }) {
  const said = saidLine();
  const path = `/api/v1/studies/${study.study}`;
  const button = ({ label, question, act, outcome }) =>
    actionButton(
      label,
      async () => {
        const reason = await confirmed({ act: label, ...question });
        if (reason === null) return null;
        await act(reason);
        await refresh();
        return outcome;
      },
      { said },
    );
  const wanted = possible(study, path).filter(({ role, when }) => may[role] && when);
  const element =
    wanted.length === 0
      ? null
      : h("div", { class: "panel actions", "aria-label": "Actions" }, ...wanted.map(button));
  return { said, element };
}

function possible({ state, hold }, path) {
  const finished = FINISHED.includes(state);
  return [
    {
      ...{ label: "Close", role: "sender", when: state === "receiving" },
      question: { title: "Close the study", text: "No more images are waited for; it is planned." },
      act: () => post(`${path}/close`),
      outcome: "It is closed.",
    },
    {
      ...{ label: "Run again", role: "operator", when: finished },
      question: {
        title: "Run the study again",
        text: "It is planned anew. The present answer stays current until the new run has one.",
      },
      act: () => post(`${path}/rerun`),
      outcome: "It runs again.",
    },
    {
      ...{ label: "Cancel", role: "operator", when: !finished },
      question: { title: "Cancel the study", text: "Its unfinished work is dropped." },
      act: () => post(`${path}/cancel`),
      outcome: "It is cancelled.",
    },
    {
      ...{ label: "Hold", role: "admin", when: hold === null },
      question: {
        title: "Put the study under legal hold",
        text: "Retention removes nothing of it, and it cannot be deleted, until the hold is lifted.",
        reason: "required",
      },
      act: (reason) => send("PUT", `${path}/hold`, { reason }),
      outcome: "It is under legal hold.",
    },
    {
      ...{ label: "Lift the hold", role: "admin", when: hold !== null },
      question: { title: "Lift the legal hold", text: "Retention applies again.", reason: "asked" },
      act: (reason) => send("DELETE", withReason(`${path}/hold`, reason)),
      outcome: "The hold is lifted.",
    },
    {
      ...{ label: "Delete", role: "admin", when: hold === null },
      question: {
        title: "Delete the study",
        text: "It disappears with its results. Until it is swept it can be restored.",
        reason: "asked",
      },
      act: (reason) => send("DELETE", withReason(path, reason)),
      outcome: "It is deleted.",
    },
  ];
}

function withReason(path, reason) {
  return reason === "" ? path : `${path}?${new URLSearchParams({ reason })}`;
}
