'use strict';
/*
 * kill.test.js - kills tallyd again and again while it works; no acknowledged
 * request may be lost and none may count twice.
 *
 * Every worker goes through visits: short stories of one or two devices (begin,
 * durations, end, resumed and second sessions, new device ids, merges, bulk,
 * events, properties and consent).
 * Within a story the next request waits for the acknowledgement of the one
 * before, so after a kill (which also loses the answers under way) exactly one
 * request is in doubt; it is sent again as it was. At the end the counters must
 * be those of the model.
 *
 * Before every fourth start another one is killed while it recovers.
 *
 * KILLS is the number of kills under load (100); KILL_SEED repeats the stories
 * of a run.
 */
const assert = require('node:assert');
const http = require('node:http');
const { after, test } = require('node:test');
const client = require('./client.js');
const { Model } = require('./model.js');

const KILLS = Number(process.env.KILLS || 100);
const SEED = Number(process.env.KILL_SEED || Date.now() % 1000000);
const WORKERS = 64;
const ACKS = 1000; /* at least, before each kill */
const TIMEOUT_MS = 60000 + 10000 * KILLS;
const PAUSE_MS = 20; /* after 503 or a refused connection */
const DAY = 86400;
const FIRST_DAY = Math.floor(Date.now() / 1000 / DAY) * DAY - 6 * DAY;

/* Small enough that checkpoints and full logs happen all the time. */
const CONFIG = { store: { checkpoint_log: 262144, overlay: 16777216,
    slot_bytes: 1048576 } };

/* mulberry32: numbers from 0 to below 1, the same for the same seed. */
function randomFrom(seed) {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}

const random = randomFrom(SEED);

function below(limit) {
    return Math.floor(random() * limit);
}

function pick(list) {
    return list[below(list.length)];
}

function metricsOfPhone() {
    const os = pick(['Android', 'Windows']);
    return { _os: os, _os_version: pick(['10', '11.2', '14']),
        _device: `Model-${pick('ABCDEFGH')}`,
        _resolution: pick(['1080x2400', '720x1600']),
        _carrier: pick(['Vodafone', 'Orange', 'Telekom']),
        _app_version: pick(['1.0', '1.1', '2.0.3']) };
}

/* Builds the requests of one story. `at` is seconds since its start. */
class Story {
    constructor(app, name) {
        this.app = app;
        this.name = name;
        this.start = FIRST_DAY + below(3) * DAY + 3600 * below(20);
        this.country = pick(['DE', 'FR', 'TR']);
        this.metrics = metricsOfPhone();
        this.requests = []; /* {query, method, path, items: [params]} */
    }

    params(at, device, more) {
        return { app_key: this.app.key, device_id: `${this.name}-${device}`,
            timestamp: (this.start + at) * 1000 + below(400), ...more };
    }

    add(at, device, more) {
        const params = this.params(at, device, more);
        const way = random() < 0.5 ? { query: params } : { form: params };
        this.requests.push({ path: '/i', ...way, items: [params] });
    }

    beginning() {
        return { begin_session: 1, country_code: this.country,
            metrics: this.metrics };
    }

    bulk(items) {
        this.requests.push({ path: '/i/bulk', items,
            form: { app_key: this.app.key, requests: items } });
    }
}

function resumed(story) {
    story.add(0, 'a', story.beginning());
    story.add(30, 'a', { session_duration: 30 });
    story.add(50, 'a', { session_duration: 20, end_session: 1 });
    story.add(55, 'a', story.beginning());
    story.add(115, 'a', { session_duration: 60 });
    story.add(120, 'a', { end_session: 1 });
    story.add(4000, 'a', { ...story.beginning(), session_duration: 5 });
}

function returning(story) {
    story.add(0, 'a', story.beginning());
    story.add(10, 'a', { end_session: 1, session_duration: 10 });
    story.metrics = { ...story.metrics, _app_version: '3.0' };
    story.add(DAY, 'a', story.beginning());
    story.add(2 * DAY, 'a', story.beginning());
    story.add(2 * DAY + 700, 'a', { end_session: 1, session_duration: 700 });
}

function renamed(story) {
    story.add(0, 'old', story.beginning());
    story.add(60, 'old', { session_duration: 60 });
    story.add(70, 'new', { old_device_id: `${story.name}-old` });
    story.add(90, 'new', { end_session: 1 });
    story.add(DAY, 'new', story.beginning());
}

