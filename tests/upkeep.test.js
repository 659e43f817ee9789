'use strict';
/*
 * upkeep.test.js - what became of requests, and how long data is kept, over
 * HTTP and by command.
 */
const assert = require('node:assert');
const { after, before, describe, test } = require('node:test');
const client = require('./client.js');

const DAY_MS = 86400000;
const DAYS = 500;
const KILLS_MAX = 30;
const COLLECTIONS = ['users', 'device_details', 'devices', 'langs', 'events'];

let dir;
let server;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
});

after(async () => {
    await client.killAll();
    client.removeDir(dir);
});

function explain(app, more, query = { api_key: client.ADMIN_KEY }) {
    return client.send(server, { path: '/i', query: { explain: 1, ...query },
        form: { app_key: app.key, device_id: 'A', ...more } });
}

function requests(app, query = { api_key: client.ADMIN_KEY }) {
    return client.send(server, { path: '/o/requests',
        query: { app_id: app._id, ...query } });
}

async function createReader(app) {
    const member = await client.manage(server, '/i/users/create', {
        full_name: 'Reader', username: `reader-${app._id}`,
        password: 'Password1!', email: `${app._id}@example.org`,
        user_of: [app._id], global_admin: false });
    return member.api_key;
}

test('an explained request says what it would do and stores nothing',
    async () => {
        const app = await client.createApp(server);
        const form = { begin_session: 1, timestamp: Date.now(),
            metrics: { _os: 'Android', _colour: 'red' } };
        const told = await explain(app, form);
        assert.strictEqual(told.status, 200);
        assert.strictEqual(told.json.outcome, 'accepted');
        assert.strictEqual(told.json.session, 'new');
        assert.strictEqual(told.json.user.uid, '1');
        assert.deepStrictEqual(told.json.unknown_metrics, ['_colour']);
        const object = await client.read(server, app, 'users');
        assert.ok(Object.values(object).every((year) =>
            Object.keys(year).length === 0), JSON.stringify(object));
        assert.strictEqual((await requests(app)).json.accepted, 0);

        /* Sent as it is, it is the first user still, and a duplicate then. */
        const sent = await client.send(server, { path: '/i',
            form: { app_key: app.key, device_id: 'A', ...form } });
        assert.strictEqual(sent.json.result, 'Success');
        const again = await explain(app, form);
        assert.strictEqual(again.json.outcome, 'ignored');
        assert.strictEqual(again.json.user.uid, '1');
    });

test('explaining needs the rights of an administrator', async () => {
    const app = await client.createApp(server);
    const nobody = await explain(app, {}, {});
    assert.strictEqual(nobody.status, 400);
    assert.strictEqual(nobody.json.result,
        'Missing parameter "api_key" or "auth_token"');
    const stranger = await explain(app, {}, { api_key: '0'.repeat(32) });
    assert.strictEqual(stranger.status, 401);
    const reader = await explain(app, {}, { api_key: await createReader(app) });
    assert.strictEqual(reader.status, 401);
    assert.strictEqual(reader.json.result, 'User does not have right');
});

test('the last requests are shown to administrators, without secrets',
    async () => {
        const app = await client.createApp(server, { salt: 'pepper' });
        await client.send(server, { path: '/i', query: { app_key: app.key,
            device_id: 'a-long-device-id', checksum: 'abcdef',
            begin_session: 1 } });
        const shown = await requests(app);
        assert.strictEqual(shown.status, 200);
        assert.strictEqual(shown.json.drops.checksum, 1);
        const [last] = shown.json.requests;
        assert.strictEqual(last.outcome, 'ignored');
        assert.strictEqual(last.reason, 'Request does not match checksum');
        assert.strictEqual(last.device, 'a-long-d...');
        assert.strictEqual(last.request, 'begin_session=1');
        for (const secret of ['abcdef', 'pepper', app.key])
            assert.ok(!shown.text.includes(secret), secret);
        const reader = await requests(app,
            { api_key: await createReader(app) });
        assert.strictEqual(reader.status, 401);
        const missing = await client.send(server, { path: '/o/requests',
            query: { api_key: client.ADMIN_KEY } });
        assert.strictEqual(missing.status, 400);
    });

