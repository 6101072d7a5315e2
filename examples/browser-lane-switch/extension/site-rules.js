// The header that a rule of the gateway turns into the lane; see mesh.yaml.
const HEADER = 'x-lane';
const RESOURCES = Object.values(chrome.declarativeNetRequest.ResourceType);

/** Returns the lane that is set for a site, '' for none. */
export async function laneOfSite(site) {
  const rule = (await rulesOf(site))[0];
  return rule?.action.requestHeaders[0].value ?? '';
}

/** Sets the lane header on every request to a site: pages, fetch, images and WebSocket handshakes. '' removes the rule. */
export async function setLaneOfSite(site, lane) {
  const removeRuleIds = (await rulesOf(site)).map(({ id }) => id);
  const addRules = lane === '' ? [] : [await createRule(site, lane)];
  await chrome.declarativeNetRequest.updateDynamicRules({ removeRuleIds, addRules });
}

async function rulesOf(site) {
  const rules = await chrome.declarativeNetRequest.getDynamicRules();
  return rules.filter(({ condition }) => condition.requestDomains[0] === site);
}

async function createRule(site, lane) {
  const rules = await chrome.declarativeNetRequest.getDynamicRules();
  return {
    id: Math.max(0, ...rules.map(({ id }) => id)) + 1,
    condition: { requestDomains: [site], resourceTypes: RESOURCES },
    action: {
      type: 'modifyHeaders',
      requestHeaders: [{ header: HEADER, operation: 'set', value: lane }],
    },
  };
}
