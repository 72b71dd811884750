// Charts out of the table of numbers below them. Without this script there are the plain pictures and the table.
"use strict";
const table = document.getElementById("numbers"), charts = document.querySelector(".charts");
if (table && charts && window.uPlot) {
  const rows = [...table.tBodies[0].rows].reverse();
  const columns = [...table.tHead.rows[0].cells].map(cell => cell.dataset.column);
  const names = [...table.tHead.rows[0].cells].map(cell => cell.textContent);
  const times = rows.map(row => Number(row.dataset.at));
  const numbers = place => rows.map(row => row.cells[place].dataset.n === undefined ? null : Number(row.cells[place].dataset.n));
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const spoken = new Intl.NumberFormat(charts.dataset.language, { maximumFractionDigits: 3 });
  const clock = new Intl.DateTimeFormat(charts.dataset.language, { timeZone: charts.dataset.zone, day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit" });
  const tick = (from, to) => new Intl.DateTimeFormat(charts.dataset.language, to - from > 3 * 86400
    ? { timeZone: charts.dataset.zone, day: "2-digit", month: "short" } : { timeZone: charts.dataset.zone, hour: "2-digit", minute: "2-digit" });
  const plots = [];
  const draw = figure => {
    const plot = figure.querySelector(".plot"), places = figure.dataset.columns.split(" ").map(column => columns.indexOf(column));
    const strokes = places.length > 1 ? [colour("--accent"), colour("--warn")] : [colour("--accent")];
    const bars = figure.dataset.way === "bars";
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 } };
    const options = {
      width: plot.clientWidth, height: 200, cursor: { sync: { key: "times" } }, legend: { live: true },
      scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.08, bars ? 1 : 0.01)] } },
      axes: [
        { ...axis, values: (_, splits) => { const form = tick(times[0], times.at(-1)); return splits.map(at => form.format(at * 1000)); } },
        { ...axis, size: 60, values: (_, splits) => splits.map(n => spoken.format(n)) },
      ],
      series: [
        { label: names[0], value: (_, at) => at == null ? "–" : clock.format(at * 1000) },
        ...places.map((place, nth) => ({
          label: names[place], stroke: strokes[nth], width: bars ? 0 : 1.5, fill: bars ? strokes[nth] : undefined, spanGaps: false, points: { show: false },
          paths: bars ? uPlot.paths.bars({ size: [0.85] }) : undefined, value: (_, n) => n == null ? "–" : spoken.format(n),
        })),
      ],
    };
    plot.replaceChildren();
    plots.push([new uPlot(options, [times, ...places.map(numbers)], plot), plot]);
  };
  const all = () => { plots.splice(0).forEach(([chart]) => chart.destroy()); document.querySelectorAll("figure[data-columns]").forEach(draw); };
  all();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  addEventListener("resize", () => plots.forEach(([chart, plot]) => chart.setSize({ width: plot.clientWidth, height: 200 })));
}
