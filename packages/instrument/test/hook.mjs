// OpenTelemetry's hook for ES modules and an SDK. Every later module is loaded through the hook.
import { createRequire, register } from 'node:module';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
createRequire(import.meta.url)('./otel.cjs');
