'use strict';
/*
 * views.test.js - views over HTTP as SDKs send them, as a time object and as a
 * table; and random visits against a plain count of them.
 */
const assert = require('node:assert');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const DAY_S = 86400;
const NOW_S = Math.floor(Date.now() / 1000);
const NOON_S = NOW_S - NOW_S % DAY_S - DAY_S / 2; /* of yesterday, UTC */
const WEEK = 7;
const VIEWS = ['Home', 'Cart', 'a.b', '3', '<i>'];

let server;
let dir;
let app;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
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

function view(name, segmentation = {}, more = {}) {
    return { key: '[CLY]_view', count: 1,
        segmentation: { name, ...segmentation }, ...more };
}

function read(query) {
    return client.read(server, app, 'views', { raw: 1, ...query });
}

function table(query = {}) {
    return read({ action: 'getTable', ...query });
}

function dayOf(object, seconds) {
    const date = new Date(seconds * 1000);
    return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]
        .reduce((at, key) => (at || {})[key], object) || {};
}

test('the web SDK\'s views count visits, starts, exits, bounces and seconds',
    async () => {
        await freshApp('Web');
        await ingest('w1', [view('/home', { visit: 1, start: 1, domain: 'x.org' })],
            { begin_session: 1 });
        await ingest('w1', [view('/home', { exit: 1, bounce: 1 }, { dur: 2.5 })]);
        await ingest('w2', [view('/home', { visit: 1 })]);
        await ingest('w2', [view('/home', { visit: true })]);
        const want = { t: 3, u: 2, n: 1, s: 1, e: 1, b: 1, d: 2.5 };
        const object = await read({ action: 'refresh' });
        assert.deepStrictEqual(dayOf(object, NOW_S)['/home'], want);
        assert.deepStrictEqual(object.meta, { views: ['/home'] });
        const rows = await table({ sEcho: 7 });
        assert.deepStrictEqual(rows, { sEcho: '7', iTotalRecords: 1,
            iTotalDisplayRecords: 1,
            aaData: [{ _id: 1, view: '/home', ...want }] });
    });

test('the C++ SDK\'s views come with texts', async () => {
    await freshApp('Cpp');
    await ingest('c1', [
        view('Main', { _idv: 'a', visit: '1', start: '1' }, { sum: 0, dur: 0 }),
        view('Main', { _idv: 'a' }, { sum: 0, dur: 12 }),
        view('Next', { _idv: 'b', visit: '0' }),
    ]);
    const { aaData } = await table();
    assert.deepStrictEqual(aaData.map((row) => [row.view, row.t, row.s, row.d]),
        [['Main', 1, 1, 12]]);
});

test('what names no view counts none, but the event', async () => {
    await freshApp('Odd');
    await ingest('o1', [{ key: '[CLY]_view' }, view(''), view(5, { visit: 1 }),
        { key: '[CLY]_view', segmentation: { visit: 1 } },
        view('never visited', { exit: 1 }, { dur: 5 })]);
    assert.deepStrictEqual(await read({}), { meta: { views: [] } });
    const object = await client.read(server, app, 'events',
        { event: '[CLY]_view' });
    assert.ok(JSON.stringify(object).includes('"c":5'));
});

test('orientation is the user\'s, and counts as an event', async () => {
    await freshApp('Orientation');
    await ingest('o1', [{ key: '[CLY]_orientation',
        segmentation: { mode: 'landscape' } }], { begin_session: 1 });
    const user = () => client.read(server, app, 'user_details', { did: 'o1' });
    assert.strictEqual((await user()).ornt, 'landscape');
    await ingest('o1', [{ key: '[CLY]_orientation',
        segmentation: { mode: 'portrait' } }, { key: '[CLY]_orientation',
        segmentation: { mode: 'upside down' } }, { key: 'own' }]);
    assert.strictEqual((await user()).ornt, 'portrait');
    assert.deepStrictEqual((await user()).data, { events: 1 });
    const modes = await client.read(server, app, 'events',
        { event: '[CLY]_orientation', segmentation: 'mode' });
    assert.deepStrictEqual(modes.meta.mode.sort(),
        ['landscape', 'portrait', 'upside down']);
});

