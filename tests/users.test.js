'use strict';
/*
 * users.test.js - app users over HTTP: what they tell of themselves, what they
 * allow, how they are found.
 */
const assert = require('node:assert');
const crypto = require('node:crypto');
const { after, before, test } = require('node:test');
const client = require('./client.js');

let dir;
let server;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
});

/* Ends with status 0, or not all is well. */
after(async () => {
    await server.stop();
    client.removeDir(dir);
});

async function ingest(app, device, more) {
    const answer = await client.send(server, { path: '/i',
        form: { app_key: app.key, device_id: device, ...more } });
    assert.deepStrictEqual(answer.json, { result: 'Success' });
}

function details(app, more) {
    return client.read(server, app, 'user_details', more);
}

/* A call that needs an api key: its whole answer. */
function call(path, query) {
    return client.send(server, { path,
        query: { api_key: client.ADMIN_KEY, ...query } });
}

function at(year, month, day, hour) {
    return Date.UTC(year, month - 1, day, hour) / 1000;
}

test('one user is found by uid and by device id', async () => {
    const app = await client.createApp(server);
    const timestamp = at(2026, 3, 2, 10);
    await ingest(app, 'dev<1>', { begin_session: 1, timestamp,
        country_code: 'DE', location: '52.5,13.25', region: 'BE', tz: 60,
        metrics: { _os: 'iOS', _os_version: '17.1' },
        user_details: { name: 'Ann & Bob', byear: 1987,
            custom: { tags: ['a', '<b>'], n: '3' } },
        consent: { sessions: true } });
    const id = crypto.createHash('sha1').update(app.key + 'dev<1>')
        .digest('hex');
    const expected = { _id: id, did: 'dev&lt;1&gt;', uid: '1',
        fs: timestamp, ls: timestamp, lac: timestamp, fac: timestamp,
        lbst: timestamp, sc: 1, sd: 0, tsd: 0, hos: true, tz: 60,
        hasInfo: true, cc: 'DE', cty: 'Unknown', p: 'iOS', pv: 'i17:1', src: 'iOS',
        rgn: 'BE', loc: { gps: true,
            geo: { type: 'Point', coordinates: [13.25, 52.5] } },
        name: 'Ann &amp; Bob', byear: 1987,
        custom: { tags: ['a', '&lt;b&gt;'], n: 3 },
        consent: { sessions: true },
        consent_changes: [
            { ts: timestamp, feature: 'sessions', allowed: true }] };
    const found = await details(app, { uid: '1' });
    delete found.mnf;
    delete found.dt;
    assert.deepStrictEqual(found, expected);
    const raw = await details(app, { did: 'dev<1>', raw: 1 });
    assert.strictEqual(raw.did, 'dev<1>');
    assert.deepStrictEqual(raw.custom.tags, ['a', '<b>']);
    assert.deepStrictEqual(await details(app, { uid: '2' }), {});
    assert.deepStrictEqual(await details(app, { did: 'nobody' }), {});
});

test('who opts out of locations is nowhere', async () => {
    const app = await client.createApp(server);
    const place = async () => {
        const { cc, cty, rgn, loc } = await details(app, { did: 'a' });
        return { cc, cty, rgn, loc };
    };
    const nowhere = { cc: 'Unknown', cty: 'Unknown', rgn: 'Unknown',
        loc: undefined };
    const berlin = { cc: 'DE', cty: 'Berlin', rgn: 'BE', loc: { gps: true,
        geo: { type: 'Point', coordinates: [13, 52] } } };
    await ingest(app, 'a', { begin_session: 1, country_code: 'DE',
        city: 'Berlin', region: 'BE', location: '52,13' });
    assert.deepStrictEqual(await place(), berlin);
    await ingest(app, 'a', { location: '' });
    assert.deepStrictEqual(await place(), berlin, 'not without a session');
    await ingest(app, 'a', { begin_session: 1, location: '',
        country_code: 'DE', city: 'Berlin', region: 'BE' });
    assert.deepStrictEqual(await place(), nowhere);
    await ingest(app, 'a', { location: '48.5,-2.25' });
    assert.deepStrictEqual((await place()).loc.geo.coordinates, [-2.25, 48.5]);
});

const PEOPLE = ['Ann', 'bob', 'Cid', 'Dan', 'eve'];

async function makePeople() {
    const app = await client.createApp(server);
    for (let i = 0; i < PEOPLE.length; i++) {
        await ingest(app, `dev-${i}`, { begin_session: 1,
            session_duration: 10 * i, timestamp: at(2026, 3, 10 - i, 10),
            metrics: { _os: i % 2 ? 'iOS' : 'Android' },
            user_details: { name: PEOPLE[i], email: `${PEOPLE[i]}@Mail.org`,
                custom: { level: i, tags: ['all', `t${i}`], gold: i > 3 } } });
    }
    return app;
}

