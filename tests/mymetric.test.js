'use strict';
/*
 * mymetric.test.js - the guide's example of a metric of one's own, in C
 * (metrics/plugins/mymetric.c), in JavaScript as the guide has it, and without
 * code: all three give the same answers.
 *
 * The environment variables MYMETRIC and JSPLUGINS name the plugins.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { after, afterEach, beforeEach, describe, test } =
    require('node:test');
const client = require('./client.js');

const GUIDE = path.join(__dirname, 'plugins', 'js', 'guide');
const DAY = 86400;
/* Noon of the day before yesterday, so that no day ends meanwhile. */
const START = (Math.floor(Date.now() / 1000 / DAY) - 2) * DAY + DAY / 2;

let dir;
let server;
let app;
const answers = {};

function pluginsDir(file) {
    const plugins = path.join(dir, 'plugins');
    fs.mkdirSync(plugins);
    fs.symlinkSync(path.resolve(file), path.join(plugins, path.basename(file)));
    return plugins;
}

function guideDir() {
    const root = path.join(dir, 'js');
    fs.cpSync(path.join(GUIDE, 'mymetric'), path.join(root, 'mymetric'),
        { recursive: true });
    return root;
}

const ways = {
    'in C': () => ({ plugins: { dir: pluginsDir(process.env.MYMETRIC) } }),
    'in JavaScript': () => ({ plugins: { dir: pluginsDir(process.env.JSPLUGINS),
        jsplugins: { dir: guideDir() } } }),
    'without code': () => ({ metrics: { custom: 'mymetric:_mymetric:mymetric' } }),
};

async function session(device, day, value) {
    const answer = await client.send(server, { path: '/i', query: {
        app_key: app.key, device_id: device, begin_session: 1,
        timestamp: START + day * DAY,
        metrics: { _os: 'Android', _os_version: '4.1', _mymetric: value } } });
    assert.deepStrictEqual(answer.json, { result: 'Success' }, answer.text);
}

async function get(target, query) {
    const answer = await client.send(server, { path: target, query: {
        api_key: client.ADMIN_KEY, app_id: app._id, period: '30days',
        ...query } });
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json;
}

async function allAnswers() {
    return { object: await get('/o', { method: 'mymetric' }),
        refresh: await get('/o', { method: 'mymetric', action: 'refresh' }),
        analytics: await get('/o/analytics/metric', { metric: 'mymetric' }),
        total: await get('/o', { method: 'total_users', metric: 'mymetric' }) };
}

for (const [way, config] of Object.entries(ways)) {
    describe('mymetric ' + way, () => {
        beforeEach(async () => {
            dir = client.makeDir();
            server = await client.start({ dir, config: config() });
            app = await client.createApp(server);
            await session('d1', 0, 'myvalue');
            await session('d2', 0, 'my.other');
            await session('d1', 1, 'myvalue');
            await session('d1', 2, 'changed');
        });

        afterEach(async () => {
            await client.killAll();
            client.removeDir(dir);
        });

        test('counts and is read everywhere', async () => {
            const all = await allAnswers();
            answers[way] = all;
            assert.deepStrictEqual(all.object.meta.mymetric.sort(),
                ['changed', 'my:other', 'myvalue']);
            const day = new Date(START * 1000);
            const first = all.object[day.getUTCFullYear()][day.getUTCMonth() +
                1][day.getUTCDate()];
            assert.deepStrictEqual(first, {
                myvalue: { t: 1, n: 1, u: 1 },
                'my:other': { t: 1, n: 1, u: 1 } });
            assert.deepStrictEqual(all.total.sort((a, b) =>
                a._id < b._id ? -1 : 1), [{ _id: 'changed', u: 1 },
                { _id: 'my:other', u: 1 }, { _id: 'myvalue', u: 1 }]);
            const row = all.analytics.find((one) => one._id === 'myvalue');
            assert.deepStrictEqual([row.t, row.n, row.u], [2, 1, 1]);
        });

        test('is refused to who may not read', async () => {
            const answer = await client.send(server, { path: '/o', query: {
                method: 'mymetric', app_id: app._id, api_key: 'x'.repeat(32) } });
            assert.deepStrictEqual([answer.status, answer.json],
                [401, { result: 'User does not exist' }]);
        });

        test('is empty once the app is reset', async () => {
            await client.manage(server, '/i/apps/reset',
                { app_id: app._id, period: 'reset' });
            const object = await get('/o', { method: 'mymetric' });
            assert.deepStrictEqual(object, { meta: {} });
            await session('d1', 2, 'again');
            assert.deepStrictEqual((await get('/o',
                { method: 'mymetric' })).meta.mymetric, ['again']);
        });

        test('goes with the app', async () => {
            await client.manage(server, '/i/apps/delete', { app_id: app._id });
            const answer = await client.send(server, { path: '/o', query: {
                method: 'mymetric', app_id: app._id,
                api_key: client.ADMIN_KEY } });
            assert.deepStrictEqual([answer.status, answer.json],
                [401, { result: 'App does not exist' }]);
        });
    });
}

after(() => {
    assert.strictEqual(Object.keys(answers).length, 3);
    assert.deepStrictEqual(answers['in JavaScript'], answers['in C']);
    assert.deepStrictEqual(answers['without code'], answers['in C']);
});
