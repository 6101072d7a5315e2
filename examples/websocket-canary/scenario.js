import assert from 'node:assert/strict';
import { DemoClient } from './demo-client.js';

const MESSAGES = 500;

const TRANSPORTS = {
  websocket: ['websocket'],
  polling: ['polling'],
  'polling, upgraded': ['polling', 'websocket'],
};

/** Runs the checks of a permissive mesh. */
export async function checkPermissive({ mesh, transcript, column, journeys }) {
  const clients = [];
  const connect = async (transports, version) => {
    const client = new DemoClient(mesh.url, transports, version);
    clients.push(client);
    await client.connect();
    return client;
  };

  for (const [name, transports] of Object.entries(TRANSPORTS)) {
    const check = (text, run) => transcript.check(`${name}: ${text}`, column, run);
    const last = transports.at(-1);

    const checkLane = async (text, version, expected) => {
      journeys.clear();
      await check(text, async () => {
        const client = await connect(transports, version);
        const answers = await client.ask(3);
        assertVersion(answers, expected);
        assertLane(journeys, version);
        assert.equal(await client.transport(), last);
        return answers[0];
      });
      if (name === 'websocket')
        for (const line of journeys.lines().slice(0, 2)) transcript.line(`    ${line}`);
    };
    await checkLane('version v2 is answered by v2', 'v2', 'v2');
    await checkLane('no version is answered by v1', undefined, 'v1');
    await checkLane('version v9, which no workload serves, is answered by v1', 'v9', 'v1');

    await check(`two lanes interleaved, ${MESSAGES} messages each`, async () => {
      const [first, second] = await Promise.all([connect(transports, 'v1'), connect(transports, 'v2')]);
      const [fromFirst, fromSecond] = await Promise.all([first.ask(MESSAGES), second.ask(MESSAGES)]);
      assertVersion(fromFirst, 'v1');
      assertVersion(fromSecond, 'v2');
      assert.equal(await first.transport(), last);
      assert.equal(await second.transport(), last);
      return `${fromFirst.length} from v1, ${fromSecond.length} from v2`;
    });

    await check('reconnected with another version', async () => {
      const client = await connect(transports, 'v2');
      assertVersion(await client.ask(3), 'v2');
      await client.reconnectAs('v1');
      assertVersion(await client.ask(3), 'v1');
      await client.reconnectAs('v2');
      assertVersion(await client.ask(3), 'v2');
      assert.equal(await client.transport(), last);
      return 'v2, then v1, then v2';
    });
  }

  await transcript.check('okok reaches every client and comes from v1', column, async () => {
    // A client in v2 keeps wsk busy at the same time: the timer must not run in its lane.
    const busy = clients[0].ask(MESSAGES);
    const [first] = await Promise.all(clients.map((client) => client.nextBroadcast()));
    await busy;
    const all = clients.flatMap((client) => client.broadcasts);
    assertVersion(all, 'v1');
    return `${clients.length} clients, ${all.length} messages: ${first}`;
  });
  for (const client of clients) client.close();
}

/** Runs the checks of a strict mesh. */
export async function checkStrict({ mesh, transcript, column }) {
  for (const transport of ['websocket', 'polling']) {
    await transcript.check(`strict, ${transport}: version v9 is refused with 503`, column, async () => {
      const client = new DemoClient(mesh.url, [transport], 'v9');
      const refusal = await client.connect().then(
        () => assert.fail('the mesh accepted the client'),
        (error) => error.message,
      );
      client.close();
      assert.match(refusal, transport === 'polling' ? /wsk has no workload in lane "v9"/ : /503/);
      return refusal;
    });
  }
  await transcript.check('strict: no version is answered by v1', column, async () => {
    const client = new DemoClient(mesh.url, ['websocket']);
    await client.connect();
    const [answer] = await client.ask();
    client.close();
    assertVersion([answer], 'v1');
    return answer;
  });
}

function assertVersion(answers, version) {
  const wrong = answers.filter((answer) => !answer.includes(`Hello version: ${version},`));
  assert.equal(
    wrong.length,
    0,
    `${wrong.length} of ${answers.length} did not come from ${version}: ${wrong[0]}`,
  );
}

function assertLane(journeys, version) {
  const lanes = new Set(journeys.calls('helloworld').map(({ lane }) => lane));
  // The timer calls helloworld too, without a lane.
  assert.ok(
    lanes.has(version),
    `no call for helloworld was in ${version === undefined ? 'no lane' : `lane ${version}`}`,
  );
}