function names(table) {
    return table.aaData.map((user) => user.name);
}

test('the table has pages, orders and a search', async () => {
    const app = await makePeople();
    const all = await details(app, { sEcho: '7' });
    assert.strictEqual(all.sEcho, '7');
    assert.strictEqual(all.iTotalRecords, 5);
    assert.strictEqual(all.iTotalDisplayRecords, 5);
    assert.deepStrictEqual(names(all), PEOPLE, 'the latest first');
    const sorted = async (more) => names(await details(app, more));
    const reversed = [...PEOPLE].reverse();
    assert.deepStrictEqual(await sorted({ iSortCol_0: 'name' }), PEOPLE);
    assert.deepStrictEqual(await sorted({ iSortCol_0: 6, sSortDir_0: 'desc' }),
        reversed);
    assert.deepStrictEqual(await sorted({ iSortCol_0: 'ls' }), reversed);
    assert.deepStrictEqual(await sorted({ iSortCol_0: 'tsd',
        sSortDir_0: 'desc' }), reversed);
    assert.deepStrictEqual(await sorted({ iSortCol_0: 0, iDisplayStart: 1,
        iDisplayLength: 2 }), ['bob', 'Cid']);
    assert.deepStrictEqual(await sorted({ iDisplayStart: 5 }), []);
    assert.deepStrictEqual(await sorted({ iDisplayLength: -1 }), PEOPLE);
    assert.deepStrictEqual(await sorted({ sSearch: 'AN' }), ['Ann', 'Dan']);
    assert.deepStrictEqual(await sorted({ sSearch: 'bob@mail' }), ['bob']);
    assert.deepStrictEqual(await sorted({ sSearch: 'dev-3' }), ['Dan']);
    const found = await details(app, { sSearch: 'AN', iDisplayLength: 1 });
    assert.deepStrictEqual([found.iTotalRecords, found.iTotalDisplayRecords],
        [5, 2]);
});

const QUERIES = [
    [{}, PEOPLE],
    [{ uid: '2' }, ['bob']],
    [{ did: { $in: ['dev-0', 'dev-4', 'nobody'] } }, ['Ann', 'eve']],
    [{ did: 'dev-0', uid: '2' }, []],
    [{ p: 'iOS' }, ['bob', 'Dan']],
    [{ p: { $in: ['iOS', 'Android'] }, sc: 1 }, PEOPLE],
    [{ p: 'Windows' }, []],
    [{ tsd: { $gt: 10, $lte: 30 } }, ['Cid', 'Dan']],
    [{ ls: { $lt: at(2026, 3, 7, 0) } }, ['eve']],
    [{ hos: false }, []],
    [{ 'custom.level': 3 }, ['Dan']],
    [{ 'custom.level': { $gte: 3 } }, ['Dan', 'eve']],
    [{ 'custom.tags': 't2' }, ['Cid']],
    [{ 'custom.gold': true }, ['eve']],
    [{ 'custom.none': 1 }, []],
    [{ name: 'Ann' }, ['Ann']],
];

test('queries say who is meant', async () => {
    const app = await makePeople();
    for (const [query, expected] of QUERIES) {
        assert.deepStrictEqual(names(await details(app, { query })), expected,
            JSON.stringify(query));
    }
    const id = crypto.createHash('sha1').update(app.key + 'dev-2')
        .digest('hex');
    assert.deepStrictEqual(names(await details(app, { query: { _id: id } })),
        ['Cid']);
});

const REFUSED = [
    [{ query: '{' }, 'Query is not a JSON object'],
    [{ query: { shoe: 1 } }, 'Unsupported field "shoe" in query'],
    [{ query: { $or: [] } }, 'Unsupported value of "$or" in query'],
    [{ query: { sc: { $where: 1 } } },
        'Unsupported operator "$where" in query'],
    [{ query: { sc: { $gt: 'x' } } }, 'Number expected for "sc" in query'],
    [{ query: { p: { $gt: 1 } } }, 'Unsupported operator for "p" in query'],
    [{ query: { did: true } }, 'Text expected for "did" in query'],
    [{ query: { sc: { $in: 1 } } }, 'Array expected for "sc" in query'],
    [{ query: { 'custom.': 1 } }, 'Unsupported field "custom." in query'],
    [{ query: Object.fromEntries(Array.from({ length: 33 }, (_, i) =>
        [`custom.${i}`, 1])) }, 'Too many conditions with "custom.32" in query'],
    [{ query: { sc: { $in: Array(1001).fill(1) } } },
        'Unsupported values for "sc" in query'],
    [{ iSortCol_0: 'shoe' }, 'Unsupported sort column'],
    [{ iDisplayStart: 'x' }, 'Unsupported page start'],
    [{ iDisplayStart: 100001 }, 'Unsupported page start'],
    [{ iDisplayLength: 'x' }, 'Unsupported page length'],
];

