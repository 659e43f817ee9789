'use strict';
/*
 * compact.test.js - after a deletion and `tallyd compact`, with a server or
 * without, nothing of the person is left in any file of the data directory.
 */
const assert = require('node:assert');
const childProcess = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, beforeEach, test } = require('node:test');
const client = require('./client.js');

const DEVICE = 'device-of-somebody-7f3a';
const NAME = 'Wilhelmina Unforgettable';
const SECRET = 'likes-liquorice-9c51';
const OTHERS = 300;

/* Small slots and checkpoints, so that log and base are both written. */
const CONFIG = { store: { slot_bytes: 1048576, checkpoint_log: 1048576 } };

let dir;

beforeEach(() => {
    dir = client.makeDir();
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

function files(folder) {
    return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const name = path.join(folder, entry.name);
        return entry.isDirectory() ? files(name)
            : entry.isFile() ? [name] : [];
    });
}

/* The files in which a text stands; looks again when a compaction takes one
 * away meanwhile. */
function places(text) {
    for (;;) {
        try {
            return files(client.dataDir(dir)).filter((file) =>
                fs.readFileSync(file).includes(text));
        } catch (error) {
            if (error.code !== 'ENOENT')
                throw error;
        }
    }
}

function compact() {
    return client.run('compact', '--data', client.dataDir(dir));
}

function check() {
    const done = client.run('check', '--data', client.dataDir(dir));
    assert.strictEqual(done.stdout, 'all is well\n');
}

async function ingest(server, app, device, more) {
    const answer = await client.send(server, { path: '/i',
        form: { app_key: app.key, device_id: device, ...more } });
    assert.strictEqual(answer.status, 200, answer.text);
}

async function admin(server, app, action, query) {
    const answer = await client.send(server, {
        path: `/i/app_users/${action}`, query: { api_key: client.ADMIN_KEY,
            app_id: app._id, query } });
    assert.strictEqual(answer.status, 200, answer.text);
    return answer.json.result;
}

/* The person alone in a log group, where nothing compresses them away, and
 * then among others. */
async function fill(server, app) {
    for (let round = 0; round < 3; round++) {
        await ingest(server, app, DEVICE, { begin_session: 1,
            user_details: { name: NAME, custom: { secret: SECRET, round } } });
        await Promise.all(Array.from({ length: OTHERS }, (_, i) =>
            ingest(server, app, `other-${i}`, { begin_session: 1,
                user_details: { name: `Other ${i}`, custom: { i } } })));
    }
}

test('a deleted person is nowhere after a compaction', async () => {
    let server = await client.start({ dir, config: CONFIG });
    const app = await client.createApp(server);
    await fill(server, app);
    await admin(server, app, 'export', { did: DEVICE });
    await server.stop();
    for (const text of [DEVICE, NAME, SECRET])
        assert.notDeepStrictEqual(places(text), [], `${text} was there`);

    server = await client.start({ dir, config: CONFIG });
    await ingest(server, app, DEVICE, { end_session: 1 });
    assert.strictEqual(await admin(server, app, 'delete', { did: DEVICE }),
        'User deleted');
    const before = await client.read(server, app, 'users');
    await server.stop();

    const done = compact();
    assert.strictEqual(done.stderr, '');
    assert.strictEqual(done.status, 0);
    for (const text of [DEVICE, NAME, SECRET])
        assert.deepStrictEqual(places(text), [], `${text} is gone`);
    check();

    server = await client.start({ dir, config: CONFIG });
    assert.deepStrictEqual(await client.read(server, app, 'users'), before);
    const [other] = (await client.read(server, app, 'user_details',
        { sSearch: 'other-17', iSortCol_0: 0 })).aaData;
    assert.strictEqual(other.name, 'Other 17');
    await ingest(server, app, DEVICE, { begin_session: 1 });
    const again = await client.read(server, app, 'user_details',
        { did: DEVICE });
    assert.strictEqual(again.name, undefined);
    assert.strictEqual(again.sc, 1);
    await server.stop();
    check();
});

