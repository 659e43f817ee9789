'use strict';
/*
 * timesofday.test.js - at which hours of the week sessions begin and events
 * happen, by the clients' clocks.
 */
const assert = require('node:assert');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const DAY = 86400;
const NOW = Math.floor(Date.now() / 1000);

let dir, server, app;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
    app = await client.createApp(server);
    const send = async (query) => {
        const answer = await client.send(server, { path: '/i', query: {
            app_key: app.key, timestamp: NOW, ...query } });
        assert.strictEqual(answer.status, 200, answer.text);
    };
    const begin = { begin_session: 1 };
    await send({ device_id: 'a', ...begin, hour: 0, dow: 0 });
    await send({ device_id: 'b', ...begin, hour: 23, dow: 6 });
    await send({ device_id: 'c', ...begin, hour: 23, dow: 6,
        timestamp: NOW - 60 * DAY });
    /* not counted: no session, none told, told wrongly, a session resumed */
    await send({ device_id: 'a', session_duration: 9, hour: 1, dow: 1 });
    await send({ device_id: 'd', ...begin });
    await send({ device_id: 'e', ...begin, hour: 24, dow: 1 });
    await send({ device_id: 'f', ...begin, hour: 1, dow: 'Monday' });
    await send({ device_id: 'b', end_session: 1 });
    await send({ device_id: 'b', ...begin, hour: 2, dow: 2 });
    /* events have their own hours, or those of the request */
    await send({ device_id: 'a', hour: 3, dow: 3, events: [
        { key: 'Buy', count: 1 }, { key: 'Buy', count: 5 },
        { key: 'Buy', count: 1, hour: 4, dow: 4 },
        { key: 'Buy', count: 1, hour: 4 }, { key: 'Look' }] });
});

after(async () => {
    await client.killAll();
    client.removeDir(dir);
});

/* The hours of the week that have a count, as {'day hour': count}. */
async function times(type, more) {
    const rows = await client.read(server, app, 'times-of-day',
        { tod_type: type, ...more });
    assert.deepStrictEqual(rows.map((row) => row.length), Array(7).fill(24));
    return Object.fromEntries(rows.flatMap((row, day) => row.flatMap(
        (count, hour) => count ? [[`${day} ${hour}`, count]] : [])));
}

function month(seconds) {
    const date = new Date(seconds * 1000);
    return `${date.getUTCFullYear()}:${date.getUTCMonth() + 1}`;
}

test('sessions count when they begin', async () => {
    assert.deepStrictEqual(await times('[CLY]_session'),
        { '0 0': 1, '6 23': 1 });
    assert.deepStrictEqual(await times('[CLY]_session', { period: '90days' }),
        { '0 0': 1, '6 23': 2 });
    const months = { date_range: `${month(NOW)},${month(NOW - 60 * DAY)}` };
    assert.deepStrictEqual(await times('[CLY]_session', months),
        { '0 0': 1, '6 23': 2 });
});

test('events count by key', async () => {
    assert.deepStrictEqual(await times('Buy'), { '3 3': 2, '4 4': 1 });
    assert.deepStrictEqual(await times('Look', { period: 'day' }),
        { '3 3': 1 });
    assert.deepStrictEqual(await times('none'), {});
    assert.deepStrictEqual(await times(''), {});
});

test('a range that is none is refused', async () => {
    const answer = await client.send(server, { path: '/o', query: {
        api_key: client.ADMIN_KEY, app_id: app._id, method: 'times-of-day',
        tod_type: 'Buy', date_range: '2026.13' } });
    assert.strictEqual(answer.status, 400);
    assert.deepStrictEqual(answer.json,
        { result: 'Invalid parameter "date_range"' });
});

test('the counters pass the check', async () => {
    await server.stop();
    const done = client.run('check', '--data', client.dataDir(dir));
    assert.strictEqual(done.status, 0, done.stdout + done.stderr);
});
