'use strict';
/*
 * host.js - plugins in JavaScript, in a process of their own: what the server
 * says comes over one socket, and this process ends with that.
 */
const net = require('node:net');
const util = require('node:util');
const { Database } = require('./collection.js');
const { Plugins, isPromise } = require('./plugins.js');
const { Request } = require('./request.js');
const { shims } = require('./shims.js');
const { Wire } = require('./wire.js');

const LINE_MAX = 4000; /* characters of a line of the log */
const PENDING_MAX = 10000; /* promises of hooks that nobody waits for */
const LATE_METRICS_MAX = 100; /* told of in the log */
const STACK_FRAMES = 30;

class Host {
    constructor(socket, settings) {
        this.timeout = settings.timeout;
        this.wire = new Wire(socket, (message) => this.take(message));
        this.plugins = new Plugins(settings.dir, (plugin, hook) =>
            this.tellTurn(plugin, hook));
        this.requests = new Map();
        this.pending = 0;
        this.turn = '';
        this.orders = new Map(); /* of documents, by number */
        this.lastOrder = 0;
        this.mayOrder = false;
        this.waiting = [];
        this.full = new Set(); /* hooks that were left out lately */
        this.lateMetrics = new Set();
        this.database = new Database((ops) => this.order(ops));
        this.captureConsole();
    }

    captureConsole() {
        const levels = { error: 0, warn: 1, log: 2, info: 2, debug: 3,
            trace: 3 };
        for (const [name, level] of Object.entries(levels))
            console[name] = (...parts) => this.log(level,
                util.format(...parts));
    }

    log(level, text) {
        const plugin = this.plugins.loading ||
            this.plugins.ownerOf(new Error().stack) ||
            this.plugins.ownerOf(text);
        this.wire.send({ do: 'log', level, plugin,
            text: text.slice(0, LINE_MAX) });
    }

    /* The server has to know whom to blame when it hears nothing more. */
    tellTurn(plugin, hook) {
        const turn = `${plugin} ${hook}`;
        if (turn === this.turn)
            return;
        this.turn = turn;
        this.wire.send({ do: 'at', plugin, hook });
        this.wire.flush();
    }

    /* --- documents --- */

    order(ops) {
        return new Promise((resolve, reject) => {
            const number = ++this.lastOrder;
            this.orders.set(number, { resolve, reject });
            const message = { do: 'documents', number, ops };
            if (this.mayOrder)
                this.wire.send(message);
            else
                this.waiting.push(message);
        });
    }

    takeDocuments({ number, results, error }) {
        const order = this.orders.get(number);
        this.orders.delete(number);
        if (order && error)
            order.reject(new Error(error));
        else if (order)
            order.resolve(results);
    }

    /* --- calls --- */

    take(message) {
        if (message.kind)
            this.takeCall(message);
        else
            this[message.say](message);
    }

    go() {
        this.mayOrder = true;
        this.waiting.forEach((message) => this.wire.send(message));
        this.waiting = [];
    }

    documents(message) {
        this.takeDocuments(message);
    }

    ping() {
        this.wire.send({ do: 'pong' });
    }

    suspend({ plugin, on }) {
        this.plugins.suspended[on ? 'add' : 'delete'](plugin);
    }

    validated({ id, known }) {
        const request = this.requests.get(id);
        if (request)
            request.onValidated(known);
    }

    gone({ id }) {
        const request = this.requests.get(id);
        if (request)
            request.end();
    }

    takeCall(message) {
        const request = new Request(this.wire, message, () => {
            clearTimeout(request.timer);
            this.requests.delete(request.id);
        });
        if (request.id !== 0) {
            this.requests.set(request.id, request);
            request.timer = setTimeout(() => this.giveUp(request),
                this.timeout);
        }
        const { params } = request;
        this[message.kind](request, { ...message.values, params,
            ...params.app ? { app: params.app } : {} });
    }

    giveUp(request) {
        request.validated = null;
        request.ask({ do: 'late', plugin: request.slowest });
    }

    call(hook, request, object) {
        return this.plugins.call(hook, object, request);
    }

    /* Goes on when all promises are kept or broken. */
    settle(request, results, then) {
        const promises = results.concat(request.params.promises)
            .filter(isPromise);
        if (promises.length === 0)
            then();
        else
            Promise.allSettled(promises).then(then);
    }

    /* Nobody waits for what comes of it. */
    tell(request, object) {
        if (this.pending >= PENDING_MAX) {
            this.tellFull(request.hook);
            return;
        }
        this.pending++;
        this.settle(request, this.call(request.hook, request, object),
            () => this.pending--);
    }

