'use strict';
/*
 * uniques.test.js - filters, retention, active and online users over HTTP.
 */
const assert = require('node:assert');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const DAY = 86400;
const TODAY = Math.floor(Date.now() / 1000 / DAY);
/* Seconds; what is still to come today counts as now. */
const noon = (daysAgo) => (TODAY - daysAgo) * DAY + DAY / 2;

let server;
let dir;
let app;
let number = 0;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
    app = await client.createApp(server);
});

after(async () => {
    await client.killAll();
    client.removeDir(dir);
});

async function send(target, params) {
    const answer = await client.send(server, { path: '/i', form: {
        app_key: target.key, number: number++, ...params } });
    assert.strictEqual(answer.text, '{"result":"Success"}');
}

function visit(target, device, daysAgo, os, more = {}) {
    return send(target, { device_id: device, timestamp: noon(daysAgo),
        begin_session: 1, ignore_cooldown: 1, metrics: { _os: os }, ...more });
}

function label(daysAgo, separator, width) {
    const date = new Date(noon(daysAgo) * 1000);
    return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
        .map((part) => String(part).padStart(width, '0')).join(separator);
}

async function refused(query, text, path = '/o', status = 400) {
    const answer = await client.send(server, { path, query: {
        api_key: client.ADMIN_KEY, app_id: app._id, ...query } });
    assert.strictEqual(answer.status, status, answer.text);
    assert(answer.json.result.includes(text), answer.text);
}

async function active(query) {
    const answer = await client.send(server, { path: '/o/active_users', query: {
        api_key: client.ADMIN_KEY, app_id: app._id, ...query } });
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json;
}

test('filters, retention and active users are exact', async () => {
    await visit(app, 'a', 2, 'Android');
    await visit(app, 'a', 0, 'iOS');
    await visit(app, 'b', 2, 'iOS');
    await visit(app, 'b', 1, 'iOS');
    await visit(app, 'c', 1, 'Android');
    await visit(app, 'c', 40, 'Android');
    await visit(app, 'd', 0, 'Windows');
    await visit(app, 'e', 0, 'Windows', { old_device_id: 'd' });

    const total = (filter, more) => client.read(server, app, 'total_users',
        { period: '7days', filter, ...more });
    assert.deepStrictEqual(await total({ os: 'Android' }),
        [{ _id: 'users', u: 2 }]);
    assert.deepStrictEqual(await total({ os: ['Android'], p: 'iOS' }),
        [{ _id: 'users', u: 1 }]);
    assert.deepStrictEqual(await total({ os: 'Windows' }, { metric: 'os' }),
        [{ _id: 'Windows', u: 1 }]);
    assert.deepStrictEqual(await total({ os: 'BeOS' }), []);

    const retention = (more) => client.read(server, app, 'retention',
        { period: 'adaily', span: 3, ...more });
    const rows = (...counts) => counts.map(([tu, ...back], i) => ({
        _id: label(2 - i, '', 2), tu,
        ...Object.fromEntries(back.map((count, k) => [k + 1, count])) }));
    assert.deepStrictEqual(await retention(),
        rows([2, 1, 1], [2, 0], [2]));
    assert.deepStrictEqual(await retention({ rettype: 'classic' }),
        rows([2, 1, 1], [0, 0], [1]));
    assert.deepStrictEqual(await retention({ rettype: 'unbounded' }),
        rows([2, 2, 1], [2, 0], [2]));
    assert.deepStrictEqual(await retention({ filter: { os: 'iOS' } }),
        rows([1, 1, 0], [1, 0], [1]));
    assert.deepStrictEqual(await retention({ evt: 'no such event' }),
        rows([0, 0, 0], [0, 0], [0]));
    assert.deepStrictEqual(await retention({ span: '', no_cache: true,
        range: [noon(2) * 1000, noon(0) * 1000 + DAY * 1e6] }),
    rows([2, 1, 1], [2, 0], [2]));

    assert.deepStrictEqual(await active({ period: '2days' }), {
        calculating: false, data: {
            [label(1, '.', 1)]: { d: 2, w: 3, m: 3 },
            [label(0, '.', 1)]: { d: 2, w: 4, m: 4 } } });
    assert.deepStrictEqual(
        await active({ period: 'hour', filter: { os: 'Android' } }), {
            calculating: false, data: {
                [label(0, '.', 1)]: { d: 0, w: 2, m: 2 } } });
});

