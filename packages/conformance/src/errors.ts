/** Thrown when no verdict is possible: the service cannot be reached or does not follow the contract, or a case does not exist. */
export class ConformanceError extends Error {
  readonly code: 'ERR_CONFORMANCE_SERVICE' | 'ERR_CONFORMANCE_USAGE';

  constructor(code: ConformanceError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConformanceError';
    this.code = code;
  }
}
