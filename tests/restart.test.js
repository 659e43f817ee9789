'use strict';
/*
 * restart.test.js - starting: after a crash, and on directories that are in
 * use, damaged, strange, read-only or not there.
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
const LOG_BYTES = 110 * MEGA; /* of the 128 that start a checkpoint */
const BLOCK = 4096;
const SMALL = { slot_bytes: MEGA, overlay: 16 * MEGA };
const TIMEOUT = { timeout: 60000 };

after(client.killAll);

async function inDir(body) {
    const dir = client.makeDir();
    try {
        await body(dir);
    } finally {
        await client.killAll();
        client.removeDir(dir);
    }
}

function files(dir, pattern) {
    return fs.readdirSync(client.dataDir(dir)).filter((name) =>
        pattern.test(name)).map((name) => path.join(client.dataDir(dir), name));
}

/* Bytes of a file that are not zero at their block's start, in blocks. */
function usedBytes(file) {
    const bytes = fs.readFileSync(file);
    let end = 0;
    for (let at = 0; at < bytes.length; at += BLOCK) {
        if (bytes.readUInt32LE(at) !== 0)
            end = at + BLOCK;
    }
    return end;
}

function bulkOf(app, count, from) {
    const items = Array.from({ length: count }, (_, i) => ({
        device_id: `device-${from + i}`, timestamp: Date.now(),
        begin_session: 1, country_code: 'DE', metrics: { _os: 'Android',
            _os_version: `${i % 9}`, _device: `Model ${(from + i) % 700}`,
            _app_version: `1.${i % 30}`, _resolution: '1080x2400',
            _carrier: 'Vodafone', _manufacturer: 'Google' } }));
    return request('/i/bulk', { body: `app_key=${app.key}&requests=` +
        encodeURIComponent(JSON.stringify(items)) });
}

async function fillLog(dir, server, app) {
    const slots = () => files(dir, /\.slot$/)
        .reduce((sum, file) => sum + usedBytes(file), 0);
    const wire = await Wire.open(server);
    let count = 0;
    for (let round = 0; slots() < LOG_BYTES; round++) {
        for (let i = 0; i < 10; i++) {
            wire.write(bulkOf(app, 1000, count));
            assert.strictEqual((await wire.answer()).status, 200);
            count += 1000;
        }
    }
    wire.end();
    return { count, bytes: slots() };
}

async function checkCount(server, app, count) {
    const users = await client.read(server, app, 'users');
    const { t, n, u } = users[new Date().getUTCFullYear()];
    assert.deepStrictEqual({ t, n, u }, { t: count, n: count, u: count });
    assert.deepStrictEqual(await client.read(server, app, 'total_users'),
        [{ _id: 'users', u: count }]);
}

test('a start after a kill with a full log is quick', { timeout: 300000 },
    (t) => inDir(async (dir) => {
        let server = await client.start({ dir });
        const app = await client.createApp(server);
        const { count, bytes } = await fillLog(dir, server, app);
        await server.kill();
        for (let i = 0; i < 2; i++) {
            const from = Date.now();
            server = await client.start({ dir });
            const took = Date.now() - from;
            await checkCount(server, app, count);
            t.diagnostic(`${count} sessions, ${bytes >> 20} MB of log: ` +
                `started in ${took} ms`);
            assert(took < 20000, `${took} ms`);
            await server.kill();
        }
    }));

/* What a start says that must fail: its only line. */
async function refusal(dir, options = {}) {
    const server = client.launch({ dir, ...options });
    assert.strictEqual(await client.listening(server), false);
    const { code, signal } = await server.ended;
    const lines = server.stderr().trim().split('\n').filter((line) =>
        !/level=info/.test(line));
    assert.deepStrictEqual({ code, signal }, { code: 1, signal: null },
        server.stderr());
    assert.strictEqual(lines.length, 1, server.stderr());
    return lines[0];
}

