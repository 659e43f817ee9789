'use strict';
/*
 * client.js - a tallyd process and what tests say to it.
 *
 * Every server has its own folder (data/, tallyd.conf and tallyd.log in it),
 * port and first administrator. Whoever starts one ends it: stop() (SIGTERM)
 * or kill() (SIGKILL).
 * The environment variable TALLYD names the binary.
 */
const childProcess = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const ADMIN_KEY = '0123456789abcdef0123456789abcdef';
const START_MS = 30000;
const STOP_MS = 5000;

/* Servers that have not ended. */
const living = new Set();

process.on('exit', () =>
    living.forEach((server) => server.child.kill('SIGKILL')));

/* For the end of a test that may have left servers behind. */
async function killAll() {
    await Promise.all([...living].map((server) => server.kill()));
}

function binary() {
    if (!process.env.TALLYD)
        throw new Error('TALLYD does not name the tallyd binary');
    return path.resolve(process.env.TALLYD);
}

/* A folder that the caller removes by removeDir(). */
function makeDir() {
    return fs.mkdtempSync(path.join(os.tmpdir(), 'tallyd-test-'));
}

function removeDir(dir) {
    fs.rmSync(dir, { recursive: true, force: true });
}

/* Runs a command of the binary to its end: {status, stdout, stderr}. */
function run(...args) {
    const done = childProcess.spawnSync(binary(), args, { encoding: 'utf8' });
    if (done.error)
        throw done.error;
    return done;
}

/* Text of a configuration file out of nested settings: {api: {x: 1}} is the
 * line `api.x = 1`. */
function configText(settings, prefix = '') {
    return Object.entries(settings).map(([key, value]) =>
        value !== null && typeof value === 'object'
            ? configText(value, prefix + key + '.')
            : `${prefix}${key} = ${value}\n`).join('');
}

class Server {
    constructor(child, stderrPath) {
        this.child = child;
        this.pid = child.pid;
        this.stderrPath = stderrPath;
        this.port = 0;
        this.isGone = false;
        this.ended = new Promise((resolve) => {
            child.once('exit', (code, signal) => {
                this.isGone = true;
                living.delete(this);
                resolve({ code, signal });
            });
        });
        living.add(this);
    }

    get url() {
        return `http://127.0.0.1:${this.port}`;
    }

    stderr() {
        return fs.readFileSync(this.stderrPath, 'utf8');
    }

    /* Ends it by SIGTERM; throws unless it exits with 0 within 5 s. */
    async stop() {
        this.child.kill('SIGTERM');
        const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
        const { code, signal } = await this.ended;
        clearTimeout(late);
        if (code !== 0)
            throw new Error(`tallyd ended by ${signal || 'status ' + code}` +
                ` instead of draining:\n${this.stderr()}`);
    }

    async kill() {
        this.child.kill('SIGKILL');
        await this.ended;
    }
}

/* Resolves when the server listens; false when it ends before that. */
function listening(server) {
    return new Promise((resolve, reject) => {
        let text = '';
        const late = setTimeout(() => {
            server.child.kill('SIGKILL');
            reject(new Error(`tallyd is not ready after ${START_MS} ms:\n` +
                server.stderr()));
        }, START_MS);
        server.child.stdout.on('data', (part) => {
            text += part;
            const match = /listening on http:\/\/\S*:(\d+)\s/.exec(text);
            if (match && !server.port) {
                server.port = Number(match[1]);
                clearTimeout(late);
                resolve(true);
            }
        });
        server.ended.then(() => {
            clearTimeout(late);
            resolve(false);
        });
    });
}

function dataDir(dir) {
    return path.join(dir, 'data');
}

/* Starts a server process without waiting for it.
 * options: dir, config (settings), env, port (0: any). */
