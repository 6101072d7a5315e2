export type { IncomingMessage } from 'node:http';