/* A directory with an app and some sessions, its server killed or stopped. */
async function used(dir, isKilled) {
    const server = await client.start({ dir, config: { store: SMALL } });
    const app = await client.createApp(server);
    const crowd = new Crowd(app);
    await crowd.run(server, () => crowd.acked >= 500);
    await (isKilled ? server.kill() : server.stop());
    crowd.end();
    fs.rmSync(path.join(dir, 'tallyd.log'));
    return { app, count: crowd.acked };
}

function overwrite(file, at, bytes) {
    const fd = fs.openSync(file, 'r+');
    fs.writeSync(fd, bytes, 0, bytes.length, at);
    fs.closeSync(fd);
}

function flip(file, at) {
    const fd = fs.openSync(file, 'r+');
    const byte = Buffer.alloc(1);
    fs.readSync(fd, byte, 0, 1, at);
    byte[0] ^= 0x40;
    fs.writeSync(fd, byte, 0, 1, at);
    fs.closeSync(fd);
}

describe('a directory is refused', () => {
    test('while another process has it', TIMEOUT, () => inDir(async (dir) => {
        const server = await client.start({ dir });
        fs.rmSync(path.join(dir, 'tallyd.log'));
        const line = await refusal(dir);
        assert.match(line, /in use by another process/);
        assert(line.includes(client.dataDir(dir)), line);
        await client.createApp(server);
        await server.stop();
        assert.strictEqual(client.run('check', '--data',
            client.dataDir(dir)).status, 0);
    }));

    test('when a batch in the middle of the log is damaged', TIMEOUT,
        () => inDir(async (dir) => {
            await used(dir, true);
            const [slot] = files(dir, /\.slot$/)
                .filter((file) => usedBytes(file) > 20 * BLOCK);
            flip(slot, 10 * BLOCK + 80);
            const line = await refusal(dir);
            assert.match(line, /log slot \d+ at byte \d+/);
            const { status, stdout, stderr } =
                client.run('check', '--data', client.dataDir(dir));
            assert.strictEqual(status, 1);
            assert.match(stdout + stderr, /log slot \d+ at byte \d+/);
        }));

    test('when a slot of the log is missing', TIMEOUT,
        () => inDir(async (dir) => {
            await used(dir, true);
            fs.rmSync(files(dir, /\.slot$/)[0]);
            assert.match(await refusal(dir), /log/);
        }));

    test('when the log is that of another', TIMEOUT,
        () => inDir((dir) => inDir(async (other) => {
            await used(dir, true);
            await used(other, true);
            files(other, /\.slot$/).forEach((file) => fs.rmSync(file));
            files(dir, /\.slot$/).forEach((file) => fs.copyFileSync(file,
                path.join(client.dataDir(other), path.basename(file))));
            assert.match(await refusal(other), /do not belong together/);
        })));

    test('when the base is not one', TIMEOUT, () => inDir(async (dir) => {
        await used(dir, false);
        overwrite(path.join(client.dataDir(dir), 'data.mdb'), 0,
            Buffer.alloc(2 * BLOCK, 'x'));
        const line = await refusal(dir);
        assert.match(line, /data\.mdb/);
        assert.match(line, /damaged/);
    }));

    for (const [name, harm] of [['is empty', (file) =>
        fs.truncateSync(file)], ['is missing', (file) => fs.rmSync(file)]])
        test(`when the base ${name}`, TIMEOUT, () => inDir(async (dir) => {
            await used(dir, false);
            harm(path.join(client.dataDir(dir), 'data.mdb'));
            assert.match(await refusal(dir), /do not belong together/);
        }));

    test('when its base has another format', TIMEOUT,
        () => inDir(async (dir) => {
            await used(dir, false);
            const base = path.join(client.dataDir(dir), 'data.mdb');
            const bytes = fs.readFileSync(base);
            let changed = 0;
            for (let at = 0; (at = bytes.indexOf('meta', at)) >= 0; at += 4) {
                /* The key of the record, then its value: the version. */
                if (bytes.readUInt32BE(at + 4) === 1) {
                    overwrite(base, at + 4, Buffer.from([0, 0, 0, 99]));
                    changed++;
                }
            }
            assert(changed > 0);
            const line = await refusal(dir);
            assert.match(line, /version/);
            assert(line.includes(client.dataDir(dir)), line);
        }));

    test('when it is a file', TIMEOUT, () => inDir(async (dir) => {
        fs.writeFileSync(client.dataDir(dir), 'x');
        assert((await refusal(dir)).includes(client.dataDir(dir)));
    }));

    test('when it lies in one that is not there', TIMEOUT,
        () => inDir(async (dir) => {
            const missing = path.join(dir, 'a', 'b');
            const { status, stderr } = client.run('serve', '--data', missing,
                '--listen', '127.0.0.1:0');
            assert.strictEqual(status, 1);
            assert(stderr.includes(missing), stderr);
        }));

    test('when nothing may be written to it', TIMEOUT,
        (t) => inDir(async (dir) => {
            await used(dir, false);
            const data = client.dataDir(dir);
            const isRoot = process.getuid() === 0;
            if (isRoot && childProcess.spawnSync('mount',
                ['--bind', '-o', 'ro', data, data]).status !== 0) {
                t.skip('root may not mount here');
                return;
            }
            if (!isRoot)
                fs.chmodSync(data, 0o500);
            try {
                assert((await refusal(dir)).includes(data));
            } finally {
                if (isRoot)
                    childProcess.spawnSync('umount', [data]);
                else
                    fs.chmodSync(data, 0o700);
            }
        }));
});

