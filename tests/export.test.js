'use strict';
/*
 * export.test.js - what is stored of an app, as tables.
 */
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { afterEach, beforeEach, describe, test } = require('node:test');
const client = require('./client.js');
const countly = require('./countly.js');

const APP = { _id: '5b0000000000000000000001', key: 'k1' };
const NOW = Date.now();
const SPECIAL = '=1+1,"x"';

let dir;

beforeEach(() => {
    dir = client.makeDir();
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

function ask(server, app, query, key = client.ADMIN_KEY) {
    return client.send(server, { path: '/o/export/data', query: {
        api_key: key, app_id: app._id, timestamp: NOW, ...query } });
}

function command(...args) {
    return client.run('export', ...args, '--data', client.dataDir(dir));
}

/* What the command writes. */
function written(...args) {
    const file = path.join(dir, `out-${Math.random()}`);
    const done = command(...args, '--output', file);
    assert.strictEqual(done.status, 0, done.stderr);
    return fs.readFileSync(file, 'utf8');
}

/* RFC 4180. */
function parseCsv(text) {
    const rows = [[]];
    let cell = '';
    let quoted = false;
    for (let i = 0; i < text.length; i++) {
        if (quoted && text[i] === '"' && text[i + 1] === '"')
            cell += text[++i];
        else if (text[i] === '"')
            quoted = !quoted;
        else if (quoted)
            cell += text[i];
        else if (text[i] === ',')
            cell = !rows.at(-1).push(cell) || '';
        else if (text[i] === '\r' && text[i + 1] === '\n') {
            rows.at(-1).push(cell);
            cell = '';
            rows.push([]);
            i++;
        } else
            cell += text[i];
    }
    const [header, ...rest] = rows.slice(0, -1);
    return rest.map((row) => Object.fromEntries(row.map((value, i) =>
        [header[i], value]).filter(([, value]) => value !== '')));
}

function parseLines(text) {
    return text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
}

/* A few users on three days; one has a carrier that looks like a formula. */
async function feed(server, app) {
    for (let i = 0; i < 9; i++) {
        const answer = await client.send(server, { path: '/i', query: {
            app_key: app.key, device_id: `device-${i}`, begin_session: 1,
            timestamp: NOW - (i % 3) * 86400000, country_code: 'DE',
            metrics: { _os: i % 2 ? 'iOS' : 'Android',
                _carrier: i === 4 ? SPECIAL : 'Plain' },
            events: [{ key: 'buy', count: 2, sum: 1.25, dur: 3,
                segmentation: { colour: i % 2 ? 'red' : 'blue' } }] } });
        assert.strictEqual(answer.status, 200);
    }
}

/* Enough for many pieces. */
function importMany() {
    const files = path.join(dir, 'files');
    const names = Array.from({ length: 500 }, (_, i) => `Device ${i}`);
    const days = Array.from({ length: 28 }, (_, i) => i + 1);
    fs.mkdirSync(files);
    countly.write(files, 'apps', [{ ...APP, name: 'Many' }]);
    countly.write(files, 'devices', [1, 2, 3, 4].map((month) => ({
        m: `2026:${month}`, a: APP._id, d: Object.fromEntries(days.map((day) =>
            [day, Object.fromEntries(names.map((name) => [name,
                { t: 2, n: 1, u: 1 }]))])) })).concat({ m: '2026:0',
        a: APP._id, meta: { devices: names }, d: {} }));
    countly.write(files, `app_users${APP._id}`, Array.from({ length: 3000 },
        (_, i) => ({ did: `d${i}`, sc: 1, fs: 1770000000, ls: 1770000000 })));
    const done = client.run('import', files, '--data', client.dataDir(dir));
    assert.strictEqual(done.status, 0, done.stderr);
}

for (const threads of ['1', '3']) {
    describe(`with ${threads} threads`, () => {
        const env = { TALLYD_IO_THREADS: threads };

        test('all formats have the same rows', async () => {
            const server = await client.start({ dir, env });
            const app = await client.createApp(server, { key: 'k1' });
            await feed(server, app);
            const json = await ask(server, app, { method: 'counters' });
            assert.strictEqual(json.status, 200, json.text);
            assert.match(json.headers['content-disposition'],
                /^attachment; filename="counters.json"$/);
            const rows = json.json;
            const lines = await ask(server, app,
                { method: 'counters', type: 'jsonl' });
            assert.deepStrictEqual(parseLines(lines.text), rows);
            const csv = await ask(server, app, { method: 'counters',
                type: 'csv', filename: 'my "file"' });
            assert.match(csv.headers['content-type'], /^text\/csv/);
            assert.match(csv.headers['content-disposition'],
                /filename="my__file_.csv"/);
            const asText = rows.map((row) => Object.fromEntries(
                Object.entries(row).map(([key, value]) => [key,
                    /^[=+@-]/.test(value) ? `'${value}` : String(value)])));
            assert.deepStrictEqual(parseCsv(csv.text), asText);

            const object = await client.read(server, app, 'users',
                { timestamp: NOW });
            const year = Object.keys(object).find(countly.isNumber);
            const days = rows.filter((row) =>
                row.set === 'users' && row.level === 'day');
            assert.strictEqual(days.reduce((sum, row) => sum + row.t, 0), 9);
            for (const { month, day, t, u, e } of days) {
                const shown = object[year][month][day];
                assert.deepStrictEqual([t, u, e],
                    [shown.t, shown.u, shown.e]);
            }
            assert(rows.some((row) => row.set === 'users' &&
                row.level === 'week' && row.u > 0));
            assert(rows.some((row) => row.set === 'carriers' &&
                row.value.startsWith('=1+1')));
            await server.stop();
        });

        test('users and events are tables, too', async () => {
            const server = await client.start({ dir, env });
            const app = await client.createApp(server, { key: 'k1' });
            await feed(server, app);
            const users = parseLines((await ask(server, app,
                { method: 'app_users', type: 'jsonl' })).text);
            assert.deepStrictEqual(users.map((user) => user.did),
                [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => `device-${i}`));
            assert.strictEqual(users[0]._id, crypto.createHash('sha1')
                .update('k1device-0').digest('hex'));
            assert.deepStrictEqual([users[1].uid, users[1].p, users[1].cc,
                users[1].sc, users[1].hos], ['2', 'iOS', 'DE', 1, true]);
            const events = (await ask(server, app,
                { method: 'events', event: 'buy' })).json;
            const total = (filter) => events.filter(filter).reduce(
                (sum, row) => [sum[0] + row.c, sum[1] + row.s,
                    sum[2] + row.dur], [0, 0, 0]);
            assert.deepStrictEqual(total((row) => row.level === 'day' &&
                !row.segment), [18, 11.25, 27]);
            assert.deepStrictEqual(total((row) => row.level === 'hour'),
                [18, 11.25, 27]);
            assert.deepStrictEqual(total((row) => row.segment === 'colour' &&
                row.value === 'red'), [8, 5, 12]);
            await server.stop();
        });

        test('what is long comes in pieces, to slow clients too', async () => {
            importMany();
            const offline = written('k1', '--type', 'jsonl');
            const rows = parseLines(offline);
            assert.strictEqual(rows.filter((row) => row.level === 'day').length,
                500 * 28 * 4);
            const server = await client.start({ dir, env });
            const query = { method: 'counters', type: 'jsonl',
                period: '3660days' };
            const all = await Promise.all([1, 2, 3, 4].map(() =>
                ask(server, APP, query)));
            for (const answer of all) {
                assert.strictEqual(answer.headers['transfer-encoding'],
                    'chunked');
                assert(answer.text === offline);
            }
            assert(await slowly(server, query) === offline);
            assert(written('k1', '--type', 'jsonl') === offline);
            const users = written(APP._id, '--method', 'app_users');
            assert.strictEqual(parseCsv(users).length, 3000);
            await server.stop();
        });

        test('a client that leaves leaves nothing behind', async () => {
            importMany();
            const server = await client.start({ dir, env });
            const query = { method: 'counters', period: '3660days' };
            for (let i = 0; i < 12; i++)
                await leave(server, query, i % 4);
            await new Promise((resolve) => setTimeout(resolve, 300));
            assert.strictEqual((await ask(server, APP, query)).status, 200);
            await leave(server, query, 1);
            await server.stop();
        });
    });
}

function open(server, query, fn) {
    const target = '/o/export/data?' + client.encode({
        api_key: client.ADMIN_KEY, app_id: APP._id, ...query });
    return http.get({ host: '127.0.0.1', port: server.port, path: target }, fn);
}

function slowly(server, query) {
    return new Promise((resolve, reject) => {
        open(server, query, (answer) => {
            const parts = [];
            answer.on('data', (part) => {
                parts.push(part);
                answer.pause();
                setTimeout(() => answer.resume(), 2);
            });
            answer.on('end', () => resolve(Buffer.concat(parts).toString()));
            answer.on('error', reject);
        }).on('error', reject);
    });
}

/* Takes some parts of the answer, then goes away. */
function leave(server, query, parts) {
    return new Promise((resolve) => {
        const sent = open(server, query, (answer) => {
            let seen = 0;
            answer.on('error', () => {});
            answer.on('data', () => {
                if (seen++ === parts)
                    sent.destroy();
            });
            answer.on('close', resolve);
        });
        sent.on('error', resolve);
    });
}

test('who may not read gets nothing', async () => {
    const server = await client.start({ dir });
    const app = await client.createApp(server);
    const reader = await client.manage(server, '/i/users/create', {
        full_name: 'R', username: 'reader', email: 'r@e.de',
        password: 'Aa1!aaaaaa', user_of: [app._id] });
    const refused = [
        [{ method: 'app_users' }, reader.api_key, 401,
            'User does not have right'],
        [{ method: 'nothing' }, undefined, 400, 'Invalid method'],
        [{ method: 'counters', type: 'xls' }, undefined, 400,
            'Invalid type, must be json, jsonl or csv'],
        [{ method: 'events', event: 'none' }, undefined, 400,
            'Event not found'],
        [{ method: 'counters' }, 'f'.repeat(32), 401, 'User does not exist'],
    ];
    for (const [query, key, status, result] of refused) {
        const answer = await ask(server, app, query, key);
        assert.deepStrictEqual([answer.status, answer.json],
            [status, { result }]);
    }
    const empty = await ask(server, app, { method: 'counters' },
        reader.api_key);
    assert.deepStrictEqual(empty.json, []);
});

test('the command writes a file that did not exist', () => {
    importMany();
    const file = path.join(dir, 'out.csv');
    assert.strictEqual(command('k1', '--output', file).status, 0);
    assert.strictEqual(parseCsv(fs.readFileSync(file, 'utf8')).length,
        500 * 28 * 4);
    assert.strictEqual(command('k1', '--output', file).status, 1);
    assert.match(command('none').stderr, /no app with this id or key/);
    assert.match(command('k1', '--method', 'x').stderr, /no such method/);
});

/* Everything that comes back on one connection, until it closes. */
function exchange(server, ...requests) {
    return new Promise((resolve, reject) => {
        const parts = [];
        const socket = net.connect(server.port, '127.0.0.1');
        socket.on('data', (part) => parts.push(part));
        socket.on('error', reject);
        socket.on('close', () => resolve(Buffer.concat(parts).toString()));
        socket.write(requests.join(''));
    });
}

test('old clients, HEAD and pipelines get what they understand', async () => {
    importMany();
    const server = await client.start({ dir });
    const target = '/o/export/data?' + client.encode({ method: 'counters',
        api_key: client.ADMIN_KEY, app_id: APP._id, type: 'jsonl',
        period: '3660days' });
    const table = written('k1', '--type', 'jsonl');

    const old = await exchange(server,
        `GET ${target} HTTP/1.0\r\nHost: x\r\n\r\n`);
    const head = old.indexOf('\r\n\r\n');
    assert(!/transfer-encoding|content-length/i.test(old.slice(0, head)));
    assert(old.slice(head + 4) === table);

    const piped = await exchange(server,
        `HEAD ${target} HTTP/1.1\r\nHost: x\r\n\r\n`,
        `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`,
        'GET /o/ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.strictEqual(piped.match(/Transfer-Encoding: chunked/g).length, 2);
    assert.match(piped, /^HTTP\/1.1 200 [^{]*\r\n\r\nHTTP\/1.1 200 /);
    assert.match(piped,
        /\n\r\n0\r\n\r\nHTTP\/1.1 200 OK\r\n[^{]*{"result":"Success"}$/);
});
