import Koa from 'koa';
import Koa2 from 'koa-2';
import Koa2Lowest from 'koa-2-lowest';
import Koa3Lowest from 'koa-3-lowest';

/** The lowest and the newest version of each supported major version. */
export const versions: readonly (readonly [name: string, Koa: new () => Koa])[] = [
  ['koa 3', Koa],
  ['koa 3, lowest', Koa3Lowest],
  ['koa 2', Koa2],
  ['koa 2, lowest', Koa2Lowest],
];
