'use strict';
/*
 * disk.test.js - a disk that is full, fails or is slow.
 *
 * The faults come from a preloaded shim (SHIM_LIBRARY, see shim.c); root has
 * a full file system of its own besides.
 */
const assert = require('node:assert');
const childProcess = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { after, describe, test } = require('node:test');
const client = require('./client.js');
const { Crowd } = require('./crowd.js');
const { Wire, request } = require('./wire.js');

const MEGA = 1024 * 1024;
const STORE = { slot_bytes: MEGA, slots: 4, overlay: 4 * MEGA,
    checkpoint_log: MEGA / 4, free_bytes: MEGA / 4 };
const END_MS = 5000;
const HELD_MS = 700;
const TIMEOUT = { timeout: 60000 };

after(client.killAll);

/* What the shim is told, in a file of the test's folder. */
class Shim {
    constructor(dir) {
        this.file = path.join(dir, 'shim');
    }

    get env() {
        return { SHIM: this.file, LD_PRELOAD: process.env.SHIM_LIBRARY };
    }

    tell(...lines) {
        const unfinished = this.file + '.new';
        fs.writeFileSync(unfinished, lines.join('\n'));
        fs.renameSync(unfinished, this.file);
    }

    calm() {
        fs.rmSync(this.file, { force: true });
    }
}

function serverOf(dir, store = STORE, env = {}) {
    return client.start({ dir, env, config: { store } });
}

function check(dir) {
    const { status, stdout, stderr } =
        client.run('check', '--data', client.dataDir(dir));
    assert.strictEqual(status, 0, stdout + stderr);
}

async function inDir(body) {
    const dir = client.makeDir();
    try {
        await body(dir);
    } finally {
        await client.killAll();
        client.removeDir(dir);
    }
}

/* Until the disk cannot take more; then that reads go on and what the refusal
 * says; then that all is well by itself once there is room. */
async function survive(dir, server, crowd, disk) {
    await crowd.run(server, () => crowd.acked >= 500);
    disk.fill();
    assert(await crowd.run(server, () => crowd.refusals.length > 200),
        server.stderr());
    for (const { headers, json } of crowd.refusals) {
        assert.match(headers['retry-after'], /^[0-9]+$/);
        assert.deepStrictEqual(json,
            { result: 'No room at present, try again' });
    }
    await crowd.check(server);

    disk.empty();
    const full = crowd.acked;
    assert(await crowd.run(server, () => crowd.acked >= full + 2000),
        server.stderr());
    await crowd.run(server);
    await crowd.check(server);
    return server;
}

async function surviveAndCompare(dir, store, env, disk) {
    let server = await serverOf(dir, store, env);
    const crowd = new Crowd(await client.createApp(server));
    await survive(dir, server, crowd, disk);
    await server.stop();
    check(dir);
    server = await serverOf(dir);
    await crowd.check(server);
    await server.stop();
    crowd.end();
}

const isRoot = process.getuid && process.getuid() === 0;

/* Mounts a file system of `size` bytes for the data; false without the right
 * to. */
function mount(dir, size) {
    fs.mkdirSync(client.dataDir(dir), { mode: 0o700 });
    const done = childProcess.spawnSync('mount', ['-t', 'tmpfs', '-o',
        `size=${size},mode=700`, 'tallyd-test', client.dataDir(dir)]);
    return done.status === 0;
}

function unmount(dir) {
    const done = childProcess.spawnSync('umount', [client.dataDir(dir)]);
    assert.strictEqual(done.status, 0, String(done.stderr));
}

/* A file that takes all but `left` bytes of the file system. */
function filler(dir, left) {
    const file = path.join(client.dataDir(dir), 'filler');
    return {
        fill() {
            const { bavail, bsize } = fs.statfsSync(client.dataDir(dir));
            const fd = fs.openSync(file, 'w');
            const part = Buffer.alloc(64 * 1024);
            for (let rest = bavail * bsize - left; rest > 0;) {
                try {
                    rest -= fs.writeSync(fd, part, 0,
                        Math.min(rest, part.length));
                } catch (error) {
                    assert.strictEqual(error.code, 'ENOSPC');
                    break;
                }
            }
            fs.closeSync(fd);
        },
        empty() {
            fs.rmSync(file);
        },
    };
}

describe('a full disk', () => {
    const cases = [
        ['is noticed before the base is written to', STORE, 0],
        ['is noticed when writing to the base fails',
            { ...STORE, free_bytes: 4096 }, 64 * 1024],
    ];
    for (const [name, store, left] of cases) {
        test(name, TIMEOUT, (t) => inDir(async (dir) => {
            if (!isRoot || !mount(dir, 24 * MEGA)) {
                t.skip('only root may mount a small file system');
                return;
            }
            try {
                await surviveAndCompare(dir, store, {}, filler(dir, left));
            } finally {
                await client.killAll();
                unmount(dir);
            }
        }));
    }

    test('leaves writing to go on when log slots cannot be added', TIMEOUT,
        (t) => inDir(async (dir) => {
            const store = { ...STORE, slot_bytes: 4 * MEGA,
                overlay: 64 * MEGA, checkpoint_log: 64 * MEGA };
            if (!isRoot || !mount(dir, 24 * MEGA)) {
                t.skip('only root may mount a small file system');
                return;
            }
            const disk = filler(dir, 6 * MEGA);
            try {
                disk.fill();
                await surviveAndCompare(dir, store, {},
                    { fill() {}, empty: () => disk.empty() });
            } finally {
                await client.killAll();
                unmount(dir);
            }
        }));

    test('is noticed before the base is written to, as the shim has it',
        TIMEOUT, () => inDir(async (dir) => {
            const shim = new Shim(dir);
            await surviveAndCompare(dir, STORE, shim.env, {
                fill: () => shim.tell('full', 'base extend enospc',
                    'log extend enospc'),
                empty: () => shim.calm() });
        }));
});

