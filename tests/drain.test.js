'use strict';
/*
 * drain.test.js - stopping under load.
 *
 * Clients send pipelined requests of new devices until the server ends. What
 * was answered counts once; what was not answered does not count, until it is
 * sent again to the next server.
 */
const assert = require('node:assert');
const { after, describe, test } = require('node:test');
const client = require('./client.js');
const { Wire, request } = require('./wire.js');

const ROUNDS = Number(process.env.DRAIN_ROUNDS || 20);
const CLIENTS = 24;
const DEPTH = 16;
const MUCH = 50000; /* more than a checkpoint can write while stopping */
const END_MS = 5000;
const STORE = { slot_bytes: 1048576, overlay: 16777216,
    checkpoint_log: 262144 };
const TIME = Date.now();

after(client.killAll);

async function inDir(body) {
    const dir = client.makeDir();
    try {
        await body(dir);
    } finally {
        await client.killAll();
        client.removeDir(dir);
    }
}

function begin(app, device) {
    return request('/i', { body: `app_key=${app.key}&device_id=${device}` +
        `&timestamp=${TIME}&begin_session=1&metrics=` +
        encodeURIComponent(JSON.stringify({ _os: 'Android',
            _os_version: '14', _device: 'Phone', _app_version: '1.0' })) });
}

/* Sends pipelined requests, those that got no answer before first. */
class Sender {
    constructor(app, name) {
        this.app = app;
        this.name = name;
        this.made = 0;
        this.sent = []; /* without an answer, in order */
        this.answered = 0;
    }

    next(again) {
        const device = again.shift() || `${this.name}-${this.made++}`;
        this.sent.push(device);
        return begin(this.app, device);
    }

    /* Until the server ends; or until nothing is left, when `isLast`. */
    async run(server, isLast) {
        const again = this.sent.splice(0);
        const wire = await Wire.open(server).catch(() => null);
        if (!wire) {
            this.sent = again;
            return;
        }
        const more = () => !isLast || again.length > 0;
        for (let i = 0; i < DEPTH && more(); i++)
            wire.write(this.next(again));
        while (this.sent.length) {
            const answer = await wire.answer();
            if (!answer)
                break;
            assert.strictEqual(answer.status, 200, answer.text);
            assert.strictEqual(answer.json.result, 'Success');
            this.sent.shift();
            this.answered++;
            if (more())
                wire.write(this.next(again));
        }
        this.sent.push(...again);
        wire.end();
    }
}

async function signalAndTime(server, ...signals) {
    const from = Date.now();
    server.child.kill(signals[0]);
    for (const signal of signals.slice(1)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        server.child.kill(signal);
    }
    const late = setTimeout(() => server.child.kill('SIGKILL'), 2 * END_MS);
    const end = await server.ended;
    clearTimeout(late);
    assert.deepStrictEqual(end, { code: 0, signal: null }, server.stderr());
    const took = Date.now() - from;
    assert(took < END_MS, `${took} ms`);
    return took;
}

async function checkCount(server, app, count) {
    const year = new Date(TIME).getUTCFullYear();
    const { t, n, u, e } = (await client.read(server, app, 'users'))[year];
    assert.deepStrictEqual({ t, n, u, e },
        { t: count, n: count, u: count, e: count });
}

function answeredBy(senders) {
    return senders.reduce((sum, sender) => sum + sender.answered, 0);
}

function sendersOf(app) {
    return Array.from({ length: CLIENTS }, (_, i) => new Sender(app, `c${i}`));
}

/* Senders that go on after they have got so many answers. */
async function load(server, app, answers) {
    const senders = sendersOf(app);
    senders.forEach((sender) => sender.run(server, false));
    while (answeredBy(senders) < answers)
        await new Promise((resolve) => setTimeout(resolve, 5));
    return senders;
}

describe('SIGTERM', () => {
    test(`loses nothing in ${ROUNDS} stops under load`,
        { timeout: 20000 + ROUNDS * 10000 }, (t) => inDir(async (dir) => {
            let server = await client.start({ dir, config: { store: STORE } });
            const app = await client.createApp(server);
            const senders = sendersOf(app);
            let slowest = 0;
            for (let round = 0; round < ROUNDS; round++) {
                const wanted = answeredBy(senders) + 500;
                const running = senders.map((sender) =>
                    sender.run(server, false));
                while (answeredBy(senders) < wanted)
                    await new Promise((resolve) => setTimeout(resolve, 5));
                slowest = Math.max(slowest, await signalAndTime(server,
                    round % 2 ? 'SIGINT' : 'SIGTERM'));
                await Promise.all(running);
                server = await client.start({ dir,
                    config: { store: STORE } });
                await checkCount(server, app, answeredBy(senders));
            }
            await Promise.all(senders.map((sender) =>
                sender.run(server, true)));
            const made = senders.reduce((sum, { made }) => sum + made, 0);
            assert.strictEqual(answeredBy(senders), made);
            await checkCount(server, app, made);
            await server.stop();
            t.diagnostic(`${made} requests, slowest stop ${slowest} ms`);
        }));

    test('is harmless a second time, at any moment', { timeout: 60000 },
        () => inDir(async (dir) => {
            for (let round = 0; round < 5; round++) {
                const server = await client.start({ dir });
                const app = await client.createApp(server);
                const sender = new Sender(app, 'c');
                const running = sender.run(server, false);
                while (sender.answered < 2000)
                    await new Promise((resolve) => setTimeout(resolve, 5));
                await signalAndTime(server,
                    ...Array.from({ length: 200 }, () => 'SIGTERM'));
                await running;
            }
        }));

    test('does not wait for slow clients', { timeout: 60000 },
        () => inDir(async (dir) => {
            const server = await client.start({ dir });
            const app = await client.createApp(server);
            await load(server, app, MUCH);
            const slow = [];
            const whole = begin(app, 'slow');
            for (const part of [whole.subarray(0, 10),
                whole.subarray(0, whole.length - 5)]) {
                const wire = await Wire.open(server);
                wire.write(part);
                slow.push(wire);
            }
            const deaf = await Wire.open(server); /* reads no answer */
            deaf.socket.pause();
            for (let i = 0; i < 2000; i++)
                deaf.write(request(`/o?api_key=${client.ADMIN_KEY}&app_id=` +
                    `${app._id}&method=latest_users`));
            await new Promise((resolve) => setTimeout(resolve, 200));
            await signalAndTime(server, 'SIGTERM');
            [deaf, ...slow].forEach((wire) => wire.end());
        }));
});

test('a start after a clean stop has nothing to replay', { timeout: 120000 },
    (t) => inDir(async (dir) => {
        let server = await client.start({ dir });
        const app = await client.createApp(server);
        const senders = await load(server, app, MUCH);
        const stop = await signalAndTime(server, 'SIGTERM');
        const from = Date.now();
        server = await client.start({ dir });
        const start = Date.now() - from;
        await checkCount(server, app, answeredBy(senders));
        await server.stop();
        t.diagnostic(`stopped in ${stop} ms, started in ${start} ms`);
        assert(start < 1000, `${start} ms`);
    }));