test('what is not understood is refused', async () => {
    const app = await client.createApp(server);
    for (const [more, result] of REFUSED) {
        const answer = await call('/o', { app_id: app._id,
            method: 'user_details', raw: 1, ...more });
        assert.strictEqual(answer.status, 400, JSON.stringify(more));
        assert.strictEqual(answer.json.result.replace(/&quot;/g, '"'), result);
    }
});

test('consent is a time object of its own', async () => {
    const app = await client.createApp(server);
    const timestamp = at(2026, 3, 2, 10);
    await ingest(app, 'a', { timestamp,
        consent: { sessions: true, events: true, 5: true } });
    await ingest(app, 'b', { timestamp: timestamp + 86400,
        consent: { sessions: false } });
    const read = (more) => client.read(server, app, 'consents',
        { timestamp: at(2026, 3, 5, 12), ...more });
    const month = { sessions: { i: 1, o: 1 }, events: { i: 1 },
        '[CLY]5': { i: 1 }, i: 3, o: 1 };
    const days = {
        2: { 10: { i: 3 }, sessions: { i: 1 }, events: { i: 1 },
            '[CLY]5': { i: 1 }, i: 3 },
        3: { 10: { o: 1 }, sessions: { o: 1 }, o: 1 } };
    const whole = await read();
    whole.meta.features.sort();
    assert.deepStrictEqual(whole, { 2026: { 3: { ...days, ...month },
        ...month }, meta: { features: ['5', 'events', 'sessions'] } });
    assert.deepStrictEqual((await read({ fullRange: 1 }))[2026], { 3: days });
    assert.deepStrictEqual(await client.read(server, app, 'consents',
        { timestamp: at(2026, 3, 3, 12), action: 'refresh' }),
    { 2026: { 3: { 3: days[3] } }, meta: { features: ['sessions'] } });
    assert.deepStrictEqual(await client.read(server, app, 'consents',
        { timestamp: at(2024, 3, 3, 12) }), { meta: { features: [] } });
});

/* A refused or accepted call of /i/app_users as [status, result]. */
async function admin(app, action, more) {
    const answer = await call(`/i/app_users/${action}`,
        { app_id: app._id, ...more });
    assert.strictEqual(typeof answer.json.result, 'string', answer.text);
    return [answer.status, answer.json.result];
}

