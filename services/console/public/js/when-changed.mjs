/**
 * Draws only what differs from what was drawn before: a page that is read again and again keeps
 * what is open, and the reader's focus.
 *
 * @template Content
 * @param {(content: Content) => void} draw
 * @returns {(content: Content) => void}
 */
export function whenChanged(draw) {
  let drawn = "";
  return (content) => {
    const key = JSON.stringify(content);
    if (key === drawn) return;
    drawn = key;
    draw(content);
  };
}
