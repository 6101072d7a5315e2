export { listCases } from './cases.js';
export { checkService } from './check-service.js';
export type { CheckOptions } from './check-service.js';
export { ConformanceError } from './errors.js';
export type { HeaderLine } from './exchange.js';
export { createPrinter } from './printer.js';
export type { ConformancePrinter, PrinterOptions } from './printer.js';
export { clauseUrl } from './report.js';
export type { CaseInfo, CaseResult, ExchangeReport, Level, Problem, Report, Tally } from './report.js';
