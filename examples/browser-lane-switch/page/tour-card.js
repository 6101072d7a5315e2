/** Shows which versions answered, in the order of the calls, and the lane in which they ran. */
export function showTour(card, { lane, hops }) {
  const rows = hops.map(({ service, version }) => {
    const row = document.createElement('li');
    const badge = document.createElement('b');
    badge.textContent = version;
    badge.classList.toggle('own', version === lane);
    row.append(service, badge);
    return row;
  });
  finish(card, rows, lane === null ? 'at the baseline' : `in lane ${lane}`);
}

/** Shows why there is no answer. */
export function showError(card, message) {
  finish(card, [], `No answer: ${message}`);
}

function finish(card, rows, text) {
  card.querySelector('.hops').replaceChildren(...rows);
  card.querySelector('.lane').textContent = text;
  card.setAttribute('aria-busy', 'false');
}
