'use strict';
/*
 * shapes.test.js - every request shape the SDKs send (spec A.2 to A.7) and
 * the counters it must move, and no others.
 *
 * Each row has an app of its own. `requests` are sent in order; `users` are
 * the sums of t, n, u, d and e over the whole app, and `values` those of
 * single values by collection; both are complete: a counter that is not named
 * must not be there. `known` is how many users the app has had sessions of.
 */
const assert = require('node:assert');
const crypto = require('node:crypto');
const { after, before, describe, test } = require('node:test');
const client = require('./client.js');

const SUCCESS = { result: 'Success' };
const DUPLICATE = { result: 'Success',
    info: 'Request ignored: Duplicate request' };
const HOUR_MS = 3600000;
const START = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOUR_MS;

let server;
let dir;

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
});

after(async () => {
    try {
        await server.stop();
    } finally {
        client.removeDir(dir);
    }
});

/* Parameters in alphabetical order, as all SDKs send them. */
function sorted(params) {
    return Object.fromEntries(Object.entries(params).sort());
}

/* Milliseconds, `seconds` into the hour before this one. */
function at(seconds) {
    return START + seconds * 1000;
}

function web(app, seconds, params) {
    return sorted({ app_key: app.key, device_id: 'web-1',
        sdk_name: 'javascript_native_web', sdk_version: '26.1.2', t: 1,
        av: '1.0', metrics: { _ua: 'Mozilla/5.0' }, timestamp: at(seconds),
        hour: 10, dow: 2, tz: 60, rr: 0, ...params });
}

function node(app, seconds, params) {
    return sorted({ app_key: app.key, device_id: 'node-1',
        sdk_name: 'javascript_native_nodejs', sdk_version: '24.10.1', t: 0,
        timestamp: at(seconds), hour: 10, dow: 2, ...params });
}

function phone(app, seconds, params) {
    return sorted({ app_key: app.key, device_id: 'phone-1', av: '1.0',
        sdk_name: 'java-native-android', sdk_version: '24.7.0', t: 1,
        timestamp: at(seconds), hour: 10, dow: 2, tz: 60, rr: 0, ...params });
}

function post(form, more) {
    return { path: '/i', form, ...more };
}

function get(query, more) {
    return { path: '/i', query, ...more };
}

/* The way of the C++ SDK: everything but letters, digits, `.`, `_` and `~` is
 * percent-encoded, `-` too. */
