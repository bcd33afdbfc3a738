const box = document.getElementById("cards");
if (box) {
  const cards = [...box.children], filter = document.getElementById("filter"), order = document.getElementById("order");
  const update = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const card of cards) { card.hidden = !words.every(w => card.dataset.words.includes(w)); left += !card.hidden; }
    document.getElementById("count").textContent = words.length ? left + " of " + cards.length : "";
  };
  const sort = () => {
    const key = order.value, sorted = [...cards];
    if (key === "name") sorted.sort((a, b) => a.dataset.name.localeCompare(b.dataset.name));
    else if (key) sorted.sort((a, b) => b.dataset[key] - a.dataset[key]);
    box.append(...sorted);
  };
  const more = document.getElementById("more"), whole = () => { box.classList.remove("short"); more.hidden = true; };
  if (cards.length > 35) { box.classList.add("short"); more.hidden = false; more.addEventListener("click", whole); }
  filter.addEventListener("input", whole);
  filter.addEventListener("input", update); order.addEventListener("change", sort);
}
const open = () => { const d = document.getElementById(location.hash.slice(1)); if (d && d.tagName === "DETAILS") d.open = true; };
addEventListener("hashchange", open); open();
