'use strict';
/*
 * request.js - one call of the server: what its handlers get as `params`, and
 * the way back. The server gets one answer at a time: what is asked while a
 * validation is under way waits for its end.
 */
const CALL = Symbol('the call of these params');
const PARSED = ['metrics', 'events'];

/* Params.time in the forms of the guide. */
function timeOf(time) {
    if (!time)
        return undefined;
    const { seconds, year, month, day, hour, week } = time;
    return { timestamp: seconds, mstimestamp: seconds * 1000,
        nowUTC: new Date(seconds * 1000), yearly: `${year}`,
        monthly: `${year}.${month}`, daily: `${year}.${month}.${day}`,
        hourly: `${year}.${month}.${day}.${hour}`, weekly: week,
        month: `${month}`, day: `${day}`, hour: `${hour}` };
}

/* Adds what is known of the app, the member and the time. */
function addKnown(params, known) {
    for (const name of ['app', 'app_user', 'member']) {
        if (known[name] !== undefined)
            params[name] = known[name];
    }
    if (known.time)
        params.time = timeOf(known.time);
    if (params.app) {
        params.app_id = params.app._id;
        params.app_cc = params.app.country;
        params.app_name = params.app.name;
        params.appTimezone = params.app.timezone;
    }
    if (params.app_user)
        params.app_user_id = params.app_user._id;
}

function parseQuery(qstring) {
    for (const name of PARSED) {
        try {
            if (typeof qstring[name] === 'string')
                qstring[name] = JSON.parse(qstring[name]);
        } catch (error) {
            /* The server says what is wrong with it. */
        }
    }
}

function paramsOf(message) {
    const sent = message.params || {};
    const fullPath = sent.fullPath || '';
    const paths = fullPath.split('/');
    const params = { href: sent.href, qstring: sent.qstring || {}, fullPath,
        paths, apiPath: paths.slice(0, 3).join('/'),
        ip_address: sent.ip_address, bulk: sent.bulk === true,
        cancelRequest: false, promises: [], files: {},
        req: { headers: message.headers || {}, url: sent.href } };
    addKnown(params, sent);
    return params;
}

class Request {
    /* onOver() is called when the server has been told how it goes on. */
    constructor(wire, message, onOver) {
        this.wire = wire;
        this.onOver = onOver;
        this.id = message.id;
        this.hook = message.hook;
        this.kind = message.kind;
        this.plugin = ''; /* whose handler was called last */
        this.open = []; /* who has something to finish */
        this.isOver = this.id === 0;
        this.later = [];
        this.validated = null;
        this.params = paramsOf(message);
        Object.defineProperty(this.params, CALL, { value: this });
        this.before = null; /* parameters as JSON, where they may change */
        if (this.kind === 'sdk')
            parseQuery(this.params.qstring);
        if (this.kind === 'sdk' || this.kind === 'any')
            this.before = Object.fromEntries(Object.entries(
                this.params.qstring).map(([key, value]) =>
                [key, JSON.stringify(value)]));
    }

    /* The call that params belong to. */
    static of(params) {
        const request = params && params[CALL];
        if (!request)
            throw new Error('params are not those of a call');
        return request;
    }

    ask(message) {
        if (this.isOver)
            return;
        if (this.validated) {
            this.later.push(() => this.ask(message));
            return;
        }
        this.wire.send({ id: this.id, ...message });
        if (message.do !== 'validate')
            this.end();
    }

    /* Nothing more will be told of it. */
    end() {
        this.isOver = true;
        this.validated = null;
        this.later = [];
        this.onOver();
    }

    /* Calls `then` when who asks has the right, never else. */
    validate(right, feature, then) {
        if (this.kind !== 'ask' && this.kind !== 'any')
            throw new Error(`nobody can be validated in ${this.hook}`);
        this.start(right, feature || this.plugin, then);
    }

    start(right, feature, then) {
        if (this.validated) {
            this.later.push(() => this.start(right, feature, then));
            return;
        }
        this.ask({ do: 'validate', right, feature });
        if (!this.isOver)
            this.validated = then;
    }

    onValidated(known) {
        const { validated: then, later } = this;
        if (!then)
            return;
        this.validated = null;
        this.later = [];
        addKnown(this.params, known);
        then(this.params);
        later.forEach((next) => next());
    }

    /* Whether it goes on without more being done. */
    get isOwned() {
        return this.isOver || this.validated !== null;
    }

    /* A handler returned something: the request is not over for it, or a
     * promise is open. */
    keepOpen(plugin, result) {
        this.open.push(plugin);
        if (this.kind !== 'ask' && typeof result.then === 'function')
            result.then(() => this.open.splice(this.open.indexOf(plugin), 1));
    }

    /* Who is to blame when it takes too long. */
    get slowest() {
        return this.open[0] || this.plugin;
    }

    /* Who was to answer it cannot. */
    fail() {
        if (this.kind === 'ask')
            this.ask({ do: 'reply', status: 500, kind: 'message',
                body: 'Plugin failed', headers: {} });
    }

    /* Parameters that handlers have changed, as JSON. */
    changes() {
        const { qstring } = this.params;
        const changed = {};
        if (!this.before)
            return changed;
        for (const key of Object.keys({ ...this.before, ...qstring })) {
            const text = JSON.stringify(qstring[key]);
            if (text !== this.before[key])
                changed[key] = text === undefined ? 'null' : text;
        }
        return Object.keys(changed).length > 0 ? { qstring: changed } : {};
    }

    pass(more = {}) {
        const cancel = this.params.cancelRequest;
        this.ask({ do: 'pass', ...this.changes(), ...more,
            ...cancel ? { cancel: String(cancel) } : {} });
    }
}

module.exports = { Request };
