'use strict';
/*
 * cli.test.js - the commands of tallyd, with a data directory that is free
 * and with one that a server has: the answers must be the same.
 */
const assert = require('node:assert');
const childProcess = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { afterEach, beforeEach, describe, test } =
    require('node:test');
const client = require('./client.js');

const PASSWORD = 'Aa1!aaaaaa';
const CHOSEN_KEY = '00112233445566778899aabbccddeeff';

let dir;

beforeEach(() => {
    dir = client.makeDir();
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

function onData(...args) {
    return client.run(...args, '--data', client.dataDir(dir));
}

/* Runs a command that must succeed; its output as JSON. */
function json(...args) {
    const done = onData(...args, '--json');
    assert.strictEqual(done.stderr, '');
    assert.strictEqual(done.status, 0);
    return JSON.parse(done.stdout);
}

function fails(done, status, pattern) {
    assert.match(done.stderr, pattern);
    assert.strictEqual(done.stdout, '');
    assert.strictEqual(done.status, status);
    assert.strictEqual(done.stderr.trimEnd().split('\n').length, 1);
}

function withInput(input, ...args) {
    return childProcess.spawnSync(client.binary(),
        [...args, '--data', client.dataDir(dir)],
        { encoding: 'utf8', input });
}

/* The same tests twice. */
for (const isServed of [false, true]) {
    describe(isServed ? 'while a server runs' : 'while the directory is free',
        () => {
            let server;

            beforeEach(async () => {
                if (isServed)
                    server = await client.start({ dir });
            });

            test('an app is created, listed, shown and deleted', () => {
                const app = json('app', 'create', '--name', 'Läden & <more>',
                    '--country=DE', '--timezone', 'Europe/Berlin', '--type',
                    'web', '--category', '3', '--key', 'k1', '--salt', 's');
                assert.match(app._id, /^[0-9a-f]{24}$/);
                assert.deepStrictEqual(
                    [app.name, app.country, app.timezone, app.type,
                        app.category, app.key, app.salt],
                    ['Läden & <more>', 'DE', 'Europe/Berlin', 'web', '3',
                        'k1', 's']);
                const list = json('app', 'list');
                assert.deepStrictEqual(Object.keys(list), [app._id]);
                for (const name of [app._id, 'k1'])
                    assert.strictEqual(json('app', 'show', name)._id, app._id);
                assert.strictEqual(onData('app', 'delete', 'k1').status, 0);
                assert.deepStrictEqual(json('app', 'list'), {});
                fails(onData('app', 'show', 'k1'), 1, /no app .*: k1\n/);
                fails(onData('app', 'delete', 'k1'), 1, /no app .*: k1\n/);
            });

            test('tables are for people', () => {
                json('app', 'create', '--name', 'Shop', '--key', 'k1');
                const shown = onData('app', 'show', 'k1').stdout;
                assert.match(shown, /^name +Shop\n/m);
                assert.match(shown, /^timezone +Etc\/UTC\n/m);
                assert.match(onData('app', 'list').stdout,
                    /^ID +NAME +KEY .*\n[0-9a-f]{24}  Shop  k1 /);
                assert.match(onData('user', 'list').stdout, /^ID +USERNAME/);
            });

            test('what is refused is one line', () => {
                json('app', 'create', '--name', 'n', '--key', 'k1');
                fails(onData('app', 'create', '--name', 'n', '--key', 'k1'), 1,
                    /^tallyd: App key already in use\n/);
                fails(onData('app', 'create', '--name', 'n', '--country',
                    'de'), 1, /Invalid value for country/);
                fails(onData('app', 'create', '--name', 'n', '--timezone',
                    'Nowhere'), 1, /Invalid value for timezone/);
                fails(onData('user', 'create', '--username', 'u', '--email',
                    'e@x.y', '--password', 'short'), 1,
                /8 characters; .*upper-case/);
                fails(onData('user', 'create', '--username', 'u', '--email',
                    'e@x.y', '--password', PASSWORD, '--api-key', 'xyz'), 1,
                /Invalid api_key/);
                assert.deepStrictEqual(
                    Object.keys(json('app', 'list')).length, 1);
            });

            test('a member is created and can be used', async () => {
                const member = json('user', 'create', '--full-name', 'Bob B',
                    '--username', 'bob', '--email', 'Bob@x.y', '--password',
                    PASSWORD, '--global-admin', '--api-key', CHOSEN_KEY);
                assert.deepStrictEqual(
                    [member.full_name, member.username, member.email,
                        member.api_key, member.global_admin],
                    ['Bob B', 'bob', 'bob@x.y', CHOSEN_KEY, true]);
                assert.strictEqual(member.password, undefined);
                assert.deepStrictEqual(
                    json('user', 'list')[member._id].username, 'bob');
                fails(onData('user', 'create', '--username', 'bob', '--email',
                    'o@x.y', '--password', PASSWORD), 1, /already exists/);
                server ||= await client.start({ dir });
                const answer = await client.send(server, {
                    path: '/o/users/me', query: { api_key: CHOSEN_KEY } });
                assert.strictEqual(answer.json.username, 'bob');
            });

            test('a password may come from stdin', () => {
                const args = ['user', 'create', '--username', 'bob',
                    '--email', 'b@x.y', '--password-stdin', '--json'];
                fails(withInput('', ...args), 1, /no password on stdin/);
                fails(withInput('x'.repeat(200) + '\n', ...args), 1,
                    /longer one/);
                const done = withInput(PASSWORD + '\n', ...args);
                assert.strictEqual(done.status, 0);
                const member = JSON.parse(done.stdout);
                assert.strictEqual(member.full_name, 'bob');
                assert.strictEqual(member.global_admin, false);
                fails(withInput(PASSWORD, ...args, '--password', 'x'), 2,
                    /one of --password and --password-stdin/);
            });
        });
}

test('what a command made is there when the server starts', async () => {
    const app = json('app', 'create', '--name', 'n', '--key', 'k1');
    const server = await client.start({ dir });
    const answer = await client.send(server, {
        path: '/o/apps/all', query: { api_key: client.ADMIN_KEY } });
    assert.deepStrictEqual(Object.keys(answer.json.admin_of), [app._id]);
    const made = await client.createApp(server, { key: 'k2' });
    assert.strictEqual(json('app', 'show', 'k2')._id, made._id);
    await server.stop();
    assert.strictEqual(json('app', 'show', 'k2')._id, made._id);
});

test('a killed server leaves a socket that is in nobody\'s way', async () => {
    const server = await client.start({ dir });
    await server.kill();
    assert.ok(fs.existsSync(path.join(client.dataDir(dir), 'control.sock')));
    assert.deepStrictEqual(json('app', 'list'), {});
});

test('commands at the same time wait for each other', async () => {
    const ends = [1, 2, 3, 4].map((i) => new Promise((resolve) => {
        childProcess.execFile(client.binary(), ['app', 'create', '--name',
            'n' + i, '--data', client.dataDir(dir)],
        (error, stdout, stderr) => resolve(error ? stderr : ''));
    }));
    assert.deepStrictEqual(await Promise.all(ends), ['', '', '', '']);
    assert.strictEqual(Object.keys(json('app', 'list')).length, 4);
});

test('reading does not make a directory', () => {
    fails(onData('app', 'list'), 1, /no such directory/);
    fails(onData('check'), 1, /no such directory/);
    assert.ok(!fs.existsSync(client.dataDir(dir)));
});

test('an answer that is none is refused', async () => {
    fs.mkdirSync(client.dataDir(dir));
    const answers = ['', 'HTTP/1.1 200 OK\r\n\r\n',
        'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}',
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]x',
        'HTTP/1.1 2xx OK\r\nContent-Length: 2\r\n\r\n{}',
        'FTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
        'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{"a'];
    let next = '';
    const fake = net.createServer((socket) =>
        socket.once('data', () => socket.end(next)));
    await new Promise((resolve) =>
        fake.listen(path.join(client.dataDir(dir), 'control.sock'), resolve));
    try {
        for (next of answers) {
            const code = await new Promise((resolve) => {
                childProcess.execFile(client.binary(), ['app', 'list',
                    '--data', client.dataDir(dir)],
                (error) => resolve(error ? error.code : 0));
            });
            assert.strictEqual(code, 1, JSON.stringify(next));
        }
    } finally {
        fake.close();
    }
});

test('a directory is checked, but not beside a server', async () => {
    json('app', 'create', '--name', 'n');
    assert.strictEqual(onData('check').status, 0);
    const server = await client.start({ dir });
    fails(onData('check'), 1, /in use/);
    await server.stop();
});

describe('the command line', () => {
    const wrong = [
        [['nonsense'], /no such command/],
        [['app'], /no such command/],
        [['app', 'create'], /--name is missing/],
        [['app', 'create', '--name'], /--name needs a value/],
        [['app', 'create', '--name', 'a', '--name', 'b'], /given twice/],
        [['app', 'create', '--nam', 'a'], /no flag --nam /],
        [['app', 'create', 'a'], /"a" is too much/],
        [['app', 'create', '-n', 'a'], /no flag -n/],
        [['app', 'show'], /APP is missing/],
        [['app', 'show', 'a', 'b'], /"b" is too much/],
        [['app', 'list', '--json=1'], /--json takes no value/],
        [['version', '--data', '/x'], /no flag --data/],
        [['serve', '--http.url', '1'], /--http.url must be from 1k to 1m/],
        [['serve', '--listen', 'x'], /listen must be HOST:PORT/],
        [['serve', '--config', '/nowhere/x'], /\/nowhere\/x: No such file/],
        [['help', 'nonsense'], /no such command/],
    ];

    for (const [args, pattern] of wrong) {
        test('refuses: ' + args.join(' '), () =>
            fails(client.run(...args), 2, pattern));
    }

    test('without a command shows the commands and fails', () => {
        const done = client.run();
        assert.strictEqual(done.status, 2);
        assert.match(done.stderr, /^Usage: tallyd COMMAND/m);
    });

    test('has help for every command', () => {
        const list = client.run('help').stdout;
        const commands = [...list.matchAll(/^ {2}([a-z]+( [a-z]+)?) {2,}/gm)]
            .map((match) => match[1]);
        assert.deepStrictEqual(commands, ['serve', 'app create', 'app list',
            'app show', 'app keep', 'app delete', 'user create', 'user list',
            'backup', 'compact', 'export', 'import', 'retention run',
            'check', 'plugin list', 'plugin check', 'config dump', 'routes', 'version']);
        for (const command of commands) {
            const words = command.split(' ');
            const text = client.run('help', ...words);
            assert.strictEqual(text.status, 0);
            assert.ok(text.stdout.startsWith('Usage: tallyd ' + command));
            assert.match(text.stdout, /^Exit codes$/m);
            assert.strictEqual(client.run(...words, '--help').stdout,
                text.stdout);
        }
        assert.match(client.run('serve', '-h').stdout,
            /^ {2}--api\.metric_limit NUMBER +\S.*\(default 1000\)$/m);
        assert.strictEqual(client.run('--help').stdout, list);
    });

    test('tells its version', () => {
        const version = JSON.parse(client.run('version', '--json').stdout);
        assert.match(version.version, /^\d+\.\d+\.\d+$/);
        assert.strictEqual(version.log_format, 2);
        const text = client.run('version').stdout;
        assert.ok(text.startsWith(`tallyd ${version.version}\n`));
        assert.strictEqual(client.run('--version').stdout, text);
    });
});

describe('the configuration', () => {
    function dump(env, ...args) {
        const done = childProcess.spawnSync(client.binary(),
            ['config', 'dump', ...args],
            { encoding: 'utf8', env: { ...process.env, ...env } });
        assert.strictEqual(done.stderr, '');
        return done.stdout;
    }

    test('comes from flags, environment and file', () => {
        const file = path.join(dir, 'tallyd.conf');
        fs.writeFileSync(file, client.configText({
            api: { metric_limit: 3, session_cooldown: 4 },
            http: { body: '2m' } }));
        const all = JSON.parse(dump({ TALLYD_API_SESSION_COOLDOWN: '5',
            TALLYD_LOG_LEVEL: 'debug', TALLYD_CONFIG: file },
        '--json', '--log.level=error'));
        assert.deepStrictEqual(all['api.metric_limit'],
            { value: 3, origin: 'file' });
        assert.deepStrictEqual(all['api.session_cooldown'],
            { value: 5, origin: 'environment' });
        assert.deepStrictEqual(all['log.level'],
            { value: 'error', origin: 'flag' });
        assert.deepStrictEqual(all['http.body'],
            { value: 2097152, origin: 'file' });
        assert.deepStrictEqual(all['http.url'],
            { value: 16384, origin: 'default' });
    });

    test('is dumped as a file that says the same', () => {
        const file = path.join(dir, 'tallyd.conf');
        const first = dump({}, '--api.metric_limit', '7', '--data', '/a b');
        fs.writeFileSync(file, first);
        const again = dump({}, '--config', file);
        const values = (text) => text.replace(/ +# (\w+)$/gm, '')
            .replace(/^# config.*$/m, '');
        assert.strictEqual(values(again), values(first));
        assert.match(again, /^data = \/a b +# file$/m);
    });

    test('is read again on SIGHUP, but only a whole one', async () => {
        const server = await client.start({ dir,
            config: { log: { level: 'info' } } });
        const file = path.join(dir, 'tallyd.conf');
        const until = async (pattern) => {
            for (let i = 0; i < 200; i++) {
                if (pattern.test(server.stderr()))
                    return;
                await new Promise((resolve) => setTimeout(resolve, 20));
            }
            assert.match(server.stderr(), pattern);
        };
        fs.writeFileSync(file, 'api.metric_limit = many\n');
        server.child.kill('SIGHUP');
        await until(/level=error msg="configuration not read".*tallyd.conf:1:/);
        fs.writeFileSync(file, 'api.metric_limit = 5\n');
        server.child.kill('SIGHUP');
        await until(/level=info msg="configuration read"/);
        await server.stop();
    });
});

describe('backup', () => {
    /* Who had a session, by a server on a data directory. */
    async function users(folder, app) {
        const server = await client.start({ dir: folder });
        const found = await client.read(server, app, 'total_users');
        await server.stop();
        return found;
    }

    for (const way of ['free', 'in use']) {
        test('copies a directory that is ' + way, async () => {
            const server = await client.start({ dir });
            const app = await client.createApp(server);
            for (let i = 0; i < 20; i++)
                await client.send(server, { path: '/i', query: {
                    app_key: app.key, device_id: 'd' + i,
                    begin_session: 1 } });
            if (way === 'free')
                await server.stop();
            const other = client.makeDir();
            const copy = client.dataDir(other);
            const done = onData('backup', copy);
            assert.strictEqual(done.stderr, '');
            assert.strictEqual(done.status, 0);
            fails(onData('backup', copy), 1, /exists already/);
            if (way === 'in use')
                await server.stop();
            assert.strictEqual(
                client.run('check', '--data', copy).stdout, 'all is well\n');
            assert.deepStrictEqual(await users(other, app),
                [{ _id: 'users', u: 20 }]);
            client.removeDir(other);
        });
    }

    test('under load is a whole state, no older than its begin', async () => {
        const server = await client.start({ dir });
        const app = await client.createApp(server);
        let acknowledged = 0;
        let sent = 0;
        let working = true;
        const worker = async () => {
            while (working) {
                const answer = await client.send(server, { path: '/i',
                    query: { app_key: app.key, device_id: 'w' + sent++,
                        begin_session: 1, metrics: { _os: 'Android' } } });
                acknowledged += answer.status === 200;
            }
        };
        const workers = Array.from({ length: 16 }, worker);
        while (acknowledged < 500)
            await new Promise((resolve) => setTimeout(resolve, 10));
        const before = acknowledged;
        const other = client.makeDir();
        const copied = await new Promise((resolve) => {
            childProcess.execFile(client.binary(), ['backup',
                client.dataDir(other), '--data', client.dataDir(dir)],
            (error) => resolve(error));
        });
        const after = sent;
        working = false;
        await Promise.all(workers);
        await server.stop();
        assert.strictEqual(copied, null);
        assert.strictEqual(client.run('check', '--data',
            client.dataDir(other)).stdout, 'all is well\n');
        const found = (await users(other, app))[0].u;
        assert.ok(found >= before && found <= after,
            `${before} <= ${found} <= ${after}`);
        client.removeDir(other);
    });
});
