'use strict';
/*
 * reads.test.js - many reads while sessions come in and checkpoints go on.
 *
 * Every answer must be one instant of the counters: within it the countries
 * add up to the whole, and so do the hours of a day; and no count of users is
 * ever lower than one read before.
 *
 * READ_SECONDS is how long (15).
 */
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const { after, test } = require('node:test');
const client = require('./client.js');

const SECONDS = Number(process.env.READ_SECONDS || 15);
const APPS = 3;
const DEVICES = 20000; /* of each app */
const DAYS = 30;
const DAY_MS = 86400000;
const READERS = 32;
const BATCH = 500;
const COUNTRIES = ['DE', 'FR', 'TR', 'US', 'JP'];
const SYSTEMS = ['Android', 'iOS', 'Windows'];
const METRICS = ['users', 'countries', 'carriers', 'devices', 'app_versions',
    'os', 'os_versions', 'resolutions', 'langs', 'device_type'];
const STORE = { slot_bytes: 4194304, overlay: 67108864,
    checkpoint_log: 4194304 };
const NOW = Date.now();

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });

after(client.killAll);

/* What a device is does not change; its sessions are days apart. */
function session(device, day) {
    return { device_id: `device-${device}`, begin_session: 1,
        timestamp: NOW - day * DAY_MS, country_code: COUNTRIES[device % 5],
        metrics: { _os: SYSTEMS[device % 3], _os_version: `${device % 11}`,
            _device: `Model ${device % 900}`, _carrier: `C${device % 60}`,
            _app_version: `${device % 25}.0`, _lang: `l${device % 40}`,
            _resolution: `${device % 30}x1` } };
}

async function ingest(server, app, sessions) {
    const form = { app_key: app.key, requests: sessions };
    let answer;
    do
        answer = await client.send(server, { path: '/i/bulk', form, agent });
    while (answer.status === 503);
    assert.strictEqual(answer.status, 200, answer.text);
    app.sessions += sessions.length;
}

/* All devices of an app, once; then again and again on other days. */
async function ingestUntil(server, app, isOver) {
    for (let round = 0; !isOver(); round++) {
        for (let from = 0; from < DEVICES && !isOver(); from += BATCH) {
            await ingest(server, app, Array.from({ length: BATCH }, (_, i) =>
                session(from + i, (from + i + 7 * round) % DAYS)));
            app.devices = round ? DEVICES : from + BATCH;
        }
    }
}

function sum(object, keys, counter) {
    return keys.reduce((total, key) =>
        total + ((object[key] || {})[counter] || 0), 0);
}

function isNumber(key) {
    return /^\d+$/.test(key);
}

function checkCountries(object, place) {
    for (const counter of ['t', 'n', 'u'])
        assert.strictEqual(sum(object, COUNTRIES, counter),
            object[counter] || 0, `${counter} of the countries, ${place}`);
}

function checkDay(day, place) {
    checkCountries(day, place);
    assert.strictEqual(sum(day, Object.keys(day).filter(isNumber), 't'),
        day.t || 0, `the hours of ${place}`);
}

function checkTimeObject(object) {
    for (const year of Object.keys(object).filter(isNumber)) {
        checkCountries(object[year], year);
        for (const month of Object.keys(object[year]).filter(isNumber)) {
            const { [month]: shown } = object[year];
            if (shown.t !== undefined)
                checkCountries(shown, `${year}.${month}`);
            for (const day of Object.keys(shown).filter(isNumber))
                checkDay(shown[day], `${year}.${month}.${day}`);
        }
    }
}

/* Asks for one thing and checks it. `seen` holds counts of users that later
 * answers may not go below. */
class Reader {
    constructor(server, apps, times) {
        this.server = server;
        this.apps = apps;
        this.times = times;
        this.seen = new Map();
    }

    async ask(app, query) {
        const from = process.hrtime.bigint();
        const answer = await client.send(this.server, { path: '/o', agent,
            query: { api_key: client.ADMIN_KEY, app_id: app._id, ...query } });
        this.times.push(Number(process.hrtime.bigint() - from) / 1e6);
        assert.strictEqual(answer.status, 200,
            `${JSON.stringify(query)}: ${answer.status} ${answer.text}`);
        return answer.json;
    }

