'use strict';
/*
 * useragent.test.js - browsers, systems and devices of apps for the web, read
 * off user agents by rules that this test makes.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const RULES = `
user_agent_parsers:
  - regex: '(Leaf)/(\\d+)\\.(\\d+)'
os_parsers:
  - regex: '(Windows) NT (\\d+)'
device_parsers:
  - regex: '(Pot) Build'
    device_replacement: 'Flower $1'
`;
const AGENT = 'Mozilla/5.0 (Windows NT 10; Pot Build) Leaf/3.14';
const HEADERS = { 'User-Agent': AGENT };
const KEYS = ['brw', 'brwv', 'p', 'pv', 'd', 'src'];

let dir, file, server;
let devices = 0;

before(async () => {
    dir = client.makeDir();
    file = path.join(dir, 'rules.yaml');
    fs.writeFileSync(file, RULES);
    server = await client.start({ dir, config: { useragent: { file } } });
});

after(async () => {
    await client.killAll();
    client.removeDir(dir);
});

async function post(target, query, headers) {
    const answer = await client.send(server, { path: target, query, headers });
    assert.strictEqual(answer.status, 200, answer.text);
}

/* What a new user of the app is remembered by who sends these requests. */
async function remembered(app, requests, headers) {
    const device_id = `d${++devices}`;
    for (const query of requests)
        await post('/i', { app_key: app.key, device_id, ...query }, headers);
    const users = await client.read(server, app, 'latest_users');
    const user = users.find((one) => one.did === device_id);
    return Object.fromEntries(KEYS.filter((key) => user[key])
        .map((key) => [key, user[key]]));
}

const ALL = { brw: 'Leaf', brwv: '[leaf]_3:14', p: 'Windows', pv: 'mw10',
    d: 'Flower Pot' };

test('a web session has what its user agent says', async () => {
    const app = await client.createApp(server, { type: 'web' });
    const begin_session = 1;
    assert.deepStrictEqual(await remembered(app, [{ begin_session }], HEADERS),
        ALL);
    assert.deepStrictEqual(await remembered(app,
        [{ begin_session, metrics: { _ua: AGENT } }]), ALL);
    assert.deepStrictEqual(await remembered(app, [{ begin_session, metrics:
        { _browser: 'Twig', _device: 'Mine',
            _store: 'https://www.google.com/search?q=a&hl=en' } }], HEADERS),
    { ...ALL, brw: 'Twig', brwv: '[twig]_3:14', d: 'Mine',
        src: 'google&#46;com/search?q=a' });
    assert.deepStrictEqual(await remembered(app, [{ begin_session }],
        { 'User-Agent': 'none' }), { brw: 'Other', p: 'Other', d: 'Unknown' });
    assert.deepStrictEqual(await remembered(app, [{ begin_session }]), {});
    const object = await client.read(server, app, 'browser');
    assert.deepStrictEqual(object.meta.browser.sort(),
        ['Leaf', 'Other', 'Twig']);
});

test('later requests of the session change nothing', async () => {
    const app = await client.createApp(server, { type: 'web' });
    assert.deepStrictEqual(await remembered(app, [
        { begin_session: 1, metrics: { _device: 'Mine', _ua: AGENT } },
        { session_duration: 5, metrics: { _ua: AGENT } },
    ], HEADERS), { ...ALL, d: 'Mine' });
});

test('apps of other types are not for browsers', async () => {
    const app = await client.createApp(server, { type: 'mobile' });
    assert.deepStrictEqual(await remembered(app,
        [{ begin_session: 1, metrics: { _ua: AGENT } }], HEADERS), {});
});

test('items of a bulk have the user agent of the call', async () => {
    const app = await client.createApp(server, { type: 'web' });
    await post('/i/bulk', { app_key: app.key, requests:
        [{ device_id: 'b1', begin_session: 1 }] }, HEADERS);
    const users = await client.read(server, app, 'latest_users');
    assert.strictEqual(users[0].brw, 'Leaf');
});

test('a long header is cut', async () => {
    const app = await client.createApp(server, { type: 'web' });
    const headers = { 'User-Agent': 'x'.repeat(5000) + AGENT };
    assert.deepStrictEqual(await remembered(app, [{ begin_session: 1 }],
        headers), { brw: 'Other', p: 'Other', d: 'Unknown' });
});

test('the file must be there and good', async () => {
    await server.stop();
    for (const [text, reason] of [
        [null, /cannot read useragent\.file.*No such file/],
        ['', /a list of browsers, systems or devices is missing/],
        ['user_agent_parsers:\n  - regex: "x\n', /line 2/],
    ]) {
        const bad = path.join(dir, 'bad.yaml');
        if (text !== null)
            fs.writeFileSync(bad, text);
        const refused = client.launch({ dir,
            config: { useragent: { file: bad } } });
        assert.strictEqual(await client.listening(refused), false);
        assert.strictEqual((await refused.ended).code, 1);
        assert.match(refused.stderr(), reason);
    }
});
