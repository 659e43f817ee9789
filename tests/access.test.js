'use strict';
/*
 * access.test.js - tokens and passwords on the wire: what is for one use is
 * used once, also by requests at the same time and across a kill.
 */
const assert = require('node:assert');
const http = require('node:http');
const { after, before, test } = require('node:test');
const client = require('./client.js');

const ROUNDS = 20;
const AT_ONCE = 8;

const dir = client.makeDir();
let server, app;

const CONFIG = { security: { login_tries: 3, login_wait: 2 } };
const PASSWORD = 'Aa1!aaaaaa';

before(async () => {
    server = await client.start({ dir, config: CONFIG });
    app = await client.createApp(server);
});

after(async () => {
    await client.killAll();
    client.removeDir(dir);
});

async function createToken(query) {
    const answer = await client.send(server, { path: '/i/token/create',
        query: { api_key: client.ADMIN_KEY, ...query } });
    assert.strictEqual(answer.status, 200, answer.text);
    assert.match(answer.json.result, /^[0-9a-f]{40}$/);
    return answer.json.result;
}

/* `way` is a query or headers. */
function readUsers(way, agent) {
    return client.send(server, { path: '/o', agent, headers: way.headers,
        query: { app_id: app._id, method: 'total_users', ...way.query } });
}

function isNotValid(answer) {
    assert.strictEqual(answer.status, 400, answer.text);
    assert.deepStrictEqual(answer.json, { result: 'Token not valid' });
}

test('a token works as parameter and as header', async () => {
    const token = await createToken({ ttl: 60 });
    const ways = [{ query: { auth_token: token } },
        { headers: { 'countly-token': token } }];
    for (const way of ways) {
        const answer = await readUsers(way);
        assert.strictEqual(answer.status, 200, answer.text);
        assert.deepStrictEqual(answer.json, []);
    }
    isNotValid(await readUsers({ query: { auth_token: token + '0' } }));
    isNotValid(await readUsers({ headers: { 'countly-token': 'x' } }));
});

test('of many uses at once of a token for one, one wins', async () => {
    const agents = Array.from({ length: AT_ONCE }, () =>
        new http.Agent({ keepAlive: true, maxSockets: 1 }));
    for (let round = 0; round < ROUNDS; round++) {
        const token = await createToken({ multi: 'false' });
        const calls = agents.map((agent, i) => i % 2
            ? readUsers({ query: { auth_token: token } }, agent)
            : client.send(server, { path: '/o/users/me', agent,
                headers: { 'countly-token': token } }));
        const answers = await Promise.all(calls);
        const won = answers.filter((answer) => answer.status === 200);
        assert.strictEqual(won.length, 1);
        answers.filter((answer) => answer.status !== 200)
            .forEach(isNotValid);
    }
    agents.forEach((agent) => agent.destroy());
});

test('a token that was used stays used after a kill', async () => {
    const used = [];
    for (let i = 0; i < 5; i++) {
        const token = await createToken({ multi: 'false', ttl: 0 });
        const answer = i % 2
            ? await readUsers({ query: { auth_token: token } })
            : await client.send(server, { path: '/o/apps/mine',
                query: { auth_token: token } });
        assert.strictEqual(answer.status, 200, answer.text);
        used.push(token);
    }
    const unused = await createToken({ multi: 'false', ttl: 0 });
    const many = await createToken({ ttl: 0 });
    await server.kill();
    server = await client.start({ dir, config: CONFIG });
    for (const token of used)
        isNotValid(await readUsers({ query: { auth_token: token } }));
    for (const token of [unused, many, many]) {
        const answer = await readUsers({ query: { auth_token: token } });
        assert.strictEqual(answer.status, 200, answer.text);
    }
    isNotValid(await readUsers({ query: { auth_token: unused } }));
});

test('a call that is refused costs the token too', async () => {
    const token = await createToken({ multi: 'false' });
    const answer = await client.send(server, { path: '/i/users/delete',
        query: { auth_token: token, args: {} } });
    assert.strictEqual(answer.status, 400, answer.text);
    assert.deepStrictEqual(answer.json, { result: 'Not enough args' });
    isNotValid(await readUsers({ query: { auth_token: token } }));
});