async function exitOf(server) {
    const late = new Promise((resolve) => {
        setTimeout(resolve, END_MS, 'it did not end').unref();
    });
    return Promise.race([server.ended, late]);
}

describe('a failing disk', () => {
    for (const fault of ['log sync eio', 'log write eio', 'log write enospc',
        'base sync eio', 'base write eio', 'base extend enospc',
        'base root enospc\nfilled']) {
        test(`ends tallyd: ${fault.replace('\n', ', ')}`, TIMEOUT, () => inDir(async (dir) => {
            const shim = new Shim(dir);
            let server = await serverOf(dir, STORE, shim.env);
            const crowd = new Crowd(await client.createApp(server));
            await crowd.run(server, () => crowd.acked >= 1000);

            shim.tell(fault);
            await crowd.run(server, () => crowd.acked >= 1000000);
            assert.deepStrictEqual(await exitOf(server),
                { code: 1, signal: null });
            const errors = server.stderr().split('\n')
                .filter((line) => line.startsWith('level=error'));
            assert.strictEqual(errors.length, 1, server.stderr());
            assert.match(errors[0], /data directory/);

            shim.calm();
            server = await serverOf(dir);
            await crowd.run(server);
            await crowd.check(server);
            await server.stop();
            check(dir);
            crowd.end();
        }));
    }

    test('ends tallyd while reads are under way', TIMEOUT,
        () => inDir(async (dir) => {
            const shim = new Shim(dir);
            const server = await serverOf(dir, { checkpoint_log: MEGA },
                shim.env);
            const app = await client.createApp(server);
            const wire = await Wire.open(server);
            for (let round = 0; round < 20; round++) {
                const items = Array.from({ length: 1000 }, (_, i) => ({
                    device_id: `${round}-${i}`, begin_session: 1,
                    metrics: { _device: `Model ${i}` } }));
                wire.write(request('/i/bulk', { body: `app_key=${app.key}` +
                    `&requests=${JSON.stringify(items)}` }));
                assert.strictEqual((await wire.answer()).status, 200);
            }
            await new Promise((resolve) => setTimeout(resolve, 1000));
            const readers = await Promise.all(Array.from({ length: 60 },
                () => Wire.open(server)));
            readers.forEach((reader) => reader.write(request('/o?api_key=' +
                `${client.ADMIN_KEY}&app_id=${app._id}&method=total_users` +
                '&metric=devices')));
            shim.tell('log sync eio');
            wire.write(request(`/i?app_key=${app.key}&device_id=last`));
            assert.deepStrictEqual(await exitOf(server),
                { code: 1, signal: null });
            [wire, ...readers].forEach((one) => one.end());
        }));

    test('a sync that fails at the start ends it as well', TIMEOUT,
        () => inDir(async (dir) => {
            const shim = new Shim(dir);
            const server = await serverOf(dir);
            await server.stop();
            shim.tell('log sync eio');
            const failed = client.launch({ dir, env: shim.env });
            assert.strictEqual(await client.listening(failed), false);
            assert.deepStrictEqual(await exitOf(failed),
                { code: 1, signal: null });
        }));
});

test('no answer leaves before what it depends on is durable', TIMEOUT,
    () => inDir(async (dir) => {
        const shim = new Shim(dir);
        const server = await serverOf(dir, STORE, shim.env);
        const app = await client.createApp(server);
        const ingest = (id, more = '') => `/i?app_key=${app.key}` +
            `&device_id=${id}&timestamp=${Date.now()}&begin_session=1${more}`;
        const old = request(ingest('old'));
        const first = await Wire.open(server);
        first.write(old);
        assert.strictEqual((await first.answer()).status, 200);

        shim.tell('log sync hold');
        const read = `/o?api_key=${client.ADMIN_KEY}&app_id=${app._id}&method=`;
        const rows = [
            [request(ingest('new')), 200, /Success/],
            [old, 200, /Duplicate/],
            [request(ingest('new', '&app_key=nobody')), 400, /not exist/],
            [request('/i?app_key=1'), 400, /device_id/],
            [request(read + 'users'), 200, /"u":2/],
            [request(read + 'total_users'), 200, /"u":2/],
            [request(read + 'latest_users'), 200, /./],
            [request(read + 'nothing'), 400, /Invalid method/],
            [request('/nowhere'), 400, /Invalid path/],
            [request('/i/bulk', { body: `app_key=${app.key}&requests=[]` }),
                200, /Success/],
            [request(`/o/apps/mine?api_key=${client.ADMIN_KEY}`), 200, /Test/],
        ];
        const wires = [];
        for (const [bytes] of rows) {
            const wire = await Wire.open(server);
            wire.write(bytes);
            wires.push(wire);
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
        await new Promise((resolve) => setTimeout(resolve, HELD_MS));
        wires.forEach((wire, i) => assert.strictEqual(wire.bytes.length +
            wire.answers.length, 0, String(rows[i][0])));

        shim.calm();
        for (const [i, wire] of wires.entries()) {
            const answer = await wire.answer();
            assert.strictEqual(answer.status, rows[i][1], answer.text);
            assert.match(answer.text, rows[i][2]);
            wire.end();
        }
        first.end();
        await server.stop();
    }));
