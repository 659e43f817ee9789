'use strict';
/*
 * limits.test.js - requests at their limits, odd ones, and too many of them.
 *
 * Whatever comes, the answer is JSON, the next client is served and the memory
 * stays where it was.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const { after, before, describe, test } = require('node:test');
const zlib = require('node:zlib');
const client = require('./client.js');
const { Wire, request } = require('./wire.js');

const KILO = 1024;
const MEGA = KILO * KILO;
const METRIC_LIMIT = 30;
const GROWTH_MAX = 96 * MEGA; /* of resident memory */
const FORM = 'Content-Type: application/x-www-form-urlencoded';
const JSON_TYPE = 'Content-Type: application/json';
const TIMEOUT = { timeout: 60000 };

let server;
let dir;
let app;
let devices = 0;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir,
        config: { api: { metric_limit: METRIC_LIMIT } } });
    app = await client.createApp(server);
});

after(async () => {
    try {
        await server.stop();
    } finally {
        await client.killAll();
        client.removeDir(dir);
    }
});

/* Bytes of memory that are the process's own. */
function memoryOf({ pid }) {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/RssAnon:\s+(\d+)/.exec(status)[1]) * KILO;
}

/* `bytes` on a connection of their own; the answer must be JSON. */
async function ask(bytes, to = server) {
    const wire = await Wire.open(to);
    wire.write(bytes);
    const answer = await wire.answer();
    wire.end();
    assert(answer, `no answer to ${bytes.subarray(0, 200)}`);
    assert.notStrictEqual(answer.json, undefined, answer.text);
    assert.strictEqual(answer.headers['content-type'],
        'application/json; charset=utf-8');
    return answer;
}

function begin(more = '', to = app) {
    return `app_key=${to.key}&device_id=limit-${devices++}` +
        `&begin_session=1${more}`;
}

/* `text` with as many bytes behind it as `length` leaves. */
function padded(text, length) {
    return text + 'x'.repeat(length - text.length);
}

function bulkItems(count) {
    const items = Array.from({ length: count }, (_, i) =>
        `{"device_id":"bulk-${devices}-${i}","begin_session":1}`);
    devices++;
    return `[${items.join(',')}]`;
}

function gzipped(target, body, headers = [FORM]) {
    return request(target, { headers: [...headers, 'Content-Encoding: gzip'],
        body: zlib.gzipSync(body) });
}

/* A value with lists inside each other, `depth` in all. */
function nested(depth) {
    return '['.repeat(depth) + ']'.repeat(depth);
}

function manyFields(count) {
    return Array.from({ length: count - 1 }, (_, i) => `X-${i}: y`);
}

/* Bytes of the fields with their line ends, Host's too. */
function fieldsOf(bytes) {
    const host = 'Host: test\r\n'.length;
    const names = 4;
    const each = Math.floor((bytes - host) / names);
    return Array.from({ length: names }, (_, i) => {
        const size = i ? each : bytes - host - each * (names - 1);
        return padded(`X-${i}: `, size - 2);
    });
}

