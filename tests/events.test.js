'use strict';
/*
 * events.test.js - events over HTTP as SDKs send them: counted, read in every
 * way, managed, and the same after a crash.
 */
const assert = require('node:assert');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const NOW_S = Math.floor(Date.now() / 1000);
const DAY_S = 86400;

let server;
let dir;
let app;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir, config: { api: { event_limit: 20 } } });
});

after(async () => {
    await client.killAll();
    client.removeDir(dir);
});

async function freshApp(name) {
    app = await client.createApp(server, { name, timezone: 'UTC' });
}

async function ingest(device, events, more = {}) {
    const answer = await client.send(server, { path: '/i', form: {
        app_key: app.key, device_id: device, events, ...more } });
    assert.deepStrictEqual(answer.json, { result: 'Success' }, answer.text);
}

async function ask(path, query) {
    return client.send(server, { path, query: {
        api_key: client.ADMIN_KEY, app_id: app._id, ...query } });
}

async function read(method, query) {
    const answer = await ask('/o', { method, ...query });
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json;
}

async function manage(action, query, status = 200, result = 'Success') {
    const answer = await ask('/i/events/' + action, query);
    assert.deepStrictEqual([answer.status, answer.json], [status, { result }]);
}

/* The counters of a time object at its years together. */
function total(object, value) {
    const sum = { c: 0, s: 0, dur: 0 };
    for (const [year, counters] of Object.entries(object)) {
        const at = value === undefined ? counters : counters[value] || {};
        for (const name of /^\d{4}$/.test(year) ? Object.keys(sum) : [])
            sum[name] += at[name] || 0;
    }
    return sum;
}

test('the node SDK\'s events count with their sums and durations', async () => {
    await freshApp('Node');
    await ingest('n1', [
        { key: 'buy', count: 2, sum: 9.99, dur: 1.5, timestamp: Date.now(),
            hour: 10, dow: 3, segmentation: { item: 'sword', level: 3 } },
        { key: 'buy', count: 1, sum: 0.01, segmentation: { item: 'a.b' } },
    ], { sdk_name: 'javascript_native_nodejs', t: 1 });
    const object = await read('events', { event: 'buy' });
    assert.deepStrictEqual(total(object), { c: 3, s: 10, dur: 1.5 });
    assert.deepStrictEqual(object.meta.segments.sort(), ['item', 'level']);
    assert.deepStrictEqual(object.meta.level, ['[CLY]3']);
    const items = await read('events', { event: 'buy', segmentation: 'item' });
    assert.deepStrictEqual(total(items, 'sword'), { c: 2, s: 9.99, dur: 1.5 });
    assert.deepStrictEqual(total(items, 'a:b'), { c: 1, s: 0.01, dur: 0 });
});

test('the C++ SDK\'s events count in a GET without a time', async () => {
    await freshApp('Cpp');
    const answer = await client.send(server, { path: '/i', query: {
        app_key: app.key, device_id: 'c1', events: [{ count: 1, dur: 0,
            key: 'level', segmentation: { n: '5' }, sum: 0,
            timestamp: Date.now() }] } });
    assert.strictEqual(answer.status, 200);
    assert.deepStrictEqual(total(await read('events', { event: 'level' })),
        { c: 1, s: 0, dur: 0 });
});

test('bulk items bring events as JSON and as text', async () => {
    await freshApp('Bulk');
    const answer = await client.send(server, { path: '/i/bulk', form: {
        app_key: app.key, requests: [
            { device_id: 'b1', events: [{ key: 'x', count: 2 }] },
            { device_id: 'b2', events: '[{"key":"x","count":"3"}]' },
        ] } });
    assert.strictEqual(answer.status, 200);
    assert.strictEqual(total(await read('events', { event: 'x' })).c, 5);
});

test('an event\'s own time does not move the rest of the request', async () => {
    await freshApp('Times');
    await ingest('t1', [{ key: 'late', timestamp: NOW_S - 3 * DAY_S }],
        { begin_session: 1, timestamp: NOW_S - 5 });
    const rows = (await ask('/o/analytics/events',
        { event: 'late', period: '7days' })).json;
    assert.strictEqual(rows.length, 7);
    assert.deepStrictEqual(rows.map((row) => row.c), [0, 0, 0, 1, 0, 0, 0]);
    const users = await read('users', { period: '1days', action: 'refresh' });
    assert.ok(JSON.stringify(users).includes('"t":1'));
});

