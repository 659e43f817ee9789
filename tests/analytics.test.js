'use strict';
/*
 * analytics.test.js - the reads of a dashboard over HTTP: who may, what is
 * refused, and the shapes that no recorded vector has.
 */
const assert = require('node:assert');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const DAY_MS = 86400000;
const NOW = Date.now();
const PATHS = 'Invalid path, must be one of /dashboard,  /countries, ' +
    '/sessions, /metric, /tops, /loyalty, /frequency, /durations, /events';

let server;
let dir;
let app;

async function begin(device, daysAgo, more = {}) {
    const answer = await client.send(server, { path: '/i', form: {
        app_key: app.key, device_id: device, begin_session: 1,
        timestamp: NOW - daysAgo * DAY_MS, country_code: 'DE', ...more } });
    assert.strictEqual(answer.status, 200, answer.text);
}

function get(path, more = {}) {
    return client.send(server, { path, query: {
        api_key: client.ADMIN_KEY, app_id: app._id, ...more } });
}

async function read(path, more) {
    const answer = await get(path, more);
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json;
}

async function refuses(path, more, status, result) {
    const answer = await get(path, more);
    assert.deepStrictEqual([answer.status, answer.json],
        [status, { result }]);
}

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
    app = await client.createApp(server);
    await begin('a', 20, { metrics: { _store: 'http://www.bing.com/?q=sums' },
        sdk_name: 'js', sdk_version: '26.1.2' });
    await begin('a', 0);
    await begin('b', 0, { metrics: { _os: 'iOS' } });
});

after(async () => {
    try {
        await server.stop();
    } finally {
        client.removeDir(dir);
    }
});

test('a path that is none names those there are', async () => {
    for (const path of ['/o/analytics', '/o/analytics/',
        '/o/analytics/session', '/o/analytics/metric/'])
        await refuses(path, {}, 400, PATHS);
    await refuses('/o/analyticsx', {}, 400, 'Invalid path');
});

test('app_id, the credentials and the right are asked for', async () => {
    for (const path of ['/o/analytics/sessions', '/o/app_users/loyalty',
        '/o/slipping', '/o/keywords']) {
        await refuses(path, { app_id: '' }, 400, 'Missing parameter "app_id"');
        await refuses(path, { api_key: 'none' }, 401, 'User does not exist');
    }
});

test('bad parameters are refused', async () => {
    await refuses('/o/analytics/metric', {}, 400, 'Must provide metric');
    await refuses('/o/analytics/sessions', { bucket: 'weekly' }, 400,
        'Invalid parameter "bucket"');
    await refuses('/o/slipping', { query: '{"av":"1"}' }, 400,
        'Invalid parameter "query": use "filter"');
    await refuses('/o/app_users/loyalty', { filter: '{"no":"1"}' }, 400,
        'Invalid parameter "filter": a name is none of a metric');
    await refuses('/o', { method: 'all_apps', skip: 'x' }, 400,
        'Invalid parameter "skip"');
});

test('sessions are regrouped by day and month', async () => {
    const days = await read('/o/analytics/sessions',
        { period: 'hour', bucket: 'daily' });
    assert.strictEqual(days.length, 1);
    assert.strictEqual(days[0].t, 2);
    const months = await read('/o/analytics/sessions',
        { period: '30days', bucket: 'monthly' });
    assert.strictEqual(months.reduce((sum, row) => sum + row.t, 0), 3);
    assert.match(months[0]._id, /^\d{4}-\d{1,2}$/);
});

test('an unknown metric has no values', async () => {
    for (const metric of ['sessions', 'users', 'device_details', 'colour'])
        assert.deepStrictEqual(await read('/o/analytics/metric', { metric }),
            []);
    assert.deepStrictEqual(await read('/o/analytics/metric',
        { metric: 'locations' }), [{ _id: 'DE', t: 3, n: 2, u: 2 }]);
});

