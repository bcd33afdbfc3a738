const canvas = document.getElementById("map"), pen = canvas.getContext("2d"), tip = document.getElementById("tip");
const find = document.getElementById("find"), {rows, names, cell, across} = DATA;
const atlas = new Image(); let ready = false, words = "", hovered = -1;
if (DATA.atlas) { atlas.onload = () => { ready = true; draw(); }; atlas.src = DATA.atlas; }
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const color = k => names[k] ? `hsl(${(k * 137.5) % 360} 55% 55%)` : "#8a94a6";
const labels = names.map((name, k) => {
  const mine = rows.filter(r => r[3] === k), middle = i => mine.map(r => r[i]).sort((a, b) => a - b)[mine.length >> 1];
  return {name: name.replaceAll("_", " "), n: mine.length, x: middle(0), y: middle(1)};
}).filter(l => l.name && l.n > 2).sort((a, b) => b.n - a.n);
let scale = 1, ox = 0, oy = 0, wide = 1, high = 1, queued = false, moved = false;
const sx = r => ox + r[0] * scale, sy = r => oy + (1 - r[1]) * scale;
function fit() { moved = false; scale = Math.min(wide, high) * 0.9; ox = (wide - scale) / 2; oy = (high - scale) / 2; draw(); }
function draw() { if (!queued) { queued = true; requestAnimationFrame(paint); } }
function paint() {
  queued = false;
  const ratio = devicePixelRatio || 1; pen.setTransform(ratio, 0, 0, ratio, 0, 0); pen.clearRect(0, 0, wide, high);
  const side = Math.max(40, Math.min(cell, 0.055 * scale)), taken = new Set(), pictures = [];
  const crowd = (x, y) => { const i = Math.floor(x / side), j = Math.floor(y / side);
    for (let a = -1; a < 2; a++) for (let b = -1; b < 2; b++) for (const p of grid.get((i + a) + "," + (j + b)) || [])
      if (Math.abs(p[0] - x) < side && Math.abs(p[1] - y) < side) return true; return false; };
  const grid = new Map();
  rows.forEach((r, i) => {
    const x = sx(r), y = sy(r);
    if (x < -side || y < -side || x > wide + side || y > high + side) return;
    const lit = !words || r[4].toLowerCase().includes(words);
    if (ready && r[2] >= 0 && lit && !crowd(x, y)) {
      const key = Math.floor(x / side) + "," + Math.floor(y / side); grid.set(key, [...(grid.get(key) || []), [x, y]]); pictures.push(i);
    } else { pen.globalAlpha = lit ? 0.75 : 0.12; pen.fillStyle = color(r[3]); pen.beginPath(); pen.arc(x, y, words && lit ? 4 : 2.5, 0, 7); pen.fill(); }
  });
  pen.globalAlpha = 1;
  for (const i of pictures) { const r = rows[i], k = r[2];
    pen.drawImage(atlas, (k % across) * cell, Math.floor(k / across) * cell, cell, cell, sx(r) - side / 2, sy(r) - side / 2, side, side); }
  pen.font = "600 12px system-ui, sans-serif"; pen.textAlign = "center"; pen.lineWidth = 4; pen.lineJoin = "round";
  const boxes = [];
  for (const l of labels) {
    const x = sx([l.x, l.y]), y = sy([l.x, l.y]) - side / 2 - 2, w = pen.measureText(l.name).width / 2 + 6;
    if (boxes.some(b => Math.abs(b[0] - x) < b[2] + w && Math.abs(b[1] - y) < 18)) continue;
    boxes.push([x, y, w]); pen.strokeStyle = css("--page"); pen.strokeText(l.name, x, y); pen.fillStyle = css("--ink"); pen.fillText(l.name, x, y);
  }
  if (hovered >= 0) { pen.strokeStyle = css("--accent"); pen.lineWidth = 2; pen.beginPath(); pen.arc(sx(rows[hovered]), sy(rows[hovered]), side / 2, 0, 7); pen.stroke(); }
}
function zoom(factor, x, y) { moved = true; const s = Math.min(1e6, Math.max(60, scale * factor)); ox = x - (x - ox) * s / scale; oy = y - (y - oy) * s / scale; scale = s; draw(); }
function hover(x, y, px, py) {
  let best = -1, far = 26 * 26;
  rows.forEach((r, i) => { const d = (sx(r) - x) ** 2 + (sy(r) - y) ** 2; if (d < far) { far = d; best = i; } });
  if (best !== hovered) { hovered = best; draw(); }
  tip.hidden = best < 0; if (best < 0) return;
  const r = rows[best], b = document.createElement("b"), s = document.createElement("span");
  b.textContent = r[4]; s.textContent = [names[r[3]], r[5]].filter(Boolean).join(" · "); tip.replaceChildren(b, s);
  tip.style.left = Math.min(px + 14, innerWidth - tip.offsetWidth - 8) + "px"; tip.style.top = Math.min(py + 14, innerHeight - tip.offsetHeight - 8) + "px";
}
const touches = new Map();
canvas.addEventListener("pointerdown", e => { touches.set(e.pointerId, [e.offsetX, e.offsetY]); canvas.setPointerCapture(e.pointerId); canvas.classList.add("drag"); });
canvas.addEventListener("pointermove", e => {
  const old = touches.get(e.pointerId); if (!old) return hover(e.offsetX, e.offsetY, e.clientX, e.clientY);
  moved = true;
  if (touches.size === 1) { ox += e.offsetX - old[0]; oy += e.offsetY - old[1]; draw(); }
  else { const other = [...touches].find(([id]) => id !== e.pointerId)[1], gap = p => Math.hypot(p[0] - other[0], p[1] - other[1]);
    zoom(gap([e.offsetX, e.offsetY]) / Math.max(1, gap(old)), other[0], other[1]); }
  touches.set(e.pointerId, [e.offsetX, e.offsetY]);
});
for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, e => { touches.delete(e.pointerId); canvas.classList.remove("drag"); });
canvas.addEventListener("pointerleave", () => { hovered = -1; tip.hidden = true; draw(); });
canvas.addEventListener("wheel", e => { e.preventDefault(); zoom(Math.exp(-e.deltaY * 0.0015), e.offsetX, e.offsetY); }, {passive: false});
canvas.addEventListener("keydown", e => { const step = 60;
  if (e.key === "+" || e.key === "=") zoom(1.3, wide / 2, high / 2); else if (e.key === "-") zoom(1 / 1.3, wide / 2, high / 2);
  else if (e.key.startsWith("Arrow")) { moved = true; ox += {ArrowLeft: step, ArrowRight: -step}[e.key] || 0; oy += {ArrowUp: step, ArrowDown: -step}[e.key] || 0; draw(); } });
find.addEventListener("input", () => { words = find.value.toLowerCase().trim(); draw(); });
document.getElementById("home").addEventListener("click", fit);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
new ResizeObserver(() => { wide = canvas.clientWidth; high = canvas.clientHeight; const ratio = devicePixelRatio || 1;
  canvas.width = wide * ratio; canvas.height = high * ratio; moved ? draw() : fit(); }).observe(canvas);