test('events that are none count nothing, and hinder nothing', async () => {
    await freshApp('Odd');
    await ingest('o1', [null, 5, 'x', [], {}, { key: '' }, { key: null },
        { key: '$' }, { key: '[CLY]_made_up' }, { key: 'x'.repeat(128) },
        { key: 'good', segmentation: 'none', timestamp: 'never' },
        { key: 'good', count: 'many', sum: 'much', dur: {} },
        { key: 'good', count: 5e9, sum: 1e300, dur: -1e300 }]);
    await ingest('o1', '[{"key":"bad"}');
    assert.deepStrictEqual((await read('get_events')).list, ['good']);
    assert.deepStrictEqual(total(await read('events', { event: 'good' })),
        { c: 2, s: 0, dur: 0 });
});

test('segments that come out alike are one: its first value counts',
    async () => {
        await freshApp('Alike');
        await ingest('a1', [{ key: 'e', count: 3,
            segmentation: { 'a.b': 'x', $ab: 'y', ab: 'x' } }]);
        const object = await read('events', { event: 'e', segmentation: 'ab' });
        assert.deepStrictEqual(object.meta, { ab: ['x'], segments: ['ab'] });
        assert.strictEqual(total(object, 'x').c, 3);
    });

test('keys past the limit count nothing, deleting makes room', async () => {
    await freshApp('Limit');
    await ingest('l1', Array.from({ length: 25 }, (_, i) => ({ key: `e${i}` })));
    assert.strictEqual((await read('get_events')).list.length, 20);
    await manage('delete_events', { events: ['e0', 'e1', 'e0', 'e24'] });
    await ingest('l1', [{ key: 'e22' }, { key: 'e23' }, { key: 'e24' }]);
    const { list } = await read('get_events');
    assert.strictEqual(list.length, 20);
    assert.ok(!list.includes('e0') && list.includes('e23'));
});

test('a deleted event is gone, and starts at zero when it comes again',
    async () => {
        await freshApp('Delete');
        await ingest('d1', [{ key: 'a', count: 7, segmentation: { s: 'v' } },
            { key: 'b' }]);
        await manage('edit_map', { event_map: { a: { name: 'Alpha' } },
            event_order: ['a', 'b'], event_overview: [{ eventKey: 'a' }] });
        await manage('delete_events', { events: ['a'] });
        const list = await read('get_events');
        assert.deepStrictEqual([list.list, list.segments, list.map, list.order],
            [['b'], {}, undefined, ['b']]);
        assert.deepStrictEqual(await read('events', { event: 'a' }), {});
        assert.deepStrictEqual(Object.keys((await read('top_events')).data),
            ['b']);
        await ingest('d1', [{ key: 'a' }]);
        assert.strictEqual(total(await read('events', { event: 'a' })).c, 1);
        await server.kill();
        server = await client.start({ dir,
            config: { api: { event_limit: 20 } } });
        const object = await read('events', { event: 'a' });
        assert.strictEqual(total(object).c, 1);
        assert.deepStrictEqual(object.meta, {});
    });

test('segments are whitelisted and omitted', async () => {
    await freshApp('Segments');
    const event = { key: 'e', segmentation: { a: 'x', b: 'y', c: 'z' } };
    await manage('whitelist_segments', { whitelisted_segments: { e: ['a', 'b'] } });
    await manage('edit_map', { omitted_segments: { e: ['b'] } });
    await ingest('s1', [event]);
    assert.deepStrictEqual((await read('get_events')).segments, { e: ['a'] });
    await manage('whitelist_segments', { whitelisted_segments: { e: [] } });
    await ingest('s1', [event]);
    const list = await read('get_events');
    assert.deepStrictEqual(list.segments.e.sort(), ['a', 'c']);
    assert.strictEqual(list.whitelisted_segments, undefined);
    assert.deepStrictEqual(list.omitted_segments, { e: ['b'] });
});

test('the order names the default event, hidden ones are not at the top',
    async () => {
        await freshApp('Order');
        await ingest('o1', [{ key: 'a', count: 2 }, { key: 'b', count: 9 },
            { key: '[CLY]_action', count: 50 }]);
        assert.strictEqual(total(await read('events')).c, 2);
        await manage('edit_map', { event_order: ['none', 'b', 'a'] });
        assert.strictEqual(total(await read('events')).c, 9);
        await manage('change_visibility', { events: ['b'], set_visibility: 'hide' });
        assert.deepStrictEqual((await read('get_events')).map,
            { b: { is_visible: false } });
        const top = await read('top_events', { period: '7days' });
        assert.deepStrictEqual([top.period, top.totalCount, Object.keys(top.data)],
            ['7days', 2, ['a']]);
        await manage('change_visibility', { events: ['b'], set_visibility: 'show' });
        assert.deepStrictEqual(Object.keys((await read('top_events')).data),
            ['b', 'a']);
    });

