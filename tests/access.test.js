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

before(async () => {
    server = await client.start({ dir });
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
    server = await client.start({ dir });
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