function launch(options) {
    const args = ['serve', '--data', dataDir(options.dir),
        '--listen', `127.0.0.1:${options.port || 0}`,
        '--admin-key', ADMIN_KEY];
    if (options.config) {
        const file = path.join(options.dir, 'tallyd.conf');
        fs.writeFileSync(file, configText(options.config));
        args.push('--config', file);
    }
    const stderrPath = path.join(options.dir, 'tallyd.log');
    const log = fs.openSync(stderrPath, 'a');
    const child = childProcess.spawn(binary(), args, {
        stdio: ['ignore', 'pipe', log],
        env: { ...process.env, ...options.env },
    });
    fs.closeSync(log);
    child.once('error', (error) => {
        throw error;
    });
    return new Server(child, stderrPath);
}

async function start(options) {
    const server = launch(options);
    if (!await listening(server))
        throw new Error('tallyd did not start:\n' + server.stderr());
    return server;
}

function encode(values) {
    return typeof values === 'string' ? values
        : Object.entries(values).map(([key, value]) => key + '=' +
            encodeURIComponent(value !== null && typeof value === 'object'
                ? JSON.stringify(value) : value)).join('&');
}

/* Sends one request: {method, path, query, form, body, headers, agent}; query
 * and form are texts or objects (nested values become JSON). Resolves to
 * {status, headers, text, json}. */
function send(server, request) {
    const headers = { ...request.headers };
    let body = request.body;
    if (request.form !== undefined) {
        body = encode(request.form);
        headers['Content-Type'] = 'application/x-www-form-urlencoded';
    }
    if (body !== undefined)
        headers['Content-Length'] = Buffer.byteLength(body);
    const target = request.path +
        (request.query === undefined ? '' : '?' + encode(request.query));
    return new Promise((resolve, reject) => {
        const sent = http.request({
            host: '127.0.0.1', port: server.port, path: target, headers,
            method: request.method || (body === undefined ? 'GET' : 'POST'),
            timeout: 10000, agent: request.agent,
        }, (answer) => {
            const parts = [];
            answer.on('error', reject);
            answer.on('data', (part) => parts.push(part));
            answer.on('end', () => {
                const text = Buffer.concat(parts).toString();
                let json;
                try {
                    json = JSON.parse(text);
                } catch {
                    json = undefined;
                }
                resolve({ status: answer.statusCode, headers: answer.headers,
                    text, json });
            });
        });
        sent.on('timeout', () => sent.destroy(new Error('no answer')));
        sent.on('error', reject);
        sent.end(body);
    });
}

async function manage(server, target, args) {
    const answer = await send(server, {
        path: target, query: { api_key: ADMIN_KEY, args } });
    if (answer.status !== 200)
        throw new Error(`${target}: ${answer.status} ${answer.text}`);
    return answer.json;
}

/* Makes an app (UTC unless told otherwise) and returns its record. */
function createApp(server, settings = {}) {
    return manage(server, '/i/apps/create', {
        name: 'Test', timezone: 'Etc/UTC', country: 'DE', type: 'mobile',
        category: '6', ...settings });
}

/* The answer to GET /o?method=..., which must be 200. */
async function read(server, app, method, more = {}) {
    const answer = await send(server, { path: '/o', query: {
        api_key: ADMIN_KEY, app_id: app._id, method, ...more } });
    if (answer.status !== 200)
        throw new Error(`/o ${method}: ${answer.status} ${answer.text}`);
    return answer.json;
}

/* The counters of all years of a time object, added up by name; those of a
 * value when it is named. */
function sums(object, value) {
    const total = {};
    for (const [year, counters] of Object.entries(object)) {
        if (!/^\d{4}$/.test(year))
            continue;
        const all = value === undefined ? counters : counters[value] || {};
        for (const [name, count] of Object.entries(all)) {
            if (typeof count === 'number')
                total[name] = (total[name] || 0) + count;
        }
    }
    return total;
}

module.exports = { ADMIN_KEY, binary, configText, createApp, dataDir, encode,
    killAll, launch, listening, makeDir, manage, read, removeDir, run, send,
    start, sums };
