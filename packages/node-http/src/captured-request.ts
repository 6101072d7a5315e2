import type { IncomingMessage } from 'node:http';

/** The part of a request of `node:http` or `node:http2` that Laneway reads. */
export type CapturedRequest = Pick<IncomingMessage, 'headers'> &
  Partial<Pick<IncomingMessage, 'rawHeaders' | 'headersDistinct' | 'url'>> & {
    readonly socket?: IncomingMessage['socket'] | undefined;
  };
