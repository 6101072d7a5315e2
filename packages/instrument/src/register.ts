import { instrumentHttp } from './instrument-http.js';

// `node --import @laneway/instrument/register app.js`: everything that the process sends, with its lanes, from `LANEWAY_*`.
instrumentHttp(undefined, { keepFetch: true });