function cpp(params) {
    return Object.entries(sorted(params)).map(([key, value]) => key + '=' +
        encodeURIComponent(typeof value === 'object' ? JSON.stringify(value)
            : value).replace(/[-!'()*]/g, (c) =>
            '%' + c.charCodeAt(0).toString(16).toUpperCase())).join('&');
}

function sha256(text) {
    return crypto.createHash('sha256').update(text).digest('hex');
}

/* A request text with the checksum the SDKs append. */
function signed(text, salt, spell = (hex) => hex) {
    return `${text}&checksum256=${spell(sha256(text + salt))}`;
}

function multipart(fields, file) {
    const boundary = '----formdata-1f2e3d';
    const parts = Object.entries(fields).map(([name, value]) =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
        `\r\n\r\n${encodeURIComponent(value)}\r\n`);
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; ` +
        `name="${file.name}"; filename="me.png"\r\n` +
        `Content-Type: image/png\r\n\r\n${file.content}\r\n--${boundary}--\r\n`);
    return { path: '/i', body: parts.join(''), headers: {
        'Content-Type': `multipart/form-data; boundary=${boundary}` } };
}

const WEB_METRICS = { _app_version: '1.2', _ua: 'Mozilla/5.0',
    _resolution: '1920x1080', _os: 'Windows', _os_version: '10',
    _device: 'Desktop', _device_type: 'desktop' };
const NODE_METRICS = { _app_version: '0.0', _os: 'Linux',
    _os_version: '6.1.0' };
const PHONE_METRICS = { _os: 'Android', _os_version: '14', _device: 'Pixel 8',
    _resolution: '1080x2400', _carrier: 'Vodafone', _app_version: '2.0.1',
    _manufacturer: 'Google', _device_type: 'mobile' };
const ONE = { t: 1, n: 1, u: 1 };
const BEGUN = { ...ONE, e: 1 };

const rows = [
    {
        name: 'WEB begins a session by a form POST',
        requests: (app) => [post(web(app, 0,
            { begin_session: 1, metrics: WEB_METRICS }))],
        users: BEGUN, known: 1,
        values: {
            device_details: { Windows: ONE, mw10: ONE, '1:2': ONE,
                '1920x1080': ONE, desktop: ONE },
            devices: { Desktop: ONE },
        },
    },
    {
        name: 'WEB in a worker sends a POST with everything in the query',
        requests: (app) => [{ method: 'POST', path: '/i', body: '',
            query: web(app, 0, { begin_session: 1, metrics: WEB_METRICS }) }],
        users: BEGUN, known: 1,
        values: { devices: { Desktop: ONE } },
    },
    {
        name: 'WEB reports a duration with the user agent as only metric',
        requests: (app) => [post(web(app, 0, { session_duration: 60 }))],
        users: { e: 1, d: 60 }, known: 0, values: { device_details: {} },
    },
    {
        name: 'WEB ends a session with the last seconds in one request',
        requests: (app) => [
            post(web(app, 0, { begin_session: 1 })),
            post(web(app, 40, { end_session: 1, session_duration: 40 }))],
        users: { ...ONE, e: 2, d: 40 }, durations: { 2: 1 }, known: 1,
    },
    {
        name: 'WEB checks its health',
        requests: (app) => [post(web(app, 0, {
            hc: { el: 0, wl: 1, sc: -1, em: '""', bom: 0, cbom: 0 },
            metrics: { _app_version: '1.2', _ua: 'Mozilla/5.0' } }))],
        users: { e: 1 }, known: 0, values: { device_details: {} },
    },
    {
        name: 'WEB tells a consent',
        requests: (app) => [post(web(app, 0,
            { consent: { sessions: true, events: false } }))],
        users: { e: 1 }, known: 0,
    },
    {
        name: 'WEB sends a batch of events',
        requests: (app) => [post(web(app, 0, { events: [
            { key: 'click', count: 1, segmentation: { where: 'menu' },
                timestamp: at(0), hour: 10, dow: 2 },
            { key: '[CLY]_view', count: 1, dur: 3,
                segmentation: { name: '/', visit: 1, start: 1 } }] }))],
        users: { e: 1 }, known: 0,
    },
    {
        name: 'WEB sends user details',
        requests: (app) => [post(web(app, 0, { user_details: { name: 'Ada',
            byear: 1815, custom: { visits: { $inc: 1 },
                tags: { $addToSet: ['a', 'b'] } } } }))],
        users: { e: 1 }, known: 0,
    },
    {
        name: 'WEB uploads a picture as multipart with encoded fields',
        requests: (app) => [multipart(
            { app_key: app.key, device_id: 'web 1', timestamp: at(0),
                begin_session: 1, country_code: 'TR',
                user_details: JSON.stringify({ name: 'Ada & co' }) },
            { name: 'user_details[picture]', content: 'no real picture' })],
        users: BEGUN, known: 1, values: { countries: { TR: ONE } },
    },
    {
        name: 'a performance trace counts as a request only',
        requests: (app) => [post(web(app, 0, { apm: { type: 'network',
            name: '/', apm_metrics: { response_time: 12 } } }))],
        users: { e: 1 }, known: 0,
    },
    {
        name: 'a crash counts as a request only',
        requests: (app) => [post(phone(app, 0, { crash: { _os: 'Android',
            _app_version: '2.0.1', _error: 'a\nb', _nonfatal: true } }))],
        users: { e: 1 }, known: 0, values: { device_details: {} },
    },
    {
        name: 'NODE begins a session by GET',
        requests: (app) => [get(node(app, 0,
            { begin_session: 1, metrics: NODE_METRICS }))],
        users: BEGUN, known: 1,
        values: { device_details: { Linux: ONE, 'l6:1:0': ONE, '0:0': ONE } },
    },
    {
        name: 'NODE sends more than 2000 characters by POST',
        requests: (app) => [post(node(app, 0, { begin_session: 1,
            metrics: NODE_METRICS, events: [{ key: 'long', count: 1,
                segmentation: { text: 'x'.repeat(2000) } }] }))],
        users: BEGUN, known: 1,
    },
    {
        name: 'NODE without consent for location sends an empty one',
        requests: (app) => [get(node(app, 0,
            { begin_session: 1, location: '' }))],
        users: BEGUN, known: 1, values: { countries: { Unknown: ONE } },
    },
    {
        name: 'CPP begins by GET with %2D, the name of its SDK only there',
        requests: (app) => [get(cpp({ app_key: app.key, device_id: 'cpp-1-a',
            begin_session: 1, sdk_name: 'cpp-native-unknown',
            sdk_version: '23.2.2', timestamp: at(0), metrics: {
                _os: 'Windows', _os_version: '10', _device: 'PC-7',
                _app_version: '1.0-rc' } }))],
        users: BEGUN, known: 1,
        values: { devices: { 'PC-7': ONE },
            device_details: { Windows: ONE, mw10: ONE, '1:0-rc': ONE } },
    },
    {
        name: 'CPP reports a duration and an event without a timestamp',
        requests: (app) => [
            get(cpp({ app_key: app.key, device_id: 'cpp-1',
                session_duration: 7 })),
            get(cpp({ app_key: app.key, device_id: 'cpp-1',
                session_duration: 7 })),
            get(cpp({ app_key: app.key, device_id: 'cpp-1', events: [
                { key: '[CLY]_view', count: 1, sum: 0, dur: 0,
                    segmentation: { name: 'main', _idv: 'a', visit: '1' },
                    timestamp: at(0) }] }))],
        users: { e: 3, d: 14 }, known: 0,
    },
    {
        name: 'Android begins with all its metrics and a checksum',
        app: { salt: 'pepper' },
        requests: (app) => [post(signed(client.encode(phone(app, 0,
            { begin_session: 1, metrics: PHONE_METRICS })), 'pepper'))],
        users: BEGUN, known: 1,
        values: {
            device_details: { Android: ONE, a14: ONE, '2:0:1': ONE,
                '1080x2400': ONE, mobile: ONE },
            devices: { 'Pixel 8': ONE, Google: ONE },
            carriers: { Vodafone: ONE },
        },
    },
    {
        name: 'iOS begins and its kind and maker follow from the model',
        requests: (app) => [post(phone(app, 0, { begin_session: 1, metrics: {
            _os: 'iOS', _os_version: '17.4', _device: 'iPhone14,2' } }))],
        users: BEGUN, known: 1,
        values: { devices: { 'iPhone14,2': ONE, Apple: ONE },
            device_details: { iOS: ONE, 'i17:4': ONE, mobile: ONE } },
    },
    {
        name: 'a checksum in upper case in a GET is right as well',
        app: { salt: 'pepper' },
        requests: (app) => [get(signed(client.encode(web(app, 0,
            { begin_session: 1 })), 'pepper', (hex) => hex.toUpperCase()))],
        users: BEGUN, known: 1,
    },
    {
        name: 'a wrong checksum drops the request with status 200',
        app: { salt: 'pepper' },
        requests: (app) => [post(signed(client.encode(phone(app, 0,
            { begin_session: 1 })), 'salt'))],
        answers: [{ result: 'Request does not match checksum' }],
        users: {}, known: 0,
    },
    {
        name: 'a missing checksum drops the request with status 200',
        app: { salt: 'pepper' },
        requests: (app) => [post(phone(app, 0, { begin_session: 1 }))],
        answers: [{ result: 'Request does not have checksum' }],
        users: {}, known: 0,
    },
    {
        name: 'a push token counts as a request only',
        requests: (app) => [post(phone(app, 0, { token_session: 1,
            android_token: 'abc', test_mode: 0, token_provider: 'FCM' }))],
        users: { e: 1 }, known: 0,
    },
    {
        name: 'a location outside of a begin moves no country',
        requests: (app) => [post(phone(app, 0, { location: '52.5,13.4',
            country_code: 'DE', city: 'Berlin' }))],
        users: { e: 1 }, known: 0, values: { countries: {}, cities: {} },
    },
    {
        name: 'a city counts when its country is the country of the app',
        requests: (app) => [
            post(phone(app, 0, { begin_session: 1, country_code: 'DE',
                city: 'Berlin' })),
            post(phone(app, 0, { begin_session: 1, country_code: 'FR',
                city: 'Lyon', device_id: 'phone-2' }))],
        users: { t: 2, n: 2, u: 2, e: 2 }, known: 2,
        values: { countries: { DE: ONE, FR: ONE }, cities: { Berlin: ONE } },
    },
    {
        name: 'an end without a session counts as a request only',
        requests: (app) => [post(phone(app, 0, { end_session: 1 }))],
        users: { e: 1 }, durations: {}, known: 0,
    },
    {
        name: 'a begin within 15 s goes on with the session',
        requests: (app) => [
            post(phone(app, 0, { begin_session: 1 })),
            post(phone(app, 20, { end_session: 1, session_duration: 20 })),
            post(phone(app, 30, { begin_session: 1 })),
            post(phone(app, 60, { end_session: 1, session_duration: 30 }))],
        users: { ...ONE, e: 3, d: 50 }, durations: { 2: 1 }, known: 1,
    },
    {
        name: 'a begin after 15 s is a session of its own',
        requests: (app) => [
            post(phone(app, 0, { begin_session: 1 })),
            post(phone(app, 20, { end_session: 1, session_duration: 20 })),
            post(phone(app, 35, { begin_session: 1 }))],
        users: { t: 2, n: 1, u: 1, e: 3, d: 20 }, durations: { 1: 1 },
        known: 1,
    },
    {
        name: 'begin_session=0 is no begin',
        requests: (app) => [post(phone(app, 0, { begin_session: 0 }))],
        users: { e: 1 }, known: 0,
    },
    {
        name: 'the same request again is a duplicate, whatever rr says',
        requests: (app) => [
            post(phone(app, 0, { begin_session: 1, rr: 3 })),
            post(phone(app, 0, { begin_session: 1, rr: 2 }))],
        answers: [SUCCESS, DUPLICATE],
        users: BEGUN, known: 1,
    },
    {
        name: 'a device id that changes keeps the user',
        requests: (app) => [
            post(phone(app, 0, { begin_session: 1 })),
            post(phone(app, 5, { old_device_id: 'phone-1',
                device_id: 'phone-2' })),
            post(phone(app, 100, { begin_session: 1, device_id: 'phone-2' }))],
        users: { t: 2, n: 1, u: 1, e: 3 }, durations: { 0: 1 }, known: 1,
    },
    {
        name: 'two users that merge are one in the totals',
        requests: (app) => [
            post(phone(app, 0, { begin_session: 1 })),
            post(phone(app, 5, { begin_session: 1, device_id: 'phone-2' })),
            post(phone(app, 9, { old_device_id: 'phone-1',
                device_id: 'phone-2' }))],
        users: { t: 2, n: 2, u: 2, e: 3 }, known: 1,
    },
    {
        name: 'a JSON body is read like a form',
        requests: (app) => [{ path: '/i',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify(phone(app, 0, { begin_session: 1,
                metrics: PHONE_METRICS })) }],
        users: BEGUN, known: 1, values: { carriers: { Vodafone: ONE } },
    },
    {
        name: 'bulk items with nested objects count one by one',
        requests: (app) => [{ path: '/i/bulk', form: { app_key: app.key,
            requests: [
                node(app, 0, { begin_session: 1, metrics: NODE_METRICS }),
                node(app, 60, { session_duration: 60 }),
                node(app, 90, { end_session: 1, session_duration: 30 }),
                node(app, 0, { begin_session: 1, device_id: 'node-2',
                    metrics: NODE_METRICS, events: [{ key: 'a' }] })] } }],
        users: { t: 2, n: 2, u: 2, e: 4, d: 90 }, durations: { 3: 1 },
        known: 2,
        values: { device_details: { Linux: { t: 2, n: 2, u: 2 },
            'l6:1:0': { t: 2, n: 2, u: 2 }, '0:0': { t: 2, n: 2, u: 2 } } },
    },
    {
        name: 'bulk items with JSON strings count the same, by GET as well',
        requests: (app) => [{ path: '/i/bulk', query: { app_key: app.key,
            requests: [node(app, 0, { begin_session: 1,
                metrics: JSON.stringify(NODE_METRICS) })] } }],
        users: BEGUN, known: 1,
        values: { device_details: { Linux: ONE, 'l6:1:0': ONE, '0:0': ONE } },
    },
    {
        name: 'bad bulk items do not hold up the others',
        requests: (app) => [{ path: '/i/bulk', form: { app_key: app.key,
            requests: [null, 7, 'text', { begin_session: 1 },
                { ...node(app, 0, { begin_session: 1 }), app_key: 'nobody' },
                node(app, 0, { begin_session: 1 })] } }],
        users: BEGUN, known: 1,
    },
    {
        name: 'a bulk sent again counts once, however long it is',
        requests: (app) => {
            const bulk = { path: '/i/bulk', form: { app_key: app.key,
                requests: Array.from({ length: 20 }, (_, i) =>
                    node(app, i * 20, i % 2 ? { end_session: 1 }
                        : { begin_session: 1 })) } };
            return [bulk, bulk];
        },
        users: { t: 10, n: 1, u: 1, e: 20 }, durations: { 0: 10 }, known: 1,
    },
    {
        name: 'the zero advertising id is ignored',
        requests: (app) => [post(phone(app, 0, { begin_session: 1,
            device_id: '00000000-0000-0000-0000-000000000000' }))],
        answers: [{ result: 'Ignoring device_id' }],
        users: {}, known: 0,
    },
    {
        name: 'calls of /o/sdk are answered and make no user',
        requests: (app) => ['fetch_remote_config', 'rc', 'ab_opt_out',
            'feedback'].map((method) => ({ path: '/o/sdk',
            form: web(app, 0, { method }) })),
        answers: [{}, {}, {}, { result: [] }],
        users: {}, known: 0,
    },
];

/* Sums over the years that a time object has. */
function years(object) {
    return Object.entries(object)
        .filter(([key]) => /^\d{4}$/.test(key)).map(([, year]) => year);
}

function addTo(sums, counters) {
    for (const [name, count] of Object.entries(counters)) {
        if (typeof count === 'number')
            sums[name] = (sums[name] || 0) + count;
    }
    return sums;
}

/* {value: {t, n, u}} of a time object; bucket counters are no values. */
function valuesOf(object) {
    const values = {};
    for (const year of years(object)) {
        for (const [name, counters] of Object.entries(year)) {
            if (!/^(\d+|w\d+|f|l|ds)$/.test(name) &&
                typeof counters === 'object')
                addTo(values[name] ||= {}, counters);
        }
    }
    return values;
}

async function checkCounters(app, row) {
    const object = await client.read(server, app, 'users');
    assert.deepStrictEqual(
        years(object).reduce((sums, year) => addTo(sums, year), {}),
        row.users, 'sums of the app');
    if (row.durations)
        assert.deepStrictEqual(years(object).reduce((sums, year) =>
            addTo(sums, year.ds || {}), {}), row.durations, 'durations');
    for (const [name, values] of Object.entries(row.values || {})) {
        const method = name === 'countries' ? 'users' : name;
        assert.deepStrictEqual(
            valuesOf(await client.read(server, app, method)), values, name);
    }
    const totals = await client.read(server, app, 'total_users');
    assert.strictEqual(totals.length ? totals[0].u : 0, row.known, 'users');
}

describe('request shapes', () => {
    for (const row of rows) {
        test(row.name, async () => {
            const app = await client.createApp(server, row.app);
            const requests = row.requests(app);
            for (const [i, request] of requests.entries()) {
                const answer = await client.send(server, request);
                assert.strictEqual(answer.status, 200, answer.text);
                assert.deepStrictEqual(answer.json,
                    row.answers ? row.answers[i] : SUCCESS);
            }
            await checkCounters(app, row);
        });
    }
});

describe('answers', () => {
    const call = (method, path = '/o/sdk') => async (app) =>
        client.send(server, { path, form: web(app, 0, { method }) });

    test('the behaviour settings are version 2, empty and of now', async () => {
        const answer = await call('sc')(await client.createApp(server));
        assert.strictEqual(answer.status, 200);
        assert.strictEqual(answer.json.v, 2);
        assert.deepStrictEqual(answer.json.c, {});
        assert.ok(Math.abs(answer.json.t - Date.now()) < 60000);
    });

    test('an enrolment in a test succeeds', async () => {
        const answer = await call('ab')(await client.createApp(server));
        assert.deepStrictEqual(answer.json,
            { result: 'Successfully enrolled in ab tests' });
    });

    test('the content queue and the rating widgets are empty', async () => {
        const app = await client.createApp(server);
        const content = await call('queue', '/o/sdk/content')(app);
        const widget = await call(undefined, '/o/feedback/widget')(app);
        assert.strictEqual(content.status, 200);
        assert.ok(['"No content block found!"', '{}'].includes(content.text));
        assert.strictEqual(widget.status, 200);
        assert.ok(widget.json);
    });

    test('an unknown method of /o/sdk is refused', async () => {
        const answer = await call('nosuch')(await client.createApp(server));
        assert.strictEqual(answer.status, 400);
        assert.deepStrictEqual(answer.json, { result: 'Invalid method' });
    });

    for (const [name, params, result] of [
        ['no app key', { app_key: '' },
            'Missing parameter "app_key" or "device_id"'],
        ['no device id', { device_id: '' },
            'Missing parameter "app_key" or "device_id"'],
        ['an unknown app', { app_key: 'nobody' }, 'App does not exist'],
    ]) {
        test(`a request with ${name} is refused`, async () => {
            const app = await client.createApp(server);
            const answer = await client.send(server,
                post(phone(app, 0, { begin_session: 1, ...params })));
            assert.strictEqual(answer.status, 400);
            assert.deepStrictEqual(answer.json, { result });
        });
    }

    test('browsers may read every answer, errors included', async () => {
        for (const path of ['/i', '/i/bulk', '/o', '/nosuch']) {
            const { headers } = await client.send(server, { path });
            assert.strictEqual(headers['access-control-allow-origin'], '*');
            assert.strictEqual(headers['x-frame-options'], 'deny');
            assert.strictEqual(headers['x-xss-protection'], '1; mode=block');
            assert.strictEqual(headers['content-type'],
                'application/json; charset=utf-8');
        }
    });

    test('a preflight is answered with what is allowed', async () => {
        const answer = await client.send(server,
            { method: 'OPTIONS', path: '/i' });
        assert.strictEqual(answer.status, 200);
        assert.strictEqual(answer.text, '');
        assert.strictEqual(answer.headers['access-control-allow-origin'], '*');
        assert.match(answer.headers['access-control-allow-methods'], /POST/);
        assert.match(answer.headers['access-control-allow-headers'],
            /countly-token/i);
    });

    test('other methods are refused', async () => {
        const answer = await client.send(server,
            { method: 'DELETE', path: '/i' });
        assert.strictEqual(answer.status, 405);
        assert.deepStrictEqual(answer.json, { result: 'Method not allowed' });
    });

    test('a callback wraps the answer', async () => {
        const app = await client.createApp(server);
        const answer = await client.send(server,
            get(phone(app, 0, { begin_session: 1, callback: 'cb_1.done' })));
        assert.match(answer.text,
            /^cb_1\.done\(\{"result":"Success"\}\);?$/);
    });
});