/* What is measured, its limit, the request of a size, and the refusal. */
const limits = [
    ['the target', 16 * KILO, 414, (size) =>
        request(padded(`/i?${begin()}&x=`, size))],
    ['the header fields', 16 * KILO, 431, (size) =>
        request(`/i?${begin()}`, { headers: fieldsOf(size) })],
    ['the number of header fields', 64, 431, (count) =>
        request(`/i?${begin()}`, { headers: manyFields(count) })],
    ['the body', MEGA, 413, (size) =>
        request('/i', { headers: [FORM],
            body: padded(`${begin()}&x=`, size) })],
    ['a body without a length', MEGA, 413, (size) => {
        const body = padded(`${begin()}&x=`, size);
        return Buffer.concat([request('/i', { method: 'POST',
            headers: [FORM, 'Transfer-Encoding: chunked'] }),
        Buffer.from(`${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)]);
    }],
    ['a packed body', MEGA, 413, (size) =>
        gzipped('/i', padded(`${begin()}&x=`, size))],
    ['a body of /i/bulk', 8 * MEGA, 413, (size) =>
        request('/i/bulk', { headers: [FORM], body: padded(
            `app_key=${app.key}&requests=${bulkItems(3)}&x=`, size) })],
    ['a packed body of /i/bulk', 8 * MEGA, 413, (size) =>
        gzipped('/i/bulk', padded(
            `app_key=${app.key}&requests=${bulkItems(3)}&x=`, size))],
    ['the items of /i/bulk', 10000, 413, (count) =>
        request('/i/bulk', { headers: [FORM],
            body: `app_key=${app.key}&requests=${bulkItems(count)}` })],
    ['the parameters', 256, 413, (count) =>
        request('/i', { headers: [FORM], body: begin() + Array.from(
            { length: count - 3 }, (_, i) => `&p${i}=1`).join('') })],
    ['the members of a JSON body', 256, 413, (count) =>
        request('/i', { headers: [JSON_TYPE], body: JSON.stringify({
            app_key: app.key, device_id: `limit-${devices++}`,
            begin_session: 1, ...Object.fromEntries(Array.from(
                { length: count - 3 }, (_, i) => [`p${i}`, 1])) }) })],
    ['the depth of a JSON body', 32, 400, (depth) =>
        request('/i', { headers: [JSON_TYPE], body: `{"app_key":"${app.key}",` +
            `"device_id":"limit-${devices++}","x":${nested(depth - 1)}}` })],
    ['a device id', 4096, 400, (size) =>
        request('/i', { headers: [FORM], body: `app_key=${app.key}` +
            `&begin_session=1&device_id=${padded(`${devices++}-`, size)}` })],
];

describe('at its limit', () => {
    for (const [what, limit, status, make] of limits) {
        test(`${what}: ${limit} pass, one more gets ${status}`, TIMEOUT,
            async () => {
                for (const size of [limit - 1, limit]) {
                    const answer = await ask(make(size));
                    assert.strictEqual(answer.status, 200, answer.text);
                    assert.strictEqual(answer.json.result, 'Success');
                }
                const answer = await ask(make(limit + 1));
                assert.strictEqual(answer.status, status, answer.text);
                assert.strictEqual(typeof answer.json.result, 'string');
            });
    }

    test('all items of the largest bulk count once', TIMEOUT, async () => {
        const own = await client.createApp(server);
        const bytes = request('/i/bulk', { headers: [FORM],
            body: `app_key=${own.key}&requests=${bulkItems(10000)}` });
        for (let i = 0; i < 2; i++)
            assert.strictEqual((await ask(bytes)).status, 200);
        const users = await client.read(server, own, 'users');
        assert.strictEqual(users[new Date().getFullYear()].u, 10000);
    });

    test('a bulk of more than is logged at once comes through', TIMEOUT,
        async (t) => {
            const own = await client.createApp(server);
            const items = Array.from({ length: 8000 }, (_, i) => ({
                device_id: `${i}`.padStart(600, '0'), begin_session: 1,
                metrics: { _device: 'Phone', _os: 'Android',
                    _os_version: '14' } }));
            const bytes = request('/i/bulk', { headers: [FORM], body:
                `app_key=${own.key}&requests=${JSON.stringify(items)}` });
            let answer;
            let tries = 0;
            do
                answer = await ask(bytes);
            while (answer.status === 503 && ++tries < 20);
            assert.strictEqual(answer.status, 200, answer.text);
            assert.deepStrictEqual(
                await client.read(server, own, 'total_users'),
                [{ _id: 'users', u: items.length }]);
            t.diagnostic(`refused ${tries} times`);
        });

    test('a value is cut at 255 bytes, between characters', TIMEOUT,
        async () => {
            const own = await client.createApp(server);
            const values = ['a'.repeat(254), 'b'.repeat(255),
                'c'.repeat(256), 'd' + 'é'.repeat(127), 'é'.repeat(128)];
            for (const value of values)
                await ask(request(`/i?${begin('&metrics=' +
                    encodeURIComponent(JSON.stringify({ _device: value })),
                own)}`));
            const { meta } = await client.read(server, own, 'devices');
            assert.deepStrictEqual(meta.devices.sort(), ['a'.repeat(254),
                'b'.repeat(255), 'c'.repeat(255), 'd' + 'é'.repeat(127),
                'é'.repeat(127)].sort());
        });

    test('a metric has so many values and no more', TIMEOUT, async () => {
        const own = await client.createApp(server);
        for (let i = 0; i < METRIC_LIMIT + 5; i++)
            await ask(request(`/i?${begin('&metrics=' + encodeURIComponent(
                `{"_device":"Model ${i}"}`), own)}`));
        const { meta } = await client.read(server, own, 'devices');
        assert.strictEqual(meta.devices.length, METRIC_LIMIT);
    });

    test('memory does not grow', TIMEOUT, async (t) => {
        const first = memoryOf(server);
        const bomb = request('/i/bulk', { headers: [FORM,
            'Content-Encoding: gzip'],
        body: zlib.gzipSync(Buffer.alloc(900 * MEGA, 'x'), { level: 9 }) });
        const big = limits.filter(([, limit]) => limit >= MEGA);
        const wires = [];
        for (let i = 0; i < 40; i++) {
            const wire = await Wire.open(server);
            const [, limit, , make] = big[i % big.length];
            wire.write(make(limit));
            assert.strictEqual((await wire.answer()).status, 200);
            wires.push(wire); /* stays open */
            if (i % 4 === 0)
                assert.strictEqual((await ask(bomb)).status, 413);
        }
        const grown = memoryOf(server) - first;
        wires.forEach((wire) => wire.end());
        t.diagnostic(`${first >> 20} MB before, ${grown >> 20} MB more`);
        assert(grown < GROWTH_MAX, `${grown} bytes`);
    });
});

const strange = ['%00', 'a%00b', '%ff%fe', '%c3%28', '%ed%a0%80', '%', '%4',
    '%zz', '+', '%20', '%22', '%5c', '%27%3b--', '__proto__', 'constructor',
    '$ne', '.', '..', '[]', '{}', '0', '-1', '1e400', '-1e400', 'NaN',
    'Infinity', '99999999999999999999999999', '0x10', 'null', 'undefined',
    'true', '%e2%80%a8', '%f0%9f%98%80', '%7f', '%0d%0aX: y'];

const values = ['""', '"\\u0000"', '"\\ud800"', '"a\\u0000b"', '"\\ud83d\\ude00"',
    '1e400', '-1e400', '1e-400', '123456789012345678901234567890',
    '1234567890123456789012345678901234567890', '-0', '0.1', 'null', 'true',
    'false', '[]', '{}', '[1,2]', '{"a":{"b":1}}', '"__proto__"', '".$."',
    `"${'x'.repeat(5000)}"`, nested(31), nested(40), nested(5000), '01', '+1',
    '.5', '"', "'x'", '{"a":1', '{"a":1,}', '[1,]', '{a:1}', 'undefined'];

const names = ['', '__proto__', 'constructor', '_os', 'a.b', '$set', '\\u0000',
    '_device', 'x'.repeat(300), '\\ud800', '0', 'toString'];

const periods = ['hour', 'day', 'month', 'yesterday', '7days', '30days',
    '60days', '0days', '-1days', '1days', '999999999999days', '1e9days',
    '1weeks', '3months', '100years', '10000years', 'days', '', 'NaN',
    '[]', '[1]', '[1,2]', '[2,1]', '[1577836800000,1577923200000]',
    '[0,99999999999999]', '[-1,-2]', '[1e300,1e301]', '["a","b"]', '[null,1]',
    '[1577836800000,1577923200000,3]', '{"since":1577836800000}',
    '{"since":-1}', '{"since":"x"}', '{}', '["01-01-2020","02-01-2020"]',
    '["01-01-0000","99-99-9999"]', '2020', '2020-1', '__proto__', '\u0000',
    nested(40), 'x'.repeat(3000), '１days', '30 days', '+7days', '0x7days'];

async function staysUp(bytes) {
    const answer = await ask(bytes);
    assert([200, 400, 401, 404, 413].includes(answer.status),
        `${answer.status} ${answer.text} to ${bytes.subarray(0, 300)}`);
    assert(answer.json !== null && typeof answer.json === 'object');
}

describe('odd requests', () => {
    const fields = ['app_key', 'device_id', 'begin_session', 'end_session',
        'session_duration', 'timestamp', 'metrics', 'country_code',
        'ip_address', 'old_device_id', 'location', 'user_details', 'events',
        'requests', 'checksum', 'checksum256', 'no_meta'];

    test('parameters of any content', TIMEOUT, async () => {
        for (const field of fields) {
            for (const text of strange) {
                const query = `${begin()}&${field}=${text}`
                    .replace(/ /g, '%20').replace(/\r\n/g, '');
                if (field === 'callback')
                    continue;
                await staysUp(request(`/i?${query}`));
                await staysUp(request('/i', { headers: [FORM], body: query }));
            }
        }
    });

    test('JSON of any content', TIMEOUT, async () => {
        for (const value of values) {
            for (const field of fields) {
                await staysUp(request('/i', { headers: [JSON_TYPE],
                    body: `{"app_key":"${app.key}","device_id":"odd",` +
                        `"begin_session":1,"${field}":${value}}` }));
            }
            for (const name of names)
                await staysUp(request('/i', { headers: [FORM],
                    body: begin('&metrics=' + encodeURIComponent(
                        `{"${name}":${value},"_os":${value}}`)) }));
            await staysUp(request('/i/bulk', { headers: [FORM],
                body: `app_key=${app.key}&requests=` +
                    encodeURIComponent(`[${value},{"device_id":${value}}]`) }));
        }
    });

    test('values that have been counted are read as JSON', TIMEOUT,
        async () => {
            for (const method of ['users', 'devices', 'device_details',
                'carriers', 'countries', 'latest_users', 'total_users'])
                await client.read(server, app, method);
        });

    test('bytes that are no text', TIMEOUT, async () => {
        for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xc0, 0xff]) {
            await staysUp(request('/i', { headers: [FORM], body: Buffer.concat(
                [Buffer.from(begin('&metrics={"_os":"')), Buffer.alloc(9, byte),
                    Buffer.from('"}')]) }));
            await staysUp(request('/i', { headers: [JSON_TYPE],
                body: Buffer.alloc(1000, byte) }));
            await staysUp(request('/i', { headers: [FORM,
                'Content-Encoding: gzip'], body: Buffer.alloc(1000, byte) }));
            await staysUp(request(
                `/i?${begin('&x=' + String.fromCharCode(byte || 1))}`));
        }
    });

    test('of a parameter sent twice the last in the body counts', TIMEOUT,
        async () => {
            const own = await client.createApp(server);
            const id = devices++;
            const send = (device, body) => ask(request(
                `/i?app_key=nobody&app_key=1&device_id=${device}`, {
                    headers: [FORM], body }));
            for (let i = 0; i < 2; i++) {
                const answer = await send(`query-${i}`, `app_key=2&app_key=` +
                    `${own.key}&begin_session=1&device_id=a&device_id=b-${id}`);
                assert.strictEqual(answer.json.result, 'Success');
            }
            assert.deepStrictEqual(
                await client.read(server, own, 'total_users'),
                [{ _id: 'users', u: 1 }]);
        });

    test('periods of all sorts', TIMEOUT, async () => {
        for (const period of periods) {
            for (const method of ['users', 'devices', 'total_users',
                'get_period_obj', 'latest_users']) {
                const from = Date.now();
                await staysUp(request(`/o?api_key=${client.ADMIN_KEY}` +
                    `&app_id=${app._id}&method=${method}&metric=devices` +
                    `&previous=true&period=${encodeURIComponent(period)}`));
                assert(Date.now() - from < 2000, `${method} ${period}`);
            }
        }
    });

    test('they leave the server in order', TIMEOUT, async () => {
        const own = await client.createApp(server);
        await ask(request(`/i?${begin('', own)}`));
        assert.deepStrictEqual(await client.read(server, own, 'total_users'),
            [{ _id: 'users', u: 1 }]);
        assert.doesNotMatch(server.stderr(), /level=error/);
    });
});

describe('too many connections', () => {
    const CONNECTIONS = 50;
    const WAIT_MS = 1000;
    let small;
    let smallDir;
    let own;

    before(async () => {
        smallDir = client.makeDir();
        small = await client.start({ dir: smallDir, config: { http: {
            connections: CONNECTIONS, idle_ms: WAIT_MS, header_ms: WAIT_MS,
            body_ms: WAIT_MS, write_ms: WAIT_MS } } });
        own = await client.createApp(small);
    });

    after(async () => {
        try {
            await small.stop();
        } finally {
            client.removeDir(smallDir);
        }
    });

    async function isServed() {
        const from = Date.now();
        const answer = await ask(request(`/i?${begin('', own)}`,
            { headers: ['Connection: close'] }), small);
        assert.strictEqual(answer.status, 200);
        return Date.now() - from;
    }

    function openAll(count) {
        return Promise.all(Array.from({ length: count },
            () => Wire.open(small)));
    }

    test('three times as many clients are all served', TIMEOUT, async () => {
        await Promise.all(Array.from({ length: 3 * CONNECTIONS },
            async () => {
                for (let i = 0; i < 5; i++)
                    await isServed();
            }));
        assert.deepStrictEqual(await client.read(small, own, 'total_users'),
            [{ _id: 'users', u: 15 * CONNECTIONS }]);
    });

    test('idle connections do not keep others out', TIMEOUT, async (t) => {
        const wires = await openAll(3 * CONNECTIONS);
        t.diagnostic(`served after ${await isServed()} ms`);
        wires.forEach((wire) => wire.end());
    });

    test('those that send byte by byte do not either', TIMEOUT, async (t) => {
        const wires = await openAll(2 * CONNECTIONS);
        const bytes = request('/i', { headers: [FORM],
            body: begin('', own) });
        let at = 0;
        const dripping = setInterval(() => {
            wires.forEach((wire) => wire.write(bytes.subarray(at, at + 1)));
            at++;
        }, 50);
        t.diagnostic(`served after ${await isServed()} ms`);
        clearInterval(dripping);
        wires.forEach((wire) => wire.end());
    });

    test('those that read no answers do not either', TIMEOUT, async (t) => {
        const wires = await openAll(CONNECTIONS);
        const bytes = Buffer.concat(Array(500).fill(request(
            `/o?api_key=${client.ADMIN_KEY}&app_id=${own._id}` +
            '&method=get_period_obj&period=30days')));
        wires.forEach((wire) => {
            wire.socket.pause();
            wire.write(bytes);
        });
        t.diagnostic(`served after ${await isServed()} ms`);
        wires.forEach((wire) => wire.end());
    });
});
