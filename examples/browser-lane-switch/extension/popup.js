import { laneOfSite, setLaneOfSite } from './site-rules.js';

const picker = document.querySelector('lane-picker');
const field = document.querySelector('[name=site]');
const status = document.querySelector('[role=status]');
// A click on a lane also leaves the field, so both events come at once.
let last = Promise.resolve();

picker.addEventListener('pick', () => {
  const { lane } = picker;
  void explain(async (site) => {
    await checkPermission(site);
    await setLaneOfSite(site, lane);
    await showLane(site);
  });
});
field.addEventListener('change', () => void explain(showLane));

const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
if (/^https?:/.test(tab?.url ?? '')) {
  field.value = tab.url;
  await explain(showLane);
}

/** Runs `fn` with the host in the field, after what was started before, and shows why it fails. */
function explain(fn) {
  last = last.then(async () => {
    try {
      field.value = hostOf(field.value);
      await fn(field.value);
    } catch (error) {
      status.textContent = error.message;
    }
  });
  return last;
}

/** Without the permission Chromium keeps the rule, but does not apply it. `*` is http and https, not WebSockets. */
async function checkPermission(site) {
  const origins = ['*', 'ws', 'wss'].map((scheme) => `${scheme}://${site}/*`);
  if (await chrome.permissions.contains({ origins })) return;
  throw new Error(
    `Add ${origins.join(', ')} to host_permissions in manifest.json, and reload the extension.`,
  );
}

async function showLane(site) {
  const lane = await laneOfSite(site);
  picker.lane = lane;
  status.textContent = lane === '' ? `${site} has no lane.` : `${site} is in lane ${lane}.`;
}

function hostOf(text) {
  const url = text.includes('://') ? text : `http://${text}`;
  // Chromium accepts spaces and signs in a host, and escapes them.
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  if (!/^[\w.-]+$/.test(host)) throw new Error(`"${text}" is not a host. Write one such as shop.test.`);
  return host;
}
