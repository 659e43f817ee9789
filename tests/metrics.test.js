'use strict';
/*
 * metrics.test.js - metrics that administrators and the configuration add:
 * read everywhere at once, kept over restarts, taken away, refused.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, beforeEach, describe, test } = require('node:test');
const client = require('./client.js');
const plugin = require('./plugin.js');

const MINE = { db: 'weather', name: '_mood', set: 'moods', short_code: 'md' };
const ROOM = 15; /* sets beside those of the core */
const CORE = 17;
const LONG = 'a'.repeat(65);

let dir;
let server;
let app;

beforeEach(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
    app = await client.createApp(server);
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

async function restart(options = {}) {
    await server.stop();
    server = await client.start({ dir, ...options });
}

function create(args) {
    return client.manage(server, '/i/metrics/create', args);
}

function list() {
    return client.manage(server, '/o/metrics');
}

async function refused(target, args, status, pattern, key = client.ADMIN_KEY) {
    const answer = await client.send(server,
        { path: target, query: { api_key: key, raw: 1, args } });
    assert.strictEqual(answer.status, status, answer.text);
    assert.match(answer.json.result, pattern);
}

async function session(device, metrics, more = {}) {
    const answer = await client.send(server, { path: '/i', form: {
        app_key: app.key, device_id: device, begin_session: 1,
        metrics: { _os: 'Android', ...metrics }, ...more } });
    assert.deepStrictEqual(answer.json, { result: 'Success' }, answer.text);
}

async function get(target, query = {}) {
    const answer = await client.send(server, { path: target, query: {
        api_key: client.ADMIN_KEY, app_id: app._id, ...query } });
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json;
}

async function moods() {
    const object = await client.read(server, app, 'weather', { period: 'month' });
    return Object.fromEntries(object.meta.moods.map((mood) =>
        [mood, client.sums(object, mood)]));
}

function check() {
    const done = client.run('check', '--data', client.dataDir(dir));
    assert.strictEqual(done.stdout, 'all is well\n');
}

describe('a metric that an administrator adds', () => {
    beforeEach(async () => {
        await session('early', { _mood: 'unseen' });
        assert.deepStrictEqual(await create(MINE), { ...MINE, source: 'custom' });
        await session('d1', { _mood: 'good.ish' });
        await session('d2', { _mood: 'good.ish' });
        await session('d3', { _mood: 'bad' });
    });

    test('is listed', async () => {
        const all = await list();
        assert.strictEqual(all.length, CORE + 1);
        assert.deepStrictEqual(all.at(-1), { ...MINE, source: 'custom' });
        assert.deepStrictEqual(all[0], { db: 'users', set: 'countries',
            short_code: 'cc', source: 'core' });
        assert.deepStrictEqual(all.find((metric) => metric.set === 'langs'),
            { db: 'langs', name: '_lang', set: 'langs', short_code: 'la',
                source: 'core' });
    });

    test('counts, and is read as a collection', async () => {
        assert.deepStrictEqual(await moods(), {
            'good:ish': { t: 2, n: 2, u: 2 }, bad: { t: 1, n: 1, u: 1 } });
        const today = await client.read(server, app, 'weather',
            { action: 'refresh' });
        assert.deepStrictEqual(today.meta.moods.sort(), ['bad', 'good:ish']);
    });

    test('counts a changed value of a user who returns', async () => {
        await session('d3', { _mood: 'good.ish' }, { ignore_cooldown: 1,
            end_session: 1 });
        await session('d3', { _mood: 'fair' }, { ignore_cooldown: 1 });
        assert.deepStrictEqual((await moods()).fair, { t: 1, u: 1 });
    });

    test('is in analytics, in tops and in total_users', async () => {
        const rows = await get('/o/analytics/metric', { metric: 'moods' });
        assert.deepStrictEqual(rows.map((row) => [row._id, row.t, row.u]),
            [['good:ish', 2, 2], ['bad', 1, 1]]);
        const tops = await get('/o/analytics/tops',
            { metrics: ['moods', 'none'] });
        assert.deepStrictEqual(Object.keys(tops), ['moods']);
        assert.deepStrictEqual(tops.moods.map((bar) => bar.name),
            ['good.ish', 'bad']);
        const single = await get('/o/analytics/tops', { metric: 'moods' });
        assert.deepStrictEqual(single, tops.moods);
        const totals = await client.read(server, app, 'total_users',
            { metric: 'moods' });
        assert.deepStrictEqual(totals.sort((a, b) => b.u - a.u),
            [{ _id: 'good:ish', u: 2 }, { _id: 'bad', u: 1 }]);
    });

    test('filters users, by its set and by its short code', async () => {
        for (const name of ['moods', 'md']) {
            const totals = await client.read(server, app, 'total_users',
                { metric: 'os', filter: { [name]: 'good:ish' } });
            assert.deepStrictEqual(totals, [{ _id: 'Android', u: 2 }]);
        }
    });

    test('is a property of users, which a query asks for', async () => {
        const latest = await client.read(server, app, 'latest_users');
        assert.deepStrictEqual(latest.map((user) => [user.did, user.md]).sort(),
            [['d1', 'good:ish'], ['d2', 'good:ish'], ['d3', 'bad'],
                ['early', undefined]]);
        const page = await client.read(server, app, 'user_details',
            { query: { md: { $in: ['bad'] } } });
        assert.deepStrictEqual(page.aaData.map((user) => [user.did, user.md]),
            [['d3', 'bad']]);
    });

    test('is exported and imported', async () => {
        const rows = await get('/o/export/data', { method: 'weather' });
        assert.ok(rows.some((row) => row.set === 'moods' && row.value === 'bad' &&
            row.level === 'day' && row.t === 1));
        const users = await get('/o/export/data', { method: 'app_users' });
        assert.deepStrictEqual(users.map((user) => user.md).sort(),
            ['bad', 'good:ish', 'good:ish', undefined]);
        const files = path.join(dir, 'dump');
        fs.mkdirSync(files);
        fs.writeFileSync(path.join(files, 'weather.json'), [
            { _id: `${app._id}_2024:0_x`, a: app._id, m: '2024:0',
                meta_v2: { moods: { bad: true } }, d: {} },
            { _id: `${app._id}_2024:3_x`, a: app._id, m: '2024:3',
                d: { 5: { bad: { t: 4, n: 1, u: 2 } } } },
        ].map((document) => JSON.stringify(document) + '\n').join(''));
        fs.writeFileSync(path.join(files, 'climate.json'), '');
        await server.stop();
        const done = client.run('import', files, '--data', client.dataDir(dir));
        assert.strictEqual(done.status, 0, done.stderr);
        assert.match(done.stdout, /not imported: climate\.json/);
        check();
        server = await client.start({ dir });
        const object = await client.read(server, app, 'weather',
            { fullRange: 1 });
        assert.strictEqual(object[2024][3][5].bad.t, 4);
    });

    test('is known to those who look for what is lost', async () => {
        const explain = await client.send(server, { path: '/i', query: {
            api_key: client.ADMIN_KEY, app_id: app._id, explain: 1,
            app_key: app.key, device_id: 'd9', begin_session: 1,
            metrics: { _mood: 'odd', _other: 1 } } });
        assert.deepStrictEqual(explain.json.unknown_metrics, ['_other']);
        assert.ok(JSON.stringify(explain.json).includes('"set":"moods"'));
    });

    test('stays over a restart, also one that comes without warning',
        async () => {
            const before = await moods();
            await restart();
            assert.deepStrictEqual(await moods(), before);
            await session('d4', { _mood: 'bad' });
            await server.kill();
            check();
            server = await client.start({ dir });
            assert.deepStrictEqual((await moods()).bad, { t: 2, n: 2, u: 2 });
            assert.deepStrictEqual((await list()).at(-1),
                { ...MINE, source: 'custom' });
        });

    test('goes, and comes back with what it had', async () => {
        const before = await moods();
        const gone = { db: 'weather', set: 'moods' };
        assert.deepStrictEqual(
            await client.manage(server, '/i/metrics/delete', gone),
            { result: 'Success' });
        const absent = async () => {
            assert.strictEqual((await list()).length, CORE);
            const answer = await client.send(server, { path: '/o', query: {
                api_key: client.ADMIN_KEY, app_id: app._id,
                method: 'weather' } });
            assert.deepStrictEqual([answer.status, answer.json],
                [400, { result: 'Invalid method' }]);
            const latest = await client.read(server, app, 'latest_users');
            assert.ok(latest.every((user) => user.md === undefined));
            assert.deepStrictEqual(await get('/o/analytics/metric',
                { metric: 'moods' }), []);
        };
        await absent();
        await session('d5', { _mood: 'bad' });
        await restart();
        await absent();
        await refused('/i/metrics/delete', gone, 400, /There is no such metric/);
        await create({ ...MINE, name: '_feeling' });
        assert.deepStrictEqual(await moods(), before);
        await session('d6', { _mood: 'bad' });
        await session('d7', { _feeling: 'bad' });
        assert.deepStrictEqual((await moods()).bad, { t: 2, n: 2, u: 2 });
        await server.stop();
        check();
    });
});

describe('what is no metric is refused', () => {
    for (const [what, args, pattern] of [
        ['no args', undefined, /Missing "db"/],
        ['no db', { ...MINE, db: undefined }, /Missing "db"/],
        ['a db that is no text', { ...MINE, db: 7 }, /Missing "db"/],
        ['a db with a blank', { ...MINE, db: 'a b' }, /Invalid "db"/],
        ['a long name', { ...MINE, name: LONG }, /Invalid "name"/],
        ['a name with a digit first', { ...MINE, name: '7' }, /Invalid "name"/],
        ['a set with a dot', { ...MINE, set: 'a.b' }, /Invalid "set"/],
        ['a short code that is no text', { ...MINE, short_code: [] },
            /Missing "short_code"/],
        ['another\'s key', { ...MINE, name: '_os' }, /"name" .* taken/],
        ['a key that is read for others', { ...MINE, name: '_locale' },
            /meaning of its own/],
        ['another\'s set', { ...MINE, set: 'os' }, /"set" .* taken/],
        ['another\'s second name', { ...MINE, set: 'browsers' },
            /"set" .* taken/],
        ['another\'s short code', { ...MINE, short_code: 'p' },
            /"short_code" .* taken/],
        ['a property of users', { ...MINE, short_code: 'email' },
            /property of users/],
        ['a member of users', { ...MINE, short_code: 'did' },
            /meaning of its own/],
        ['a metric that is there', { db: 'devices', name: '_x', set: 'devices' },
            /exists already/],
    ])
        test(what, () => refused('/i/metrics/create', args, 400, pattern));

    test('methods of /o that read something else', async () => {
        const methods = client.run('routes').stdout.split('\n')
            .filter((line) => line.startsWith('/o?method='))
            .map((line) => line.slice('/o?method='.length));
        const dbs = new Set((await list()).map((metric) => metric.db));
        const taken = methods.filter((method) => !dbs.has(method));
        assert.ok(taken.length > 10);
        for (const db of taken)
            await refused('/i/metrics/create', { ...MINE, db }, 400,
                /meaning of its own/);
        assert.strictEqual((await list()).length, CORE);
    });

    test('what is not an administrator\'s', async () => {
        await refused('/i/metrics/delete', { db: 'devices', set: 'devices' },
            400, /Only metrics that were created/);
        await refused('/i/metrics/delete', { db: 'devices' }, 400, /Missing/);
        const member = await client.manage(server, '/i/users/create', {
            full_name: 'm', username: 'm', email: 'm@x.y',
            password: 'Secret1.word', permission: { _: { a: [app._id], u: [] } } });
        for (const target of ['/i/metrics/create', '/i/metrics/delete',
            '/o/metrics'])
            await refused(target, MINE, 401, /User does not have right/,
                member.api_key);
        await refused('/i/metrics/rename', MINE, 400, /Invalid path/);
    });
});

test('there is room for no more than a user can have', async () => {
    const numbered = (i) =>
        ({ db: `db${i}`, name: `_key${i}`, set: `set${i}` });
    for (let i = 0; i < ROOM; i++)
        assert.deepStrictEqual(await create(numbered(i)), { ...numbered(i),
            short_code: `set${i}`, source: 'custom' });
    await refused('/i/metrics/create', numbered(ROOM), 400, /No room.*15/);
    await client.manage(server, '/i/metrics/delete', { db: 'db3', set: 'set3' });
    await refused('/i/metrics/create', numbered(ROOM), 400, /No room.*15/);
    await create(numbered(3));
    const metrics = { _os_version: '14', _carrier: 'X', _device: 'iPhone1,1',
        _app_version: '1.1', _resolution: '1x1', _has_hinge: 'true',
        _locale: 'de_DE', _density: '2', _browser: 'Chrome',
        _browser_version: '1', _store: 's', _manufacturer: 'M',
        _device_type: 'mobile' };
    for (let i = 0; i < ROOM; i++)
        metrics[`_key${i}`] = `v${i}`;
    await session('full', metrics, { sdk_name: 'js', sdk_version: '1' });
    await session('full', { ...metrics, _key14: 'other' },
        { sdk_name: 'js', sdk_version: '1', ignore_cooldown: 1 });
    const object = await client.read(server, app, 'db14');
    assert.deepStrictEqual(client.sums(object, 'other'), { t: 1, u: 1 });
    const [user] = await client.read(server, app, 'latest_users');
    const codes = (await list()).map((metric) => metric.short_code);
    assert.strictEqual(codes.length, CORE + ROOM);
    assert.deepStrictEqual(codes.filter((code) => !user[code]), []);
    assert.strictEqual((await get('/o/export/data', { method: 'app_users' }))[0]
        .set14, 'other');
    await server.stop();
    check();
});

describe('metrics of the configuration', () => {
    const custom = 'weather:_mood:moods:md, climate : _warm : warmth';
    const config = { metrics: { custom } };

    test('are there from the start, as long as they are configured',
        async () => {
            await restart({ config });
            assert.deepStrictEqual((await list()).slice(CORE), [
                { ...MINE, source: 'config' },
                { db: 'climate', name: '_warm', set: 'warmth',
                    short_code: 'warmth', source: 'config' }]);
            await session('d1', { _mood: 'bad', _warm: 'very' });
            assert.deepStrictEqual(await moods(), { bad: { t: 1, n: 1, u: 1 } });
            await refused('/i/metrics/create', MINE, 400, /exists already/);
            await refused('/i/metrics/delete', MINE, 400, /Only metrics/);
            await restart();
            assert.strictEqual((await list()).length, CORE);
            await restart({ env: { TALLYD_METRICS_CUSTOM:
                'climate:_warm:warmth,weather:_mood:moods' } });
            assert.deepStrictEqual(await moods(), { bad: { t: 1, n: 1, u: 1 } });
            await server.stop();
            const written = client.run('export', app._id, '--method', 'weather', '--data',
                client.dataDir(dir), '--metrics.custom', custom);
            assert.strictEqual(written.status, 0, written.stderr);
            assert.match(written.stdout, /moods/);
            check();
        });

    test('may be those that an administrator has added', async () => {
        await create(MINE);
        await restart({ config });
        assert.deepStrictEqual((await list()).map((metric) => metric.source)
            .slice(CORE), ['custom', 'config']);
    });

    for (const [what, value, pattern] of [
        ['too few words', 'a:_b', /must be metrics like db:name:set/],
        ['too many', 'a:_b:c:d:e', /must be metrics like/],
        ['an empty word', 'a::c', /must be metrics like/],
        ['nothing behind a comma', 'a:_b:c,', /must be metrics like/],
        ['a short code that is empty', 'a:_b:c:', /must be metrics like/],
        ['a word that is none', 'a:_b:c+', /Invalid "set" of a metric/],
        ['a method of /o', 'events:_b:c', /meaning of its own/],
        ['too many metrics', Array.from({ length: ROOM + 1 }, (_, i) =>
            `a${i}:b${i}:c${i}`).join(), /at most 15 metrics/],
    ])
        test(`refused: ${what}`, () => {
            const done = client.run('config', 'dump', '--metrics.custom', value);
            assert.notStrictEqual(done.status, 0);
            assert.match(done.stderr, pattern);
            assert.match(done.stderr, /metrics\.custom/);
        });

    test('are dumped as they are read', () => {
        const done = client.run('config', 'dump', '--json', '--metrics.custom',
            custom);
        assert.strictEqual(JSON.parse(done.stdout)['metrics.custom'].value,
            'weather:_mood:moods:md,climate:_warm:warmth');
    });

    test('keep the server from starting when a name is taken', async () => {
        await create(MINE);
        await server.stop();
        const late = client.launch({ dir,
            config: { metrics: { custom: 'other:_mood:others' } } });
        assert.strictEqual(await client.listening(late), false);
        assert.match(late.stderr(), /"name\\?" of the metric is taken/);
    });
});

describe('metrics of a plugin', () => {
    const options = (more) =>
        plugin.withPlugins({ dir, plugins: ['meter'], ...more });
    const values = async (db, set) => {
        const object = await client.read(server, app, db);
        return Object.fromEntries(object.meta[set].map((value) =>
            [value, client.sums(object, value)]));
    };

    async function restartWith(more) {
        await server.stop();
        server = await client.start(options(more));
    }

    test('are there as long as the plugin is', async () => {
        await restartWith();
        assert.deepStrictEqual((await list()).slice(CORE), [
            { db: 'mymetric', name: '_mymetric', set: 'mymetric',
                short_code: 'mymetric', source: 'plugin', plugin: 'meter' },
            { db: 'systems', set: 'system', short_code: 'sys',
                source: 'plugin', plugin: 'meter' },
            { db: 'systems', name: '_colour', set: 'colours',
                short_code: 'colours', source: 'plugin', plugin: 'meter' }]);
        await session('d1', { _mymetric: 'a' });
        const before = await values('mymetric', 'mymetric');
        assert.deepStrictEqual(before, { a: { t: 1, n: 1, u: 1 } });
        await refused('/i/metrics/delete', { db: 'systems', set: 'system' }, 400,
            /Only metrics/);
        await restart();
        assert.strictEqual((await list()).length, CORE);
        await create(MINE);
        await server.stop();
        check();
        server = await client.start(options({ settings: {
            meter: { short_code: 'mm' } } }));
        assert.deepStrictEqual(await values('mymetric', 'mymetric'), before);
        const [user] = await client.read(server, app, 'latest_users');
        assert.strictEqual(user.mm, 'a');
        assert.strictEqual(user.mymetric, undefined);
    });

    test('are named by the plugin', async () => {
        await restartWith();
        await session('d1', { _os_version: '14.1' });
        await session('d2', {});
        await session('d1', {}, { ignore_cooldown: 1, end_session: 1 });
        assert.deepStrictEqual(await values('systems', 'system'), {
            'Android:14:1': { t: 1, n: 1, u: 1 }, Android: { t: 1, n: 1, u: 1 } });
        const totals = await client.read(server, app, 'total_users',
            { metric: 'whole_systems' });
        assert.strictEqual(totals.length, 2);
    });

    test('need not track changes', async () => {
        await restartWith();
        await session('d1', { _colour: 'red' });
        await session('d1', { _colour: 'blue' }, { ignore_cooldown: 1 });
        assert.deepStrictEqual(await values('systems', 'colours'),
            { red: { t: 1, n: 1, u: 1 }, blue: { t: 1 } });
    });

    test('are not recorded for an app that is without the plugin', async () => {
        await restartWith();
        await client.manage(server, '/i/apps/update',
            { app_id: app._id, plugins: { meter: false } });
        await session('d1', { _mymetric: 'a' });
        const none = await client.read(server, app, 'mymetric');
        assert.deepStrictEqual(none.meta, {});
        await client.manage(server, '/i/apps/update',
            { app_id: app._id, plugins: { meter: true } });
        await session('d2', { _mymetric: 'a' });
        assert.deepStrictEqual(await values('mymetric', 'mymetric'),
            { a: { t: 1, n: 1, u: 1 } });
    });

    test('keep the server from starting when a name is taken', async () => {
        await create({ ...MINE, short_code: 'sys' });
        await server.stop();
        const late = client.launch(options());
        assert.strictEqual(await client.listening(late), false);
        assert.match(late.stderr(),
            /cannot add a metric" plugin=meter reason=.*is taken/);
    });
});