test('no pattern makes the server slow', async () => {
    const token = await createToken({
        endpoint: Array(16).fill('/o/token/list/(((a*)*)*|(a|a)*)*b').join() });
    const start = Date.now();
    for (let i = 0; i < 10; i++)
        isNotValid(await client.send(server, {
            path: '/o/token/list/' + 'a'.repeat(1000),
            query: { auth_token: token } }));
    const answer = await client.send(server, {
        path: '/o/token/list/' + 'a'.repeat(1000) + 'b',
        query: { auth_token: token } });
    assert.strictEqual(answer.status, 200, answer.text);
    assert.ok(Date.now() - start < 5000);
});

test('a deleted token is no longer valid and the list forgets it', async () => {
    const token = await createToken({ purpose: 'gone' });
    const call = (path, query) => client.send(server, { path,
        query: { api_key: client.ADMIN_KEY, ...query } });
    const before = (await call('/o/token/list')).json.result;
    assert.ok(before.some((item) => item._id === token &&
        item.purpose === 'gone' && item.multi === true));
    assert.deepStrictEqual((await call('/i/token/delete', { tokenid: token }))
        .json, { result: { n: 1, ok: 1, deletedCount: 1 } });
    isNotValid(await readUsers({ query: { auth_token: token } }));
    const after = (await call('/o/token/list')).json.result;
    assert.ok(!after.some((item) => item._id === token));
});

function createMember(name) {
    return client.manage(server, '/i/users/create', { full_name: name,
        username: name, email: `${name}@x.y`, password: PASSWORD });
}

/* Asks for the api key, by default with an address of its own. */
let lastAddress = 0;

function login(name, password, address = `192.0.2.${++lastAddress}`) {
    const basic = Buffer.from(`${name}:${password}`).toString('base64');
    return client.send(server, { path: '/api-key', headers: {
        'X-Forwarded-For': address, Authorization: `Basic ${basic}` } });
}

function isWrong(answer) {
    assert.strictEqual(answer.status, 401, answer.text);
    assert.strictEqual(answer.text, '-1');
    assert.match(answer.headers['www-authenticate'], /^Basic realm=/);
}

function mustWait(answer) {
    assert.strictEqual(answer.status, 429, answer.text);
    assert.deepStrictEqual(answer.json, { result: 'Too many tries, wait' });
    const seconds = Number(answer.headers['retry-after']);
    assert.ok(seconds >= 1 && seconds <= 2, `waits ${seconds} s`);
    return seconds;
}

test('a password gives the api key as plain text', async () => {
    const member = await createMember('anna');
    for (const name of ['anna', 'anna@x.y']) {
        const answer = await login(name, PASSWORD);
        assert.strictEqual(answer.status, 200, answer.text);
        assert.strictEqual(answer.text, member.api_key);
        assert.match(answer.headers['content-type'], /^text\/plain/);
    }
    isWrong(await login('anna', PASSWORD + 'x'));
    isWrong(await client.send(server, { path: '/api-key' }));
    for (const text of ['Basic', 'Basic !', 'Basic YW5uYQ==', 'Bearer x'])
        isWrong(await client.send(server, { path: '/api-key',
            headers: { Authorization: text } }));
});

test('after three wrong passwords one waits', async () => {
    await createMember('bella');
    for (const name of ['bella', 'nobody']) {
        for (let i = 0; i < 3; i++)
            isWrong(await login(name, 'wrong'));
        const seconds = mustWait(await login(name, PASSWORD));
        await new Promise((done) => setTimeout(done, seconds * 1000 + 100));
        const answer = await login(name, PASSWORD);
        assert.strictEqual(answer.status, name === 'bella' ? 200 : 401);
    }
});

test('an address waits whatever names it tries', async () => {
    const member = await createMember('carla');
    for (let i = 0; i < 3; i++)
        isWrong(await login(`name${i}`, 'wrong', `2001:db8::${i}`));
    mustWait(await login('carla', PASSWORD, '2001:db8::9'));
    const answer = await login('carla', PASSWORD, '2001:db8:0:1::9');
    assert.strictEqual(answer.text, member.api_key);
});

test('of many tries at once few reach a hash', async () => {
    await createMember('dora');
    const answers = await Promise.all(Array.from({ length: 40 }, () =>
        login('dora', 'wrong')));
    const hashed = answers.filter((answer) => answer.status === 401);
    assert.ok(hashed.length <= 3, `${hashed.length} were hashed`);
    assert.ok(answers.every((answer) =>
        [401, 429, 503].includes(answer.status)));
});