function merged(story) {
    story.add(0, 'a', story.beginning());
    story.add(20, 'a', { end_session: 1, session_duration: 20 });
    story.add(100, 'b', story.beginning());
    story.add(140, 'b', { end_session: 1, session_duration: 40 });
    story.add(200, 'b', { old_device_id: `${story.name}-a` });
    story.add(300, 'b', story.beginning());
}

function bulk(story) {
    const items = [story.params(0, 'a', story.beginning()),
        story.params(5, 'b', story.beginning())];
    for (let i = 1; i <= 20; i++)
        items.push(story.params(60 * i, pick('ab'),
            { session_duration: 20 + i }));
    items.push(story.params(1300, 'a', { end_session: 1 }));
    story.bulk(items);
    story.add(DAY, 'b', story.beginning());
}

function buy(count, sum) {
    return { key: 'buy', count, sum, segmentation: { item: pick('xyz') } };
}

/* Operators and consent do not say the same thing twice. */
function telling(story) {
    const plus = (more) => ({ custom: { told: { $inc: more } } });
    story.add(0, 'told', { ...story.beginning(), events: [buy(1, 0.1)],
        user_details: plus(1) });
    story.add(20, 'told', { events: [buy(2, 1.25), buy(1, 3)],
        user_details: { name: story.name, ...plus(2) } });
    story.add(30, 'told', { consent: { events: true, views: true },
        user_details: plus(4) });
    story.add(40, 'told', { consent: { views: false }, events: [buy(1, -0.5)] });
    story.add(50, 'told', { end_session: 1, session_duration: 50,
        user_details: plus(8) });
}

function buying(story) {
    story.add(0, 'a', { ...story.beginning(), events: [buy(3, 0.3)] });
    story.add(10, 'b', { ...story.beginning(), events: [buy(1, 7)] });
    story.add(30, 'b', { old_device_id: `${story.name}-a`,
        events: [buy(1, 1)] });
    story.add(50, 'b', { events: [buy(2, 2), { key: 'other' }] });
    story.bulk([1, 2, 3].map((i) => story.params(50 + i, 'b',
        { events: [buy(i, i / 10)] })));
}

const KINDS = [resumed, resumed, returning, renamed, merged, bulk, telling,
    buying];

/* What events, `told` and consent must come to. */
class Sums {
    constructor() {
        this.events = {};
        this.told = new Map();
        this.consent = { i: 0, o: 0 };
    }

    request(params) {
        for (const event of params.events || []) {
            const sums = this.events[event.key] ??= { c: 0, s: 0 };
            sums.c += event.count ?? 1;
            sums.s += Math.round((event.sum ?? 0) * 1e5);
        }
        for (const allowed of Object.values(params.consent || {}))
            this.consent[allowed ? 'i' : 'o']++;
        const more = params.user_details?.custom.told.$inc;
        if (more)
            this.told.set(params.device_id,
                (this.told.get(params.device_id) || 0) + more);
    }
}

/* One client with its stories; `next` is the request not yet acknowledged. */
class Worker {
    constructor(app, number) {
        this.app = app;
        this.number = number;
        this.stories = 0;
        this.requests = [];
    }

    next(mayBegin) {
        if (!this.requests.length && mayBegin) {
            const story = new Story(this.app,
                `w${this.number}s${++this.stories}`);
            pick(KINDS)(story);
            this.requests = story.requests;
        }
        return this.requests[0];
    }
}

/* Sends for all workers. */
class Load {
    constructor(workers, model) {
        this.workers = workers;
        this.model = model;
        this.sums = new Sums();
        this.acked = 0;
    }

    /* Until `isEnough`, or until nobody has anything left. Returns how to cut
     * the connections, which loses the answers that are under way. */
    async run(server, isEnough, mayBegin) {
        this.isOver = false;
        const agent = new http.Agent({ keepAlive: true, maxSockets: WORKERS });
        const running = this.workers.map((worker) =>
            this.drive(worker, server, agent, isEnough, mayBegin));
        await Promise.race([Promise.all(running),
            new Promise((resolve) => {
                this.enough = resolve;
            })]);
        return async () => {
            this.isOver = true;
            agent.destroy();
            await Promise.all(running);
        };
    }

