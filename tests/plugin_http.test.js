'use strict';
/*
 * plugin_http.test.js - what plugins answer, whom they let in, and how
 * requests wait for them (tests/plugins/door.c).
 */
const assert = require('node:assert');
const net = require('node:net');
const { after, before, describe, test } = require('node:test');
const client = require('./client.js');
const plugin = require('./plugin.js');

const TIMEOUT_MS = 400;
const USER_PASSWORD = 'Passw0rd!';

function options(dir, config = {}) {
    return { dir, plugins: ['door'],
        settings: { timeout: TIMEOUT_MS, budget: 1000 }, config };
}

/* Does something with a server of its own. */
async function withServer(body, config) {
    const dir = client.makeDir();
    const server = await plugin.start(options(dir, config));
    try {
        await body(server);
    } finally {
        await server.kill();
        client.removeDir(dir);
    }
}

async function until(condition, what) {
    for (let i = 0; i < 200; i++) {
        if (condition())
            return;
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error('waited in vain for ' + what);
}

function own(server, what, query = {}, more = {}) {
    return client.send(server, { path: '/o/door/' + what, query, ...more });
}

function sdk(server, app, device, more = {}) {
    return client.send(server, { path: '/i', query: { app_key: app.key,
        device_id: device, begin_session: 1,
        metrics: { _os: 'Android' }, ...more } });
}

function assertResult(answer, status, result) {
    assert.deepStrictEqual([answer.status, answer.json],
        [status, { result }]);
}

after(client.killAll);

for (const threads of [1, 3]) {
    describe(`with ${threads} threads`, () => {
        let dir, server, app;

        before(async () => {
            dir = client.makeDir();
            server = await plugin.start(options(dir,
                { 'io-threads': threads }));
            app = await client.createApp(server);
        });

        after(async () => {
            await server.stop();
            client.removeDir(dir);
        });

        describe('a path of a plugin', () => {
            test('is answered with a message', async () => {
                assertResult(await own(server, 'say', { message: 'a "b"' }),
                    200, 'a "b"');
            });

            test('is answered with JSON, also for a callback', async () => {
                const plain = await own(server, 'json', { json: '{"a":[1]}' });
                assert.deepStrictEqual(plain.json, { a: [1] });
                assert.match(plain.headers['content-type'], /^application\/json/);
                const called = await own(server, 'json',
                    { json: '{"a":1}', callback: 'f' });
                assert.strictEqual(called.text, 'f({"a":1})');
                assertResult(await own(server, 'json', { json: '{"a":' }),
                    418, 'no JSON');
            });

            test('is answered with bytes of any type', async () => {
                const answer = await own(server, 'raw');
                assert.strictEqual(answer.status, 201);
                assert.strictEqual(answer.text, 'a\0b');
                assert.strictEqual(answer.headers['content-type'],
                    'text/plain; charset=utf-8');
            });

            test('is answered once', async () => {
                assertResult(await own(server, 'twice'), 202, 'first');
                assert.match(server.stderr(), /second reply returned -4/);
            });

            test('has headers of its own, on one line each', async () => {
                const answer = await own(server, 'headers');
                assert.strictEqual(answer.headers['x-door'], 'openX-Evil: 1');
                assert.deepStrictEqual(answer.json, [0, -1, -1]);
            });

            test('may not answer without bound', async () => {
                assertResult(await own(server, 'big'), 200, 'too big');
            });

            test('passes what is below it that it does not have', async () => {
                assertResult(await own(server, 'nothing/at/all'), 400,
                    'Invalid path');
                assertResult(await client.send(server, { path: '/o/doors' }),
                    400, 'Invalid path');
            });

            test('that fails is nobody\'s', async () => {
                assertResult(await own(server, 'fail'), 400, 'Invalid path');
                assert.match(server.stderr(),
                    /plugin=door hook=\/o\/door\/fail what="handler failed" number=-42/);
            });

            test('does not hide one of the core', async () => {
                assertResult(await client.send(server, {
                    path: '/i/apps/say', query: { message: 'x' } }),
                400, 'Invalid path, must be one of /create, /update, ' +
                    '/delete or /reset');
            });

            test('sees the request', async () => {
                const get = async (name, more) =>
                    (await own(server, 'property', { name }, more)).json;
                assert.deepStrictEqual(await get('params.paths'),
                    ['', 'o', 'door', 'property']);
                assert.deepStrictEqual(await get('paths'),
                    ['', 'o', 'door', 'property']);
                assert.strictEqual(await get('apiPath'), '/o/door');
                assert.strictEqual(await get('params.req.method'), 'GET');
                assert.strictEqual(await get('params.req.headers.x-some',
                    { headers: { 'X-Some': 'thing' } }), 'thing');
                assert.deepStrictEqual(await get('urlParts.search'),
                    '?name=urlParts.search');
                assert.strictEqual(await get('params.urlParts.pathname'),
                    '/o/door/property');
                assert.strictEqual(await get('params.ip_address'),
                    '127.0.0.1');
            });

            test('sees uploaded files', async () => {
                const body = ['--b', 'Content-Disposition: form-data; ' +
                    'name="name"', '', 'params.files', '--b',
                'Content-Disposition: form-data; name="picture"; ' +
                    'filename="a.png"', 'Content-Type: image/png', '', 'hello',
                '--b--', ''].join('\r\n');
                const answer = await own(server, 'property', {}, { body,
                    headers: { 'Content-Type':
                        'multipart/form-data; boundary=b' } });
                assert.deepStrictEqual(answer.json, { picture: {
                    name: 'a.png', type: 'image/png', size: 5,
                    data: Buffer.from('hello').toString('base64') } });
            });
        });

        describe('/', () => {
            test('cancels', async () => {
                assertResult(await client.send(server, { path: '/o/ping',
                    query: { door_cancel: 'not today' } }), 200,
                'Request ignored: not today');
            });

            test('answers in place of the core', async () => {
                assertResult(await client.send(server, { path: '/o/ping',
                    query: { door_answer: 'mine' } }), 203, 'mine');
            });

            test('that handles without an answer passes', async () => {
                assertResult(await client.send(server, { path: '/o/ping',
                    query: { door_handle: 1 } }), 200, 'Success');
            });

            test('sets parameters and headers for the core', async () => {
                const answer = await client.send(server, { path: '/o', query: {
                    api_key: client.ADMIN_KEY, app_id: app._id,
                    method: 'nothing', door_method: 'get_period_obj',
                    door_header: 1 } });
                assert.strictEqual(answer.status, 200);
                assert.ok(answer.json.start);
                assert.strictEqual(answer.headers['x-door'], 'any');
            });

            test('waits, and then the request goes on', async () => {
                const start = Date.now();
                const answer = await client.send(server, { path: '/o/ping',
                    query: { door_wait: 1, ms: 60 } });
                assertResult(answer, 200, 'Success');
                /* Once: of the handler behind the one that waited. */
                assert.strictEqual(answer.headers['x-behind'], 'yes');
                assert.ok(Date.now() - start >= 59);
            });

            test('waits, and cancels then', async () => {
                assertResult(await client.send(server, { path: '/o/ping',
                    query: { door_wait: 1, ms: 5, door_then_cancel: 1 } }),
                200, 'Request ignored: second thoughts');
            });

            test('waits, and then another hook does', async () => {
                assertResult(await own(server, 'wait', { door_wait: 1,
                    ms: 5 }), 200, 'at last');
            });
        });

        describe('a method of a plugin', () => {
            test('is answered as one of the core', async () => {
                await sdk(server, app, 'reader');
                const query = { api_key: client.ADMIN_KEY, app_id: app._id,
                    db: 'users' };
                const mine = await client.send(server, { path: '/o',
                    query: { ...query, method: 'door' } });
                const theirs = await client.send(server, { path: '/o',
                    query: { ...query, method: 'users' } });
                assert.strictEqual(mine.status, 200);
                assert.ok(mine.json.meta);
                assert.strictEqual(mine.text, theirs.text);
                const early = await client.send(server, { path: '/o',
                    query: { ...query, method: 'door', action: 'refresh' } });
                assert.strictEqual(early.status, 200);
                assert.notStrictEqual(early.text, mine.text);
            });

            test('is invalid when nobody has it', async () => {
                const query = { api_key: client.ADMIN_KEY, app_id: app._id };
                assertResult(await client.send(server, { path: '/o',
                    query: { ...query, method: 'nothing' } }), 400,
                'Invalid method');
                assertResult(await client.send(server, { path: '/o',
                    query: { method: 'door' } }), 400,
                'Missing parameter "app_id"');
            });

            test('may wait', async () => {
                assertResult(await client.send(server, { path: '/o', query: {
                    app_id: app._id, method: 'door_wait', ms: 5 } }), 200,
                'at last');
            });

            test('has only collections that there are, for who is known',
                async () => {
                    const query = { api_key: client.ADMIN_KEY,
                        app_id: app._id, db: 'nowhere' };
                    assertResult(await own(server, 'fetch', query), 404,
                        'no such collection');
                    assertResult(await own(server, 'fetch_open',
                        { ...query, db: 'users' }), 404, 'no such collection');
                });
        });

        describe('rights', () => {
            let reader, locked;

            before(async () => {
                const create = (name, permission, more) => client.manage(
                    server, '/i/users/create', { full_name: name,
                        username: name, password: USER_PASSWORD,
                        email: name + '@example.org', permission, ...more });
                reader = await create('reader', { _: { a: [], u: [[app._id]] },
                    r: { [app._id]: { all: false, allowed: { door: true } } } });
                locked = await create('locked', { _: { a: [app._id], u: [] } });
                await client.manage(server, '/i/users/update',
                    { user_id: locked._id, locked: true });
            });

            async function ask(right, query) {
                const answer = await own(server, 'validate',
                    { right, ...query });
                return `${answer.status} ${answer.json.result}`;
            }

            test('of an administrator', async () => {
                const query = { api_key: client.ADMIN_KEY, app_id: app._id };
                for (const right of ['read', 'create', 'update', 'delete',
                    'app_admin'])
                    assert.strictEqual(await ask(right, query),
                        '200 admin of Test', right);
                for (const right of ['user', 'global_admin'])
                    assert.strictEqual(await ask(right, query),
                        '200 admin of ', right);
            });

            test('of a member that may read this plugin\'s data', async () => {
                const query = { api_key: reader.api_key, app_id: app._id };
                assert.strictEqual(await ask('user', query), '200 reader of ');
                assert.strictEqual(await ask('read', query),
                    '200 reader of Test');
                for (const right of ['create', 'update', 'delete', 'app_admin',
                    'global_admin'])
                    assert.strictEqual(await ask(right, query),
                        '401 User does not have right', right);
            });

            test('are refused with Countly\'s bodies', async () => {
                const key = client.ADMIN_KEY;
                assert.strictEqual(await ask('read', { app_id: app._id }),
                    '400 Missing parameter "api_key" or "auth_token"');
                assert.strictEqual(await ask('read',
                    { app_id: app._id, auth_token: 'x' }),
                '400 Token not valid');
                assert.strictEqual(await ask('read',
                    { app_id: app._id, api_key: 'x'.repeat(32) }),
                '401 User does not exist');
                assert.strictEqual(await ask('read', { api_key: key }),
                    '401 No app_id provided');
                assert.strictEqual(await ask('read',
                    { api_key: key, app_id: 'f'.repeat(24) }),
                '401 App does not exist');
                assert.strictEqual(await ask('read',
                    { api_key: key, app_id: 'short' }),
                '400 Invalid parameter "app_id"');
                assert.strictEqual(await ask('user',
                    { api_key: locked.api_key }), '401 User is locked');
            });

            test('of a token for one use', async () => {
                const token = await client.send(server, {
                    path: '/i/token/create', query: { api_key:
                        client.ADMIN_KEY, multi: 'false' } });
                const query = { app_id: app._id,
                    auth_token: token.json.result };
                assert.strictEqual(await ask('read', query),
                    '200 admin of Test');
                assert.strictEqual(await ask('read', query),
                    '400 Token not valid');
            });

            test('are a plugin\'s to deny', async () => {
                const query = { api_key: client.ADMIN_KEY, app_id: app._id,
                    door_deny: 1 };
                const denied = '401 User does not have permission';
                for (const right of ['user', 'read', 'update', 'app_admin',
                    'global_admin'])
                    assert.strictEqual(await ask(right, query), denied, right);
                for (const path of ['/o?method=users', '/o/analytics/sessions',
                    '/o/apps/mine', '/o/users/me', '/i/apps/update',
                    '/i/app_users/delete?query={"uid":"1"}',
                    '/o/export/data?method=users', '/o/requests',
                    '/o/countly_version']) {
                    const [name, rest = ''] = path.split('?');
                    const answer = await client.send(server, { path: name,
                        query: client.encode({ ...query,
                            args: { app_id: app._id } }) + '&' + rest });
                    assert.strictEqual(`${answer.status} ${answer.json.result}`,
                        denied, path);
                }
            });

            test('to read are told', async () => {
                const count = () => server.stderr()
                    .split('validated with app').length - 1;
                const before = count();
                const query = { api_key: client.ADMIN_KEY, app_id: app._id,
                    door_tell: 1 };
                await client.send(server, { path: '/o', query:
                    { ...query, method: 'users' } });
                await ask('read', query);
                await ask('app_admin', query);
                assert.strictEqual(count() - before, 2);
            });
        });

        describe('total_users', () => {
            const query = { period: 'hour', door_codes: 1 };

            before(async () => {
                await sdk(server, app, 'one', { metrics: { _os: 'Android',
                    _os_version: '1' } });
                await sdk(server, app, 'two', { metrics: { _os: 'iOS',
                    _os_version: '1' } });
            });

            test('counts the set that a plugin names', async () => {
                const mine = await client.read(server, app, 'total_users',
                    { ...query, metric: 'mine' });
                const theirs = await client.read(server, app, 'total_users',
                    { period: 'hour', metric: 'platforms' });
                assert.strictEqual(theirs.length, 2);
                assert.deepStrictEqual(mine, theirs);
                const unknown = await client.read(server, app, 'total_users',
                    { ...query, metric: 'others' });
                assert.strictEqual(unknown[0]._id, 'users');
            });

            test('counts the users that a plugin means', async () => {
                const some = await client.read(server, app, 'total_users',
                    { period: 'hour', metric: 'platforms',
                        door_match: { platforms: 'iOS' } });
                assert.deepStrictEqual(some, [{ _id: 'iOS', u: 1 }]);
            });
        });

        describe('waiting', () => {
            test('ends when another thread resumes', async () => {
                assertResult(await own(server, 'wait', { ms: 20 }), 200,
                    'at last');
                await until(() => /resumed 0, again -2/.test(server.stderr()),
                    'a second resume');
            });

            test('ends when resumed before the handler has returned',
                async () => {
                    for (let i = 0; i < 50; i++)
                        assertResult(await own(server, 'wait', { ms: 0 }), 200,
                            'at last');
                });

            test('ends by passing', async () => {
                assertResult(await own(server, 'wait_pass', { ms: 5 }), 400,
                    'Invalid path');
            });

            test('is not needed to answer later', async () => {
                assertResult(await own(server, 'handle', { ms: 20 }), 200,
                    'at last');
            });

            test('ends by a timer', async () => {
                assertResult(await own(server, 'timer', { ms: 30 }), 200,
                    'at last');
            });

            test('ends by a post from a thread of the pool', async () => {
                assertResult(await own(server, 'post'), 200, 'at last');
            });

            test('ends by 504 when nobody resumes', async () => {
                assertResult(await own(server, 'lost'), 504,
                    'A plugin did not answer in time');
                assert.match(server.stderr(), /level=warning msg="plugin did not go on in time" plugin=door hook=\/o\/door\/lost/);
            });

            test('ends by 504 when nobody answers', async () => {
                const start = Date.now();
                assertResult(await own(server, 'forget'), 504,
                    'A plugin did not answer in time');
                assert.ok(Date.now() - start >= TIMEOUT_MS - 5);
            });

            test('does not hold up others', async () => {
                const late = own(server, 'wait', { ms: 200 });
                const start = Date.now();
                assert.strictEqual((await own(server, 'say',
                    { message: 'x' })).status, 200);
                assert.ok(Date.now() - start < 150);
                assertResult(await late, 200, 'at last');
            });

            test('outlives a client that has left', async () => {
                const socket = net.connect(server.port, '127.0.0.1');
                socket.write('GET /o/door/wait?ms=100 HTTP/1.1\r\n' +
                    'Host: a\r\n\r\n');
                await new Promise((resolve) => setTimeout(resolve, 30));
                socket.resetAndDestroy();
                await new Promise((resolve) => setTimeout(resolve, 200));
                assertResult(await own(server, 'say', { message: 'x' }), 200,
                    'x');
            });

            test('of many at once ends for all', async () => {
                const answers = await Promise.all(Array.from({ length: 100 },
                    (_, i) => own(server, 'wait', { ms: i % 20 })));
                for (const answer of answers)
                    assertResult(answer, 200, 'at last');
            });
        });
    });
}

describe('a request of an SDK', () => {
    let dir, server, app;

    before(async () => {
        dir = client.makeDir();
        server = await plugin.start(options(dir, { 'io-threads': 1 }));
        app = await client.createApp(server);
    });

    after(async () => {
        await server.stop();
        client.removeDir(dir);
    });

    async function users() {
        return client.sums(await client.read(server, app, 'users')).t || 0;
    }

    async function took(promise) {
        const start = Date.now();
        return [await promise, Date.now() - start];
    }

    test('waits before it is decided', async () => {
        const before = await users();
        const sent = took(sdk(server, app, 'a', { door_sdk_wait: 1, ms: 100 }));
        await new Promise((resolve) => setTimeout(resolve, 30));
        assert.strictEqual(await users(), before);
        const [answer, ms] = await sent;
        assertResult(answer, 200, 'Success');
        assert.ok(ms >= 99);
        assert.strictEqual(await users(), before + 1);
    });

    test('that nobody goes on with is not counted', async () => {
        const before = await users();
        assertResult(await sdk(server, app, 'b', { door_sdk_lost: 1 }), 504,
            'A plugin did not answer in time');
        assert.strictEqual(await users(), before);
        assert.match(server.stderr(),
            /msg="plugin did not go on in time" plugin=door hook=\/sdk\n/);
    });

    test('is counted while its answer waits', async () => {
        const before = await users();
        const sent = took(sdk(server, app, 'c', { door_i_wait: 1, ms: 100 }));
        await new Promise((resolve) => setTimeout(resolve, 30));
        assert.strictEqual(await users(), before + 1);
        const [answer, ms] = await sent;
        assertResult(answer, 200, 'Success');
        assert.ok(ms >= 99);
        assert.strictEqual(await users(), before + 1);
    });

    test('is answered in time when nobody goes on', async () => {
        const before = await users();
        const [answer, ms] = await took(
            sdk(server, app, 'd', { door_i_lost: 1 }));
        assertResult(answer, 200, 'Success');
        assert.ok(ms >= TIMEOUT_MS - 5);
        assert.strictEqual(await users(), before + 1);
        assert.match(server.stderr(),
            /msg="plugin did not go on in time" plugin=door hook=\/i\n/);
    });

    test('of many in one waits one by one', async () => {
        const before = await users();
        const requests = ['e', 'f', 'g'].map((id) => ({ app_key: app.key,
            device_id: id, begin_session: 1, door_sdk_wait: 1, ms: 40,
            door_i_wait: 1 }));
        const [answer, ms] = await took(client.send(server, { path: '/i/bulk',
            method: 'POST', form: { requests } }));
        assertResult(answer, 200, 'Success');
        assert.ok(ms >= 6 * 39);
        assert.strictEqual(await users(), before + 3);
    });

    test('is explained without plugins', async () => {
        const [answer, ms] = await took(sdk(server, app, 'h', { explain: 1,
            api_key: client.ADMIN_KEY, app_id: app._id, door_sdk_lost: 1 }));
        assert.strictEqual(answer.status, 200);
        assert.ok(ms < TIMEOUT_MS);
    });
});

describe('the end', () => {
    test('gives requests that wait some time', () =>
        withServer(async (server) => {
            const late = own(server, 'wait', { ms: 300 });
            await new Promise((resolve) => setTimeout(resolve, 100));
            const end = server.stop();
            assertResult(await late, 200, 'at last');
            await end;
        }));

    test('comes even if nobody goes on', async () => {
        const dir = client.makeDir();
        const given = options(dir);
        given.settings.timeout = 60000;
        const server = await plugin.start(given);
        const lost = own(server, 'lost');
        const app = await client.createApp(server);
        await new Promise((resolve) => setTimeout(resolve, 100));
        const start = Date.now();
        const end = server.stop();
        assertResult(await lost, 503, 'Server is shutting down, try again');
        await end;
        assert.ok(app && Date.now() - start < 3000);
        assert.match(server.stderr(), /plugin did not go on before the end" plugin=door/);
        assert.match(server.stderr(), /text="too late -2"/);
        client.removeDir(dir);
    });

    test('comes with a client that has left', async () => {
        await withServer(async (server) => {
            const socket = net.connect(server.port, '127.0.0.1');
            socket.write('GET /o/door/lost HTTP/1.1\r\nHost: a\r\n\r\n');
            await new Promise((resolve) => setTimeout(resolve, 100));
            socket.resetAndDestroy();
            await new Promise((resolve) => setTimeout(resolve, 100));
            await server.stop();
        });
    });
});