    tellFull(hook) {
        if (this.full.has(hook))
            return;
        this.full.add(hook);
        setTimeout(() => this.full.delete(hook), 60000).unref();
        console.warn(`${PENDING_MAX} promises of handlers are open: calls of ` +
            `${hook} are left out`);
    }

    /* The answer of the request waits. */
    after(request, object) {
        this.settle(request, this.call(request.hook, request, object),
            () => request.pass());
    }

    /* The path `/`, and what is asked of it for /validation/user. */
    any(request, object) {
        const { params } = request;
        const more = { apiPath: params.apiPath, paths: params.paths,
            urlParts: { pathname: params.fullPath, query: params.qstring } };
        this.settle(request, this.call('/', request, { ...object, ...more }),
            () => request.isOwned || request.pass());
    }

    permission(request, object) {
        const results = this.call('/validation/user', request, object);
        if (results.includes(true))
            request.ask({ do: 'reply', status: 401, kind: 'message',
                body: 'User does not have permission', headers: {} });
        else
            request.pass();
    }

    /* /o and paths of plugins: of two segments, then as a whole. */
    ask(request, object) {
        const { apiPath, fullPath, paths } = request.params;
        const more = { ...object, ...this.shims.rights, paths };
        const hooks = request.hook === '/o' ? ['/o']
            : [...new Set([apiPath, fullPath])];
        const isTaken = hooks.some((hook) =>
            this.call(hook, request, more).some(Boolean));
        if (!isTaken && !request.isOwned)
            request.pass();
    }

    /* A request of an SDK: all that may change it, in one call. */
    sdk(request, object) {
        const { params } = request;
        const results = this.call('/sdk', request, object);
        this.settle(request, results, () => {
            const more = params.cancelRequest ? {}
                : this.callOfSdk(request, object);
            this.settle(request, more.results || [], () =>
                request.pass({ user: more.user }));
        });
    }

    callOfSdk(request, object) {
        const { qstring } = request.params;
        const userProps = {};
        const results = [];
        if (qstring.metrics || qstring.begin_session)
            results.push(...this.callMetrics(request, object, userProps));
        for (const currEvent of Array.isArray(qstring.events)
            ? qstring.events : [])
            results.push(...this.call('/i/events', request,
                { ...object, currEvent }));
        return { results, user: Object.fromEntries(Object.entries(userProps)
            .map(([name, value]) => [name, JSON.stringify(value)])) };
    }

    callMetrics(request, object, userProps) {
        const predefinedMetrics = [];
        const results = this.call('/session/metrics', request, { ...object,
            predefinedMetrics, userProps, user: request.params.app_user || {},
            isNewUser: !request.params.app_user });
        predefinedMetrics.forEach(({ db }) => this.checkMetric(db));
        return results;
    }

    checkMetric(db) {
        if (this.database.metrics.has(db) || this.lateMetrics.has(db) ||
            this.lateMetrics.size === LATE_METRICS_MAX)
            return;
        this.lateMetrics.add(db);
        console.warn(`the metric ${db} comes too late: metrics are those ` +
            'that are pushed when params are empty, at the start');
    }

    /* --- the start --- */

    /* The metrics that plugins add; whether they look at anything else. */
    learnMetrics() {
        const predefinedMetrics = [];
        let looks = false;
        const values = { params: { qstring: {}, app: {}, app_user: {} },
            predefinedMetrics, userProps: {}, user: {}, isNewUser: false };
        const object = new Proxy(values, { get: (target, name) => {
            looks ||= name !== 'predefinedMetrics';
            return target[name];
        } });
        this.plugins.call('/session/metrics', object);
        predefinedMetrics.forEach(({ db }) => this.database.addMetric(db));
        return { metrics: predefinedMetrics, looks };
    }

    /* What a validation goes on with has to answer the request. */
    guard(request, plugin, fn) {
        const run = async () => fn();
        this.plugins.guard(plugin, request.hook, run,
            () => request.fail());
    }

    start() {
        this.shims = shims(this.database, (request, plugin, fn) =>
            this.guard(request, plugin, fn));
        const { common, rights, fetch, log } = this.shims;
        this.plugins.load({ common, rights, fetch, log });
        this.wire.send({ do: 'hello', plugins: this.plugins.names,
            failed: this.plugins.failed, listeners: this.plugins.listeners(),
            ...this.learnMetrics() });
    }
}

function start(descriptor, settings) {
    Error.stackTraceLimit = STACK_FRAMES;
    const socket = new net.Socket({ fd: descriptor });
    const host = new Host(socket, settings);
    const end = () => process.exit(0);

    socket.on('error', end).on('end', end).on('close', end);
    process.on('SIGINT', () => undefined);
    process.on('uncaughtException', (error) => console.error(error));
    process.on('unhandledRejection', (error) => console.error(error));
    host.start();
}

module.exports = { start };