    async drive(worker, server, agent, isEnough, mayBegin) {
        for (let request; !this.isOver && (request = worker.next(mayBegin));) {
            if (!await this.isAcknowledged(request, server, agent)) {
                await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
                continue;
            }
            worker.requests.shift();
            request.items.forEach((params) => {
                this.model.request(params);
                this.sums.request(params);
            });
            this.acked++;
            if (isEnough(this.acked))
                this.enough();
        }
    }

    async isAcknowledged(request, server, agent) {
        let answer;
        try {
            answer = await client.send(server, { ...request, agent });
        } catch {
            return false;
        }
        if (answer.status === 503)
            return false;
        assert.strictEqual(answer.status, 200, answer.text);
        assert.strictEqual(answer.json.result, 'Success', answer.text);
        return true;
    }
}

/* Kills a server at any moment of its start, the recovery included. */
async function killEarly(dir) {
    const server = client.launch({ dir, config: CONFIG });
    await new Promise((resolve) => setTimeout(resolve, below(60)));
    await server.kill();
}

async function killUnderLoad(dir, load) {
    const server = await client.start({ dir, config: CONFIG });
    const wanted = load.acked + ACKS + below(500);
    const cut = await load.run(server, (acked) => acked >= wanted, true);
    await Promise.all([server.kill(), cut()]);
}

async function checkCounters(server, app, model) {
    for (const method of ['users', 'device_details', 'devices', 'carriers']) {
        const object = await client.read(server, app, method);
        delete object.meta;
        assert.deepStrictEqual(object, model.timeObject(method), method);
    }
    assert.deepStrictEqual(await client.read(server, app, 'total_users'),
        [{ _id: 'users', u: model.totalUsers() }]);
}

/* The years of a time object together. */
function years(object, names) {
    return Object.fromEntries(names.map((name) => [name,
        Object.keys(object).filter((key) => /^\d{4}$/.test(key))
            .reduce((sum, key) => sum + (object[key][name] || 0), 0)]));
}

async function checkTold(server, app, told) {
    const found = new Map();
    for (let start = 0, rows = [null]; rows.length; start += 1000) {
        rows = (await client.read(server, app, 'user_details', {
            query: { 'custom.told': { $gt: 0 } }, iSortCol_0: 'uid',
            iDisplayStart: start, iDisplayLength: 1000 })).aaData;
        rows.forEach((row) => found.set(row.did, row.custom.told));
    }
    assert.deepStrictEqual([...found].sort(), [...told].sort());
}

async function checkSums(server, app, sums) {
    for (const [event, { c, s }] of Object.entries(sums.events)) {
        const object = await client.read(server, app, 'events', { event });
        const found = years(object, ['c', 's']);
        assert.deepStrictEqual([event, found.c, Math.round(found.s * 1e5)],
            [event, c, s]);
    }
    assert.deepStrictEqual(years(await client.read(server, app, 'consents'),
        ['i', 'o']), sums.consent);
    await checkTold(server, app, sums.told);
}

function checkStore(dir) {
    const { status, stdout, stderr } =
        client.run('check', '--data', client.dataDir(dir));
    assert.strictEqual(status, 0, stdout + stderr);
}

async function killAndCompare(dir) {
    const model = new Model();
    let server = await client.start({ dir, config: CONFIG });
    const app = await client.createApp(server);
    await server.stop();
    const load = new Load(Array.from({ length: WORKERS },
        (_, i) => new Worker(app, i)), model);

    for (let kill = 0; kill < KILLS; kill++) {
        if (kill % 4 === 3)
            await killEarly(dir);
        await killUnderLoad(dir, load);
    }
    server = await client.start({ dir, config: CONFIG });
    const cut = await load.run(server, () => false, false);
    await cut();
    await checkCounters(server, app, model);
    await checkSums(server, app, load.sums);
    await server.stop();
    checkStore(dir);

    server = await client.start({ dir, config: CONFIG });
    await checkCounters(server, app, model);
    await checkSums(server, app, load.sums);
    await server.stop();
    return load.acked;
}

after(client.killAll);

test(`every acknowledged request counts once after ${KILLS} kills`,
    { timeout: TIMEOUT_MS }, async (t) => {
        const dir = client.makeDir();
        t.diagnostic(`KILL_SEED=${SEED}`);
        try {
            const acked = await killAndCompare(dir);
            t.diagnostic(`${acked} requests acknowledged`);
        } finally {
            client.removeDir(dir);
        }
    });
