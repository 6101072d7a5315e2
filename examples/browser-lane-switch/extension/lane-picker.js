const LANES = { '': 'Baseline', v2: 'v2', v3: 'v3' };

/**
 * The form with which a tester picks a lane; the page and the extension use it. Its property `lane` is the picked lane, '' for the
 * baseline. It dispatches `pick` when the tester picks one.
 */
class LanePicker extends HTMLElement {
  #form = document.createElement('form');
  #other;

  connectedCallback() {
    const choices = Object.entries(LANES).map(
      ([lane, label]) =>
        `<label><input type="radio" name="lane" value="${lane}"><span>${label}</span></label>`,
    );
    this.#form.innerHTML = `
      <fieldset><legend>Lane</legend>${choices.join('')}</fieldset>
      <label class="other"><span>Another lane</span>
        <input name="other" autocomplete="off" spellcheck="false" placeholder="alice-sandbox" maxlength="100"
          pattern="[!-~]+" title="Letters, digits and signs, without spaces"></label>
      <button>Pick</button>`;
    this.#other = this.#form.elements.other;
    this.#form.addEventListener('change', ({ target }) => {
      if (target.name === 'lane') this.#pick(target.value);
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#pick(this.#other.value);
    });
    this.append(this.#form);
    this.lane = '';
  }

  get lane() {
    return this.#form.elements.lane.value || this.#other.value;
  }

  set lane(lane) {
    for (const choice of this.#form.elements.lane) choice.checked = choice.value === lane;
    this.#other.value = Object.hasOwn(LANES, lane) ? '' : lane;
  }

  #pick(lane) {
    this.lane = lane;
    this.dispatchEvent(new Event('pick'));
  }
}

customElements.define('lane-picker', LanePicker);
