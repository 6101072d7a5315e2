export { instrumentHttp } from './instrument-http.js';
export type { Instrumentation, InstrumentOptions } from './instrument-http.js';
export type { UndiciModule } from './instrument-undici.js';
