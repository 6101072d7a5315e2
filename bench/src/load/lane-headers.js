/**
 * The headers of a call inside a mesh, with a lane of four members that only caller `n` has. The string is flat and seen
 * for the first time, as one that comes from a socket is: concatenation alone would leave V8 a tree to flatten later.
 *
 * @param {number} n
 * @returns {Record<string, string>} names in lower case, as Node's parser gives them
 */
export function laneHeaders(n) {
  const baggage = `version=v2,userId=alice-${n},serverNode=DF%2028,isProduction=false`;
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
    baggage: Buffer.from(baggage, 'latin1').toString('latin1'),
  };
}