test('users are created, changed and deleted', async () => {
    const app = await client.createApp(server);
    const [status, text] = await admin(app, 'create', { data: { did: 'a',
        name: 'Ann', custom: { n: 1 } } });
    assert.strictEqual(status, 200);
    assert.match(text, /^User Created: \{/);
    const created = JSON.parse(text.replace('User Created: ', ''));
    assert.deepStrictEqual([created.did, created.uid, created.name,
        created.custom], ['a', '1', 'Ann', { n: 1 }]);
    assert.deepStrictEqual(await admin(app, 'create', { data: { did: 'a' } }),
        [400, 'User with this did already exists']);
    assert.deepStrictEqual(await admin(app, 'update', { query: { uid: '1' },
        update: { $set: { email: 'a@b' }, $inc: { 'custom.n': 2 } } }),
    [200, 'User Updated']);
    let user = await details(app, { uid: '1' });
    assert.deepStrictEqual([user.email, user.custom.n], ['a@b', 3]);
    assert.deepStrictEqual(
        await admin(app, 'delete', { query: { 'custom.n': 3 } }),
        [200, 'User deleted']);
    assert.deepStrictEqual(await details(app, { uid: '1' }), {});
    await ingest(app, 'a', { begin_session: 1 });
    user = await details(app, { did: 'a' });
    assert.deepStrictEqual([user.uid, user.name], ['2', undefined]);
});

test('more than one user is changed only by force', async () => {
    const app = await makePeople();
    const both = { p: 'iOS' };
    assert.deepStrictEqual(await admin(app, 'update', { query: both,
        update: { $set: { name: 'x' } } }),
    [400, 'This query would update more than one user']);
    assert.deepStrictEqual(await admin(app, 'delete', { query: both }),
        [400, 'This query would delete more than one user']);
    assert.deepStrictEqual(await admin(app, 'export', { query: both }),
        [400, 'This query would export more than one user']);
    assert.deepStrictEqual(names(await details(app)), PEOPLE);
    assert.deepStrictEqual(await admin(app, 'update', { query: both,
        update: { $set: { name: 'x' } }, force: true }), [200, 'User Updated']);
    assert.deepStrictEqual(names(await details(app)),
        ['Ann', 'x', 'Cid', 'x', 'eve']);
    assert.deepStrictEqual(await admin(app, 'delete',
        { query: { did: { $in: ['dev-1', 'dev-3', 'dev-1'] } }, force: true }),
    [200, 'User deleted']);
    assert.deepStrictEqual(names(await details(app)), ['Ann', 'Cid', 'eve']);
    const latest = await client.read(server, app, 'latest_users');
    assert.deepStrictEqual(latest.map((user) => user.did),
        ['dev-0', 'dev-2', 'dev-4']);
    const [total] = await client.read(server, app, 'total_users',
        { timestamp: at(2026, 3, 12, 0) });
    assert.strictEqual(total.u, 5, 'counters stay');
});

const UPDATE = { $set: { name: 'x' } };

const BAD_CALLS = [
    ['create', {}, 'Missing parameter "data"'],
    ['create', { data: '{' }, 'Could not parse parameter "data": {'],
    ['create', { data: {} }, 'Parameter "data" cannot be empty'],
    ['create', { data: { name: 'x' } },
        'Provide device_id as did property for data'],
    ['update', { query: { uid: '1' } }, 'Missing parameter "update"'],
    ['update', { update: UPDATE }, 'Missing parameter "query"'],
    ['update', { query: { uid: '1' }, update: {} },
        'Parameter "update" cannot be empty'],
    ['update', { query: '[', update: UPDATE },
        'Could not parse parameter "query": ['],
    ['update', { query: { uid: '1' }, update: { name: 'x' } },
        'Unkown modifier name in {"name":"x"} for {"uid":"1"}'],
    ['update', { query: { uid: '1' }, update: { $set: { sc: 1 } } },
        'Cannot change sc in {"$set":{"sc":1}} for {"uid":"1"}'],
    ['update', { query: { uid: '1' }, update: UPDATE },
        'No users matching criteria'],
    ['delete', {}, 'Missing parameter "query"'],
    ['delete', { query: {} }, 'Parameter "query" cannot be empty, it would ' +
        'delete all users. Use clear app instead'],
    ['delete', { query: { sc: 1 } }, 'No users matching criteria'],
    ['delete', { query: { shoe: 1 } }, 'Unsupported field "shoe" in query'],
    ['export', { query: { uid: '1' } }, 'No users matching criteria'],
    ['deleteExport/x', {}, 'Export doesn\'t exist'],
    ['copy', {}, 'Invalid path'],
];

test('calls on users are refused as Countly does', async () => {
    const app = await client.createApp(server);
    for (const [action, more, result] of BAD_CALLS) {
        assert.deepStrictEqual(await admin(app, action, more), [400, result],
            action + JSON.stringify(more));
    }
    const missing = await call('/i/app_users/delete', { query: { uid: '1' } });
    assert.deepStrictEqual([missing.status, missing.json.result],
        [400, 'Missing parameter "app_id"']);
    const nobody = await client.send(server, { path: '/i/app_users/delete',
        query: { app_id: app._id, query: { uid: '1' } } });
    assert.deepStrictEqual([nobody.status, nobody.json.result],
        [400, 'Missing parameter "api_key" or "auth_token"']);
});

test('an export is downloaded and deleted', async () => {
    const app = await client.createApp(server);
    await ingest(app, 'a<b>', { user_details: { name: 'Ann & Bob' } });
    const [status, name] = await admin(app, 'export',
        { query: { did: 'a<b>' } });
    assert.strictEqual(status, 200);
    assert.strictEqual(name, `appUser_${app._id}_1.json`);
    const path = `/o/app_users/download/${name}`;
    const file = await call(path, { app_id: app._id });
    assert.strictEqual(file.headers['content-disposition'],
        `attachment; filename="${name}"`);
    assert.deepStrictEqual([file.json.did, file.json.name],
        ['a<b>', 'Ann & Bob']);
    const other = await client.createApp(server);
    const gone = [400, 'Export doesn\'t exist'];
    const strange = await call(path, { app_id: other._id });
    assert.deepStrictEqual([strange.status, strange.json.result], gone);
    assert.deepStrictEqual(await admin(app, `deleteExport/${name}`, {}),
        [200, 'Export deleted']);
    assert.deepStrictEqual(await admin(app, `deleteExport/${name}`, {}), gone);
});