test('items of a bulk call are shown one by one', async () => {
    const app = await client.createApp(server);
    await client.send(server, { path: '/i/bulk', form: { app_key: app.key,
        requests: [{ device_id: 'A' }, { device_id: 'B' }] } });
    const shown = (await requests(app)).json;
    assert.deepStrictEqual(shown.requests.map((item) =>
        [item.path, item.device]), [['/i/bulk', 'B'], ['/i/bulk', 'A']]);
});

function pause(ms) {
    return new Promise((resolve) => setTimeout(resolve, ms));
}

/* Sessions on each of the last days, with values that change. */
async function sendDays(target, app) {
    const now = Date.now();
    for (let day = DAYS; day > 0; day -= 5) {
        const requests = [];
        for (let i = 0; i < 50; i++) {
            requests.push({ device_id: `d${(day * 7 + i) % 90}`,
                begin_session: 1, country_code: i % 2 ? 'DE' : 'TR',
                timestamp: now - (day - i % 5) * DAY_MS - i * 60000,
                events: [{ key: 'buy', count: i, sum: day / 4,
                    segmentation: { size: `${i % 5}` } }],
                metrics: { _os: `S${i % 4}`, _os_version: `${day % 30}`,
                    _device: `M${(day + i) % 70}`, _lang: `l${i % 9}`,
                    _app_version: `${day % 12}.${i % 3}` } });
        }
        const answer = await client.send(target, { path: '/i/bulk',
            form: { app_key: app.key, requests } });
        assert.strictEqual(answer.status, 200);
    }
}

/* Sums and uniques of months and years: the objects without their days. */
async function readTotals(target, app) {
    const from = Date.UTC(new Date().getUTCFullYear() - 1, 0, 1);
    const totals = {};
    for (const name of COLLECTIONS) {
        const object = await client.read(target, app, name, { event: 'buy',
            period: JSON.stringify([from, Date.now()]) });
        for (const year of Object.keys(object).filter((key) => key > 0)) {
            for (let month = 1; month <= 12; month++) {
                for (let day = 1; day <= 31; day++)
                    delete (object[year][month] || {})[day];
            }
        }
        totals[name] = object;
    }
    return totals;
}

function countDays(object) {
    let days = 0;
    for (const year of Object.keys(object).filter((key) => key > 0)) {
        for (let month = 1; month <= 12; month++)
            days += Object.keys(object[year][month] || {})
                .filter((key) => key > 0).length;
    }
    return days;
}

async function readDays(target, app) {
    const from = Date.UTC(new Date().getUTCFullYear() - 1, 0, 1);
    return countDays(await client.read(target, app, 'users',
        { period: JSON.stringify([from, Date.now()]) }));
}

