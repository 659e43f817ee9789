'use strict';
/*
 * moving.test.js - what comes in from a Countly server and goes out again.
 */
const assert = require('node:assert');
const childProcess = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, beforeEach, test } = require('node:test');
const client = require('./client.js');
const countly = require('./countly.js');

const APP_ID = '5b0000000000000000000001';
const COLLECTIONS = ['users', 'device_details', 'devices', 'carriers',
    'cities', 'langs', 'density', 'sources', 'browser', 'sdks'];
const DAY_MS = 86400000;
const SMALL = ['--store.checkpoint_log', '262144', '--store.overlay',
    '16777216', '--store.slot_bytes', '1048576'];

let dir;
let files;

beforeEach(() => {
    dir = client.makeDir();
    files = path.join(dir, 'files');
    fs.mkdirSync(files);
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

function importFiles(...args) {
    return client.run('import', files, '--data', client.dataDir(dir), ...args);
}

function imports(...args) {
    const done = importFiles(...args);
    assert.strictEqual(done.status, 0, done.stderr + done.stdout);
    return done.stdout;
}

function isSound() {
    const done = client.run('check', '--data', client.dataDir(dir));
    assert.strictEqual(done.stdout, 'all is well\n');
}

/* Lists whose order says nothing are sorted. */
function sorted(value) {
    if (Array.isArray(value))
        return value.map(sorted).sort((a, b) =>
            JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    if (value === null || typeof value !== 'object')
        return value;
    return Object.fromEntries(Object.keys(value).sort().map((key) =>
        [key, sorted(value[key])]));
}

function appDocument(more = {}) {
    return { _id: { $oid: APP_ID }, name: 'Moved', key: 'k1', country: 'TR',
        timezone: 'Europe/Istanbul', category: '6', type: 'mobile',
        created_at: 1500000000, edited_at: { $numberLong: '1600000000' },
        seq: 40, plugins: { drill: {} }, ...more };
}

const APP = { _id: APP_ID, key: 'k1' };

/* Spec C.8, in shards and in the forms that mongoexport may write. */
function writeGolden() {
    const long = (number) => ({ $numberLong: String(number) });
    countly.write(files, 'apps', [appDocument()]);
    countly.write(files, 'users', [
        { _id: `${APP_ID}_2026:0_a`, ...countly.header(APP, 2026, 0),
            meta_v2: { countries: { TR: true }, 'f-ranges': { 0: true } },
            d: { u: long(1), 3: { u: 2, TR: { u: 1 }, f: { 0: 1 } },
                w9: { u: 2, TR: { u: 1 }, f: { 0: 2, 1: 2 } },
                4: { u: 1, TR: { u: 1 }, f: { 10: 1 } }, TR: { u: 1, t: 99 },
                f: { 0: 2, 1: 2, 10: 1 }, t: 99 } },
        { _id: `${APP_ID}_2026:0`, m: '2026:0',
            meta: { countries: ['DE'] },
            d: { u: 1, 3: { DE: { u: 1 }, f: { 0: 1, 1: 2 },
                ds: { 3: 1, 2: 1, 4: 1 } }, DE: { u: 1 },
                w9: { DE: { u: 1 }, ds: { 3: 1, 2: 1, 4: 1 } },
                w15: { u: 1, TR: { u: 1 }, f: { 10: 1 } },
                ds: { 3: 1, 2: 1, 4: 1 } } },
        { _id: `${APP_ID}_2026:3_x`, ...countly.header(APP, 2026, 3), d: {
            2: { e: 6, t: long(2), n: 1, u: 1, d: 170,
                TR: { t: 2, n: 1, u: 1 }, f: { 0: 1, 1: 1 },
                ds: { 3: 1, 2: 1 },
                10: { e: 6, t: 2, n: 1, u: 1, d: 170.0 } },
            3: { e: 3, t: 2, n: 1, u: 2, d: 300, TR: { t: 1, u: 1 },
                DE: { t: 1, n: 1, u: 1 }, f: { 1: 1 }, ds: { 4: 1 },
                9: { e: 2, t: 1, u: 1, d: 300 } } } },
        { _id: `${APP_ID}_2026:3_y`, ...countly.header(APP, 2026, 3), d: {
            3: { f: { 0: 1 }, 11: { e: 1, t: 1, n: 1, u: 1 } } } },
        { _id: `${APP_ID}_2026:4`, ...countly.header(APP, 2026, 4), d: {
            10: { e: 1, t: 1, u: 1, TR: { t: 1, u: 1 }, f: { 10: 1 },
                8: { e: 1, t: 1, u: 1 } } } },
    ]);
}

const GOLDEN = {
    2026: {
        3: { 2: { 10: { e: 6, t: 2, n: 1, u: 1, d: 170 }, e: 6, t: 2, n: 1,
            u: 1, d: 170, TR: { t: 2, n: 1, u: 1 }, f: { 0: 1, 1: 1 },
            ds: { 3: 1, 2: 1 } },
        3: { 9: { e: 2, t: 1, u: 1, d: 300 }, 11: { e: 1, t: 1, n: 1, u: 1 },
            e: 3, t: 2, n: 1, u: 2, d: 300, TR: { t: 1, u: 1 },
            DE: { t: 1, n: 1, u: 1 }, f: { 1: 1, 0: 1 }, ds: { 4: 1 } },
        u: 2, t: 4, n: 2, d: 470, e: 9, TR: { u: 1, t: 3, n: 1 },
        DE: { u: 1, t: 1, n: 1 }, f: { 0: 2, 1: 2 },
        ds: { 2: 1, 3: 1, 4: 1 } },
        4: { 10: { 8: { e: 1, t: 1, u: 1 }, e: 1, t: 1, u: 1,
            TR: { t: 1, u: 1 }, f: { 10: 1 } }, u: 1, t: 1, e: 1,
        TR: { u: 1, t: 1 }, f: { 10: 1 } },
        w9: { u: 2, TR: { u: 1 }, DE: { u: 1 }, f: { 0: 2, 1: 2 },
            ds: { 2: 1, 3: 1, 4: 1 } },
        w15: { u: 1, TR: { u: 1 }, f: { 10: 1 } },
        u: 2, t: 5, n: 2, d: 470, e: 10, TR: { u: 1, t: 4, n: 1 },
        DE: { u: 1, t: 1, n: 1 }, f: { 0: 2, 1: 2, 10: 1 },
        ds: { 2: 1, 3: 1, 4: 1 },
    },
    meta: { countries: ['TR', 'DE'], 'f-ranges': ['0', '1', '10'],
        'd-ranges': ['2', '3', '4'] },
};

const YEAR_END = { period: 'month', timestamp: 1798700000, raw: 1 };

test('documents read as Countly would merge them', async () => {
    writeGolden();
    imports();
    isSound();
    const server = await client.start({ dir });
    const users = await client.read(server, APP, 'users', YEAR_END);
    assert.deepStrictEqual(sorted(users), sorted(GOLDEN));
    const app = await client.manage(server, '/o/apps/all');
    assert.strictEqual(app.admin_of[APP_ID].timezone, 'Europe/Istanbul');
});

test('what was imported before is not taken again', async () => {
    writeGolden();
    imports();
    const again = imports();
    assert.match(again, /imported before: users.json/);
    fs.appendFileSync(path.join(files, 'users.json'), '\n');
    assert.match(imports(), /imported before: users.json/);
    const server = await client.start({ dir });
    const users = await client.read(server, APP, 'users', YEAR_END);
    assert.deepStrictEqual(sorted(users), sorted(GOLDEN));
});

test('one app comes alone, the others later', async () => {
    const other = '5b0000000000000000000002';
    countly.write(files, 'apps', [appDocument(),
        appDocument({ _id: other, key: 'k2' })]);
    countly.write(files, 'users', [APP_ID, other].map((id) => ({
        _id: `${id}_2026:3`, m: '2026:3', a: id,
        d: { 1: { t: 1, e: 1, 5: { t: 1, e: 1 } } } })));
    imports('--app', other);
    assert.match(imports('--app', other), /imported before: users.json/);
    imports();
    isSound();
    const server = await client.start({ dir });
    for (const id of [APP_ID, other]) {
        const users = await client.read(server, { _id: id }, 'users', YEAR_END);
        assert.strictEqual(users[2026].t, 1, id);
    }
});

test('a dry run tells the same and keeps nothing', () => {
    writeGolden();
    const dry = imports('--dry-run');
    assert(!fs.existsSync(client.dataDir(dir)));
    assert.strictEqual(dry, imports());
});

test('what is not taken is reported with its reason', () => {
    countly.write(files, 'apps', [appDocument({ timezone: 'Mars/Base' })]);
    countly.write(files, 'members', [
        { _id: { $oid: 'aa0000000000000000000001' }, full_name: 'A',
            username: 'a', email: 'A@b.c', api_key: client.ADMIN_KEY,
            password: '$argon2id$x', global_admin: true }, { _id: 'x' }]);
    fs.writeFileSync(path.join(files, 'users.json'), 'no json\n' +
        [{ _id: `${APP_ID}_2026:3`, m: '2026:3', a: APP_ID, d: {
            29: { t: -5 }, 30: { t: 1, e: 1, q: 5 }, 31: { t: 'x' },
            32: { t: 1 } } },
        { _id: 'zzz', m: '2026:3', a: 'zzz', d: {} },
        { _id: 'no month' }].map(JSON.stringify).join('\n'));
    countly.write(files, 'device_details', [{ m: '2026:3', a: APP_ID,
        d: { 1: { Unlisted: { t: 1, u: 1 } } } }]);
    countly.write(files, `app_users${APP_ID}`, [
        { _id: 'u1', uid: '1', did: 'd1', name: 'Ann', custom: { a: 1 },
            tk: { android: 'x' }, data: { events: 3 } },
        { _id: 'u2', uid: '1', did: 'd2', custom: [1, 'x'] }, { _id: 'u3', did: 'd1' },
        { _id: 'u4' }]);
    countly.write(files, 'crashes', []);
    const report = imports();
    for (const line of ['not imported: crashes.json', 'members: 1', 'users: 2',
        'lines that are no JSON document: 2',
        'documents that are of no month or year: 2',
        'documents of apps that are not here: 2',
        'fields of apps that mean nothing here: default: 1',
        'members that cannot be read: 1', 'members who need a new password: 1',
        'users without a device id: 1',
        'users whose device is known already: 1',
        'users whose uid is taken: another one: 1',
        'properties of users that are not kept: 1',
        'counters that are not known: 1',
        'counters that are no number or out of range: 1',
        'values that are in no list of their collection: 1',
        'parts that are of no day, month or week: 1'])
        assert(report.split('\n').includes(line), `${line} in\n${report}`);
    assert.match(report, /users\.json:1: /);
    isSound();
    const exported = client.run('export', 'k1', '--method', 'app_users',
        '--type', 'jsonl', '--data', client.dataDir(dir)).stdout;
    assert.deepStrictEqual(JSON.parse(JSON.parse(exported.split('\n')[0])
        .details), { name: 'Ann', custom: { a: 1 } });
});

test('an import needs the directory for itself', async () => {
    writeGolden();
    await client.start({ dir });
    const done = importFiles();
    assert.strictEqual(done.status, 1);
    assert.match(done.stderr, /a server has it/);
});

/* Users of a server, as documents of app_users. */
function userDocuments(latest) {
    return latest.map(({ tz, ...user }) => ({ ...user,
        ...(tz === undefined ? {} : { tz }),
        lac: { $numberLong: String(user.lac * 1000) } }));
}

async function feed(server, app, now) {
    const systems = ['Android', 'iOS', 'Windows'];
    for (let i = 0; i < 240; i++) {
        const user = i % 45;
        const timestamp = now - (240 - i) * 5 * 3600000;
        const common = { app_key: app.key, device_id: `device-${user}`,
            timestamp };
        const begun = await client.send(server, { path: '/i', query: {
            ...common, begin_session: 1, tz: 180, sdk_name: 'test',
            sdk_version: `${user % 2}.1`, city: `City ${user % 4}`,
            country_code: ['TR', 'DE', 'US'][user % 3],
            metrics: { _os: systems[user % 3], _os_version: `${i % 7}`,
                _device: `Model ${user % 11}`, _resolution: `${user % 5}x1`,
                _app_version: `${1 + Math.floor(i / 80)}.2`,
                _carrier: `Carrier ${user % 6}`, _locale: 'de_DE',
                _density: '2', _store: 'com.shop', _browser: 'Fire' } } });
        assert.strictEqual(begun.status, 200, begun.text);
        await client.send(server, { path: '/i', query: { ...common,
            timestamp: timestamp + 60000, session_duration: 10 + i,
            end_session: 1 } });
    }
}

/* All that is asked of an app, by name. */
async function answers(server, app, now) {
    const found = {};
    for (const method of COLLECTIONS)
        for (const period of ['30days', 'month', '90days', 'hour'])
            found[`${method} ${period}`] = sorted(await client.read(
                server, app, method, { period, timestamp: now, raw: 1 }));
    for (const metric of ['users', 'os', 'app_versions', 'countries'])
        found[`total ${metric}`] = sorted(await client.read(server, app,
            'total_users', { metric, period: '180days', timestamp: now }));
    found.latest = sorted(await client.read(server, app, 'latest_users'));
    return found;
}

test('an app that moves gives the same answers as before', async () => {
    const now = Date.now();
    const home = client.makeDir();
    const old = await client.start({ dir: home });
    const app = await client.createApp(old, { country: 'TR', key: 'k1',
        timezone: 'Europe/Istanbul' });
    await feed(old, app, now);
    for (const collection of COLLECTIONS) {
        const object = await client.read(old, app, collection,
            { fullRange: 1, raw: 1 });
        countly.write(files, collection, countly.documents(app, object));
    }
    countly.write(files, 'apps', [{ ...app, _id: { $oid: app._id } }]);
    countly.write(files, `app_users${app._id}`,
        userDocuments(await client.read(old, app, 'latest_users')));
    const before = await answers(old, app, now);
    await old.stop();
    client.removeDir(home);

    imports();
    isSound();
    const server = await client.start({ dir });
    const after = await answers(server, app, now);
    /* A value that changed was another one before: that is not stored. */
    delete before['total app_versions'];
    delete after['total app_versions'];
    assert.deepStrictEqual(after, before);

    /* And it goes on counting: nobody is new or unique again this year. */
    const year = new Date(now + 10800000).getUTCFullYear();
    await client.send(server, { path: '/i', query: { app_key: 'k1',
        device_id: 'device-44', begin_session: 1, country_code: 'US',
        timestamp: now } });
    const users = await client.read(server, app, 'users',
        { period: 'month', timestamp: now });
    const old_users = before['users month'];
    assert.strictEqual(users[year].t, old_users[year].t + 1);
    assert.strictEqual(users[year].n, old_users[year].n);
    await server.stop();
    isSound();
});

async function feedEvents(server, app, now) {
    for (let i = 0; i < 60; i++) {
        const events = [{ key: 'buy', count: 1 + i % 3, sum: i / 8, dur: i,
            segmentation: { size: i % 4, 'co lour': `c${i % 5}` } },
        { key: 'look', count: 1 }];
        const answer = await client.send(server, { path: '/i', query: {
            app_key: app.key, device_id: `d${i % 7}`, events,
            timestamp: now - i * 20 * 3600000 } });
        assert.strictEqual(answer.status, 200);
    }
}

const EVENTS = [{ event: 'buy' }, { event: 'look' },
    { event: 'buy', segmentation: 'size' },
    { event: 'buy', segmentation: 'co lour' }];

async function eventAnswers(server, app, now) {
    const found = { list: await client.read(server, app, 'get_events') };
    for (const query of EVENTS)
        for (const period of ['30days', 'month'])
            found[JSON.stringify(query) + period] = sorted(await client.read(
                server, app, 'events', { ...query, period, timestamp: now }));
    return found;
}

for (const isOne of [false, true]) {
    test(`events move ${isOne ? 'in one' : 'in many'} collections`, async () => {
        const now = Date.now();
        const home = client.makeDir();
        const old = await client.start({ dir: home });
        const app = await client.createApp(old, { key: 'k1' });
        const documents = { buy: [], look: [] };
        await feedEvents(old, app, now);
        for (const { event, segmentation } of EVENTS) {
            const prefix = isOne
                ? `${app._id}_${countly.eventHash(app, event)}_` : '';
            documents[event].push(...countly.eventDocuments(app,
                await client.read(old, app, 'events', { event, period: 'month',
                    timestamp: now, ...(segmentation && { segmentation }) }),
                segmentation || 'no-segment', prefix));
        }
        const before = await eventAnswers(old, app, now);
        await old.stop();
        client.removeDir(home);

        countly.write(files, 'apps', [app]);
        countly.write(files, 'events', [{ _id: { $oid: app._id },
            list: ['look', 'buy'], map: { buy: { name: 'Bought' } } }]);
        if (isOne)
            countly.write(files, 'events_data',
                [...documents.buy, ...documents.look]);
        else
            for (const key of ['buy', 'look'])
                countly.write(files, 'events' + countly.eventHash(app, key),
                    documents[key]);
        imports();
        isSound();
        const server = await client.start({ dir });
        const after = await eventAnswers(server, app, now);
        assert.deepStrictEqual(after.list.map, { buy: { name: 'Bought' } });
        assert.deepStrictEqual(after.list.list.sort(),
            before.list.list.sort());
        delete after.list;
        delete before.list;
        assert.deepStrictEqual(after, before);
        await server.stop();
    });
}

/* Kills the import again and again, until it ends by itself. */
async function importUnderFire() {
    for (let round = 0; round < 400; round++) {
        const child = childProcess.spawn(client.binary(),
            ['import', files, '--data', client.dataDir(dir), ...SMALL],
            { stdio: 'ignore' });
        const late = setTimeout(() => child.kill('SIGKILL'), 30 + round * 3);
        const [code] = await new Promise((resolve) =>
            child.once('exit', (...how) => resolve(how)));
        clearTimeout(late);
        if (code !== null) {
            assert.strictEqual(code, 0);
            return round;
        }
    }
    throw new Error('it never ends');
}

test('killed at any point and run again, nothing counts twice', async () => {
    const days = Array.from({ length: 28 }, (_, i) => i + 1);
    const names = Array.from({ length: 400 }, (_, i) => `Device ${i}`);
    const count = { t: 3, n: 1, u: 2 };
    countly.write(files, 'apps', [appDocument({ seq: 5000 })]);
    countly.write(files, 'devices', [1, 2, 3].map((month) => ({
        m: `2026:${month}`, a: APP_ID, d: Object.fromEntries(days.map((day) =>
            [day, Object.fromEntries(names.map((name) => [name, count]))])),
    })).concat({ m: '2026:0', a: APP_ID, meta_v2: { devices:
        Object.fromEntries(names.map((name) => [name, true])) },
    d: Object.fromEntries(names.map((name) => [name, { u: 50 }])) }));
    countly.write(files, `app_users${APP_ID}`, Array.from({ length: 5000 },
        (_, i) => ({ did: `d${i}`, uid: null, sc: 1, fs: 1770000000 + i,
            ls: 1770000000 + i, d: `Device ${i % 400}` })));
    const kills = await importUnderFire();
    assert(kills > 3, `only ${kills} kills`);
    isSound();
    const server = await client.start({ dir });
    const devices = await client.read(server, APP, 'devices', YEAR_END);
    for (const name of names)
        assert.deepStrictEqual(devices[2026][name],
            { t: 3 * 84, n: 84, u: 50 }, name);
    const users = await client.read(server, APP, 'total_users',
        { period: 'month', timestamp: 1798700000 });
    assert.deepStrictEqual(users, [{ _id: 'users', u: 5000 }]);
});
