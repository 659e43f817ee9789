'use strict';
/*
 * keeping.test.js - what became of requests, and how long data is kept, over
 * HTTP and by command.
 */
const assert = require('node:assert');
const { after, before, test } = require('node:test');
const client = require('./client.js');

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
