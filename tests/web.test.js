'use strict';
/*
 * web.test.js - Countly's own SDK for browsers in Chromium, on a page of
 * another origin than tallyd: the numbers must be right, its queues empty, and
 * the console without an error.
 */
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const { after, before, test } = require('node:test');
const { chromium } = require('playwright-core');
const client = require('./client.js');

const WAIT_MS = 30000;
const POLL_MS = 50;
const SDK = require.resolve('countly-sdk-web/lib/countly.min.js');
const PAGE = '<!doctype html><title>Shop</title><script src="/sdk.js"></script>' +
    '<body style="height: 2000px"><button id="buy">Buy</button>';

let dir;
let server;
let site;
let browser;

/* The shop's pages and the SDK, from an origin of their own. */
function serveSite() {
    return new Promise((resolve) => {
        const shop = http.createServer((request, response) => {
            const isSdk = request.url === '/sdk.js';
            response.setHeader('Content-Type',
                isSdk ? 'text/javascript' : 'text/html');
            response.end(isSdk ? fs.readFileSync(SDK) : PAGE);
        });
        shop.listen(0, '127.0.0.1', () => resolve(shop));
    });
}

before(async () => {
    dir = client.makeDir();
    server = await client.start({ dir });
    site = await serveSite();
    browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-gpu'] });
});

after(async () => {
    try {
        await browser?.close();
        site?.closeAllConnections();
        site?.close();
        await server?.stop();
    } finally {
        await client.killAll();
        client.removeDir(dir);
    }
});

