'use strict';
/*
 * hooks.test.js - the hooks of SDK requests over HTTP: what the plugin
 * `recorder` (tests/plugins/recorder.c) is called for, and what comes of what
 * it does.
 */
const assert = require('node:assert');
const { after, before, describe, test } = require('node:test');
const client = require('./client.js');
const plugin = require('./plugin.js');

const COOLDOWN_S = 2;
const HOOKS = '/sdk,/sdk/end,/i,/i/events,/session/begin,/session/extend,' +
    '/session/end,/session/post,/session/duration,/session/user,' +
    '/session/metrics,/session/retention,/i/device_id';

let dir, server, app;

function options() {
    return { dir, settings: { recorder: { hooks: HOOKS } },
        config: { api: { session_cooldown: COOLDOWN_S } } };
}

/* Sends a request of an SDK with an order to the recorder; the answer, and
 * what was recorded of it. */
async function sdk(device, more = {}, ...orders) {
    plugin.forget(server);
    const answer = await client.send(server, { path: '/i', query: {
        app_key: app.key, device_id: device, ...more,
        ...(orders.length > 0 && { recorder: JSON.stringify(orders) }) } });
    return { ...answer, calls: plugin.recorded(server) };
}

function hooksOf(answer) {
    return answer.calls.map((call) => call.hook);
}

async function until(condition, what) {
    for (let i = 0; i < 400; i++) {
        if (condition())
            return;
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('waited in vain for ' + what);
}

function posts() {
    return plugin.recorded(server, '/session/post').map((call) =>
        [call.params.app_user.did, call.values.end_session,
            call.values.session_duration]);
}

before(async () => {
    dir = client.makeDir();
    server = await plugin.start(options());
    app = await client.createApp(server);
    await client.send(server, { path: '/i', query: { app_key: app.key,
        device_id: 'warm' } });
});

after(async () => {
    await server.stop();
    await client.killAll();
    client.removeDir(dir);
});

describe('a request of an SDK', () => {
    test('is told in the order of its effects', async () => {
        const answer = await sdk('order', { begin_session: 1,
            metrics: { _os: 'iOS' }, events: [{ key: 'buy', count: 1 }] });
        assert.deepStrictEqual(answer.json, { result: 'Success' });
        assert.deepStrictEqual(hooksOf(answer), ['/sdk', '/session/user',
            '/session/metrics', '/session/begin', '/session/retention',
            '/i/events', '/i', '/sdk/end']);
        const begin = answer.calls[3];
        assert.strictEqual(begin.values.isNewUser, true);
        assert.strictEqual(begin.values.dbAppUser.did, 'order');
        assert.strictEqual(begin.params.app_user.p, 'iOS');
        assert.strictEqual(begin.params.qstring.device_id, 'order');
        assert.strictEqual(begin.params.apiPath, '/i');
        assert.match(begin.params.time.hourly, /^\d+\.\d+\.\d+\.\d+$/);
    });

    test('is ignored when a plugin says so', async () => {
        const answer = await sdk('cancelled', { begin_session: 1 },
            { hook: '/sdk', do: 'cancel', reason: 'a test' });
        assert.strictEqual(answer.status, 200);
        assert.deepStrictEqual(answer.json, { result: 'Success',
            info: 'Request ignored: a test' });
        assert.deepStrictEqual(hooksOf(answer), ['/sdk']);
    });

    test('gets values and properties', async () => {
        const answer = await sdk('derived', { begin_session: 1 },
            { hook: '/session/metrics', do: 'set_metric', name: '_os',
                value: 'BeOS' },
            { hook: '/session/user', do: 'set_user', name: 'plan',
                value: { level: 'gold' } });
        assert.deepStrictEqual(answer.json, { result: 'Success' });
        const end = answer.calls[answer.calls.length - 1];
        assert.strictEqual(end.params.app_user.p, 'BeOS');
        assert.deepStrictEqual(end.params.app_user.plan, { level: 'gold' });
        const latest = await client.read(server, app, 'latest_users');
        const user = latest.find((one) => one.did === 'derived');
        assert.deepStrictEqual(user.plan, { level: 'gold' });
    });

    test('waits before it is decided and before it is answered', async () => {
        const answer = await sdk('waits', { begin_session: 1 },
            { hook: '/sdk', do: 'wait', ms: 30, then: {
                do: 'set_param_json', name: 'metrics',
                value: { _os: 'Later' } } },
            { hook: '/session/begin', do: 'wait', ms: 30, then: {
                do: 'get', name: 'params.app_user.sc' } });
        assert.deepStrictEqual(answer.json, { result: 'Success' });
        assert.deepStrictEqual(hooksOf(answer), ['/sdk', 'resumed',
            '/session/user', '/session/metrics', '/session/begin',
            '/session/retention', '/i', 'resumed', '/sdk/end']);
        assert.strictEqual(answer.calls[7].got, 1);
        assert.strictEqual(answer.calls[8].params.app_user.p, 'Later');
    });

    test('of a bulk waits in its turn', async () => {
        plugin.forget(server);
        const wait = { hook: '/sdk', do: 'wait', ms: 20 };
        const answer = await client.send(server, { path: '/i/bulk', query: {
            app_key: app.key, requests: JSON.stringify(['x', 'y'].map(
                (device) => ({ device_id: device, recorder: wait }))) } });
        assert.deepStrictEqual(answer.json, { result: 'Success' });
        const calls = plugin.recorded(server, '/sdk', '/sdk/end');
        assert.deepStrictEqual(calls.map((call) =>
            [call.hook, call.params.qstring.device_id, call.params.bulk]), [
            ['/sdk', 'x', true], ['/sdk/end', 'x', true],
            ['/sdk', 'y', true], ['/sdk/end', 'y', true]]);
    });
});

describe('a session that was ended', () => {
    test('is over once, also after a crash', async () => {
        await sdk('crash', { begin_session: 1 });
        await sdk('crash', { session_duration: 5, end_session: 1 });
        plugin.forget(server);
        await server.kill();
        server = await plugin.start(options());
        await until(() => posts().length > 0, 'the hook');
        /* It is called before what it leaves is durable. */
        await new Promise((resolve) => setTimeout(resolve, 500));
        await server.kill();
        server = await plugin.start(options());
        await new Promise((resolve) =>
            setTimeout(resolve, (COOLDOWN_S + 2) * 1000));
        assert.deepStrictEqual(posts(), [['crash', true, 5]]);
    });

    test('is not over when it is resumed', async () => {
        await sdk('resumed', { begin_session: 1 });
        await sdk('resumed', { end_session: 1 });
        const answer = await sdk('resumed', { begin_session: 1 });
        assert.ok(hooksOf(answer).includes('/session/extend'));
        await new Promise((resolve) =>
            setTimeout(resolve, (COOLDOWN_S + 2) * 1000));
        assert.deepStrictEqual(posts(), []);
    });
});
