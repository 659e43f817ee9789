'use strict';
/* Plugins are found, initialised in order, and told their settings; those that
 * cannot be used keep the server from starting, unless they are optional. */
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { afterEach, beforeEach, describe, test } = require('node:test');
const client = require('./client.js');
const plugin = require('./plugin.js');

let dir;

beforeEach(() => {
    dir = client.makeDir();
});

afterEach(async () => {
    await client.killAll();
    client.removeDir(dir);
});

/* The log of a server that does not start. */
async function failure(options) {
    const server = client.launch(plugin.withPlugins({ dir, ...options }));
    const { code } = await server.ended;
    assert.strictEqual(code, 1, server.stderr());
    return server.stderr();
}

async function log(options) {
    const server = await plugin.start({ dir, ...options });
    await server.stop();
    const text = server.stderr();
    fs.rmSync(server.stderrPath);
    return text;
}

describe('a plugin of the directory', () => {
    test('is loaded and told of', async () => {
        assert.match(await log({}), new RegExp('msg="plugin loaded" ' +
            'plugin=recorder version=1.0 file=\\S+/recorder.so'));
    });

    test('gets its settings of file and environment', async () => {
        assert.match(await log({ plugins: ['greeter'],
            settings: { greeter: { text: 'good day' } } }),
        /plugin=greeter text="good day"/);
        assert.match(await log({ plugins: ['greeter'],
            settings: { greeter: { text: 'good day' } },
            env: { TALLYD_PLUGINS_GREETER_TEXT: 'hi' } }),
        /plugin=greeter text=hi/);
    });

    test('logs what it logs once', async () => {
        const lines = (await log({ plugins: ['greeter'] }))
            .match(/text=hello/g);
        assert.strictEqual(lines.length, 1);
    });

    test('is not initialised when it is disabled', async () => {
        const text = await log({ plugins: ['greeter', 'crasher'], settings: {
            disabled: 'greeter, crasher', greeter: { text: 'x' } } });
        assert.doesNotMatch(text, /greeter/);
    });

    test('comes where plugins.order says, or by name', async () => {
        const names = (text) => [...text.matchAll(/loaded" plugin=(\w+)/g)]
            .map((match) => match[1]);
        const plugins = ['greeter', 'recorder'];
        assert.deepStrictEqual(names(await log({ plugins })), plugins);
        assert.deepStrictEqual(names(await log({ plugins,
            settings: { order: 'recorder' } })), ['recorder', 'greeter']);
    });

    test('leaves other files alone', async () => {
        const options = plugin.withPlugins({ dir, plugins: [] });
        fs.writeFileSync(path.join(dir, 'plugins', 'README'), 'not a plugin');
        fs.writeFileSync(path.join(dir, 'plugins', '.so'), 'nor this');
        await (await client.start(options)).stop();
    });
});

describe('the flags', () => {
    function serve(...flags) {
        return client.run('serve', '--data', client.dataDir(dir),
            '--listen', '127.0.0.1:0', ...flags);
    }

    test('--plugins and a plugin\'s setting are taken', () => {
        const plugins = plugin.pluginsDir(dir, ['greeter', 'refuser']);
        const done = serve('--plugins', plugins,
            '--plugins.greeter.text=good day');
        assert.strictEqual(done.status, 1);
        assert.match(done.stderr, /text="good day"/);
    });

    test('--plugins-optional takes no value', () => {
        const done = serve('--plugins-optional=yes');
        assert.strictEqual(done.status, 2);
        assert.match(done.stderr, /--plugins-optional takes no value/);
    });

    test('--plugins of no directory is refused by name', () => {
        const done = serve('--plugins', '/nowhere/at/all');
        assert.strictEqual(done.status, 1);
        assert.match(done.stderr, /dir=\/nowhere\/at\/all reason="No such/);
    });
});

describe('the commands', () => {
    test('plugin list shows each with state, hooks and reason', () => {
        const plugins = plugin.pluginsDir(dir,
            ['recorder', 'greeter', 'refuser']);
        const flags = ['--plugins', plugins, '--plugins.disabled', 'greeter',
            '--plugins.recorder.hooks', '/sdk,/o/mine'];
        const done = client.run('plugin', 'list', '--json', ...flags);
        assert.strictEqual(done.status, 0);
        const [greeter, recorder, refuser] = JSON.parse(done.stdout)
            .sort((a, b) => a.file < b.file ? -1 : 1);
        assert.deepStrictEqual(recorder, { name: 'recorder', version: '1.0',
            state: 'loaded', file: path.join(plugins, 'recorder.so'),
            hooks: ['/sdk', '/o/mine'],
            about: 'writes down what it is called for', reason: null });
        assert.strictEqual(greeter.state, 'disabled');
        assert.strictEqual(refuser.state, 'failed');
        assert.strictEqual(refuser.reason, 'its init returned -2');
        const table = client.run('plugin', 'list', ...flags);
        assert.strictEqual(table.status, 0);
        assert.match(table.stdout,
            /^NAME +VERSION +STATE +FILE +ABOUT +HOOKS$/m);
        assert.match(table.stdout, /^recorder +1\.0 +loaded .* \/sdk \/o\/mine/m);
        assert.match(table.stdout, / failed .* its init returned -2/);
    });

    test('plugin list says what is wrong with the directory', () => {
        const done = client.run('plugin', 'list', '--plugins', '/nowhere');
        assert.strictEqual(done.status, 1);
        assert.match(done.stderr, /dir=\/nowhere reason="No such/);
    });

    test('plugin check shows what one registers', () => {
        const done = client.run('plugin', 'check', plugin.library('recorder'),
            '--plugins.recorder.hooks=/sdk,/o/mine');
        assert.strictEqual(done.stderr, '');
        assert.strictEqual(done.stdout, 'recorder 1.0: writes down what it is' +
            ' called for\n  hook /sdk\n  hook /o/mine\n');
        assert.strictEqual(done.status, 0);
    });

    test('plugin check says what is wrong', () => {
        const file = plugin.library('crasher');
        const done = client.run('plugin', 'check', file);
        assert.strictEqual(done.status, 1);
        assert.strictEqual(done.stderr, `tallyd: ${file}: its init crashed: ` +
            'signal 11, Segmentation fault\n');
        assert.match(client.run('plugin', 'check', 'nothing.so').stderr,
            /nothing.so: .*cannot open shared object file/);
    });
});

describe('what is loaded', () => {
    let server;

    async function ask(target, query) {
        const answer = await client.send(server, { path: target, query: {
            api_key: client.ADMIN_KEY, ...query } });
        return answer.json;
    }

    async function update(app, plugins) {
        return ask('/i/apps/update', {
            args: { app_id: app._id, plugins } });
    }

    beforeEach(async () => {
        server = await plugin.start({ dir, plugins: ['greeter', 'recorder'] });
    });

    test('is listed with the plugins of Countly', async () => {
        const system = await ask('/o/system/plugins');
        assert.deepStrictEqual(system.slice(-2), ['greeter', 'recorder']);
        assert.ok(system.includes('views'));
        assert.ok((await ask('/o/apps/plugins')).plugins.greeter);
        assert.deepStrictEqual(
            (await ask('/o/users/permissions')).features.slice(-2),
            ['greeter', 'recorder']);
        await server.stop();
    });

    test('is switched off for an app, and on again', async () => {
        const app = await client.createApp(server);
        const shown = async () => (await ask('/o/apps/details',
            { app_id: app._id })).app.plugins;
        assert.deepStrictEqual(await shown(), {});
        assert.deepStrictEqual((await update(app,
            { recorder: false, greeter: true })).plugins,
        { recorder: false, greeter: true });
        assert.deepStrictEqual(await shown(),
            { recorder: false, greeter: true });
        assert.deepStrictEqual(await update(app, { recorder: false }),
            { result: 'Nothing changed' });
        await server.stop();
        server = await plugin.start({ dir, plugins: ['greeter', 'recorder'] });
        assert.deepStrictEqual(await shown(),
            { recorder: false, greeter: true });
        assert.deepStrictEqual((await update(app,
            { recorder: null, greeter: null })).plugins, {});
        assert.deepStrictEqual(await shown(), {});
        await server.stop();
    });

    test('has to be there to be switched', async () => {
        const app = await client.createApp(server);
        assert.deepStrictEqual(await update(app,
            { recorder: 0, nobody: false, gone: null }),
        { result: 'Invalid props: plugins.recorder,plugins.nobody' });
        assert.deepStrictEqual(await update(app, ['recorder']),
            { result: 'Invalid props: plugins' });
        await server.stop();
    });
});

describe('a handler', () => {
    async function logOf(order, settings) {
        const server = await plugin.start({ dir, settings });
        const app = await client.createApp(server);
        await client.send(server, { path: '/i/apps/update', query: {
            api_key: client.ADMIN_KEY,
            args: { app_id: app._id, name: 'Other' },
            recorder: { hook: '/i/apps/update', ...order } } });
        await server.stop();
        return server.stderr();
    }

    test('that takes longer than its budget is logged by name', async () => {
        const text = await logOf({ do: 'spin', ms: 30 }, { budget: 25 });
        assert.match(text, new RegExp('level=warning ' +
            'msg="plugin misbehaves" plugin=recorder hook=/i/apps/update ' +
            'what="handler over its time budget, microseconds" ' +
            'number=[3-9]\\d{4}'));
    });

    test('within its budget is not', async () => {
        assert.doesNotMatch(await logOf({ do: 'spin', ms: 30 },
            { budget: 2000 }), /misbehaves/);
    });

    test('that returns an error is logged by name', async () => {
        assert.match(await logOf({ do: 'return', number: -3 },
            { budget: 2000 }),
        /plugin=recorder hook=\/i\/apps\/update what="handler failed" number=-3/);
    });
});

describe('a setting that no plugin asks for', () => {
    test('keeps the server from starting and is named', async () => {
        assert.match(await failure({ plugins: ['greeter'],
            settings: { greeter: { txt: 'x' } } }),
        /msg="no plugin asks for a setting" key=plugins.greeter.txt/);
        assert.match(await failure({ plugins: [],
            env: { TALLYD_PLUGINS_GREETER_TEXT: 'hi' } }),
        /key=TALLYD_PLUGINS_GREETER_TEXT/);
        assert.ok(!fs.existsSync(client.dataDir(dir)));
    });
});

describe('a plugin that cannot be used', () => {
    const broken = [
        ['nameless', 'it has no symbol tally_plugin'],
        ['stranger', 'it is for interface 2, this is interface 1'],
        ['refuser', 'its init returned -2'],
        ['crasher', 'its init crashed: signal 11, Segmentation fault'],
        ['hanger', 'its init took more than 10 seconds'],
        ['quitter', 'its init ended the process with status 0'],
    ];

    for (const [name, reason] of broken) {
        test(`is named with the reason: ${name}`, async () => {
            const text = await failure({ plugins: [name, 'greeter'] });
            const line = `file=${path.join(dir, 'plugins', name)}.so ` +
                `reason="${reason}"`;
            assert.ok(text.includes(line), text);
            assert.strictEqual(text.match(/level=error/g).length, 1);
        });
    }

    test('may say itself why', async () => {
        assert.match(await failure({ plugins: ['refuser'] }),
            /plugin=refuser text="there is no such weather"/);
    });

    test('has a name that another has', async () => {
        assert.match(await failure({ plugins: ['recorder', 'twin'] }),
            /twin.so reason="there is a plugin of the name recorder already"/);
    });

    test('is a file that cannot be loaded', async () => {
        const options = plugin.withPlugins({ dir, plugins: [] });
        fs.writeFileSync(path.join(dir, 'plugins', 'text.so'), 'some text');
        const server = client.launch(options);
        assert.strictEqual((await server.ended).code, 1);
        assert.match(server.stderr(), /text.so reason=".*text.so: file too/);
    });

    test('is left out when plugins are optional', async () => {
        const text = await log({
            plugins: ['nameless', 'stranger', 'refuser', 'crasher', 'quitter',
                'greeter'],
            settings: { optional: true, refuser: { weather: 'rain' } } });
        assert.strictEqual(text.match(/plugin cannot be loaded/g).length, 5);
        assert.match(text, /msg="plugin loaded" plugin=greeter/);
        assert.match(text,
            /level=warning msg="no plugin asks.*key=plugins.refuser.weather/);
    });
});
