'use strict';
/*
 * sdk.test.js - Countly's own SDK for Node against a live tallyd, in single
 * and in bulk mode: the numbers must be right and its queue must be empty.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const Countly = require('countly-sdk-nodejs');

const WAIT_MS = 20000;
const POLL_MS = 50;

let server;
let dir;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
});

after(async () => {
    try {
        await server.stop();
    } finally {
        client.removeDir(dir);
    }
});

async function until(what, isSo) {
    const end = Date.now() + WAIT_MS;
    while (!await isSo()) {
        assert.ok(Date.now() < end, 'waited in vain until ' + what);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
}

/* What the SDK keeps for the next start. */
function stored(key) {
    const file = path.join(dir, 'sdk', `__${key}.json`);
    try {
        return JSON.parse(fs.readFileSync(file, 'utf8'))[key];
    } catch {
        return undefined; /* not written yet, or just being written */
    }
}

/* Sums over the years of the time object of an app. */
async function sums(app, method, value) {
    return client.sums(await client.read(server, app, method), value);
}

test('the SDK begins, beats, ends, and its queue is empty', async () => {
    const app = await client.createApp(server);
    const sent = []; /* the parameters of each request it made */
    fs.mkdirSync(path.join(dir, 'sdk'));
    try {
        Countly.init({ app_key: app.key, url: server.url, device_id: 'sdk-1',
            interval: 20, session_update: 1, fail_timeout: 1,
            app_version: '1.2', country_code: 'DE',
            metrics: { _os: 'Linux', _os_version: '6.1', _device: 'Board' },
            storage_path: path.join(dir, 'sdk') + path.sep,
            http_options: (options) => sent.push(new URLSearchParams(
                options.path.slice(options.path.indexOf('?') + 1))) });
        Countly.begin_session();
        Countly.add_event({ key: 'bought', count: 2, sum: 9.98 });
        await until('a heartbeat was sent', () =>
            sent.some((params) => params.has('session_duration')));
        Countly.user_details({ name: 'Ada', custom: { seats: 2 } });
        Countly.end_session(30);
        await until('the queue is empty', () => {
            const queue = stored('cly_queue');
            return sent.some((params) => params.has('end_session')) &&
                Array.isArray(queue) && queue.length === 0;
        });
        await until('the last request is counted', async () =>
            (await sums(app, 'users')).e === sent.length);
    } finally {
        Countly.halt(true);
    }

    const seconds = sent.reduce((sum, params) =>
        sum + Number(params.get('session_duration') || 0), 0);
    assert.ok(seconds > 30, 'the heartbeat reported time');
    assert.strictEqual(new Set(sent.map(String)).size, sent.length,
        'nothing was sent twice');
    assert.deepStrictEqual(await sums(app, 'users'),
        { t: 1, n: 1, u: 1, d: seconds, e: sent.length });
    const one = { t: 1, n: 1, u: 1 };
    assert.deepStrictEqual(await sums(app, 'users', 'DE'), one);
    assert.deepStrictEqual(await sums(app, 'device_details', 'Linux'), one);
    assert.deepStrictEqual(await sums(app, 'device_details', 'l6:1'), one);
    assert.deepStrictEqual(await sums(app, 'device_details', '1:2'), one);
    assert.deepStrictEqual(await sums(app, 'devices', 'Board'), one);
});

test('the bulk SDK sends sessions of many users, each counted once',
    async () => {
        const users = 60; /* more than one bulk of 50 requests */
        const app = await client.createApp(server);
        const begun = Math.floor(Date.now() / 1000) - 3600;
        const bulk = new Countly.Bulk({ app_key: app.key, url: server.url,
            interval: 20, fail_timeout: 1 });
        for (let i = 0; i < users; i++) {
            const user = bulk.add_user({ device_id: `bulk-${i}`,
                country_code: 'FR' });
            user.begin_session({ _os: 'Android', _os_version: '14',
                _app_version: '3.1' }, 150, begun + i);
            user.add_event({ key: 'seen', count: 1 });
        }
        assert.ok(bulk.queue_size() > 0);
        await new Promise((resolve) => bulk.start(resolve));
        await until('the last bulk is counted', async () =>
            (await sums(app, 'users')).d === 150 * users);
        bulk.stop();

        assert.strictEqual(bulk.queue_size(), 0);
        const each = { t: users, n: users, u: users };
        const counted = await sums(app, 'users');
        assert.deepStrictEqual({ t: counted.t, n: counted.n, u: counted.u },
            each);
        assert.deepStrictEqual(await sums(app, 'users', 'FR'), each);
        assert.deepStrictEqual(await sums(app, 'device_details', 'Android'),
            each);
        assert.deepStrictEqual(await sums(app, 'device_details', '3:1'),
            each);
        const totals = await client.read(server, app, 'total_users');
        assert.deepStrictEqual(totals, [{ _id: 'users', u: users }]);
    });
