"use strict";

// Plots: figures come as JSON; var(--name) stands for a colour of the style sheet, so that plots follow the theme.
const figures = JSON.parse(document.getElementById("figures").textContent);

function resolved(value, style) {
  if (typeof value === "string") {
    const name = /^var\((--[a-z-]+)\)$/.exec(value);
    return name ? style.getPropertyValue(name[1]).trim() : value;
  }
  if (Array.isArray(value)) return value.map((item) => resolved(item, style));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, style)]));
  }
  return value;
}

function themed(layout, style) {
  const ink = style.getPropertyValue("--ink").trim();
  const line = style.getPropertyValue("--line").trim();
  const axis = (own) => ({
    gridcolor: line, linecolor: line, zerolinecolor: style.getPropertyValue("--ink-soft").trim(), fixedrange: true, ...own,
  });
  return {
    ...layout,
    autosize: true,
    dragmode: false,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "system-ui, sans-serif", size: 12, color: ink },
    hoverlabel: { align: "left", font: { family: "system-ui, sans-serif" } },
    xaxis: axis(layout.xaxis),
    yaxis: axis(layout.yaxis),
  };
}

function draw(element, width) {
  const style = getComputedStyle(document.documentElement);
  const figure = resolved(figures[element.id], style);
  const layout = { ...themed(figure.layout, style), height: element.clientHeight };
  if (width) layout.width = width;
  const options = { responsive: !width, displayModeBar: false, displaylogo: false };
  return Plotly.react(element, figure.data, layout, options);
}

const plots = [...document.querySelectorAll(".plot")];
plots.forEach((element) => draw(element));
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => plots.forEach((element) => draw(element)));

// Sorting: a click on a heading sorts its table by that column, a second one the other way round.
function sortKey(cell, numeric) {
  if (cell.dataset.sort !== undefined) return Number(cell.dataset.sort);
  return numeric ? null : cell.firstChild ? cell.firstChild.textContent.trim().toLowerCase() : "";
}

function sortBy(heading) {
  const table = heading.closest("table");
  const index = heading.cellIndex;
  const numeric = heading.classList.contains("number");
  const before = heading.getAttribute("aria-sort");
  const descending = before ? before === "ascending" : numeric;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [sortKey(row.cells[index], numeric), row]);
  rows.sort(([first], [second]) => {
    if (first === null || second === null) return (first === null) - (second === null);
    const order = typeof first === "number" && typeof second === "number"
      ? first - second : String(first).localeCompare(String(second), "en", { numeric: true });
    return descending ? -order : order;
  });
  body.append(...rows.map(([, row]) => row));
  for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
}

for (const table of document.querySelectorAll("table.sortable")) {
  for (const heading of table.tHead.rows[0].cells) {
    heading.querySelector("button").addEventListener("click", () => sortBy(heading));
  }
}

for (const button of document.querySelectorAll("button[data-open]")) {
  button.addEventListener("click", () => {
    for (const item of document.querySelectorAll("details.delivery")) item.open = button.dataset.open === "true";
  });
}

// A link to something inside a closed part opens it.
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
}
addEventListener("hashchange", openTarget);
openTarget();

// Paper: everything open, plots as wide as the page.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open], .replies)")];
  for (const item of closed) item.open = true;
  for (const element of plots) draw(element, element.closest(".grid") ? 330 : 690);
});
addEventListener("afterprint", () => {
  for (const item of closed) item.open = false;
  plots.forEach((element) => draw(element));
});
