import { z } from 'zod';
import type { LaneCarry, MeshSettings } from './config.js';
import { createLaneTravel } from './lane-travel.js';

/** A map with exactly these keys. An unknown key is an error, because it is usually a typo. */
function block<S extends z.ZodRawShape>(shape: S, what: string): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `has unknown keys: ${issue.keys.map((key) => `\`${key}\``).join(', ')}. The keys here are ${known}. Correct or remove it.`
        : `must be a map with the keys ${known}. Write ${what}.`,
  });
}

const text = (remedy: string): z.ZodString =>
  z
    .string({ error: ({ input }) => `${input === undefined ? 'is missing' : 'must be text'}. ${remedy}` })
    .min(1, { error: `must not be empty. ${remedy}` });

const portError = 'must be a whole number from 0 to 65535. Write a port, or 0 for any free port.';
const port = z
  .number({ error: portError })
  .int({ error: portError })
  .min(0, { error: portError })
  .max(65_535, { error: portError });

// RFC 9110 token: the grammar of header names and of baggage keys, without `*`, which is a pattern in a policy.
const token = (remedy: string): z.ZodString =>
  text(remedy).regex(/^[!#$%&'+.^_`|~0-9A-Za-z-]+$/, {
    error: `has a character that is not allowed in a name. ${remedy}`,
  });

const headerName = token('Write the name of a header, such as `x-lane`.').toLowerCase();

const lane = block(
  { baggage: token('Write a baggage key, such as `version`.').optional(), header: headerName.optional() },
  '`baggage: version` or `header: x-lane`',
)
  .refine((value) => (value.baggage === undefined) !== (value.header === undefined), {
    error:
      'must have one of the keys `baggage` and `header`. Write either `baggage: version` or `header: x-lane`.',
  })
  .transform(({ baggage, header }): LaneCarry => (baggage === undefined ? { header: header! } : { baggage }))
  .refine(canTravel, {
    error: 'belongs to one connection or one message. Write another header, such as `x-lane`.',
    path: ['header'],
  });

/** Returns whether a policy may carry the header: core refuses headers of one connection or message. */
function canTravel(carry: LaneCarry): boolean {
  try {
    createLaneTravel(carry);
    return true;
  } catch {
    return false;
  }
}

const rule = block(
  {
    header: headerName,
    value: text(
      'Write the exact value to match, in quotes if it is a number, or leave it out to match any.',
    ).optional(),
    lane: text('Write the name of a lane, in quotes if it is a number, or leave it out to use the value.')
      .regex(/^[ -~]+$/, { error: 'has a character that is not allowed in a header. Write printable ASCII.' })
      .optional(),
  },
  '`- header: version`',
);

const value = z
  .union([z.string(), z.number(), z.boolean()], {
    error: 'must be text, a number or a boolean. Put it in quotes.',
  })
  .transform(String);

const environment = z.record(z.string(), value, {
  error: 'must be a map of environment variables. Write `env: { NAME: value }`.',
});

const version = block(
  {
    run: text('Write the command that starts this version, such as `node server.js`.'),
    env: environment.default({}),
  },
  '`v1: { run: node server.js }`',
);

const service = block(
  {
    port: port.default(0),
    versions: z.record(z.string(), version, {
      error:
        'must be a map from a version to the command that starts it. Write `v1: { run: node server.js }`.',
    }),
  },
  '`versions:` with at least the baseline version',
);

/** The schema of a mesh file. Each message says what is wrong and what to write instead. */
export const meshSchema: z.ZodType<MeshSettings> = block(
  {
    mode: z
      .enum(['permissive', 'strict'], { error: 'must be `permissive` or `strict`. Write one of them.' })
      .default('permissive'),
    baseline: text(
      'Write the version that serves requests without a lane, such as `v1`, in quotes if it is a number.',
    ),
    lane,
    gateway: block(
      {
        port,
        service: text('Write the name of the service that the gateway sends requests to.'),
        rules: z.array(rule, { error: 'must be a list. Write `- header: version`.' }).default([]),
      },
      '`port`, `service` and `rules`',
    ),
    services: z.record(z.string(), service, {
      error: 'must be a map of services. Write `helloworld:` and its `versions:`.',
    }),
  },
  'a mesh as in the README of @laneway/mesh',
);