    checkGrowth(key, count) {
        assert(count >= (this.seen.get(key) || 0),
            `${key}: ${count} after ${this.seen.get(key)}`);
        this.seen.set(key, count);
    }

    async readTotal(app, metric) {
        const rows = await this.ask(app, { method: 'total_users', metric,
            period: '30days' });
        for (const { _id, u } of rows)
            this.checkGrowth(`${app.key} ${metric} ${_id}`, u);
    }

    async readUsers(app) {
        const object = await this.ask(app, { method: 'users',
            period: '30days' });
        checkTimeObject(object);
        const year = new Date(NOW).getUTCFullYear();
        this.checkGrowth(`${app.key} u`, (object[year] || { u: 0 }).u);
    }

    async readDetails(app) {
        const object = await this.ask(app, { method: 'device_details',
            period: '30days' });
        const year = new Date(NOW).getUTCFullYear();
        SYSTEMS.forEach((system) => this.checkGrowth(`${app.key} ${system}`,
            ((object[year] || {})[system] || { u: 0 }).u));
    }

    async run(number, isOver) {
        for (let turn = number; !isOver(); turn++) {
            const app = this.apps[turn % APPS];
            await this.readUsers(app);
            await this.readTotal(app, METRICS[turn % METRICS.length]);
            await this.readDetails(app);
        }
    }
}

/* Counts of distinct users at the end, when all devices have been there. */
async function checkTotals(server, app) {
    const reader = new Reader(server, [app], []);
    for (const metric of METRICS.filter((name) => name !== 'device_type')) {
        const rows = await reader.ask(app, { method: 'total_users', metric,
            period: '60days' });
        assert.strictEqual(rows.reduce((total, { u }) => total + u, 0),
            app.devices, metric);
    }
    const object = await reader.ask(app, { method: 'users',
        period: '60days' });
    checkTimeObject(object);
    const days = Object.keys(object).filter(isNumber).flatMap((year) =>
        Object.keys(object[year]).filter(isNumber).flatMap((month) =>
            Object.keys(object[year][month]).filter(isNumber).map((day) =>
                object[year][month][day])));
    assert.strictEqual(days.reduce((total, { t }) => total + (t || 0), 0),
        app.sessions);
}

function percentile(times, part) {
    return times.sort((a, b) => a - b)[Math.floor(times.length * part)];
}

test('reads are of one instant, whatever is written meanwhile',
    { timeout: 120000 + SECONDS * 2000 }, async (t) => {
        const dir = client.makeDir();
        try {
            let server = await client.start({ dir, config: { store: STORE } });
            const apps = [];
            for (let i = 0; i < APPS; i++)
                apps.push({ ...await client.createApp(server), sessions: 0,
                    devices: 0 });
            const times = [];
            const from = Date.now();
            const isOver = () => apps.every(({ devices }) =>
                devices === DEVICES) && Date.now() - from > SECONDS * 1000;
            await Promise.all([
                ...apps.map((app) => ingestUntil(server, app, isOver)),
                ...Array.from({ length: READERS }, (_, i) =>
                    new Reader(server, apps, times).run(i, isOver)),
            ]);
            for (const app of apps)
                await checkTotals(server, app);
            const memory = /RssAnon:\s+(\d+)/.exec(fs.readFileSync(
                `/proc/${server.pid}/status`, 'utf8'))[1];
            t.diagnostic(`${times.length} reads, half within ` +
                `${percentile(times, 0.5).toFixed(1)} ms, 99 % within ` +
                `${percentile(times, 0.99).toFixed(1)} ms; ` +
                `${apps.reduce((n, { sessions }) => n + sessions, 0)} ` +
                `sessions, ${memory >> 10} MB`);
            await server.stop();

            server = await client.start({ dir, config: { store: STORE } });
            for (const app of apps)
                await checkTotals(server, app);
            await server.stop();
            const { status, stdout, stderr } = client.run('check', '--data',
                client.dataDir(dir));
            assert.strictEqual(status, 0, stdout + stderr);
        } finally {
            await client.killAll();
            agent.destroy();
            client.removeDir(dir);
        }
    });
