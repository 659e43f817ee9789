'use strict';
/*
 * jsplugins.test.js - plugins in JavaScript, in a process of Node: those of
 * Countly's guide as they stand there, and what becomes of ones that misbehave.
 *
 * The environment variable JSPLUGINS names the plugin that runs them.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, beforeEach, describe, test } = require('node:test');
const client = require('./client.js');

const GUIDE = path.join(__dirname, 'plugins', 'js', 'guide');
const REQUIRE = 'const common = require("../../../api/utils/common.js");\n' +
    'const plugins = require("../../pluginManager.js");\n' +
    'const rights = require("../../../api/utils/rights.js");\n';
const SOON_MS = 15000;

let dir;

beforeEach(() => {
    dir = client.makeDir();
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

/* Puts plugins there: {name: source}, or names of the guide's. */
function write(sources) {
    const root = path.join(dir, 'js');
    for (const [name, source] of Object.entries(sources)) {
        const api = path.join(root, name, 'api');
        fs.mkdirSync(api, { recursive: true });
        fs.writeFileSync(path.join(api, 'api.js'), REQUIRE + source);
    }
    return root;
}

function copy(...names) {
    const root = path.join(dir, 'js');
    for (const name of names)
        fs.cpSync(path.join(GUIDE, name), path.join(root, name),
            { recursive: true });
    return root;
}

function options(js, settings = {}) {
    const plugins = path.join(dir, 'plugins');
    if (!fs.existsSync(plugins)) {
        fs.mkdirSync(plugins);
        fs.symlinkSync(path.resolve(process.env.JSPLUGINS),
            path.join(plugins, 'jsplugins.so'));
    }
    return { dir, config: { plugins: { dir: plugins,
        jsplugins: { dir: js, ...settings } } } };
}

/* A server with plugins in a directory, and an app. */
async function start(js, settings) {
    const server = await client.start(options(js, settings));
    const app = await client.createApp(server);
    return { server, app };
}

/* Processes of Node that a server has started. */
function nodesOf(server) {
    return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
            try {
                const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
                const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
                return Number(fields[1]) === server.pid && fields[0] !== 'Z';
            } catch {
                return false;
            }
        }).map(Number);
}

function lives(pid) {
    try {
        const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
        return stat[stat.lastIndexOf(')') + 2] !== 'Z';
    } catch {
        return false;
    }
}