test('the table is searched, sorted and shown in pages', async () => {
    await freshApp('Table');
    for (let i = 0; i < 12; i++)
        await ingest('t1', Array.from({ length: i + 1 }, () =>
            view(`View ${String.fromCharCode(65 + i)}`, { visit: 1 },
                { dur: 100 - i })));
    const names = async (query) => (await table(query)).aaData.map((row) =>
        row.view.slice(5)).join('');
    assert.strictEqual(await names({}), 'LKJIHGFEDCBA');
    assert.strictEqual(await names({ iDisplayLength: 3 }), 'LKJ');
    assert.strictEqual(await names({ iDisplayStart: 10, iDisplayLength: 5 }), 'BA');
    assert.strictEqual(await names({ iDisplayStart: 99 }), '');
    assert.strictEqual(await names({ iSortCol_0: 0, sSortDir_0: 'asc',
        iDisplayLength: 2 }), 'AB');
    assert.strictEqual(await names({ iSortCol_0: 1, sSortDir_0: 'asc',
        iDisplayLength: 2 }), 'AB');
    assert.strictEqual(await names({ iSortCol_0: 99, iDisplayLength: 1 }), 'L');
    const found = await table({ sSearch: 'vIEW c' });
    assert.deepStrictEqual([found.iTotalRecords, found.iTotalDisplayRecords,
        found.aaData[0].view], [12, 1, 'View C']);
});

/* A small generator: the same visits every time. */
function roller(seed) {
    let state = seed;
    return (below) => {
        state = (state * 1103515245 + 12345) % 2147483648;
        return Math.floor(state / 65536) % below;
    };
}

function count(visits, name, days) {
    const of = visits.filter((visit) =>
        visit.name === name && days.includes(visit.day));
    const sum = (key) => of.reduce((all, visit) => all + visit[key], 0);
    const users = (list) => new Set(list.map((visit) => visit.device)).size;
    return { t: of.length, u: users(of), n: users(of.filter((visit) => visit.isNew)),
        s: sum('start'), e: sum('exit'), b: sum('bounce'), d: sum('dur') };
}

test('random visits are counted exactly for any period', async () => {
    await freshApp('Random');
    const roll = roller(4);
    const visits = [];
    const first = {};
    for (let i = 0; i < 300; i++) {
        const day = 8 - Math.floor(i / 34);
        const device = `d${roll(12)}`;
        const visit = { name: VIEWS[roll(VIEWS.length)], device, day,
            start: roll(2), exit: roll(2), bounce: roll(2), dur: roll(40) / 8 };
        const more = { timestamp: NOON_S - day * DAY_S + i };
        if (roll(3) === 0) {
            more.begin_session = 1;
            first[device] ??= day;
        }
        visit.isNew = first[device] === day;
        visits.push(visit);
        await ingest(device, [view(visit.name, { visit: 1, start: visit.start,
            exit: visit.exit, bounce: visit.bounce, dur: visit.dur },
        { timestamp: more.timestamp })], more);
    }
    const all = await read({ period: '30days' });
    for (let day = 0; day <= 8; day++) {
        for (const name of VIEWS) {
            const want = Object.fromEntries(Object.entries(
                count(visits, name, [day])).filter(([, number]) => number));
            const key = name === '3' ? '[CLY]3' : name;
            assert.deepStrictEqual(
                dayOf(all, NOON_S - day * DAY_S)[key] || {}, want);
        }
    }
    for (const length of [2, 3, WEEK, 20]) {
        const days = Array.from({ length: length - 1 }, (_, i) => i);
        const { aaData } = await table({ period: `${length}days` });
        for (const { _id, view: name, ...numbers } of aaData)
            assert.deepStrictEqual([_id > 0, numbers],
                [true, count(visits, name.replace('[CLY]', ''), days)],
                `${name}, ${length}`);
    }
    await server.stop();
    const checked = client.run('check', '--data', client.dataDir(dir));
    assert.ok(checked.status === 0, checked.stdout + checked.stderr);
});
