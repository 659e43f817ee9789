'use strict';
/*
 * plugin_kill.test.js - kills tallyd again and again while a plugin stores a
 * document with each session: what counts has its document, and nothing else.
 *
 * PLUGIN_KILLS is the number of kills (12).
 */
const assert = require('node:assert');
const { after, test } = require('node:test');
const client = require('./client.js');
const plugin = require('./plugin.js');

const KILLS = Number(process.env.PLUGIN_KILLS || 12);
const WORKERS = 16;
const ACKS = 60; /* at least, before each kill */
const PAUSE_MS = 20; /* after 503 or a refused connection */
const OWN = '/o/kept';

/* Small enough that checkpoints happen all the time. */
const STORE = { checkpoint_log: 262144, overlay: 16777216,
    slot_bytes: 1048576 };

let server;
let app;
let acked;

function options(dir) {
    return { dir, config: { store: STORE },
        settings: { recorder: { hooks: `/session/begin,${OWN}` } } };
}

function order(hook, verb, device) {
    return { hook, do: verb, app_id: app._id, collection: 'sessions',
        id: device, json: { device } };
}

/* One device after the other: each is sent until it is acknowledged. */
async function work(worker, mayGoOn) {
    while (mayGoOn() || worker.device) {
        worker.device ||= `w${worker.number}d${worker.count++}`;
        worker.request ||= { path: '/i', form: { app_key: app.key,
            device_id: worker.device, begin_session: 1, timestamp: Date.now(),
            metrics: { _os: 'Android' },
            recorder: order('/session/begin', 'put', worker.device) } };
        const answer = await client.send(server, worker.request)
            .catch(() => null);
        if (answer?.status === 200) {
            assert.strictEqual(answer.json.result, 'Success', answer.text);
            acked.push(worker.device);
            worker.device = worker.request = null;
        } else if (!mayGoOn()) {
            return;
        } else {
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
    }
}

async function killUnderLoad(dir, workers) {
    const wanted = acked.length + ACKS;
    let isOver = false;

    server = await plugin.start(options(dir));
    const working = workers.map((worker) => work(worker, () => !isOver));
    while (acked.length < wanted)
        await new Promise((resolve) => setTimeout(resolve, 1));
    await server.kill();
    isOver = true;
    await Promise.all(working);
}

/* Whether there is a document of the device. */
async function isKept(device) {
    await client.send(server, { path: OWN, form: { recorder: [
        order(OWN, 'fetch', device), { hook: OWN, do: 'reply', message: 'x' }] } });
    return plugin.recorded(server, OWN).at(-1).got?.device === device;
}

after(client.killAll);

test(`documents and counters agree after ${KILLS} kills`,
    { timeout: 60000 + 10000 * KILLS }, async () => {
        const dir = client.makeDir();
        const workers = Array.from({ length: WORKERS },
            (_, number) => ({ number, count: 0 }));
        acked = [];
        server = await plugin.start(options(dir));
        app = await client.createApp(server);
        await server.stop();
        for (let kill = 0; kill < KILLS; kill++)
            await killUnderLoad(dir, workers);

        server = await plugin.start(options(dir));
        await Promise.all(workers.map((worker) => work(worker, () => false)));
        plugin.forget(server);
        const years = await client.read(server, app, 'users');
        const counted = Object.entries(years).reduce((sum, [key, year]) =>
            sum + (/^\d{4}$/.test(key) ? year.t : 0), 0);
        assert.strictEqual(counted, acked.length);
        for (const device of acked)
            assert.ok(await isKept(device), device);
        assert.ok(!await isKept('nobody'));
        await server.stop();
        const { status, stdout } =
            client.run('check', '--data', client.dataDir(dir));
        assert.strictEqual(status, 0, stdout);
        client.removeDir(dir);
    });