test('the overview compares with the period before', async () => {
    await freshApp('Overview');
    await ingest('o1', [{ key: 'a', count: 3, sum: 1.5 },
        { key: 'a', count: 2, timestamp: NOW_S - 7 * DAY_S },
        { key: 'a', count: 2, timestamp: NOW_S - 60 * DAY_S }]);
    const { a } = await read('events',
        { events: ['a', 'none'], overview: 1, period: '7days' });
    assert.deepStrictEqual(a.data, {
        count: { total: 3, 'prev-total': 2, change: '50%', trend: 'u',
            sparkline: [0, 0, 0, 0, 0, 0, 3] },
        sum: { total: 1.5, 'prev-total': 0, change: 'NA', trend: 'u',
            sparkline: [0, 0, 0, 0, 0, 0, 1.5] },
        dur: { total: 0, 'prev-total': 0, change: 'NA', trend: 'u',
            sparkline: [0, 0, 0, 0, 0, 0, 0] },
    });
});

test('what is not understood is refused and changes nothing', async () => {
    await freshApp('Refused');
    await ingest('r1', [{ key: 'a' }]);
    const invalid = (name) => `Invalid parameter "${name}"`;
    for (const bad of ['', '[bad', '5', '[]', '["a"', '{"a":"b"}', '{"a":[5]}',
        '{"a":["b"]},"x":{}'])
        await manage('whitelist_segments', { whitelisted_segments: bad }, 400,
            invalid('whitelisted_segments'));
    for (const [name, bad] of [['event_map', '{"a":5}'], ['event_order', '{}'],
        ['event_order', '[5]'], ['event_overview', '["a"]'],
        ['omitted_segments', '[]']])
        await manage('edit_map', { event_order: ['a'], [name]: bad }, 400,
            invalid(name));
    await manage('edit_map', {}, 400, 'Missing parameter "event_map"');
    await manage('delete_events', { events: 'a' }, 400, invalid('events'));
    await manage('change_visibility', { events: ['a'] }, 400,
        invalid('set_visibility'));
    await manage('change_visibility', { events: [], set_visibility: 'show' },
        400, invalid('events'));
    await manage('nothing', {}, 400, 'Invalid path, must be one of ' +
        '/whitelist_segments, /edit_map, /change_visibility or /delete_events');
    const list = await read('get_events');
    assert.deepStrictEqual(Object.keys(list).sort(),
        ['_id', 'limits', 'list', 'segments']);
});

test('events need the right to events', async () => {
    await freshApp('Rights');
    await ingest('r1', [{ key: 'a' }]);
    const member = async (name, feature) => {
        const answer = await client.manage(server, '/i/users/create', {
            full_name: name, username: name, email: name + '@example.org',
            password: 'Secret-Word-1', permission: { _: { a: [], u: [[app._id]] },
                c: {}, u: {}, d: {},
                r: { [app._id]: { all: false, allowed: { [feature]: true } } } } });
        return (answer.json || answer).api_key;
    };
    const eventsKey = await member('events-only', 'events');
    const coreKey = await member('core-only', 'core');
    const status = async (path, key, query) => (await ask(path,
        { api_key: key, ...query })).status;
    assert.strictEqual(await status('/o', eventsKey, { method: 'get_events' }), 200);
    assert.strictEqual(await status('/o', coreKey, { method: 'get_events' }), 401);
    assert.strictEqual(await status('/o/analytics/events', coreKey, { event: 'a' }),
        401);
    assert.strictEqual(await status('/i/events/delete_events', eventsKey,
        { events: ['a'] }), 401);
    assert.deepStrictEqual((await read('get_events')).list, ['a']);
});

test('years that alternate take no longer than one, whatever days there are',
    async () => {
        const app = await client.createApp(server, { name: 'Years' });
        const first = Date.UTC(2002, 0, 1) / 1000;
        const took = async (second) => {
            const start = Date.now();
            const answer = await client.send(server, { path: '/i', form: {
                app_key: app.key, device_id: 'y', events: Array.from(
                    { length: 3000 }, (_, i) => ({ key: 'tick',
                        timestamp: second(i) })) } });
            assert.strictEqual(answer.status, 200, answer.text);
            return Date.now() - start;
        };
        for (let round = 0; round < 3; round++)
            await took((i) => first + (3000 * round + i % 3000) * 86400);
        const plain = await took(() => first);
        const mixed = await took((i) => first + i % 2 * 366 * 86400);
        assert.ok(mixed < 10 * plain + 200, `${mixed} ms, not ${plain} ms`);
    });