test('tops are of one metric, of some or of the usual ones', async () => {
    const ios = [{ name: 'iOS', value: 1, percent: 100 }];
    assert.deepStrictEqual(Object.keys(await read('/o/analytics/tops')),
        ['platforms', 'resolutions', 'carriers', 'countries']);
    assert.deepStrictEqual(await read('/o/analytics/tops',
        { metric: 'os' }), ios);
    assert.deepStrictEqual(await read('/o/analytics/tops',
        { metric: 'colour' }), []);
    assert.deepStrictEqual(await read('/o/analytics/tops',
        { metrics: '["os","colour","os",1]' }), { os: ios });
    for (const metrics of ['', '[]', '{', '"os"'])
        assert.deepStrictEqual(await read('/o/analytics/tops', { metrics }),
            {});
});

test('the SDK is counted and read as a collection', async () => {
    assert.deepStrictEqual(await read('/o/analytics/metric',
        { metric: 'sdks', period: '30days' }),
    [{ _id: '[js]_26:1:2', t: 1, n: 1, u: 1 }]);
    const object = await read('/o', { method: 'sdks' });
    assert.deepStrictEqual(object.meta, { sdks: ['[js]_26:1:2'] });
});

test('loyalty and slipping count users', async () => {
    const loyalty = await read('/o/app_users/loyalty', { query: '{}' });
    assert.deepStrictEqual(loyalty.all, [
        { _id: '1', count: 1, index: '0' }, { _id: '2', count: 1, index: '1' }]);
    const some = await read('/o/app_users/loyalty', { filter: '{"os":"iOS"}' });
    assert.deepStrictEqual(some.all, [{ _id: '1', count: 1, index: '0' }]);
    const slipping = await read('/o/slipping');
    assert.deepStrictEqual(slipping.map((row) => row.period),
        [7, 14, 30, 60, 90]);
    assert.deepStrictEqual(slipping.map((row) => row.count), [0, 0, 0, 0, 0]);
    assert.strictEqual(slipping[0].percentage, '0.00');
});

test('keywords come from pages of search engines', async () => {
    assert.deepStrictEqual(await read('/o/keywords', { period: '30days' }),
        [{ _id: 'sums', t: 1 }]);
});

test('all apps are read at once by a global admin only', async () => {
    const all = await read('/o', { method: 'all_apps', period: '30days' });
    const mine = all.find((row) => row._id === app._id);
    assert.strictEqual(mine.name, 'Test');
    assert.strictEqual(mine.sessions.total, 3);
    assert.strictEqual(mine.users.total, 2);
    assert.strictEqual(mine.newusers.total, 2);
    assert.deepStrictEqual(Object.keys(mine.charts).sort(),
        ['new-users', 'time-spent', 'total-sessions', 'total-users']);
    assert.strictEqual(mine.charts['total-sessions'].length, 30);
    assert.deepStrictEqual(mine.charts['total-sessions'][29], [29, 2]);
    assert.deepStrictEqual(await read('/o',
        { method: 'all_apps', skip: all.length }), []);
    const member = await client.manage(server, '/i/users/create', {
        full_name: 'Reader', username: 'reader', password: 'Passw0rd!x',
        email: 'reader@example.org', permission: { c: {}, r: {}, u: {}, d: {},
            _: { a: [], u: [[app._id]] } } });
    await client.manage(server, '/i/users/update', { user_id: member._id,
        permission: { r: { [app._id]: { all: true } }, _: { a: [], u: [[]] } } });
    const token = await client.send(server, { path: '/i/token/create', query: {
        api_key: client.ADMIN_KEY, apps: app._id, multi: true } });
    await refuses('/o', { method: 'all_apps', api_key: '',
        auth_token: token.json.result }, 401, 'User does not have right');
    await refuses('/o', { method: 'all_apps', api_key: member.api_key }, 401,
        'User does not have right');
});

test('maps are for anybody', async () => {
    const languages = await client.send(server, { path: '/o/langmap' });
    assert.strictEqual(languages.json.de, 'German');
    const sources = await client.send(server, { path: '/o/sources' });
    assert.strictEqual(sources.json['com.android.vending'], 'Google Play');
});
