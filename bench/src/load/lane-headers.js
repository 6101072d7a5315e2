/**
 * Returns the headers of a call inside a mesh without a lane.
 *
 * @returns {Record<string, string>} names in lower case, as Node's parser returns them
 */
export function baselineHeaders() {
  return {
    host: 'wsk.shop.svc:5000',
    'user-agent':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
    accept: 'application/json, text/plain, */*',
    'accept-language': 'en-GB,en;q=0.9',
    'accept-encoding': 'gzip, deflate, br, zstd',
    'x-forwarded-for': '10.4.17.8',
    'x-forwarded-proto': 'https',
    'x-request-id': '6f1c2f7e-54f4-9d0a-a1c8-0e2f9be1f3d7',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
}

/**
 * Returns the same headers with a baggage of four members that is unique to caller `n`. The string is new and flat, like one
 * from a socket: plain concatenation would leave a tree that V8 flattens later.
 *
 * @param {number} n
 * @returns {Record<string, string>} names in lower case, as Node's parser returns them
 */
export function laneHeaders(n) {
  const baggage = `version=v2,userId=alice-${n},serverNode=DF%2028,isProduction=false`;
  return { ...baselineHeaders(), baggage: Buffer.from(baggage, 'latin1').toString('latin1') };
}