async function until(what, test) {
    const end = Date.now() + SOON_MS;
    for (;;) {
        const value = await test();
        if (value)
            return value;
        assert.ok(Date.now() < end, `in ${SOON_MS} ms there was no ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 25));
    }
}

function logged(server, pattern) {
    return until(`line ${pattern}`, () => pattern.exec(server.stderr()));
}

const get = (server, target, query) =>
    client.send(server, { path: target, query });
const asAdmin = (app, more = {}) => ({ api_key: client.ADMIN_KEY,
    app_id: app._id, ...more });
const begin = (server, app, more = {}) => get(server, '/i', {
    app_key: app.key, device_id: 'd', begin_session: 1, ...more });

function accepted(answer) {
    assert.deepStrictEqual([answer.status, answer.json],
        [200, { result: 'Success' }]);
}

describe('the guide', () => {
    test('writes what comes at /i, and waits for it', async () => {
        const { server, app } = await start(copy('user_details'));
        accepted(await begin(server, app, { user_details: '{"name":"Ada"}',
            ourplugin: '{"a":1}' }));
        accepted(await begin(server, app, { user_details: '{"name":"Ada"}',
            ourplugin: 'no json', device_id: 'e' }));
        await logged(server, /user_details: Parse JSON failed/);
    });

    test('validates, and leaves a request without an answer', async () => {
        const { server, app } = await start(copy('validation'),
            { timeout: 300 });
        const none = await get(server, '/i/ourplugin', { app_id: app._id });
        assert.deepStrictEqual([none.status, none.json], [400,
            { result: 'Missing parameter "api_key" or "auth_token"' }]);
        const wrong = await get(server, '/i/ourplugin',
            { app_id: app._id, api_key: 'f'.repeat(32) });
        assert.deepStrictEqual([wrong.status, wrong.json],
            [401, { result: 'User does not exist' }]);
        const right = await get(server, '/i/ourplugin', asAdmin(app));
        assert.strictEqual(right.status, 504);
        await logged(server, /validation did not answer at \/i\/ourplugin/);
    });

    test('keeps documents under paths of its own', async () => {
        const { server, app } = await start(copy('custom_paths'));
        const ask = (path, more) => get(server, path, asAdmin(app, more));
        accepted(await ask('/i/ourplugin/create', { _id: 'x', color: 'red' }));
        const twice = await ask('/i/ourplugin/create', { _id: 'x' });
        assert.match(twice.json.result, /E11000/);
        accepted(await ask('/i/ourplugin/update', { id: 'x', color: 'blue' }));
        accepted(await ask('/i/ourplugin/delete', { id: 'x' }));
        accepted(await ask('/i/ourplugin/create', { _id: 'x' }));
        const other = await ask('/i/ourplugin/other');
        assert.deepStrictEqual([other.status, other.json], [400, { result:
            'Invalid path, must be one of /create, /update or /delete' }]);
        assert.strictEqual((await ask('/i/elsewhere')).status, 400);
    });

    test('counts a metric, reads it, and lets it go with its app', async () => {
        const { server, app } = await start(copy('mymetric'));
        accepted(await begin(server, app, { metrics: {
            _app_version: 'myvalue', _mymetric: 'myvalue' } }));
        accepted(await begin(server, app, { device_id: 'e', metrics: {
            _app_version: 'other', _mymetric: 'other' } }));
        const read = await client.read(server, app, 'mymetric');
        const { meta, ...counts } = await client.read(server, app,
            'app_versions');
        assert.deepStrictEqual(meta.app_versions.sort(), ['myvalue', 'other']);
        assert.deepStrictEqual(read, { ...counts,
            meta: { mymetric: meta.app_versions } });
        assert.deepStrictEqual(client.sums(read, 'myvalue'),
            { t: 1, n: 1, u: 1 });
        const refused = await get(server, '/o', { method: 'mymetric',
            app_id: app._id, api_key: 'f'.repeat(32) });
        assert.strictEqual(refused.status, 401);
        accepted(await get(server, '/i/apps/reset', { api_key:
            client.ADMIN_KEY, args: { app_id: app._id, period: 'reset' } }));
        assert.deepStrictEqual(client.sums(
            await client.read(server, app, 'mymetric'), 'myvalue'), {});
        await client.manage(server, '/i/apps/delete', { app_id: app._id });
        assert.doesNotMatch(server.stderr(), /failed|level=error/);
    });
});

describe('a request', () => {
    test('is cancelled at / and at /sdk', async () => {
        const { server, app } = await start(write({ canceller:
            'plugins.register("/", (ob) => {\n' +
            '    if (ob.params.qstring.stop)\n' +
            '        ob.params.cancelRequest = "at the door";\n});\n' +
            'plugins.register("/sdk", (ob) => {\n' +
            '    if (ob.params.qstring.device_id === "bad")\n' +
            '        ob.params.cancelRequest = true;\n});' }));
        const stopped = await get(server, '/o/ping', { stop: 1 });
        assert.deepStrictEqual([stopped.status, stopped.json],
            [200, { result: 'Request ignored: at the door' }]);
        assert.strictEqual((await get(server, '/o/ping')).status, 200);
        await begin(server, app, { device_id: 'bad' });
        await begin(server, app, { device_id: 'good' });
        assert.strictEqual(client.sums(
            await client.read(server, app, 'users')).t, 1);
    });

    test('is changed before it is counted', async () => {
        const { server, app } = await start(write({ changer:
            'plugins.register("/sdk", ({ params }) => {\n' +
            '    params.qstring.metrics._carrier = "Changed";\n});\n' +
            'plugins.register("/i/events", ({ currEvent }) => {\n' +
            '    currEvent.count += 1;\n});' }));
        accepted(await begin(server, app, { metrics: { _carrier: 'Sent' },
            events: [{ key: 'bought', count: 2 }] }));
        assert.deepStrictEqual(client.sums(
            await client.read(server, app, 'carriers'), 'Changed').t, 1);
        const events = await client.read(server, app, 'events',
            { event: 'bought' });
        assert.strictEqual(client.sums(events).c, 3);
    });

    test('has its events changed by who listens to nothing else', async () => {
        const { server, app } = await start(write({ changer:
            'plugins.register("/i/events", async ({ currEvent }) => {\n' +
            '    await null;\n    currEvent.sum = 7;\n});' }));
        accepted(await get(server, '/i', { app_key: app.key, device_id: 'd',
            events: [{ key: 'bought', count: 2 }] }));
        assert.strictEqual(client.sums(await client.read(server, app, 'events',
            { event: 'bought' })).s, 7);
    });

    test('of a bulk is one as any other', async () => {
        const { server, app } = await start(write({ changer:
            'plugins.register("/sdk", ({ params }) => {\n' +
            '    params.qstring.metrics._carrier = "From " +\n' +
            '        params.bulk;\n});' }));
        const requests = ['a', 'b', 'c'].map((id) => ({ app_key: app.key,
            device_id: id, begin_session: 1, metrics: { _carrier: 'x' } }));
        accepted(await client.send(server, { path: '/i/bulk',
            form: { requests } }));
        assert.strictEqual(client.sums(await client.read(server, app,
            'carriers'), 'From True').t, 3);
    });

    test('waits for promises of /i', async () => {
        const { server, app } = await start(write({ slow:
            'plugins.register("/i", () => new Promise((resolve) =>\n' +
            '    setTimeout(resolve, 400)));' }));
        const before = Date.now();
        accepted(await begin(server, app));
        assert.ok(Date.now() - before >= 390);
    });

    test('sets properties of its user', async () => {
        const { server, app } = await start(write({ setter:
            'plugins.register("/session/metrics", (ob) => {\n' +
            '    if (ob.params.qstring.metrics)\n' +
            '        ob.userProps.mood = ob.params.qstring.metrics._mood;\n' +
            '});' }));
        accepted(await begin(server, app, { metrics: { _mood: 'good' } }));
        const user = await client.read(server, app, 'user_details',
            { did: 'd' });
        assert.strictEqual(user.mood, 'good');
    });

    test('hears what happens to sessions, in order', async () => {
        const { server, app } = await start(write({ witness:
            'for (const hook of ["/session/begin", "/session/user",\n' +
            '    "/session/end", "/sdk/end"])\n' +
            '    plugins.register(hook, (ob) => console.log("heard", hook,\n' +
            '        ob.params.app_id, ob.params.qstring.device_id));' }));
        accepted(await begin(server, app));
        await logged(server, /heard \/sdk\/end \w+ d/);
        const heard = [...server.stderr()
            .matchAll(/heard (\/\S+) (\w+) d/g)].map((one) => one[1]);
        assert.deepStrictEqual(heard,
            ['/session/user', '/session/begin', '/sdk/end']);
    });

    test('and all else that happens are heard, with what the guide says',
        async () => {
            const hooks = { '/master': [], '/worker': [],
                '/i/apps/create': ['appId', 'data'],
                '/i/apps/update': ['appId', 'data'],
                '/i/apps/reset': ['appId', 'data'],
                '/i/apps/delete': ['appId', 'data'],
                '/i/users/create': ['data'],
                '/session/begin': ['isNewUser', 'dbAppUser'],
                '/session/user': ['dbAppUser'],
                '/session/duration': ['session_duration'],
                '/session/retention': ['user', 'isNewUser'],
                '/session/end': ['dbAppUser'],
                '/session/post': ['end_session'],
                '/i/device_id': ['oldUser', 'newUser'],
                '/o/validate': ['app'], '/sdk/end': [] };
            const { server, app } = await start(write({ witness:
                `const hooks = ${JSON.stringify(hooks)};\n` +
                'const heard = {};\n' +
                'for (const hook of Object.keys(hooks))\n' +
                '    plugins.register(hook, (ob) => { heard[hook] =\n' +
                '        hooks[hook].filter((name) => name in ob); });\n' +
                'plugins.register("/o/heard", ({ params }) =>\n' +
                '    common.returnOutput(params, heard) || true);' }));
            const at = (seconds) => ({ app_key: app.key, timestamp:
                Math.floor(Date.now() / 1000) - 1000 + seconds });
            const i = (more) => get(server, '/i', more);
            await i({ ...at(0), device_id: 'old', begin_session: 1 });
            await i({ ...at(60), device_id: 'old', session_duration: 60 });
            await i({ ...at(61), device_id: 'old', end_session: 1 });
            await i({ ...at(200), device_id: 'new', begin_session: 1 });
            await i({ ...at(300), device_id: 'x', begin_session: 1 });
            await i({ ...at(400), device_id: 'x', begin_session: 1 });
            await i({ ...at(401), device_id: 'new', old_device_id: 'old' });
            await client.read(server, app, 'users');
            await client.manage(server, '/i/apps/update',
                { app_id: app._id, name: 'Other' });
            await client.manage(server, '/i/apps/reset',
                { app_id: app._id, period: 'reset' });
            await client.manage(server, '/i/apps/delete', { app_id: app._id });
            await client.manage(server, '/i/users/create', { full_name: 'Ann',
                username: 'ann', password: 'Secret123.', email: 'a@b.de' });
            assert.deepStrictEqual((await get(server, '/o/heard')).json,
                hooks);
        });

    test('is answered in any form', async () => {
        const { server, app } = await start(write({ speaker:
            'plugins.register("/o/speaker", ({ params, paths }) => {\n' +
            '    rights.validateUserForRead(params, () => {\n' +
            '        if (paths[3] === "raw")\n' +
            '            common.returnRaw(params, 203, "a,b\\n",\n' +
            '                { "Content-Type": "text/csv", "X-Own": "1" });\n' +
            '        else if (paths[3] === "bare")\n' +
            '            common.returnOutput(params, { a: "<b>" }, true);\n' +
            '        else\n' +
            '            common.returnOutput(params, { a: "<b>",\n' +
            '                member: params.member._id.length,\n' +
            '                app: params.app_name });\n' +
            '    });\n    return true;\n});' }));
        const ask = (path) => get(server, path, asAdmin(app));
        assert.deepStrictEqual((await ask('/o/speaker')).json,
            { a: '&lt;b&gt;', member: 24, app: 'Test' });
        assert.deepStrictEqual((await ask('/o/speaker/bare')).json,
            { a: '<b>' });
        const raw = await ask('/o/speaker/raw');
        assert.deepStrictEqual([raw.status, raw.text,
            raw.headers['content-type'], raw.headers['x-own']],
        [203, 'a,b\n', 'text/csv', '1']);
    });

    test('is refused by /validation/user, wherever it goes', async () => {
        const { server, app } = await start(write({ guard:
            'plugins.register("/validation/user", ({ params }) =>\n' +
            '    Boolean(params.member) && params.qstring.night === "1");' }));
        const day = await get(server, '/o', asAdmin(app, { method: 'users' }));
        assert.strictEqual(day.status, 200);
        const night = await get(server, '/o', asAdmin(app,
            { method: 'users', night: 1 }));
        assert.deepStrictEqual([night.status, night.json],
            [401, { result: 'User does not have permission' }]);
        accepted(await begin(server, app));
    });
});

describe('documents', () => {
    test('are there after the server was killed', async () => {
        const js = write({ keeper:
            'plugins.register("/i/keep", ({ params }) => {\n' +
            '    common.db.collection("kept").updateOne(\n' +
            '        { _id: params.qstring.id }, { $inc: { n: 1 } },\n' +
            '        { upsert: true }, (error) =>\n' +
            '        common.returnMessage(params, error ? 500 : 200,\n' +
            '            error || "Success"));\n    return true;\n});\n' +
            'plugins.register("/o/kept", async ({ params }) =>\n' +
            '    common.returnOutput(params, await common.db\n' +
            '        .collection("kept").find({ _id: /^a/ }).toArray()));' });
        const { server } = await start(js);
        await Promise.all(Array.from({ length: 40 }, async (_, i) =>
            accepted(await get(server, '/i/keep', { id: `a${i % 4}` }))));
        await server.kill();
        const again = await client.start(options(js));
        assert.deepStrictEqual((await get(again, '/o/kept')).json,
            [0, 1, 2, 3].map((i) => ({ _id: `a${i}`, n: 10 })));
    });
});

describe('a plugin that fails', () => {
    test('costs nothing but a line of the log', async () => {
        const { server, app } = await start(write({ thrower:
            'plugins.register("/sdk", () => { throw new Error("boom"); });\n' +
            'plugins.register("/i", async () => { throw new Error("bang"); ' +
            '});\nplugins.register("/o/thrower", async () => {\n' +
            '    throw new Error("puff"); });\n' +
            'setTimeout(() => { throw new Error("late"); }, 100);',
        broken: 'this is no JavaScript' }));
        accepted(await begin(server, app));
        const answer = await get(server, '/o/thrower');
        assert.deepStrictEqual([answer.status, answer.json],
            [500, { result: 'Plugin failed' }]);
        for (const word of ['boom', 'bang', 'puff', 'late'])
            await logged(server, new RegExp(
                `${word}\\|.*js/thrower/api/api.js`));
        assert.match(server.stderr(), /broken cannot be loaded/);
    });

    test('that does not answer in time is told of, then left alone',
        async () => {
            const { server, app } = await start(write({
                sleeper: 'plugins.register("/sdk", ({ params }) =>\n' +
                    '    params.qstring.sleep && new Promise(() => 0));',
                waker: 'plugins.register("/sdk", () => {});\n' +
                    'plugins.register("/o/waker", ({ params }) =>\n' +
                    '    common.returnMessage(params, 200, "up") || true);' }),
            { timeout: 200, late_max: 2, pause: 1500 });
            for (const id of ['a', 'b'])
                accepted(await begin(server, app, { device_id: id, sleep: 1 }));
            await logged(server, /sleeper did not answer at \/sdk in 200 ms/);
            await logged(server, /sleeper was late 2 times in a row/);
            const before = Date.now();
            accepted(await begin(server, app, { device_id: 'c', sleep: 1 }));
            assert.ok(Date.now() - before < 150, 'it was asked all the same');
            assert.strictEqual((await get(server, '/o/waker')).status, 200);
            await logged(server, /sleeper is called again/);
            assert.strictEqual(client.sums(
                await client.read(server, app, 'users')).t, 3);
        });

    test('that does not let go of Node is ended with it', async () => {
        const { server, app } = await start(write({
            holder: 'plugins.register("/i", ({ params }) => {\n' +
                '    while (params.qstring.hold);\n});',
            waker: 'plugins.register("/o/waker", ({ params }) =>\n' +
                '    common.returnMessage(params, 200, "up") || true);' }),
        { timeout: 200 });
        accepted(await begin(server, app, { hold: 1 }));
        await logged(server, /holder held Node for more than 200 ms at \/i/);
        await until('answer', async () =>
            (await get(server, '/o/waker')).status === 200);
    });
});

describe('the process', () => {
    test('is not there without plugins', async () => {
        fs.mkdirSync(path.join(dir, 'js'));
        const server = await client.start(options(path.join(dir, 'js'),
            { node: '/nowhere/node' }));
        assert.deepStrictEqual(nodesOf(server), []);
        await server.stop();
    });

    test('is needed when there are some', async () => {
        const server = client.launch(options(copy('mymetric'),
            { node: '/nowhere/node' }));
        assert.strictEqual((await server.ended).code, 1);
        assert.match(server.stderr(), /there is no program \/nowhere\/node/);
    });

    test('comes back when it is killed, and nothing is lost', async () => {
        const { server, app } = await start(copy('mymetric', 'custom_paths'));
        accepted(await begin(server, app, { metrics: { _mymetric: 'a' } }));
        const [node] = nodesOf(server);
        process.kill(node, 'SIGKILL');
        await logged(server, /Node was ended by signal 9/);
        const down = await get(server, '/i/ourplugin/create', asAdmin(app));
        assert.deepStrictEqual([down.status, down.json],
            [503, { result: 'Plugin is not available' }]);
        accepted(await begin(server, app, { device_id: 'e',
            metrics: { _mymetric: 'a' } }));
        await logged(server, /Node runs again/);
        accepted(await get(server, '/i/ourplugin/create',
            asAdmin(app, { _id: 'x' })));
        assert.strictEqual(client.sums(await client.read(server, app,
            'mymetric'), 'a').t, 2);
    });

    test('lets requests go on that wait when it dies', async () => {
        const { server, app } = await start(write({ sleeper:
            'plugins.register("/sdk", () => new Promise(() => 0));\n' +
            'plugins.register("/o/sleeper", () => true);' }));
        const counted = begin(server, app);
        const asked = get(server, '/o/sleeper');
        await new Promise((resolve) => setTimeout(resolve, 300));
        process.kill(nodesOf(server)[0], 'SIGKILL');
        accepted(await counted);
        assert.strictEqual((await asked).status, 503);
    });

    test('has no more memory than it is given', async () => {
        const { server } = await start(write({ eater:
            'plugins.register("/o/eater", () => {\n' +
            '    for (const all = [];;) all.push(new Array(1000).fill({}));\n' +
            '});' }), { memory: 16 });
        assert.strictEqual((await get(server, '/o/eater')).status, 503);
        await logged(server, /Node (was ended by|ended with)/);
        await logged(server, /Node runs again/);
    });

    test('that stands still costs calls, and no memory', async () => {
        const { server, app } = await start(write({ witness:
            'let count = 0;\n' +
            'plugins.register("/sdk/end", () => { count++; });\n' +
            'plugins.register("/o/count", ({ params }) =>\n' +
            '    common.returnMessage(params, 200, count) || true);' }),
        { timeout: 30000 });
        const [node] = nodesOf(server);
        process.kill(node, 'SIGSTOP');
        const requests = Array.from({ length: 9000 }, (_, i) => ({
            app_key: app.key, device_id: `d${i}`, begin_session: 1 }));
        accepted(await client.send(server, { path: '/i/bulk',
            form: { requests } }));
        await logged(server, /too much waits for Node: calls of \/sdk\/end/);
        process.kill(node, 'SIGCONT');
        const { json } = await until('count', async () => {
            const answer = await get(server, '/o/count');
            return answer.status === 200 && answer;
        });
        assert.ok(json.result > 8000 && json.result < 9000, json.result);
        assert.strictEqual(client.sums(await client.read(server, app,
            'users')).t, 9000);
    });

    for (const how of ['stop', 'kill']) {
        test(`ends with the server (${how})`, async () => {
            const { server } = await start(write({ holder:
                'plugins.register("/o/holder", () => { for (;;); });' }));
            const nodes = nodesOf(server);
            assert.strictEqual(nodes.length, 1);
            if (how === 'kill') {
                get(server, '/o/holder').catch(() => undefined);
                await new Promise((resolve) => setTimeout(resolve, 200));
            }
            await server[how]();
            await until('end of Node', () => !lives(nodes[0]));
        });
    }
});