test('a name that nobody has takes as long as a wrong password', async () => {
    const times = { known: [], unknown: [] };
    for (let i = 0; i < 8; i++) {
        await createMember(`eva${i}`);
        for (const [kind, name] of [['known', 'eva'], ['unknown', 'eve']]) {
            const start = process.hrtime.bigint();
            isWrong(await login(name + i, 'wrong'));
            times[kind].push(Number(process.hrtime.bigint() - start));
        }
    }
    const fastest = (list) => Math.min(...list);
    const ratio = fastest(times.known) / fastest(times.unknown);
    assert.ok(ratio > 0.2 && ratio < 5, `ratio ${ratio}`);
});

/* A member who may read nothing but these features of the app. */
async function createReader(name, ...features) {
    const allowed = Object.fromEntries(features.map((item) => [item, true]));
    return client.manage(server, '/i/users/create', { full_name: name,
        username: name, email: `${name}@x.y`, password: PASSWORD,
        permission: { _: { a: [], u: [[app._id]] }, c: {}, u: {}, d: {},
            r: { [app._id]: { all: false, allowed } } } });
}

test('rights are given by feature', async () => {
    const reader = await createReader('fay', 'locale', 'core');
    const status = async (method) => (await client.send(server, { path: '/o',
        query: { api_key: reader.api_key, app_id: app._id, method } })).status;
    assert.strictEqual(await status('langs'), 200);
    assert.strictEqual(await status('users'), 200);
    assert.strictEqual(await status('sources'), 401);
    const other = await createReader('gil', 'sources');
    reader.api_key = other.api_key;
    assert.strictEqual(await status('sources'), 200);
    assert.strictEqual(await status('langs'), 401);
    assert.strictEqual(await status('users'), 401);
});

test('every way to read takes a token for one use once', async () => {
    const ways = [['/o', { method: 'users' }], ['/o/analytics/sessions'],
        ['/o/app_users/loyalty'], ['/o/requests'], ['/o/apps/details'],
        ['/o/countly_version'], ['/o/system/plugins'], ['/o/token/list']];
    for (const [path, more] of ways) {
        const token = await createToken({ multi: 'false' });
        const use = () => client.send(server, { path, query: {
            app_id: app._id, auth_token: token, ...more } });
        const answer = await use();
        assert.strictEqual(answer.status, 200, path + answer.text);
        isNotValid(await use());
    }
});

test('members read what the server is', async () => {
    const reader = await createReader('hal');
    const call = (path, key) => client.send(server, { path,
        query: key ? { api_key: key } : {} });
    const plugins = ['views', 'browser', 'density', 'locale', 'sources',
        'compliance_hub', 'times_of_day'];

    const names = await call('/o/system/plugins', reader.api_key);
    assert.deepStrictEqual(names.json, plugins);
    const map = await call('/o/apps/plugins', client.ADMIN_KEY);
    assert.deepStrictEqual(map.json, { plugins: Object.fromEntries(
        plugins.map((name) => [name, true])) });
    assert.strictEqual((await call('/o/apps/plugins', reader.api_key)).status,
        401);
    const version = await call('/o/countly_version', reader.api_key);
    assert.strictEqual(version.status, 200);
    assert.match(version.json.result.pkg, /^\d+\.\d+\.\d+$/);
    assert.deepStrictEqual({ ...version.json.result, pkg: '' },
        { mongo: '', fs: [], db: [], pkg: '' });
    for (const path of ['/o/system/plugins', '/o/countly_version'])
        assert.strictEqual((await call(path)).status, 400);

    const token = await createToken({ multi: 'false' });
    const used = await client.send(server, { path: '/o/countly_version',
        query: { auth_token: token } });
    assert.strictEqual(used.status, 200);
    isNotValid(await readUsers({ query: { auth_token: token } }));
});

test('an app that is paused or locked takes no writes', async () => {
    const other = await client.createApp(server);
    const session = () => client.send(server, { path: '/i', query: {
        app_key: other.key, device_id: 'a', begin_session: 1 } });
    const update = (args) => client.manage(server, '/i/apps/update',
        { app_id: other._id, ...args });
    await update({ paused: true });
    const answer = await session();
    assert.strictEqual(answer.status, 400);
    assert.deepStrictEqual(answer.json,
        { result: 'App is currently not accepting data' });
    await update({ paused: false, checksum_salt: 's' });
    assert.deepStrictEqual((await session()).json,
        { result: 'Request does not have checksum' });
    await update({ checksum_salt: '', locked: true });
    assert.strictEqual((await session()).status, 200);
    await assert.rejects(update({ name: 'x' }), /403.*Application is locked/);
});
