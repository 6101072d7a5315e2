const METHOD =
  'Requests: the median of the rounds, with quartiles. CPU: the lower quartile of the rounds; in brackets, its quartiles over eight blocks of rounds.';

/**
 * Returns the table of one chain.
 *
 * @param {import('./chains.js').Chain} chain
 * @param {import('./rounds.js').Figures[]} figures
 * @returns {string}
 */
export function formatChain(chain, figures) {
  const comparedWith = chain.variants.filter((variant) => variant.reference);
  const header = ['', 'requests', 'lane', 'rounds', 'requests/s', 'CPU us/request'];
  for (const { title } of comparedWith) header.push(`requests/s to ${title}`, `CPU to ${title}`);
  const rows = figures.map((figure) => [
    figure.variant.title,
    figure.traffic.title,
    figure.lane,
    String(figure.rounds),
    figure.requestsPerSecond.toFixed(0),
    figure.cpuPerRequest.toFixed(1),
    ...comparedWith.flatMap(({ name }) => {
      if (name === figure.variant.name) return ['1', '1'];
      const { throughput, cpu } = figure.ratios.get(name);
      return [formatSpread(throughput, 3), formatSpread(cpu, 3)];
    }),
  ]);
  const legend = `Ratios above 1 are better. ${METHOD}`;
  return [chain.title, '', ...formatTable([header, ...rows]), '', legend].join('\n');
}

/**
 * Returns the table of capture plus attach.
 *
 * @param {Awaited<ReturnType<typeof import('./codec.js').measureCodec>>} result
 * @returns {string}
 */
export function formatCodec({ laneway, opentelemetry, batches }) {
  return [
    `capture plus attach, 4 members (${batches} batches)`,
    '',
    ...formatTable([
      ['', 'nanoseconds', 'times Laneway'],
      ['Laneway', formatSpread(laneway, 0), '1'],
      ['OpenTelemetry', formatSpread(opentelemetry, 0), (opentelemetry.median / laneway.median).toFixed(1)],
    ]),
  ].join('\n');
}

/**
 * Returns the table of a group, with two rows per chain, for requests with a lane and without: Laneway compared with by hand.
 *
 * @param {string} group
 * @param {{ chain: import('./chains.js').Chain, figures: import('./rounds.js').Figures[] }[]} measured
 * @returns {string}
 */
export function formatGroup(group, measured) {
  const rows = measured.flatMap(({ chain, figures }) => formatTraffic(chain, figures));
  const header = [
    '',
    'requests',
    'lane',
    'requests/s',
    'CPU us/request',
    'Laneway',
    'Laneway, CPU',
    'by hand in run, CPU',
    'Laneway to that, CPU',
    'by hand again, CPU',
  ];
  return [
    `${group}: requests per second and CPU time to by hand`,
    '',
    ...formatTable([header, ...rows]),
    '',
    `The first two figures are those of by hand. Ratios above 1 are better. ${METHOD}`,
    'By hand in run keeps the header in an AsyncLocalStorage and does nothing else.',
  ].join('\n');
}

/** The rows of a chain in the table of its group. Only by hand and by hand in run always take part. */
function formatTraffic(chain, figures) {
  const traffic = [...new Set(figures.map((figure) => figure.traffic))];
  return traffic.map((kind) => {
    const find = (name) => figures.find((figure) => figure.traffic === kind && figure.variant.name === name);
    const format = (spread) => (spread ? formatSpread(spread, 3) : '');
    const ratios = (name, to = 'by-hand') => find(name)?.ratios.get(to);
    return [
      chain.title,
      kind.title,
      find('laneway')?.lane ?? '',
      find('by-hand').requestsPerSecond.toFixed(0),
      find('by-hand').cpuPerRequest.toFixed(1),
      format(ratios('laneway')?.throughput),
      format(ratios('laneway')?.cpu),
      format(ratios('by-hand-in-run')?.cpu),
      format(ratios('laneway', 'by-hand-in-run')?.cpu),
      format(ratios('by-hand-again')?.cpu),
    ];
  });
}

/**
 * Returns the table of single requests and calls.
 *
 * @param {import('./codec.js').InProcessRow[]} rows
 * @returns {string}
 */
export function formatInProcess(rows) {
  return [
    'in-process: microseconds of one request or call without a network, the lowest tenth of the batches',
    '',
    ...formatTable([
      ['', 'requests', 'by hand', 'by hand in run', 'Laneway', 'Laneway adds to that'],
      ...rows.map(({ part, requests, microseconds }) => [
        part,
        requests,
        microseconds['by hand'].toFixed(2),
        microseconds['by hand in run'].toFixed(2),
        microseconds.Laneway.toFixed(2),
        (microseconds.Laneway - microseconds['by hand in run']).toFixed(2),
      ]),
    ]),
  ].join('\n');
}

/**
 * Returns the table of growth.
 *
 * @param {import('./codec.js').GrowthRow[]} rows
 * @returns {string}
 */
export function formatGrowth(rows) {
  return [
    'growth: nanoseconds by the number of baggage members and of egress rules',
    '',
    ...formatTable([
      ['members', 'egress rules', 'attach, unchanged lane', 'capture'],
      ...rows.map(({ members, rules, attach, capture }) => [
        String(members),
        String(rules),
        formatSpread(attach, 0),
        formatSpread(capture, 0),
      ]),
    ]),
  ].join('\n');
}

/**
 * Returns the table of sockets.
 *
 * @param {import('./sockets.js').SocketFigures[]} figures
 * @returns {string}
 */
export function formatSockets(figures) {
  const [byHand] = figures;
  const header = ['', 'lane', 'heap bytes', 'accept us', 'accept time', 'accept CPU'];
  for (const { connections } of byHand.events)
    header.push(`events/s of ${connections}`, `events of ${connections}`, `CPU of ${connections}`);
  const rows = figures.map((figure) => [
    figure.title,
    figure.lane,
    `${figure.heapBytes < 0 ? '' : '+'}${figure.heapBytes.toFixed(0)}`,
    figure.acceptMicroseconds.toFixed(0),
    formatSpread(figure.accept, 3),
    formatSpread(figure.acceptCpu, 3),
    ...figure.events.flatMap(({ eventsPerSecond, throughput, cpu }) => [
      eventsPerSecond.toFixed(0),
      formatSpread(throughput, 3),
      formatSpread(cpu, 3),
    ]),
  ]);
  return [
    'sockets: heap per connection over by hand, the time to accept one, events over few and many connections',
    '',
    ...formatTable([header, ...rows]),
    '',
    'Ratios are to by hand; above 1 is better. Each is the median of the rounds, with quartiles.',
  ].join('\n');
}

/** @param {import('./statistics.js').Spread} spread */
function formatSpread({ median, low, high }, digits) {
  return `${median.toFixed(digits)} [${low.toFixed(digits)} .. ${high.toFixed(digits)}]`;
}

function formatTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}