async function until(what, isSo) {
    const end = Date.now() + WAIT_MS;
    while (!await isSo()) {
        assert.ok(Date.now() < end, 'waited in vain until ' + what);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
}

/* A visitor: a browser of its own, with what its console complained of. */
async function visit(url, settings, context) {
    const mine = context || await browser.newContext({ locale: 'de-DE' });
    const page = await mine.newPage();
    const visitor = { context: mine, page, errors: [], sent: [] };
    page.on('console', (message) => {
        if (message.type() === 'error')
            visitor.errors.push(message.text());
    });
    page.on('pageerror', (error) => visitor.errors.push(String(error)));
    page.on('request', (request) => {
        if (request.url().startsWith(url + '/i'))
            visitor.sent.push(new URLSearchParams(request.postData() || ''));
    });
    await page.goto(`http://127.0.0.1:${site.address().port}/home`);
    await page.evaluate((options) => window.Countly.init(options),
        { url, interval: 50, fail_timeout: 1, session_update: 1,
            country_code: 'DE', ignore_bots: false, ...settings });
    return visitor;
}

function queues(visitor) {
    return visitor.page.evaluate(() => {
        const inner = window.Countly._internals;
        const { eventQ, requestQ } = inner.getLocalQueues();
        return eventQ.length + requestQ.length;
    });
}

async function drained(visitor) {
    await until('the queues are empty', async () =>
        await queues(visitor) === 0);
}

async function counted(app, method, value, more) {
    return client.sums(await client.read(server, app, method, more), value);
}

test('a visit with events, views, properties and consent is counted',
    async () => {
        const app = await client.createApp(server, { type: 'web' });
        const visitor = await visit(server.url, { app_key: app.key,
            device_id: 'web-1', app_version: '2.5', require_consent: true });
        await visitor.page.evaluate(() => {
            const { Countly } = window;
            Countly.add_consent(['sessions', 'events', 'views', 'users',
                'location']);
            Countly.track_sessions();
            Countly.track_pageview('/home');
            Countly.add_event({ key: 'bought', count: 3, sum: 14.97,
                segmentation: { article: 'tea', size: 2 } });
            Countly.user_details({ name: 'Ada Lovelace', byear: 1815,
                custom: { plan: 'pro', seats: 4 } });
            Countly.userData.increment('visits');
            Countly.userData.push_unique('tags', 'reader');
            Countly.userData.save();
        });
        await until('a heartbeat was sent', () => visitor.sent.some(
            (params) => params.has('session_duration')));
        await visitor.page.evaluate(() =>
            window.Countly.track_pageview('/basket'));
        await visitor.page.evaluate(() =>
            window.Countly.end_session(20, true));
        await drained(visitor);

        assert.deepStrictEqual(visitor.errors, []);
        const total = await counted(app, 'users');
        assert.deepStrictEqual({ t: total.t, n: total.n, u: total.u },
            { t: 1, n: 1, u: 1 });
        const seconds = visitor.sent.reduce((sum, params) =>
            sum + Number(params.get('session_duration') || 0), 0);
        assert.strictEqual(total.d, seconds);
        const one = { t: 1, n: 1, u: 1 };
        assert.deepStrictEqual(await counted(app, 'users', 'DE'), one);
        assert.deepStrictEqual(await counted(app, 'langs', 'de'), one);
        assert.deepStrictEqual(await counted(app, 'app_versions', '2:5'),
            one);
        assert.deepStrictEqual(
            await counted(app, 'events', undefined, { event: 'bought' }),
            { c: 3, s: 14.97 });
        assert.deepStrictEqual(
            await counted(app, 'events', 'tea',
                { event: 'bought', segmentation: 'article' }),
            { c: 3, s: 14.97 });
        const views = await counted(app, 'views', '/home');
        assert.strictEqual(views.t, 1);
        assert.strictEqual(views.u, 1);
        const user = await client.read(server, app, 'user_details',
            { did: 'web-1' });
        assert.strictEqual(user.name, 'Ada Lovelace');
        assert.strictEqual(user.byear, 1815);
        assert.strictEqual(user.custom.plan, 'pro');
        assert.strictEqual(user.custom.visits, 1);
        assert.deepStrictEqual(user.custom.tags, ['reader']);
        assert.strictEqual(user.consent.sessions, true);
        assert.ok(!user.consent.crashes);
        await visitor.context.close();
    });

test('nothing is counted of a visitor who consents to nothing', async () => {
    const app = await client.createApp(server, { type: 'web' });
    const visitor = await visit(server.url, { app_key: app.key,
        device_id: 'silent', require_consent: true });
    await visitor.page.evaluate(() => {
        window.Countly.track_sessions();
        window.Countly.track_pageview('/home');
        window.Countly.add_event({ key: 'bought' });
    });
    await visitor.page.evaluate(() =>
        new Promise((resolve) => setTimeout(resolve, 500)));
    await drained(visitor);
    assert.deepStrictEqual(visitor.errors, []);
    assert.strictEqual((await counted(app, 'users')).t, undefined);
    assert.deepStrictEqual(await client.read(server, app, 'get_events'), {});
    await visitor.context.close();
});

test('a device id that changes with a merge stays one user', async () => {
    const app = await client.createApp(server, { type: 'web' });
    const visitor = await visit(server.url, { app_key: app.key,
        device_id: 'before' });
    await visitor.page.evaluate(() => {
        window.Countly.track_sessions();
        window.Countly.change_id('after', true);
        window.Countly.add_event({ key: 'bought' });
    });
    await drained(visitor);
    await until('the merge is stored', () => visitor.sent.some(
        (params) => params.get('old_device_id') === 'before'));
    await drained(visitor);

    assert.deepStrictEqual(visitor.errors, []);
    assert.strictEqual((await counted(app, 'users')).u, 1);
    assert.deepStrictEqual(await client.read(server, app, 'total_users'),
        [{ _id: 'users', u: 1 }]);
    const user = await client.read(server, app, 'user_details',
        { did: 'after' });
    assert.strictEqual(user.sc, 1);
    await visitor.context.close();
});

test('what was done while tallyd was away arrives once, in order', async () => {
    const away = client.makeDir();
    let its = await client.start({ dir: away });
    const app = await client.createApp(its, { type: 'web' });
    const visitor = await visit(its.url, { app_key: app.key,
        device_id: 'patient' });
    await visitor.page.evaluate(() => window.Countly.track_sessions());
    await drained(visitor);
    const { port } = its;
    await its.stop();
    await visitor.page.evaluate(() => {
        for (let i = 0; i < 5; i++)
            window.Countly.add_event({ key: 'offline', count: i + 1 });
    });
    await until('an attempt failed', () => visitor.errors.some((error) =>
        error.includes('ERR_CONNECTION_REFUSED')));
    assert.ok(await queues(visitor) > 0, 'the SDK keeps what failed');
    its = await client.start({ dir: away, port });
    await drained(visitor);

    const object = await client.read(its, app, 'events', { event: 'offline' });
    assert.strictEqual(client.sums(object).c, 15);
    assert.strictEqual(client.sums(await client.read(its, app, 'users')).t, 1);
    await visitor.context.close();
    await its.stop();
    client.removeDir(away);
});
