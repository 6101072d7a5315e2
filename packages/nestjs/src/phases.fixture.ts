import type { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type {
  ArgumentsHost,
  CallHandler,
  ExecutionContext,
  INestApplication,
  MiddlewareConsumer,
  ModuleMetadata,
} from '@nestjs/common';
import { finalize, type Observable, tap } from 'rxjs';
import { decorate, decorateParameters, type Nest } from './application.fixture.js';

type Note = (what: string) => void;
type Next = () => void;

/** Calls `callback` when middleware may call `next`. */
export type Wait = (callback: () => void) => void;

/** An application that notes each phase of a request to `POST /phases`. With the body `{"fail":true}` the handler throws. */
export interface Phases {
  readonly parts: ModuleMetadata;
  readonly setUp: (app: INestApplication) => void;
}

export function makePhases(nest: Nest, note: Note, wait: Wait = (callback) => callback()): Phases {
  const { Body, Catch, Controller, createParamDecorator, HttpCode, Inject, Injectable, Module, Post } =
    nest.common;

  class Guard {
    async canActivate(): Promise<boolean> {
      await new Promise<void>(wait);
      note('guard');
      return true;
    }
  }

  class Interceptor {
    intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
      note('interceptor');
      const steps = { next: () => note('next'), error: () => note('error') };
      return next.handle().pipe(
        tap(steps),
        finalize(() => note('end')),
      );
    }
  }

  class Pipe {
    async transform(value: unknown): Promise<unknown> {
      await new Promise<void>(wait);
      note('pipe');
      return value;
    }
  }

  class Filter {
    catch(error: Error, host: ArgumentsHost): void {
      note('filter');
      const response = host.switchToHttp().getResponse<Answer>();
      response.status(500).send(error.name);
    }
  }
  Catch()(Filter);

  class Scoped {
    readonly made: void = note('provider');
  }
  Injectable({ scope: nest.common.Scope.REQUEST })(Scoped);

  class Phased {
    async handle(_parameter: unknown, body: { fail?: boolean }): Promise<string> {
      await turn();
      note('handler');
      if (body.fail === true) throw new Error('failed');
      return 'done';
    }
  }
  Controller('phases')(Phased);
  decorateParameters(Phased, undefined, Inject(Scoped));
  decorate(Phased, 'handle', Post(), HttpCode(200));
  decorateParameters(Phased, 'handle', createParamDecorator(() => note('parameter'))(), Body(new Pipe()));

  class ClassMiddleware {
    use(_request: unknown, _response: unknown, next: Next): void {
      note('class middleware');
      wait(next);
    }
  }
  Injectable()(ClassMiddleware);

  class Feature {
    configure(consumer: MiddlewareConsumer): void {
      const middleware = async (_request: unknown, _response: unknown, next: Next): Promise<void> => {
        await turn();
        note('middleware');
        wait(next);
      };
      consumer.apply(middleware, ClassMiddleware).forRoutes(Phased);
    }
  }
  Module({ controllers: [Phased], providers: [Scoped] })(Feature);

  return {
    parts: { imports: [Feature] },
    setUp(app) {
      app.use((_request: unknown, response: EventEmitter, next: Next) => {
        note('app.use');
        response.on('close', () => note('close'));
        wait(next);
      });
      app.useGlobalGuards(new Guard());
      app.useGlobalInterceptors(new Interceptor());
      app.useGlobalFilters(new Filter());
    },
  };
}

interface Answer {
  status(code: number): { send(body: string): void };
}
