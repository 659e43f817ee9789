'use strict';
/*
 * crowd.js - devices that each begin one session, and the counters that this
 * must give.
 *
 * A worker sends the next device's request when the one before has been
 * acknowledged; one that was refused (503) or got no answer is sent again as
 * it was. So every device counts once, whatever happened in between.
 */
const assert = require('node:assert');
const http = require('node:http');
const client = require('./client.js');

const PAUSE_MS = 10; /* after a refusal */
const SYSTEMS = ['Android', 'Windows'];

class Crowd {
    constructor(app, { workers = 32, name = 'd' } = {}) {
        this.app = app;
        this.name = name;
        this.time = Date.now();
        this.workers = Array.from({ length: workers },
            (_, number) => ({ number, done: 0 }));
        this.acked = 0;
        this.refusals = []; /* since the run began */
        this.agent = new http.Agent({ keepAlive: true, maxSockets: workers });
    }

    systemOf(worker) {
        return SYSTEMS[worker.number % SYSTEMS.length];
    }

    request(worker) {
        return { path: '/i', agent: this.agent, form: {
            app_key: this.app.key, timestamp: this.time, begin_session: 1,
            device_id: `${this.name}-${worker.number}-${worker.done}`,
            country_code: 'DE', metrics: { _os: this.systemOf(worker),
                _os_version: '14', _device: `Model ${worker.number}`,
                _app_version: `1.${worker.done % 50}` } } };
    }

    /* Until isEnough(this); or, when that is not given, until what every
     * worker has in hand is acknowledged. False when the server has gone. */
    async run(server, isEnough) {
        let isOver = false;
        this.refusals = [];
        const drive = async (worker) => {
            while (!isOver && !server.isGone) {
                if (await this.isAcknowledged(server, worker)) {
                    worker.done++;
                    this.acked++;
                    if (!isEnough)
                        return;
                }
                isOver = isEnough ? isEnough(this) : false;
            }
        };
        await Promise.all(this.workers.map(drive));
        return !server.isGone;
    }

    async isAcknowledged(server, worker) {
        let answer;
        try {
            answer = await client.send(server, this.request(worker));
        } catch {
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
            return false;
        }
        if (answer.status === 503) {
            this.refusals.push(answer);
            await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
            return false;
        }
        assert.strictEqual(answer.status, 200, answer.text);
        assert.strictEqual(answer.json.result, 'Success');
        return true;
    }

    /* For moments without requests under way whose fate is not known. */
    async check(server) {
        const year = new Date(this.time).getUTCFullYear();
        const users = await client.read(server, this.app, 'users');
        const { t, n, u, e } = users[year] || { t: 0, n: 0, u: 0, e: 0 };
        assert.deepStrictEqual({ t, n, u, e }, { t: this.acked, n: this.acked,
            u: this.acked, e: this.acked });
        const details = await client.read(server, this.app, 'device_details');
        SYSTEMS.forEach((system, i) => {
            const count = this.workers.reduce((sum, worker) => sum +
                (worker.number % SYSTEMS.length === i ? worker.done : 0), 0);
            if (count)
                assert.strictEqual(details[year][system].u, count, system);
        });
        assert.deepStrictEqual(
            await client.read(server, this.app, 'total_users'),
            [{ _id: 'users', u: this.acked }]);
    }

    end() {
        this.agent.destroy();
    }
}

module.exports = { Crowd };