test('a compaction cut short is thrown away or taken up', async () => {
    let server = await client.start({ dir, config: CONFIG });
    const app = await client.createApp(server);
    await fill(server, app);
    const before = await client.read(server, app, 'users');
    await server.stop();
    const data = client.dataDir(dir);
    const copy = (name) => assert.strictEqual(client.run('backup',
        path.join(data, name), '--data', data).status, 0);

    copy('compacting');
    check();
    assert.ok(!fs.existsSync(path.join(data, 'compacting')));
    copy('compacted');
    fs.rmSync(path.join(data, 'log-0-00.slot'));
    check();
    assert.ok(!fs.existsSync(path.join(data, 'compacted')));
    fs.mkdirSync(path.join(data, 'compacted'));
    server = await client.start({ dir, config: CONFIG });
    assert.deepStrictEqual(await client.read(server, app, 'users'), before);
    await server.stop();
    assert.ok(!fs.existsSync(path.join(data, 'compacted')));
});

/* A process of its own asks the server; this one goes on with requests. */
function compactRunning() {
    const child = childProcess.spawn(client.binary(),
        ['compact', '--data', client.dataDir(dir)],
        { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60000 });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
        stream.on('data', (bytes) => {
            out += bytes;
        });
    return new Promise((resolve) => {
        child.once('close', (status) => resolve({ out, status }));
    });
}

/* Sessions and reads until told to stop; every answer is a 200. */
function traffic(server, app) {
    let sent = 0;
    let stopped = false;
    const work = async () => {
        while (!stopped) {
            await ingest(server, app, `busy-${sent++}`,
                { begin_session: 1, user_details: { name: 'Busy' } });
            await client.read(server, app, 'users');
        }
    };
    const all = Promise.all([work(), work(), work()]);
    return async () => {
        stopped = true;
        await all;
        return sent;
    };
}

async function total(server, app) {
    const { iTotalRecords } = await client.read(server, app, 'user_details',
        { iSortCol_0: 0 });
    return iTotalRecords;
}

async function deleteSomebody(server, app) {
    await fill(server, app);
    await admin(server, app, 'export', { did: DEVICE });
    await ingest(server, app, DEVICE, { end_session: 1 });
    assert.notDeepStrictEqual(places(DEVICE), [], 'was there');
    assert.strictEqual(await admin(server, app, 'delete', { did: DEVICE }),
        'User deleted');
}

for (const threads of ['1', '3']) {
    test(`a server of ${threads} threads compacts under load`, async () => {
        const options = { dir, config: CONFIG,
            env: { TALLYD_IO_THREADS: threads } };
        let server = await client.start(options);
        const app = await client.createApp(server);
        await deleteSomebody(server, app);

        let people = OTHERS;
        for (let round = 0; round < 2; round++) {
            const stop = traffic(server, app);
            const done = await compactRunning();
            people = Math.max(people, OTHERS + await stop());
            assert.strictEqual(done.status, 0, done.out);
            for (const text of [DEVICE, NAME, SECRET])
                assert.deepStrictEqual(places(text), [], `${text} is gone`);
        }
        const before = await client.read(server, app, 'users');
        assert.strictEqual(await total(server, app), people);
        await server.kill();
        check();
        server = await client.start(options);
        assert.deepStrictEqual(await client.read(server, app, 'users'),
            before);
        assert.strictEqual(await total(server, app), people);
        await server.stop();
        check();
    });
}

test('a server killed while it compacts loses nothing', async () => {
    let server = await client.start({ dir, config: CONFIG });
    const app = await client.createApp(server);
    await deleteSomebody(server, app);
    const before = await client.read(server, app, 'users');
    for (let wait = 0; wait < 400; wait += 40) {
        const done = compactRunning();
        await new Promise((resolve) => {
            setTimeout(resolve, wait);
        });
        await server.kill();
        await done;
        server = await client.start({ dir, config: CONFIG });
        assert.deepStrictEqual(await client.read(server, app, 'users'),
            before);
    }
    await server.stop();
    check();
});

test('a start with somebody pending compacts by itself', async () => {
    let server = await client.start({ dir, config: CONFIG });
    const app = await client.createApp(server);
    await deleteSomebody(server, app);
    await server.stop();
    assert.notDeepStrictEqual(places(DEVICE), [], 'is there still');
    server = await client.start({ dir, config: CONFIG });
    for (let i = 0; places(DEVICE).length > 0 && i < 200; i++)
        await new Promise((resolve) => {
            setTimeout(resolve, 100);
        });
    assert.deepStrictEqual(places(DEVICE), []);
    await server.stop();
    check();
});