describe('retention', () => {
    let folder;
    let served;
    let app;

    before(async () => {
        folder = client.makeDir();
        served = await client.start({ dir: folder });
        app = await client.createApp(served);
        await sendDays(served, app);
        await served.stop();
    });

    after(() => client.removeDir(folder));

    function command(...args) {
        return client.run(...args, '--data', client.dataDir(folder));
    }

    function check() {
        const done = command('check');
        assert.strictEqual(done.stdout, 'all is well\n');
    }

    /* Records of days that a run would move. */
    function recordsLeft() {
        const shown = command('retention', 'run', '--dry-run', '--json');
        return JSON.parse(shown.stdout).apps[0].days.records;
    }

    test('settings that are none are refused', async () => {
        served = await client.start({ dir: folder });
        for (const retention of [5, [], { hours: -1 }, { hours: 1.5 },
            { days: 1201 }, { weeks: 1 }, { hours: '3' }]) {
            const answer = await client.send(served, {
                path: '/i/apps/update', query: { api_key: client.ADMIN_KEY,
                    args: { app_id: app._id, retention } } });
            assert.strictEqual(answer.status, 400, JSON.stringify(retention));
            assert.match(answer.text, /Invalid props: retention/);
        }
        await served.stop();
    });

    test('a dry run says what would go and takes nothing', async () => {
        assert.strictEqual(command('app', 'keep', app._id, '--hours', '30',
            '--days', '2').status, 0);
        const shown = JSON.parse(command('app', 'show', app._id,
            '--json').stdout);
        assert.deepStrictEqual(shown.retention, { hours: 30, days: 2 });
        const free = JSON.parse(command('retention', 'run', '--dry-run',
            '--json').stdout);
        assert.strictEqual(free.dry_run, true);
        assert.strictEqual(free.apps.length, 1);
        assert.ok(free.apps[0].hours.records >= DAYS - 31);
        assert.ok(free.apps[0].days.records > 500);
        assert.ok(free.apps[0].activity.bytes > 1000);
        const again = JSON.parse(command('retention', 'run', '--dry-run',
            '--json').stdout);
        assert.deepStrictEqual(again, free);
        const table = command('retention', 'run', '--dry-run').stdout;
        assert.match(table, new RegExp(app._id));
        check();
    });

    test('kills in the middle of a run change no total', async () => {
        /* Without the setting the server has nothing to do at its start. */
        command('app', 'keep', app._id, '--hours', '0', '--days', '0');
        served = await client.start({ dir: folder });
        const totals = await readTotals(served, app);
        const days = await readDays(served, app);
        await client.manage(served, '/i/apps/update', { app_id: app._id,
            retention: { hours: 30, days: 2 } });
        await served.kill();
        /* The run begins with the first second: a little later each time,
         * until there was nothing left to kill. */
        const all = recordsLeft();
        let left = all;
        let middles = 0;
        for (let kill = 0; kill < KILLS_MAX && left > 0; kill++) {
            served = await client.start({ dir: folder,
                config: { store: { checkpoint_s: 1 } } });
            await pause(930 + kill * 15);
            assert.deepStrictEqual(await readTotals(served, app), totals);
            await served.kill();
            left = recordsLeft();
            middles += left > 0 && left < all;
            check();
        }
        assert.strictEqual(left, 0);
        assert.ok(middles > 0, 'no run was killed in its middle');
        served = await client.start({ dir: folder });
        assert.ok(await readDays(served, app) < 100, `of ${days} days`);
        await served.kill();
    });

    test('a run through the server ends with the same totals', async () => {
        served = await client.start({ dir: folder });
        const totals = await readTotals(served, app);
        const run = command('retention', 'run', '--json');
        assert.strictEqual(run.status, 0, run.stderr);
        assert.strictEqual(JSON.parse(run.stdout).dry_run, false);
        assert.deepStrictEqual(await readTotals(served, app), totals);
        const refused = await client.send(served, { path: '/i/retention',
            query: { api_key: client.ADMIN_KEY } });
        assert.strictEqual(refused.json.result, 'Invalid path');
        await served.stop();
        check();

        /* All of it was moved, so a free directory has nothing left. */
        assert.strictEqual(command('retention', 'run').status, 0);
        const left = JSON.parse(command('retention', 'run', '--dry-run',
            '--json').stdout);
        assert.strictEqual(left.apps[0].days.records, 0);
        check();
    });
});

test('a reset by period takes what is older, in the background', async () => {
    const app = await client.createApp(server);
    const old = Date.now() - 100 * DAY_MS;
    for (const [device, timestamp] of [['A', old], ['B', old],
        ['B', Date.now()]]) {
        await client.send(server, { path: '/i', form: { app_key: app.key,
            device_id: device, begin_session: 1, timestamp } });
    }
    const refused = await client.send(server, { path: '/i/apps/reset',
        query: { api_key: client.ADMIN_KEY,
            args: { app_id: app._id, period: '5month' } } });
    assert.strictEqual(refused.status, 400);
    await client.manage(server, '/i/apps/reset',
        { app_id: app._id, period: '1month' });
    const date = new Date(old);
    const period = JSON.stringify([old - DAY_MS, Date.now()]);
    let month;
    let users;
    for (let i = 0; i < 100; i++) {
        const object = await client.read(server, app, 'users', { period });
        month = (object[date.getUTCFullYear()] || {})[date.getUTCMonth() + 1];
        users = await client.read(server, app, 'latest_users');
        if (!month && users.length === 1)
            break;
        await pause(100);
    }
    assert.strictEqual(month, undefined);
    assert.deepStrictEqual(users.map((user) => user.did), ['B']);
    const totals = await client.read(server, app, 'total_users',
        { metric: 'users', period });
    assert.strictEqual(totals[0].u, 1);
});
