const NAME = 'lane';
const YEAR = 365 * 24 * 60 * 60;

/** Returns the lane that the cookie names, '' without a cookie. */
export function readLane() {
  const pair = document.cookie.split('; ').find((cookie) => cookie.startsWith(`${NAME}=`));
  const value = pair?.slice(NAME.length + 1) ?? '';
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Sets the cookie; '' removes it. The browser sends it with every request to this site, also with WebSocket handshakes. */
export function writeLane(lane) {
  const age = lane === '' ? 0 : YEAR;
  document.cookie = `${NAME}=${encodeURIComponent(lane)}; path=/; max-age=${age}; samesite=lax`;
}
