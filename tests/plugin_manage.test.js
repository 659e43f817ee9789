'use strict';
/* The hooks of management calls: when they fire, with what, and that what
 * handlers do is stored with the call or not at all. */
const assert = require('node:assert');
const { afterEach, beforeEach, describe, test } = require('node:test');
const client = require('./client.js');
const plugin = require('./plugin.js');

const ADMIN = { api_key: client.ADMIN_KEY };
const PERSON = { full_name: 'Ann', username: 'ann', email: 'ann@example.org',
    password: 'Secret-1234', global_admin: false };

let dir;
let server;

beforeEach(async () => {
    dir = client.makeDir();
    server = await plugin.start({ dir });
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

async function ask(target, query) {
    return client.send(server, { path: target, query: { ...ADMIN, ...query } });
}

async function done(target, query) {
    const answer = await ask(target, query);
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json;
}

/* The calls of hooks but those of every request. */
function calls() {
    return plugin.recorded(server).filter((call) =>
        !['/', '/master', '/worker', '/o', '/validation/user', '/o/validate']
            .includes(call.hook));
}

/* What was recorded is the hook and /systemlogs, whose values are returned. */
function hookAndLog(hook, action) {
    const all = calls();
    assert.deepStrictEqual(all.map((call) => call.hook),
        [hook, '/systemlogs']);
    assert.strictEqual(all[1].values.action, action);
    return [all[0], all[1].values.data];
}

describe('the hooks of the start', () => {
    test('fire once, in order, before anything else', () => {
        assert.deepStrictEqual(plugin.recorded(server)
            .map((call) => [call.hook, call.values]),
        [['/master', {}], ['/worker', {}]]);
    });
});

describe('what is stored at the start', () => {
    const place = { app_id: '', collection: 'starts', id: 'first' };

    async function restart(order) {
        await server.kill();
        server = await plugin.start({ dir, settings: { recorder: {
            orders: JSON.stringify({ ...place, ...order }) } } });
    }

    test('is seen by the next hook, and after a crash', async () => {
        await restart({ hook: '/master', do: 'put', json: { a: 1 } });
        assert.deepStrictEqual(
            plugin.recorded(server, '/master').at(-1).did, [0]);
        await restart({ hook: '/worker', do: 'fetch' });
        const last = plugin.recorded(server, '/worker').at(-1);
        assert.deepStrictEqual([last.did, last.got], [[0], { a: 1 }]);
    });
});

describe('the hooks of apps', () => {
    let app;

    beforeEach(async () => {
        app = await client.createApp(server, { name: 'Shop' });
    });

    test('create tells the app, and who asked', () => {
        const [call, logged] = hookAndLog('/i/apps/create', 'app_created');
        assert.strictEqual(call.values.appId, app._id);
        assert.strictEqual(call.values.data.name, 'Shop');
        assert.strictEqual(call.values.data.key, app.key);
        assert.strictEqual(call.values.data._number, undefined);
        assert.strictEqual(call.params.member.username, 'admin');
        assert.strictEqual(call.params.fullPath, '/i/apps/create');
        assert.strictEqual(call.params.apiPath, '/i/apps');
        assert.deepStrictEqual(logged, call.values.data);
    });

    test('update tells what has changed', async () => {
        plugin.forget(server);
        await done('/i/apps/update', {
            args: { app_id: app._id, name: 'Inn', timezone: 'Etc/UTC' } });
        const [call, logged] = hookAndLog('/i/apps/update', 'app_updated');
        assert.strictEqual(call.values.appId, app._id);
        const { edited_at: edited, ...data } = call.values.data;
        assert.deepStrictEqual(data, { name: 'Inn' });
        assert.ok(edited === undefined || edited >= app.edited_at);
        assert.strictEqual(call.params.app_id, app._id);
        assert.strictEqual(logged.before.name, 'Shop');
        assert.strictEqual(logged.after.name, 'Inn');
        assert.deepStrictEqual(logged.update, call.values.data);
    });

    test('nothing fires for what changes nothing or is refused', async () => {
        plugin.forget(server);
        await done('/i/apps/update', { args: { app_id: app._id,
            name: 'Shop' } });
        assert.strictEqual((await ask('/i/apps/update', { args: {
            app_id: app._id, timezone: 'Nowhere' } })).status, 400);
        assert.strictEqual((await client.send(server, { path:
            '/i/apps/delete', query: { args: { app_id: app._id },
            api_key: 'f'.repeat(32) } })).status, 401);
        assert.deepStrictEqual(calls(), []);
    });

    test('a reset is one of three', async () => {
        for (const [period, hook, action] of [
            ['reset', '/i/apps/reset', 'app_reset'],
            ['all', '/i/apps/clear_all', 'app_clear_all'],
            [undefined, '/i/apps/clear_all', 'app_clear_all'],
        ]) {
            plugin.forget(server);
            await done('/i/apps/reset', { args: { app_id: app._id, period } });
            const [call] = hookAndLog(hook, action);
            assert.strictEqual(call.values.appId, app._id);
            assert.strictEqual(call.values.data.name, 'Shop');
        }
    });

    test('a reset by period tells what stays', async () => {
        plugin.forget(server);
        const now = new Date();
        await done('/i/apps/reset', { args: { app_id: app._id,
            period: '1month' } });
        const [call] = hookAndLog('/i/apps/clear', 'app_clear_old_data');
        const first = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1);
        const from = new Date(first);
        assert.strictEqual(call.values.moment, first / 1000);
        assert.ok(call.values.ids.includes(`${app._id}_` +
            `${from.getUTCFullYear()}:${from.getUTCMonth() + 1}`));
        assert.ok(call.values.ids.includes(`${app._id}_` +
            `${now.getUTCFullYear()}:${now.getUTCMonth() + 1}`));
        assert.ok(call.values.ids.includes(
            `${app._id}_${now.getUTCFullYear()}:0`));
        assert.strictEqual(call.values.ids.length,
            from.getUTCFullYear() === now.getUTCFullYear() ? 3 : 4);
    });

    test('delete tells the app that went', async () => {
        plugin.forget(server);
        await done('/i/apps/delete', { args: { app_id: app._id } });
        const [call] = hookAndLog('/i/apps/delete', 'app_deleted');
        assert.strictEqual(call.values.appId, app._id);
        assert.strictEqual(call.values.data.key, app.key);
    });

    test('an app that switched the plugin off is not told of', async () => {
        await done('/i/apps/update', { args: { app_id: app._id,
            plugins: { recorder: false } } });
        plugin.forget(server);
        await done('/i/apps/update', { args: { app_id: app._id,
            name: 'Inn' } });
        assert.deepStrictEqual(calls(), []);
    });

    test('what a handler stores is stored with the call', async () => {
        const put = { hook: '/i/apps/update', do: 'put', app_id: app._id,
            collection: 'names', id: 'last', json: { name: 'Inn' } };
        const fetch = { ...put, hook: '/i/apps/update', do: 'fetch' };
        await done('/i/apps/update', { args: { app_id: app._id, name: 'Inn' },
            recorder: [put] });
        await server.kill();
        server = await plugin.start({ dir });
        plugin.forget(server);
        await done('/i/apps/update', { args: { app_id: app._id, name: 'Pub' },
            recorder: [fetch] });
        assert.deepStrictEqual(calls()[0].got, { name: 'Inn' });
    });
});

describe('the hooks of members', () => {
    let member;

    beforeEach(async () => {
        plugin.forget(server);
        member = await done('/i/users/create', { args: PERSON });
    });

    test('create tells the member without the password', () => {
        const [call] = hookAndLog('/i/users/create', 'user_created');
        assert.strictEqual(call.values.data.username, 'ann');
        assert.strictEqual(call.values.data._id, member._id);
        assert.strictEqual(call.values.data.password, undefined);
        assert.strictEqual(call.values.member._id, member._id);
        assert.strictEqual(call.params.member.username, 'admin');
    });

    test('update tells what has changed', async () => {
        plugin.forget(server);
        await done('/i/users/update', { args: { user_id: member._id,
            full_name: 'Anna' } });
        const [call, logged] = hookAndLog('/i/users/update', 'user_updated');
        assert.deepStrictEqual(call.values.data, { full_name: 'Anna' });
        assert.strictEqual(call.values.member.full_name, 'Anna');
        assert.strictEqual(logged.before.full_name, 'Ann');
    });

    test('delete tells each that went', async () => {
        const second = await done('/i/users/create', { args: { ...PERSON,
            username: 'bob', email: 'bob@example.org' } });
        plugin.forget(server);
        await done('/i/users/delete', { args: {
            user_ids: [member._id, second._id] } });
        assert.deepStrictEqual(calls().map((call) =>
            [call.hook, call.values.data.username]),
        [['/i/users/delete', 'ann'], ['/systemlogs', 'ann'],
            ['/i/users/delete', 'bob'], ['/systemlogs', 'bob']]);
    });
});

describe('the hooks of app users', () => {
    let app;

    beforeEach(async () => {
        app = await client.createApp(server);
        plugin.forget(server);
        await done('/i/app_users/create', { app_id: app._id,
            data: { did: 'd1', name: 'Ann' } });
    });

    test('create tells the user', () => {
        const [call, logged] = hookAndLog('/i/app_users/create',
            'app_user_created');
        assert.deepStrictEqual(call.values, { app_id: app._id,
            user: { did: 'd1', name: 'Ann' } });
        assert.strictEqual(call.params.member.username, 'admin');
        assert.strictEqual(call.params.app_id, app._id);
        assert.strictEqual(logged.app_id, app._id);
        assert.strictEqual(logged.uids.length, 1);
    });

    test('update, export and delete tell the query', async () => {
        const query = { did: 'd1' };
        const more = { update: { $set: { name: 'Bea' } } };
        for (const [name, action] of [['update', 'app_user_updated'],
            ['export', 'export_app_user'], ['delete', 'app_user_deleted']]) {
            plugin.forget(server);
            await done('/i/app_users/' + name, { app_id: app._id, query,
                ...(name === 'update' ? more : {}) });
            const [call, logged] = hookAndLog('/i/app_users/' + name, action);
            assert.deepStrictEqual(call.values.query, query);
            assert.strictEqual(call.values.app_id, app._id);
            if (name === 'update')
                assert.deepStrictEqual(call.values.update, more.update);
            else
                assert.strictEqual(call.values.uids.length, 1);
            assert.deepStrictEqual(logged.query, query);
        }
    });

    test('what a handler of several users does is kept', async () => {
        await done('/i/app_users/create', { app_id: app._id,
            data: { did: 'd2' } });
        plugin.forget(server);
        await done('/i/app_users/update', { app_id: app._id, force: 'true',
            query: { did: { $in: ['d1', 'd2'] } },
            update: { $set: { name: 'Eve' } } });
        assert.strictEqual(calls().length, 4);
    });
});

describe('a handler that waits', () => {
    let app;

    beforeEach(async () => {
        app = await client.createApp(server);
        plugin.forget(server);
    });

    async function timed(target, query) {
        const start = Date.now();
        const answer = await ask(target, query);
        return [answer, Date.now() - start];
    }

    const wait = (hook, more) => ({ hook, do: 'wait', ms: 200, ...more });

    test('holds the answer back until it goes on', async () => {
        const put = { do: 'put', app_id: app._id, collection: 'c', id: 'i',
            json: 1 };
        const [answer, took] = await timed('/i/apps/update', {
            args: { app_id: app._id, name: 'Inn' }, recorder: [
                wait('/i/apps/update', { then: put }), wait('/systemlogs')] });
        assert.strictEqual(answer.status, 200);
        assert.strictEqual(answer.json.name, 'Inn');
        assert.ok(took >= 190, `${took} ms`);
        const resumed = plugin.recorded(server, 'resumed');
        assert.strictEqual(resumed.length, 2);
        assert.deepStrictEqual(resumed[0].did, [0]);
    });

    test('does so for app users, too', async () => {
        for (const [name, more] of [['create', { data: { did: 'd' } }],
            ['update', { query: { did: 'd' },
                update: { $set: { name: 'Ann' } } }],
            ['delete', { query: { did: 'd' } }]]) {
            const [answer, took] = await timed('/i/app_users/' + name, {
                app_id: app._id, ...more,
                recorder: wait('/i/app_users/' + name) });
            assert.strictEqual(answer.status, 200, answer.text);
            assert.ok(took >= 190, `${name} ${took} ms`);
        }
    });

    test('is not waited for longer than plugins.timeout', async () => {
        await server.stop();
        server = await plugin.start({ dir, settings: { timeout: 300 } });
        const [answer, took] = await timed('/i/apps/delete', {
            args: { app_id: app._id },
            recorder: { hook: '/i/apps/delete', do: 'forget' } });
        assert.deepStrictEqual(answer.json, { result: 'Success' });
        assert.ok(took >= 290 && took < 5000, `${took} ms`);
        assert.match(server.stderr(),
            /did not go on in time" plugin=recorder hook=\/i\/apps\/delete/);
    });
});

describe('/systemlogs', () => {
    test('is told of events', async () => {
        const app = await client.createApp(server);
        await client.send(server, { path: '/i', query: { app_key: app.key,
            device_id: 'd', events: [{ key: 'buy', count: 1 }] } });
        plugin.forget(server);
        await done('/i/events/change_visibility', { app_id: app._id,
            events: ['buy'], set_visibility: 'hide' });
        const [updated] = calls();
        assert.strictEqual(updated.values.action, 'events_updated');
        assert.strictEqual(updated.values.data.appID, app._id);
        assert.strictEqual(updated.values.data.update.map.buy.is_visible,
            false);
        plugin.forget(server);
        await done('/i/events/delete_events', { app_id: app._id,
            events: ['buy'] });
        const [deleted] = calls();
        assert.strictEqual(deleted.values.action, 'event_deleted');
        assert.deepStrictEqual(deleted.values.data.events, ['buy']);
    });

    test('is told of tokens without the token', async () => {
        plugin.forget(server);
        const token = (await done('/i/token/create', { purpose: 'x',
            ttl: 60 })).result;
        const [created] = calls();
        assert.strictEqual(created.hook, '/systemlogs');
        assert.strictEqual(created.values.action, 'token_created');
        assert.strictEqual(created.values.data.purpose, 'x');
        assert.ok(!JSON.stringify(created.values).includes(token));
        plugin.forget(server);
        await done('/i/token/delete', { tokenid: token });
        assert.strictEqual(calls()[0].values.action, 'token_deleted');
    });
});