test('an event may stand for the session', async () => {
    const other = await client.createApp(server);
    const buy = (device, daysAgo) => send(other, { device_id: device,
        timestamp: noon(daysAgo), events: [{ key: 'buy.now', count: 1,
            timestamp: noon(daysAgo) }] });

    await visit(other, 'a', 2, 'iOS');
    await visit(other, 'b', 1, 'iOS');
    await buy('a', 2);
    await buy('a', 0);
    await buy('b', 1);
    await buy('b', 0);
    await buy('c', 0);
    const retention = (more) => client.read(server, other, 'retention',
        { period: 'adaily', span: 3, evt: 'buy.now', ...more });
    const counts = (rows) => rows.map(({ _id, ...row }) => row);
    assert.deepStrictEqual(counts(await retention()),
        [{ tu: 1, 1: 0, 2: 1 }, { tu: 1, 1: 1 }, { tu: 3 }]);
    assert.deepStrictEqual(counts(await retention({ rettype: 'classic' })),
        [{ tu: 1, 1: 0, 2: 1 }, { tu: 1, 1: 1 }, { tu: 0 }]);
    assert.deepStrictEqual(counts(await retention({ filter: { os: 'iOS' } })),
        [{ tu: 1, 1: 0, 2: 0 }, { tu: 1, 1: 0 }, { tu: 0 }]);
});

test('bad questions are refused', async () => {
    const retention = { method: 'retention' };
    await refused(retention, 'Missing parameter "period"');
    await refused({ ...retention, period: '30days' }, 'must be adaily');
    await refused({ ...retention, period: 'adaily', rettype: 'x' }, 'rettype');
    await refused({ ...retention, period: 'adaily', span: 366 }, 'span');
    await refused({ ...retention, period: 'adaily', range: '[1]' }, 'range');
    await refused({ ...retention, period: 'adaily', query: '{"a":1}' },
        'query');
    for (const [path, query] of [['/o', { method: 'total_users' }],
        ['/o', { ...retention, period: 'adaily' }], ['/o/active_users', {}]]) {
        await refused({ ...query, filter: '[1]' }, 'not a JSON object', path);
        await refused({ ...query, filter: '{"os":1}' }, 'string', path);
        await refused({ ...query, filter: '{"x":"y"}' }, 'metric', path);
    }
    await refused({ method: 'concurrent', mode: 6 }, 'mode');
    await refused({ method: 'concurrent', mode: 'x' }, 'mode');
    await refused({ app_id: '' }, 'app_id', '/o/active_users');
    await refused({ api_key: 'f'.repeat(32) }, 'User does not exist',
        '/o/active_users', 401);
});

test('who is online is told, and the most is kept', async () => {
    const other = await client.createApp(server);
    const live = () => client.read(server, other, 'live');
    const concurrent = (mode) =>
        client.read(server, other, 'concurrent', { mode });

    assert.deepStrictEqual(await live(), { o: 0, n: 0, om: 0, nm: 0 });
    await visit(other, 'a', 0, 'iOS');
    await visit(other, 'a', 9, 'iOS'); /* late, and yet a request of now */
    await visit(other, 'b', 3, 'iOS');
    await send(other, { device_id: 'c', session_duration: 5 });
    assert.deepStrictEqual(await live(), { o: 3, n: 2, om: 3, nm: 2 });
    const explained = await client.send(server, { path: '/i', form: {
        explain: 1, api_key: client.ADMIN_KEY, app_key: other.key,
        device_id: 'b', old_device_id: 'a', begin_session: 1 } });
    assert.strictEqual(explained.json.merges.length, 1, explained.text);
    assert.deepStrictEqual(await live(), { o: 3, n: 2, om: 3, nm: 2 });
    await visit(other, 'b', 0, 'iOS', { old_device_id: 'a' });
    assert.deepStrictEqual(await live(), { o: 2, n: 1, om: 3, nm: 2 });
    const answers = await Promise.all(['', 0, 1, 2, 3, 4, 5].map(concurrent));
    assert.deepStrictEqual(answers, [{ o: 2, n: 1, om: 3, nm: 2 },
        { o: 2, n: 1, om: 3, nm: 2 }, { o: 2 }, { n: 1 }, { om: 3 },
        { nm: 2 }, { o: 2, n: 1 }]);

    await server.stop();
    server = await client.start({ dir });
    assert.deepStrictEqual(await live(), { o: 0, n: 0, om: 3, nm: 2 });
    await send(other, { device_id: 'c' });
    assert.deepStrictEqual(await live(), { o: 1, n: 0, om: 3, nm: 2 });
    await client.send(server, { path: '/i/apps/reset', query: {
        api_key: client.ADMIN_KEY,
        args: { app_id: other._id, period: 'reset' } } });
    assert.deepStrictEqual(await live(), { o: 0, n: 0, om: 0, nm: 0 });
    await server.stop();
    server = await client.start({ dir });
    assert.deepStrictEqual(await live(), { o: 0, n: 0, om: 0, nm: 0 });
});

test('a shorter window ends sooner', async () => {
    await server.stop();
    server = await client.start({ dir,
        config: { api: { online_window_s: 1 } } });
    const other = await client.createApp(server);
    await send(other, { device_id: 'a' });
    assert.strictEqual(
        (await client.read(server, other, 'live')).om, 1);
    const until = Date.now() + 20000;
    let online;
    do {
        await new Promise((resolve) => setTimeout(resolve, 100));
        online = (await client.read(server, other, 'live')).o;
    } while (online > 0 && Date.now() < until);
    assert.strictEqual(online, 0);
});
