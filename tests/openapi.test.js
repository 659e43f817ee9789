'use strict';
/*
 * openapi.test.js - docs/openapi.json and docs/api.md against what the binary
 * says that it answers, and against what it does answer.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { after, before, describe, test } = require('node:test');
const client = require('./client.js');

const DOCS = path.join(__dirname, '..', 'docs');
const document = JSON.parse(
    fs.readFileSync(path.join(DOCS, 'openapi.json'), 'utf8'));
const page = fs.readFileSync(path.join(DOCS, 'api.md'), 'utf8');

const UNKNOWN = /^Invalid (path|method)/;

/* What the document says of each endpoint: {name, path, item, methods}; of
 * `methods` one is to be sent, if any. */
function documented() {
    return Object.entries(document.paths).flatMap(([target, item]) =>
        item['x-methods'] === undefined
            ? [{ name: target, path: target, item,
                methods: [methodsOf(item), [undefined]].find((list) =>
                    list.length > 0) }]
            : Object.keys(item['x-methods']).map((method) => ({
                name: `${target}?method=${method}`, path: target, item,
                methods: [method] })));
}

function routes() {
    const done = client.run('routes');
    assert.strictEqual(done.status, 0, done.stderr);
    return done.stdout.trimEnd().split('\n');
}

/* All references of the document. */
function references(value) {
    if (value === null || typeof value !== 'object')
        return [];
    return Object.entries(value).flatMap(([key, member]) =>
        key === '$ref' ? [member] : references(member));
}

function resolve(reference) {
    assert.match(reference, /^#\//);
    return reference.slice(2).split('/').reduce((value, key) =>
        value && value[key.replaceAll('~1', '/').replaceAll('~0', '~')],
    document);
}

/* What the parameter `method` of a path may be. */
function methodsOf(item) {
    return parametersOf(item).find((each) =>
        each.name === 'method')?.schema.enum || [];
}

function parametersOf(item) {
    return (item.parameters || []).map((parameter) =>
        parameter.$ref ? resolve(parameter.$ref) : parameter);
}

describe('the document', () => {
    test('has every endpoint of the binary and no other', () => {
        const there = routes();
        const told = documented().map((endpoint) => endpoint.name);
        assert.deepStrictEqual(
            there.filter((name) => !told.includes(name)), [],
            'endpoints that are missing in docs/openapi.json');
        assert.deepStrictEqual(
            told.filter((name) => !there.includes(name)), [],
            'endpoints that only docs/openapi.json has');
        assert.strictEqual(new Set(there).size, there.length);
    });

    test('has no reference that leads nowhere', () => {
        const all = references(document);
        assert.ok(all.length > 0);
        assert.deepStrictEqual(
            all.filter((reference) => resolve(reference) === undefined), []);
    });

    test('has no component that nothing refers to', () => {
        const used = new Set(references(document));
        const { securitySchemes, ...components } = document.components;
        const names = Object.entries(components).flatMap(([kind, list]) =>
            Object.keys(list).map((name) => `#/components/${kind}/${name}`));
        assert.ok(Object.keys(securitySchemes).length > 0);
        assert.deepStrictEqual(names.filter((name) => !used.has(name)), []);
    });

    test('has its paths in order and its methods twice alike', () => {
        const paths = Object.keys(document.paths);
        assert.deepStrictEqual(paths, [...paths].sort());
        for (const [target, item] of Object.entries(document.paths)) {
            const names = parametersOf(item).map((each) => each.name);
            assert.strictEqual(new Set(names).size, names.length, target);
            if (item['x-methods'] === undefined)
                continue;
            assert.deepStrictEqual(methodsOf(item),
                Object.keys(item['x-methods']), target);
        }
    });

    test('has the version of the binary', () => {
        assert.strictEqual(document.info.version,
            JSON.parse(client.run('version', '--json').stdout).version);
    });
});

describe('docs/api.md', () => {
    test('names every endpoint', () => {
        assert.deepStrictEqual(
            documented().map((endpoint) => endpoint.name)
                .filter((name) => !page.includes('`' + name + '`')), []);
    });

    test('leads to pages that are there, as the document does', () => {
        const links = [...page.matchAll(/\]\(([^)#]+)/g)].map((match) =>
            match[1]);
        const pages = Object.values(document.paths).map((item) =>
            path.relative('docs', item.description));
        assert.ok(links.length > 0);
        for (const link of [...links, ...pages])
            assert.ok(fs.existsSync(path.join(DOCS, link)), link);
        assert.deepStrictEqual(
            pages.filter((link) => !links.includes(link)), []);
    });
});

describe('a server', () => {
    let dir;
    let server;
    let app;

    before(async () => {
        dir = client.makeDir();
        server = await client.start({ dir });
        app = await client.createApp(server);
    });

    after(async () => {
        await client.killAll();
        client.removeDir(dir);
    });

    /* Through the control socket: the body of the answer. */
    function sendLocally(target) {
        return new Promise((done, fail) => {
            http.get({ socketPath: path.join(client.dataDir(dir),
                'control.sock'), path: target }, (answer) => {
                let text = '';
                answer.on('data', (part) => {
                    text += part;
                });
                answer.on('end', () => done(text));
            }).on('error', fail);
        });
    }

    /* The text of a refusal, if it is one. */
    function resultOf(text) {
        try {
            return String(JSON.parse(text)?.result);
        } catch {
            return '';
        }
    }

    async function ask(endpoint, httpMethod, method) {
        const target = endpoint.path.replace('{name}', 'none');
        if (endpoint.item['x-control-socket'])
            return sendLocally(target);
        const values = { api_key: client.ADMIN_KEY, app_id: app._id,
            app_key: app.key, device_id: 'd', ...method && { method } };
        return (await client.send(server, httpMethod === 'GET'
            ? { path: target, query: values }
            : { path: target, form: values })).text;
    }

    test('knows every endpoint of the document, by GET and POST', async () => {
        for (const endpoint of documented()) {
            for (const method of endpoint.methods) {
                for (const httpMethod of ['GET', 'POST']) {
                    const text = await ask(endpoint, httpMethod, method);
                    assert.doesNotMatch(resultOf(text), UNKNOWN,
                        `${endpoint.name} ${method}`);
                }
            }
        }
        const none = { path: '/o/nothing', item: {} };
        assert.match(resultOf(await ask(none, 'GET')), UNKNOWN);
    });

    test('asks for a credential where the document says so', async () => {
        for (const endpoint of documented()) {
            if (endpoint.item['x-control-socket'])
                continue;
            const isPublic = endpoint.item.get.security !== undefined;
            const { text } = await client.send(server, {
                path: endpoint.path.replace('{name}', 'none'), query: {
                    app_id: app._id, query: { uid: 'x' }, data: { did: 'x' },
                    update: { $set: { name: 'x' } },
                    ...endpoint.methods[0] && { method: endpoint.methods[0] },
                } });
            assert.strictEqual(
                text === '{"result":"Missing parameter \\"api_key\\" or ' +
                    '\\"auth_token\\""}', !isPublic,
                `${endpoint.name}: ${text}`);
        }
    });
});
