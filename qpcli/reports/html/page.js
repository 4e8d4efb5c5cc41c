"use strict";
// Sorts a table by the column whose header is pressed; cells say by data-sort what they are sorted by.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const header = button.parentElement;
    const column = header.cellIndex;
    const isDescending = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
    const body = header.closest("table").tBodies[0];
    const value = (row) => {
      const cell = row.cells[column];
      const given = cell.dataset.sort ?? cell.textContent;
      const number = Number(given);
      return given !== "" && Number.isFinite(number) ? number : given;
    };
    const order = (one, other) => {
      const [a, b] = [value(one), value(other)];
      if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
      const compared = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
      return isDescending ? -compared : compared;
    };
    body.append(...[...body.rows].sort(order));
  });
}
// On paper nothing stays folded.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