describe('a start', () => {
    test('makes the directory, for its owner alone', TIMEOUT,
        () => inDir(async (dir) => {
            const server = await client.start({ dir });
            await server.stop();
            assert.strictEqual(
                fs.statSync(client.dataDir(dir)).mode & 0o777, 0o700);
            for (const file of files(dir, /\.(slot|mdb)$/))
                assert.strictEqual(fs.statSync(file).mode & 0o077, 0, file);
        }));

    test('takes a torn last batch for unfinished', TIMEOUT,
        () => inDir(async (dir) => {
            const { app, count } = await used(dir, true);
            const ends = files(dir, /\.slot$/)
                .map((file) => [file, usedBytes(file)]);
            /* One batch more, of which only the head is whole. */
            const [slot, end] = ends.find(([, used]) => used > 0 &&
                used < MEGA - 2 * BLOCK);
            const head = Buffer.alloc(BLOCK);
            const fd = fs.openSync(slot, 'r');
            fs.readSync(fd, head, 0, BLOCK, end - BLOCK);
            fs.closeSync(fd);
            head[100] ^= 1;
            overwrite(slot, end, head);
            const server = await client.start({ dir });
            await checkCount(server, app, count);
            await server.stop();
        }));

    for (const [name, ...args] of [
        ['a flag that is none', 'serve', '--nosuch', '1'],
        ['a flag without a value', 'serve', '--data'],
        ['a value out of range', 'serve', '--http.connections', '0'],
        ['an address that is none', 'serve', '--listen', 'nowhere'],
        ['a command that is none', 'nosuch'],
        ['a missing configuration', 'serve', '--config', '/nonexistent/conf'],
    ])
        test(`with ${name} ends with 2 and one line`, TIMEOUT, () => {
            const { status, stdout, stderr } = client.run(...args);
            assert.strictEqual(status, 2, stderr);
            assert.strictEqual(stdout, '');
            assert.match(stderr, /^[^\n]+\n$/);
        });

    test('on an address that is taken ends with 1 and one line', TIMEOUT,
        () => inDir((dir) => inDir(async (other) => {
            const server = await client.start({ dir });
            const { status, stderr } = client.run('serve', '--data',
                client.dataDir(other), '--listen', `127.0.0.1:${server.port}`);
            assert.strictEqual(status, 1);
            assert.match(stderr, /^[^\n]*in use[^\n]*\n$/);
            await server.stop();
        })));
});
