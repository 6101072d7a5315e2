import { instrumentHttp } from './instrument-http.js';

// For `node --import @laneway/instrument/register app.js`, with the lanes from `LANEWAY_*`.
instrumentHttp(undefined, { keepFetch: true });
